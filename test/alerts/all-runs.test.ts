/** Alarms of all runs of a folder, sent by `esper serve`: to a real receiver, of runs that come later too, and never twice. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { defaultRules } from '../../src/alarms/index.ts';
import { type AlarmSink, webhookSink } from '../../src/alerts/index.ts';
import { GIB } from '../../src/base/index.ts';
import { AlarmsOfAll } from '../../src/cli/alarms-of-all.ts';
import { Emitter } from '../../src/emit/index.ts';
import { createRun, LogWriter, namesIn } from '../../src/log/index.ts';
import { reading } from '../events.ts';
import { type Post, receiver } from '../receiver.ts';
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

const sinkOf = (url: string) => webhookSink({ url, secret: null, timeoutMs: 10_000, attempts: 2 });

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
/** `a raised pressure` */
const wordsOf = ({ type, data: { run, rule } }: Post) => `${run} ${type.replace('alarm.', '')} ${rule}`;
const arrived = (posts: readonly Post[], ...wanted: string[]) =>
  expect.poll(() => posts.map(wordsOf).sort(), { timeout: 60_000 }).toEqual(wanted.sort());

test('every run that goes on, those that come later too; after a new start only what is new', async () => {
  const runs = scratch('all-alarms');
  const { posts, url } = await receiver();
  const before = newRun(runs, 'before');
  before.update(...HIGH);
  before.end();
  const [a, nested] = [newRun(runs, 'a'), newRun(join(runs, 'team'), 'nested')];
  a.update(...HIGH);
  nested.update(...LOW);
  const first = start(runs, sinkOf(url));
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
  const second = start(runs, sinkOf(url));
  const all = [
    'a raised pressure',
    'late raised pressure',
    'nested raised pressure',
    'late cleared pressure',
    'missed raised failed',
  ];
  await arrived(posts, ...all);
  const idOf = (words: string) => posts.find(post => wordsOf(post) === words)!.data.id;
  expect(idOf('late cleared pressure')).toBe(idOf('late raised pressure'));
  for (const run of [a, nested, late]) run.end();
  await expect.poll(() => second.all.following, { timeout: 60_000 }).toBe(0);
  await second.end();
  await arrived(posts, ...all, 'a cleared pressure', 'nested cleared pressure');
  expect(first.problems.concat(second.problems)).toEqual([]);
  // What is kept is of runs that go on.
  expect(JSON.parse(readFileSync(join(runs, '.esper-alarms.json'), 'utf8')).runs).toEqual({});
});

test('what was kept and cannot be read is nothing', async () => {
  const runs = scratch('all-alarms');
  const { posts, url } = await receiver();
  writeFileSync(join(runs, '.esper-alarms.json'), '{"runs": 7');
  const run = newRun(runs, 'r');
  run.update(...HIGH);
  const sending = start(runs, sinkOf(url));
  await arrived(posts, 'r raised pressure');
  await sending.end();
  run.writer.close();
});
