/** Alarms of all runs of a folder, sent by `esper serve`: to a real receiver, of runs that come later too, and never twice. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { defaultRules } from '../../src/alarms/index.ts';
import { type AlarmSink, webhookSink } from '../../src/alerts/index.ts';
import { GIB } from '../../src/base/index.ts';
import { AlarmsOfAll } from '../../src/cli/alarms-of-all.ts';
import { Emitter } from '../../src/emit/index.ts';
import { createRun, LogWriter, namesIn } from '../../src/log/index.ts';
import { reading } from '../events.ts';
import { scratch } from '../scratch.ts';

vi.setConfig({ testTimeout: 120_000 });

/** A run that is written as its pressure is given. */
function newRun(runs: string, name: string) {
  const folder = createRun({ runs, name });
  const writer = new LogWriter(folder.path);
  let timeMs = 1_700_000_000_000;
  let batch = 0;
  const emitter = new Emitter({ run: name, rank: 0, sink: writer, now: () => timeMs });
  emitter.emit('TRAINING_STARTED', { name, pid: process.pid });
  const update = (...pressures: number[]) => {
    for (const pressure of pressures) {
      timeMs += 60_000;
      const memory = reading(1, 1, {
        deviceTotalBytes: 10 * GIB,
        deviceFreeBytes: 9 * GIB,
        peakActiveBytes: Math.floor(pressure * 10 * GIB),
      });
      emitter.emit('PPO_UPDATE_COMPLETED', { batch: ++batch, memory: [memory] });
    }
  };
  const end = () => {
    emitter.emit('TRAINING_COMPLETED', { reason: 'finished' });
    writer.close();
  };
  const fail = () => {
    emitter.emit('TRAINING_FAILED', { errorType: 'OutOfMemoryError' });
    writer.close();
  };
  return { update, end, fail, writer };
}

/** A receiver of webhooks: what was posted. */
async function receiver() {
  const posts: string[] = [];
  const ids: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => {
      body += chunk;
    });
    request.on('end', () => {
      const { type, data } = JSON.parse(body);
      posts.push(`${data.run} ${type.replace('alarm.', '')} ${data.rule}`);
      ids.push(data.id);
      response.end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const sink = (): AlarmSink =>
    webhookSink({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      secret: null,
      timeoutMs: 10_000,
      attempts: 2,
      format: 'standard',
    });
  return { posts, ids, sink, close: () => server.close() };
}

/** Sends alarms as a start of the command would, until it is ended. */
function start(runs: string, sink: AlarmSink) {
  const problems: string[] = [];
  const stop = new AbortController();
  const all = new AlarmsOfAll({
    runs,
    names: isKnown => namesIn(runs, isKnown),
    rules: defaultRules,
    hasVerdict: true,
    sinks: [sink],
    onProblem: sentence => problems.push(sentence),
  });
  const watching = all.watch(stop.signal);
  return {
    all,
    problems,
    end: async () => {
      stop.abort();
      await watching;
      await sink.close(5000);
    },
  };
}

const HIGH = Array.from({ length: 3 }, () => 0.95);
const LOW = Array.from({ length: 12 }, () => 0.5);
const arrived = (posts: readonly string[], ...wanted: string[]) =>
  expect.poll(() => [...posts].sort(), { timeout: 60_000 }).toEqual(wanted.sort());

test('every run that goes on, those that come later too; after a new start only what is new', async () => {
  const runs = scratch('all-alarms');
  const { posts, ids, sink, close } = await receiver();
  const before = newRun(runs, 'before');
  before.update(...HIGH);
  before.end();
  const [a, nested] = [newRun(runs, 'a'), newRun(join(runs, 'team'), 'nested')];
  a.update(...HIGH);
  nested.update(...LOW);
  const first = start(runs, sink());
  await arrived(posts, 'a raised pressure');
  const late = newRun(runs, 'late');
  late.update(...HIGH);
  nested.update(...HIGH);
  await arrived(posts, 'a raised pressure', 'late raised pressure', 'nested raised pressure');
  expect(first.all.following).toBe(3);
  await first.end();

  // While nobody watches one alarm clears, one stays, and a run comes and goes.
  late.update(...LOW);
  const missed = newRun(runs, 'missed');
  missed.update(...HIGH);
  missed.fail();
  const second = start(runs, sink());
  const all = [
    'a raised pressure',
    'late raised pressure',
    'nested raised pressure',
    'late cleared pressure',
    'missed raised failed',
  ];
  await arrived(posts, ...all);
  const raised = posts.indexOf('late raised pressure');
  expect(ids[posts.indexOf('late cleared pressure')]).toBe(ids[raised]);
  for (const run of [a, nested, late]) run.end();
  await expect.poll(() => second.all.following, { timeout: 60_000 }).toBe(0);
  await second.end();
  await arrived(posts, ...all, 'a cleared pressure', 'nested cleared pressure');
  expect(first.problems.concat(second.problems)).toEqual([]);
  // What is kept is of runs that go on.
  expect(JSON.parse(readFileSync(join(runs, '.esper-alarms.json'), 'utf8')).runs).toEqual({});
  close();
});

test('what was kept and cannot be read is nothing', async () => {
  const runs = scratch('all-alarms');
  const { posts, sink, close } = await receiver();
  writeFileSync(join(runs, '.esper-alarms.json'), '{"runs": 7');
  const run = newRun(runs, 'r');
  run.update(...HIGH);
  const sending = start(runs, sink());
  await arrived(posts, 'r raised pressure');
  await sending.end();
  run.writer.close();
  close();
});
