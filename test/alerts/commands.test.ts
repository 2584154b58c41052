/** `esper alerts` and `esper wait` beside a run that is written, and after it. */

import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { GIB } from '../../src/base/index.ts';
import { Emitter } from '../../src/emit/index.ts';
import { createRun, LogWriter } from '../../src/log/index.ts';
import { reading } from '../events.ts';
import { receiver } from '../receiver.ts';
import { scratch } from '../scratch.ts';

// Each starts several processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

/** A command as a process: what it prints as it prints it, and its exit code. */
function esper(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/alerts/esper-command.ts', ...args]);
  const out = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', chunk => {
      out[stream] += chunk;
    });
  const done = new Promise<typeof out & { code: number | null }>(resolve =>
    child.on('close', code => resolve({ ...out, code })),
  );
  const printed = async (text: string, stream: 'stdout' | 'stderr' = 'stdout') => {
    while (!out[stream].includes(text)) await new Promise(resolve => child[stream].once('data', resolve));
  };
  return { done, printed };
}

/** A run whose log this test writes, at event times of its own. */
function newRun() {
  const runs = scratch('alerts');
  const folder = createRun({ runs, name: 'alarmed' });
  const writer = new LogWriter(folder.path);
  let timeMs = 1_700_000_000_000;
  const emitter = new Emitter({ run: folder.id, rank: 0, sink: writer, now: () => timeMs });
  let batch = 0;
  const update = (pressure: number) => {
    timeMs += 60_000;
    const memory = reading(1, 1, {
      deviceTotalBytes: 10 * GIB,
      deviceFreeBytes: 9 * GIB,
      peakActiveBytes: Math.floor(pressure * 10 * GIB),
    });
    emitter.emit('PPO_UPDATE_COMPLETED', { batch: ++batch, memory: [memory] });
  };
  emitter.emit('TRAINING_STARTED', { name: 'alarmed', pid: process.pid });
  return { runs, folder, writer, emitter, update };
}

test('live and replayed the same alarms; a dead webhook and a file are reported beside it, and counted', async () => {
  const { runs, writer, emitter, update } = newRun();
  const file = join(runs, 'alarms.jsonl');
  const rules = join(runs, 'rules.json');
  // A port that no program of a user listens at.
  const port = 2;
  writeFileSync(
    rules,
    JSON.stringify({
      sinks: { webhook: { url: `http://127.0.0.1:${port}`, timeout: '30s', attempts: 2 } },
    }),
  );
  update(0.95);
  const live = esper('alerts', '--json', '--runs', runs, '--rules', rules, '--file', file);
  await live.printed('following', 'stderr');
  for (const pressure of [0.95, 0.5, 0.5, 0.95, ...Array.from({ length: 10 }, () => 0.7), 0.97])
    update(pressure);
  emitter.emit('TRAINING_COMPLETED', { reason: 'finished' });
  writer.close();
  const ended = await live.done;
  expect(ended.stderr).toContain('esper: file: ');
  expect(ended.stderr).toMatch(
    /webhook: 0 delivered, \d retries, \d lost; newest problem: the webhook failed: ECONNREFUSED/,
  );
  expect(ended.code).toBe(1);
  const replayed = await esper('alerts', '--json', '--runs', runs).done;
  expect(replayed).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toBe(replayed.stdout);
  expect(readFileSync(file, 'utf8')).toBe(replayed.stdout);
  const lines = (await esper('alerts', '--runs', runs).done).stdout.trimEnd().split('\n');
  expect(lines.map(line => line.slice(20, 37))).toEqual([
    'CRITICAL pressure',
    'cleared  pressure',
    'CRITICAL pressure',
    'cleared  pressure',
  ]);
});

test('a webhook gets what stands when the following begins, and what comes', async () => {
  const { posts, url } = await receiver();
  const { runs, writer, emitter, update } = newRun();
  for (const pressure of [0.95, 0.5, 0.5, ...Array.from({ length: 9 }, () => 0.95)]) update(pressure);
  const live = esper('alerts', '--runs', runs, '--webhook', url);
  await live.printed('following', 'stderr');
  emitter.emit('TRAINING_FAILED', { errorType: 'OutOfMemoryError' });
  writer.close();
  expect((await live.done).code).toBe(0);
  expect(posts.map(({ type, data }) => `${type} ${data.rule} ${data.batch}`)).toEqual([
    'alarm.raised pressure 11',
    'alarm.cleared pressure 12',
    'alarm.raised failed 12',
  ]);
});

test('esper wait: met, ended without, timed out; each with its exit code', async () => {
  const { runs, folder, writer, emitter, update } = newRun();
  // A past value does not count: the condition is about now.
  update(0.95);
  update(0.5);
  const wait = (...args: string[]) => esper('wait', '--runs', runs, ...args).done;
  const timedOut = await wait('--until', 'pressure>0.9', '--timeout', '300ms');
  expect(timedOut).toMatchObject({ code: 124, stdout: expect.stringContaining('Timed out') });

  const waiting = [
    esper('wait', '--runs', runs, '--until', 'failed', '--until', 'pressure>0.9', '--json'),
    esper('wait', '--runs', runs, '--until', 'batch>=1000', '--json'),
  ];
  await Promise.all(waiting.map(({ printed }) => printed('waiting until', 'stderr')));
  // Crosses for one update, in one burst with what comes after.
  update(0.97);
  update(0.5);
  emitter.emit('TRAINING_COMPLETED', { reason: 'finished' });
  writer.close();
  const [met, ended] = await Promise.all(waiting.map(({ done }) => done));
  expect(met!.code).toBe(0);
  expect(JSON.parse(met!.stdout)).toMatchObject({
    outcome: 'met',
    condition: 'pressure>0.9',
    device: 'cuda:0',
    batch: 3,
    run: folder.id,
  });
  expect(ended!.code).toBe(3);
  expect(JSON.parse(ended!.stdout)).toMatchObject({ outcome: 'ended', state: 'completed', batch: 4 });
  expect(await wait('--until', 'nonsense>1')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('names no known figure'),
  });
});

test('a trainer that is gone without a last event is reported, and ends the waiting', async () => {
  const { runs, writer, update } = newRun();
  update(0.5);
  writer.close();
  const [alerts, failed, ended] = await Promise.all([
    esper('alerts', '--runs', runs).done,
    esper('wait', '--runs', runs, '--until', 'failed').done,
    esper('wait', '--runs', runs, '--until', 'ended').done,
  ]);
  expect(alerts).toMatchObject({ code: 0, stdout: expect.stringContaining('CRITICAL trainer-gone') });
  expect(failed).toMatchObject({ code: 3, stdout: expect.stringContaining('its trainer is gone') });
  expect(ended.code).toBe(0);
});

test('a trainer that died before its first event: wait ends, alerts reports it, and both agree with runs', async () => {
  const runs = scratch('alerts');
  const folder = createRun({ runs, name: 'stillborn' });
  const dead = spawn('true');
  await new Promise(resolve => dead.on('close', resolve));
  writeFileSync(join(folder.path, 'events-0.jsonl'), '');
  const writer = new LogWriter(folder.path, { rank: 1 });
  const holder = JSON.parse(readFileSync(join(folder.path, 'events-1.lock'), 'utf8'));
  writer.close();
  writeFileSync(join(folder.path, 'events-0.lock'), JSON.stringify({ ...holder, pid: dead.pid }));
  const [ended, failed, alerts] = await Promise.all([
    esper('wait', '--json', '--runs', runs, '--until', 'ended', '--timeout', '100s').done,
    esper('wait', '--json', '--runs', runs, '--until', 'failed', '--timeout', '100s').done,
    esper('alerts', '--json', '--runs', runs).done,
  ]);
  expect(JSON.parse(ended.stdout)).toMatchObject({ outcome: 'met', condition: 'ended', state: 'gone' });
  expect(ended.code).toBe(0);
  expect(JSON.parse(failed.stdout)).toMatchObject({ outcome: 'ended', state: 'gone', batch: null });
  expect(failed.code).toBe(3);
  expect(JSON.parse(alerts.stdout)).toMatchObject({
    rule: 'trainer-gone',
    level: 'critical',
    run: folder.id,
  });
  expect(alerts.code).toBe(0);
});
