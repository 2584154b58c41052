/** The one follower: what it reports and when, whatever a run's files and writers do. */
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { event, update } from '../../test/events.ts';
import { scratch } from '../../test/scratch.ts';
import { stateWith, type TelemetryEvent } from '../contract/index.ts';
import { createRun, isWriterGone, LogWriter } from '../log/index.ts';
import { emptySnapshot, reduceAll } from '../reduce/index.ts';
import { RunFollower } from './index.ts';

vi.setConfig({ testTimeout: 60_000 });

const text = (...events: TelemetryEvent[]) => events.map(e => `${JSON.stringify(e)}\n`).join('');
const newFolder = () => createRun({ runs: scratch('follow'), name: 'f' }).path;

/** Follows until the log has been read to its end and `until` holds; what was reported, in order. */
async function follow(folder: string, until: (calls: string[], follower: RunFollower) => boolean) {
  const stop = new AbortController();
  const calls: string[] = [];
  const look = () => until(calls, follower) && stop.abort();
  const follower: RunFollower = new RunFollower(folder, {
    began: () => calls.push('began'),
    event: ({ seq }) => calls.push(`event ${seq}`),
    caughtUp(isFirst) {
      if (isFirst) calls.push('caught up');
      look();
    },
    writers(gone) {
      calls.push(gone ? 'gone' : 'back');
      look();
    },
    problem: ({ line, reason }) => calls.push(`problem ${line}: ${reason}`),
  });
  await follower.follow(stop.signal);
  return { calls, follower };
}

/** A lock that a process left behind which is no more. */
const lockOfDead = (folder: string, rank = 0) =>
  writeFileSync(join(folder, `events-${rank}.lock`), 'not a lock', { flag: 'w' });

test('events, then the end of the writers, each once; the state is that of the log', async () => {
  const folder = newFolder();
  writeFileSync(
    join(folder, 'events-0.jsonl'),
    text(event('TRAINING_STARTED', {}), update(1), event('TRAINING_COMPLETED', { reason: 'finished' }, 2)),
  );
  const { calls, follower } = await follow(folder, t => t.includes('gone'));
  expect(calls).toEqual(['began', 'event 0', 'event 1', 'event 2', 'caught up', 'gone']);
  expect(follower.snapshot().run.state).toBe('completed');
});

test('a run without an end that nobody writes is gone, from its first complete look on', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'events-0.jsonl'), text(event('TRAINING_STARTED', {}), update(1)));
  let atFirst = '';
  const { follower } = await follow(folder, (_, f) => {
    atFirst ||= f.snapshot().run.state;
    return true;
  });
  expect([atFirst, follower.snapshot().run.state]).toEqual(['gone', 'gone']);
});

test('what a writer wrote to its last is read before it is called gone, however the two fall together', async () => {
  const folder = newFolder();
  const writer = new LogWriter(folder);
  writer.append(`${text(event('TRAINING_STARTED', {}))}garbage\n`);
  const states: string[] = [];
  const stop = new AbortController();
  const follower: RunFollower = new RunFollower(folder, {
    // The log has been read to its end, and the writers are about to be looked at: now the run ends.
    problem() {
      writer.append(text(update(1), event('TRAINING_COMPLETED', { reason: 'finished' }, 2)));
      writer.close();
    },
    writers(gone) {
      if (!gone) return;
      states.push(follower.snapshot().run.state);
      stop.abort();
    },
  });
  await follower.follow(stop.signal);
  expect(states).toEqual(['completed']);
});

test('events of a writer that goes on with the run are never those of a run that is gone', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'events-0.jsonl'), text(event('TRAINING_STARTED', {}), update(1)));
  const stop = new AbortController();
  let writer: LogWriter | null = null;
  const states: string[] = [];
  const follower: RunFollower = new RunFollower(folder, {
    event: () => void (writer !== null && states.push(follower.snapshot().run.state)),
    writers(gone) {
      states.push(gone ? 'gone' : 'back');
      if (!gone) return stop.abort();
      writer = new LogWriter(folder);
      writer.append(text(update(2)));
    },
  });
  await follower.follow(stop.signal);
  writer!.close();
  expect(states).toEqual(['gone', 'running', 'back']);
});

test('a trainer that died before its first event is gone: an empty log and a lock of a process that is no more', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'events-0.jsonl'), '');
  lockOfDead(folder);
  // A lock without text may be one that is being made: for five seconds.
  const { follower } = await follow(folder, t => t.includes('gone'));
  expect(follower.snapshot().run.state).toBe('gone');
});

test('a run that nobody began within a minute is gone; one just made is waited for', () => {
  const { path, createdMs } = createRun({ runs: scratch('follow'), name: 'f' });
  expect(isWriterGone(path, createdMs + 59_000)).toBe(false);
  expect(isWriterGone(path, createdMs + 61_000)).toBe(true);
  expect(isWriterGone(join(path, 'nowhere'))).toBe(false);
  const writer = new LogWriter(path);
  expect(isWriterGone(path, createdMs + 1e9)).toBe(false);
  writer.close();
  expect(isWriterGone(path)).toBe(true);
});

test('a rank whose writer lives keeps the run, also one that has written nothing yet', () => {
  const { path } = createRun({ runs: scratch('follow'), name: 'f' });
  writeFileSync(join(path, 'events-0.jsonl'), text(update(1)));
  expect(isWriterGone(path)).toBe(true);
  const writer = new LogWriter(path, { rank: 3 });
  expect(isWriterGone(path)).toBe(false);
  writer.close();
});

test('a file that is replaced is read again from its start, and that is reported', async () => {
  const folder = newFolder();
  const file = join(folder, 'events-0.jsonl');
  writeFileSync(file, text(update(0), update(1)));
  const { calls, follower } = await follow(folder, (t, f) => {
    if (t.at(-1) === 'caught up' && !t.includes('event 7')) {
      writeFileSync(join(folder, 'new'), text(update(7)));
      renameSync(join(folder, 'new'), file);
    }
    return t.includes('event 7') && f.isCaughtUp;
  });
  expect(calls.filter(line => !/gone|back/.test(line))).toEqual([
    'began',
    'event 0',
    'event 1',
    'caught up',
    'problem null: the file was replaced: it is read again from its start',
    'began',
    'event 7',
    'caught up',
  ]);
  expect(JSON.stringify(follower.snapshot())).toBe(
    JSON.stringify(follower.asLeft(reduceAll(emptySnapshot(), [update(7)]))),
  );
});

test('whatever cannot be read is reported once, with file and line, and what can be is', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'events-0.jsonl'), `${text(update(0))}garbage\n${text(update(1))}`);
  mkdirSync(join(folder, 'events-1.jsonl'));
  let rounds = 0;
  const { calls, follower } = await follow(folder, () => ++rounds === 3);
  expect(calls).toContain('problem 2: not JSON');
  expect(calls.filter(line => line.startsWith('problem null'))).toHaveLength(1);
  expect(calls).toEqual(expect.arrayContaining(['event 0', 'event 1']));
  expect(follower.read).toMatchObject({ unreadable: 1, malformed: 1, events: 2 });
});

test('reading to the end waits for what is in the log now, and ends with the following', async () => {
  const folder = newFolder();
  const file = join(folder, 'events-0.jsonl');
  writeFileSync(file, text(update(0)));
  const stop = new AbortController();
  let seen = 0;
  const follower = new RunFollower(folder, { event: () => void seen++ });
  const following = follower.follow(stop.signal);
  await follower.readToEnd();
  expect(seen).toBe(1);
  appendFileSync(file, text(update(1)));
  await follower.readToEnd();
  expect(seen).toBe(2);
  const pending = follower.readToEnd();
  stop.abort();
  await Promise.all([following, pending]);
  rmSync(folder, { recursive: true });
});

test('only a run that has no end can be gone', () => {
  for (const state of ['completed', 'interrupted', 'failed', 'gone'] as const)
    expect(stateWith(state, true)).toBe(state);
  for (const state of ['waiting', 'running'] as const)
    expect([stateWith(state, true), stateWith(state, false)]).toEqual(['gone', state]);
});
