/** `esper report` and `esper compare` as a user runs them: real processes, real files. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Value } from '@sinclair/typebox/value';
import { beforeAll, expect, test } from 'vitest';
import { compareCommand } from '../../src/cli/compare.ts';
import { reportCommand } from '../../src/cli/report.ts';
import { RunComparison, RunReport, type TelemetryEvent } from '../../src/contract/index.ts';
import { scratch } from '../scratch.ts';
import { alarmsOf, played, reportOf, writeRun } from './runs.ts';

const ESPER = [
  '--import',
  createRequire(import.meta.url).resolve('tsx'),
  resolve('test/report/report-command.ts'),
];
const env = { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1' };
const run = promisify(execFile);
const esper = (...args: string[]) => run(process.execPath, [...ESPER, ...args], { env, maxBuffer: 1e8 });
/** Exit code and stderr of a command that fails. */
async function failing(...args: string[]) {
  try {
    await esper(...args);
  } catch (error) {
    return error as { code: number; stderr: string; stdout: string };
  }
  throw new Error(`esper ${args.join(' ')} did not fail`);
}

let runs: string;
beforeAll(() => {
  runs = scratch('report');
  writeRun(runs, 'leaky', played('fast-leak', 2));
  writeRun(runs, 'calm', played('steady', 1).slice(0, 120));
  writeRun(runs, 'nothing-yet', []);
});

test('a run’s log becomes text, and the same report as JSON that its schema permits', async () => {
  const [text, json] = await Promise.all([
    esper('report', 'leaky', '--runs', runs),
    esper('report', 'leaky', '--runs', runs, '--json'),
  ]);
  expect(text.stdout).toMatch(/^LEAK {2}\S/m);
  expect(text.stdout).toMatch(/How close was the end\? {2}out of memory/);
  expect(text.stdout).not.toContain('\x1b[');
  expect(text.stderr).toBe('');
  const report = JSON.parse(json.stdout) as RunReport;
  expect([...Value.Errors(RunReport, report)]).toEqual([]);
  expect(report).toEqual({ ...reportOf(played('fast-leak', 2)), alarms: alarmsOf(played('fast-leak', 2)) });
});

test('the ending of --out sets the form; HTML without --out goes to the working folder', async () => {
  const at = scratch('report');
  const markdown = join(at, 'r.md');
  expect((await esper('report', 'leaky', '--runs', runs, '--out', markdown)).stdout).toBe(`${markdown}\n`);
  expect(readFileSync(markdown, 'utf8')).toMatch(/^# fast-leak\n/);
  const html = ['report', 'leaky', '--runs', resolve(runs), '--format', 'html'];
  const { stdout } = await run(process.execPath, [...ESPER, ...html], { env, cwd: at });
  expect(stdout).toBe('leaky.html\n');
  expect(readFileSync(join(at, 'leaky.html'), 'utf8')).toMatch(/^<!doctype html>/);
  expect(readdirSync(at).sort()).toEqual(['leaky.html', 'r.md']);
});

test('a run without an event is reported as such, by the name of its folder', async () => {
  const { stdout } = await esper('report', 'nothing-yet', '--runs', runs);
  expect(stdout).toMatch(/^nothing-yet\n/);
  expect(stdout).toContain('not measured');
});

test('a log with garbage in it is reported, and what was passed over is counted', async () => {
  const folder = writeRun(runs, 'torn', played('steady', 1).slice(0, 30));
  writeFileSync(join(folder, 'events-0.jsonl'), '{"not": "an event"}\n{"v":"1.0","se', { flag: 'a' });
  const { stdout, stderr } = await esper('report', 'torn', '--runs', runs, '--json');
  expect(stderr).toMatch(/lines passed over: 1 malformed, 1 torn/);
  expect((JSON.parse(stdout) as RunReport).run).toMatchObject({ unreadableLines: 2, updates: 29 });
});

test('two runs are compared, and what differs is reported, as JSON that its schema permits', async () => {
  const slower = played('steady', 1)
    .slice(0, 120)
    .map((event): TelemetryEvent => {
      if (event.type === 'TRAINING_STARTED')
        return { ...event, data: { ...event.data, config: { ...event.data.config, compile: false } } };
      if (event.type !== 'PPO_UPDATE_COMPLETED') return event;
      const timing = { ...event.data.timing, updateMs: event.data.timing!.updateMs! * 1.2 };
      return { ...event, data: { ...event.data, timing } };
    });
  writeRun(runs, 'slower', slower);
  const [text, json] = await Promise.all([
    esper('compare', 'calm', 'slower', '--runs', runs),
    esper('compare', 'calm', 'slower', '--runs', runs, '--json'),
  ]);
  expect(text.stdout).toMatch(/time of an update \+14%/);
  const comparison = JSON.parse(json.stdout) as RunComparison;
  expect([...Value.Errors(RunComparison, comparison)]).toEqual([]);
  expect(comparison.config).toEqual([{ key: 'compile', a: null, b: 'false' }]);
  expect(comparison.figures.filter(({ status }) => status === 'changed').map(({ figure }) => figure)).toEqual(
    ['tookMs'],
  );
});

test('what cannot be written is reported in one sentence, with exit 1', async () => {
  const out = join(scratch('report'), 'no', 'such', 'r.html');
  const { code, stderr, stdout } = await failing('report', 'leaky', '--out', out, '--runs', runs);
  expect(stderr).toMatch(/^esper: Cannot write .*r\.html: there is no folder .*no\/such\.\n$/);
  expect([code, stdout]).toEqual([1, '']);
});

test('what cannot work is refused before anything is written', async () => {
  const at = scratch('report');
  mkdirSync(join(at, 'folder'));
  for (const [args, message] of [
    [['report', 'missing'], /There is no run "missing"/],
    [['report', 'leaky', '--format', 'pdf'], /--format takes terminal, markdown, json, html, not "pdf"/],
    [['report', 'leaky', '--format', 'html', '--json'], /--json is --format json/],
    [['report', 'leaky', '--out', join(at, 'folder')], /Cannot write .*folder: .* is a folder/],
    [['compare', 'leaky'], /Compare it with which\? Give another run/],
    [['compare', 'leaky', 'calm*', '--by', 'x'], /--by takes return, loss/],
    [['compare', 'leaky', 'missing'], /There is no run "missing"/],
  ] as const) {
    const [name, ...rest] = args;
    const command = (name === 'report' ? reportCommand() : compareCommand()).exitOverride();
    command.configureOutput({ writeErr: () => {} });
    await expect(command.parseAsync([...rest, '--runs', runs], { from: 'user' })).rejects.toThrow(message);
  }
  expect(readdirSync(at)).toEqual(['folder']);
});

test('Ctrl-C leaves no half file', async () => {
  const folder = writeRun(runs, 'long', []);
  const updates = played('steady', 1);
  for (let part = 0; part < 60; part++)
    writeFileSync(
      join(folder, 'events-0.jsonl'),
      updates.map((event, i) => `${JSON.stringify({ ...event, seq: part * updates.length + i })}\n`).join(''),
      { flag: 'a' },
    );
  const at = scratch('report');
  const out = join(at, 'long.html');
  const child = spawn(process.execPath, [...ESPER, 'report', 'long', '--runs', runs, '--out', out], { env });
  const ended = new Promise<NodeJS.Signals | number | null>(done =>
    child.once('exit', (code, signal) => done(signal ?? code)),
  );
  // Somewhere between its start and its end: wherever it is caught, the file is whole or not there.
  setTimeout(() => child.kill('SIGINT'), 1500);
  expect(['SIGINT', 0, 130]).toContain(await ended);
  if (existsSync(out)) expect(readFileSync(out, 'utf8')).toMatch(/<\/html>\n$/);
  expect(readdirSync(at).filter(name => name !== 'long.html')).toEqual([]);
});
