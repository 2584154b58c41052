/**
 * Text from outside on every surface: names, messages, devices, configuration and arguments full of escape sequences, markup
 * and shell words. Nothing of it reaches a terminal as more than text, or at a length that no screen takes.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TelemetryEvent } from '../../src/contract/index.ts';
import { event, reading } from '../events.ts';
import { scratch } from '../scratch.ts';

const ESPER = 'dist/cli/esper.js';
const runs = scratch('hostile');

const EVIL =
  '\x1b]0;title\x07\x1b]52;c;cHduZWQ=\x07\x1b[2J\x1b[31mred\x9b5A\x90dcs\x9c\u202eevil\u2066\u200b\u061c\ufeff\r\nforged: line\n\x07\b\x7f' +
  '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>[x](javascript:alert(1))|`$(touch pwned)`;touch pwned\ud800';
const LONG = 'A'.repeat(300_000);
const id = '20260101-000000-hostile-aaaa';
const longId = '20260101-000000-long-bbbb';

function write(name: string, text: string): void {
  const folder = join(runs, name);
  mkdirSync(folder);
  const manifest = {
    v: '1.0',
    id: name,
    name: text,
    createdMs: 1,
    algorithm: text,
    task: text,
    command: [text],
    config: { [text]: text },
  };
  writeFileSync(join(folder, 'run.json'), JSON.stringify(manifest));
  const memory = [
    { ...reading(7.9, 7.9), device: text, name: text, deviceTotalBytes: 8 * 2 ** 30, deviceFreeBytes: 0 },
  ];
  const events: TelemetryEvent[] = [
    event(
      'TRAINING_STARTED',
      { name: text, algorithm: text, task: text, device: text, hostname: text, config: { [text]: text } },
      0,
    ),
    event(
      'PPO_UPDATE_COMPLETED',
      { batch: 1, memory: [{ ...memory[0]!, allocRetries: 0 }], extra: { [text]: text } },
      1,
    ),
    event('PPO_UPDATE_COMPLETED', { batch: 2, memory: [{ ...memory[0]!, allocRetries: 3 }] }, 2),
    event('MEMORY_SAMPLED', { phase: text, role: text, memory } as never, 3),
    event('CHECKPOINT_SAVED', { batch: 2, path: text }, 4),
    event('TRAINING_FAILED', { errorType: text, message: text }, 5),
  ];
  const lines = events.map(e => JSON.stringify({ ...e, run: text }));
  lines.splice(
    3,
    0,
    `{"v":"1.0","seq":9,"${JSON.stringify(text).slice(1, -1)}":`,
    JSON.stringify({ ...events[0], seq: 2.5, type: text }),
  );
  writeFileSync(join(folder, 'events-0.jsonl'), `${lines.join('\n')}\n`);
}
beforeAll(() => {
  write(id, EVIL);
  write(longId, LONG);
  write(`20260101-000000-\x1b]0;t\x07\u202e-cccc`, EVIL);
});

const commands: [string, string[]][] = [
  ['runs', ['runs']],
  ['runs --json', ['runs', '--json']],
  ['report', ['report', 'RUN']],
  ['report markdown', ['report', 'RUN', '--format', 'markdown']],
  ['report json', ['report', 'RUN', '--json']],
  ['report html', ['report', 'RUN', '--format', 'html', '--out', '-']],
  ['compare', ['compare', 'RUN', 'RUN']],
  ['snapshot', ['snapshot', 'RUN']],
  ['snapshot --json', ['snapshot', 'RUN', '--json']],
  ['alerts', ['alerts', 'RUN', '--no-follow']],
  ['alerts --json', ['alerts', 'RUN', '--no-follow', '--json']],
  ['wait', ['wait', 'RUN', '--until', 'pressure>0.1', '--timeout', '5s']],
  ['wait --json', ['wait', 'RUN', '--until', 'failed', '--timeout', '5s', '--json']],
  ['replay', ['replay', 'RUN']],
  ['explain', ['explain', 'RUN']],
  ['explain --json', ['explain', 'RUN', '--json']],
  ['stop', ['stop', 'RUN']],
  ['sanctum --once', ['sanctum', 'RUN', '--once']],
  ['a run that is none', ['report', EVIL.replaceAll('\0', '')]],
  ['an option that is none', ['report', '--format', EVIL]],
  ['ambiguous ids', ['report', '20260101-000000']],
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f]|[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u061c\ufeff]/u;

describe.each([
  ['hostile', id],
  ['endless', longId],
])('a run of %s texts', (_, run) => {
  test.each(commands)('%s', (name, words) => {
    const args = words.map(word => (word === 'RUN' ? run : word));
    const { signal, stdout, stderr } = spawnSync(process.execPath, [ESPER, ...args, '--runs', runs], {
      encoding: 'utf8',
      timeout: 60_000,
      killSignal: 'SIGKILL',
      maxBuffer: 2 ** 28,
      env: { ...process.env, COLUMNS: '100' },
    });
    expect(signal).toBe(null);
    expect(stdout + stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
    expect(stderr).not.toMatch(UNSAFE);
    for (const line of stderr.split('\n')) expect(line.length).toBeLessThan(5000);
    if (name.includes('html')) return;
    expect(stdout).not.toMatch(UNSAFE);
    if (name.includes('json') || name === 'snapshot') {
      for (const text of name === 'alerts --json' ? stdout.trim().split('\n') : [stdout])
        if (text.trim()) JSON.parse(text);
      return;
    }
    // A report's words are set in lines of a width: one may begin anywhere.
    if (!name.includes('report')) expect(stdout).not.toMatch(/^forged/m);
    if (!name.includes('markdown'))
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThan(5000);
  });
});

describe('a log of hostile lines, at a hostile path', () => {
  const folder = join(scratch('hostile-watch'), `\x1b]0;t\x07\u202e${'n'.repeat(100)}`);
  const file = join(folder, 'train\x1b[2J.log');
  const lines = [
    'step:1 - actor/pg_loss:0.5',
    `step:2 - actor/pg_loss:0.4 - ${EVIL}`,
    `RuntimeError: ${EVIL.replaceAll('\n', ' ')}`,
    LONG,
    `torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. ${EVIL.replaceAll('\n', ' ')}`,
  ];
  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${lines.join('\n')}\n`);
  });
  test.each([
    ['watch', ['watch', file, '--no-follow', '--name', EVIL.replaceAll('\0', '')]],
    ['watch --json', ['watch', file, '--no-follow', '--json']],
    ['watch of what is not there', ['watch', `${file}.none`, '--no-follow']],
    ['explain', ['explain', file]],
    ['explain --json', ['explain', file, '--json']],
    ['report of it', ['report', 'latest']],
    ['alerts of it', ['alerts', 'latest', '--no-follow']],
    ['wait of it', ['wait', 'latest', '--until', 'failed', '--timeout', '5s', '--json']],
  ])('%s', (_, args) => {
    const { signal, stdout, stderr } = spawnSync(
      process.execPath,
      [ESPER, ...args, ...(args[0] === 'explain' ? [] : ['--runs', join(folder, 'runs')])],
      { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL', env: { ...process.env, COLUMNS: '100' } },
    );
    expect(signal).toBe(null);
    expect(stdout + stderr).not.toMatch(UNSAFE);
    expect(stdout + stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
    for (const line of stderr.split('\n')) expect(line.length).toBeLessThan(5000);
  });
});
