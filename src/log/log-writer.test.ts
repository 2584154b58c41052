import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { update } from '../../test/events.ts';
import { emptyReport, LogWriter, RunInUseError, readRun, writerState } from './index.ts';

let folder: string;
let writers: LogWriter[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'esper-write-'));
  writers = [];
});
afterEach(() => {
  for (const writer of writers) writer.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(options?: ConstructorParameters<typeof LogWriter>[1]): LogWriter {
  const writer = new LogWriter(folder, options);
  writers.push(writer);
  return writer;
}
const line = (seq: number) => `${JSON.stringify(update(seq))}\n`;
const file = (rank = 0) => join(folder, `events-${rank}.jsonl`);
const lock = () => join(folder, 'events-0.lock');
function read() {
  const report = emptyReport();
  const seqs = [...readRun(folder, report)].flat().map(event => event.seq);
  return { seqs, report };
}

test('a line is in the file when append returns', () => {
  const writer = open();
  let expected = '';
  for (let seq = 0; seq < 20; seq++) {
    writer.append(line(seq));
    expected += line(seq);
    expect(readFileSync(file(), 'utf8')).toBe(expected);
  }
  expect(writer.stats()).toEqual({ lines: 20, bytes: expected.length, dropped: 0, problem: null });
});

test('lines as bytes, several at once, are counted and end a torn line as text does', () => {
  writeFileSync(file(), line(0).slice(0, 50));
  const writer = open();
  const text = line(1) + line(2).replace('"run"', '"é","run"');
  writer.append(Buffer.from(text), 2);
  writer.append(Buffer.from(line(3)));
  expect(readFileSync(file(), 'utf8')).toBe(`${line(0).slice(0, 50)}\n${text}${line(3)}`);
  const bytes = Buffer.byteLength(text + line(3));
  expect(writer.stats()).toEqual({ lines: 3, bytes, dropped: 0, problem: null });
});

test('each rank has its own file and writer', () => {
  open().append(line(0));
  open({ rank: 1 }).append(line(0));
  expect(readdirSync(folder).filter(name => name.endsWith('jsonl'))).toHaveLength(2);
});

describe('going on with a log', () => {
  test('continues its seq', () => {
    const first = open();
    expect(first.nextSeq).toBe(0);
    for (const seq of [0, 1, 2]) first.append(line(seq));
    first.close();
    expect(open().nextSeq).toBe(3);
  });

  test('ends a torn line, which becomes one malformed line, and loses nothing', () => {
    const before = line(0) + line(1) + line(2).slice(0, 50);
    writeFileSync(file(), before);
    const writer = open();
    expect(writer.nextSeq).toBe(2);
    writer.append(line(2));
    writer.append(line(3));
    expect(readFileSync(file(), 'utf8')).toBe(`${before}\n${line(2)}${line(3)}`);
    expect(read()).toMatchObject({ seqs: [0, 1, 2, 3], report: { malformed: 1, torn: 0 } });
  });

  test('finds the last event before any amount of garbage', () => {
    writeFileSync(file(), `${line(41)}${'garbage\n'.repeat(10_000)}torn`);
    expect(open().nextSeq).toBe(42);
  });

  test('does not step back where the end of the log does', () => {
    writeFileSync(file(), line(8) + line(9) + line(3));
    expect(open().nextSeq).toBe(10);
  });
});

describe('one writer a rank', () => {
  const holder = (change: object) =>
    writeFileSync(lock(), JSON.stringify({ ...JSON.parse(readFileSync(lock(), 'utf8')), ...change }));
  /** Leaves the lock of a process that has ended. */
  const leaveLock = () => {
    open().close();
    open();
    holder({ writer: 'another', startTicks: 1 });
  };

  test('the second is refused in one sentence that names the first', () => {
    open();
    expect(() => open()).toThrow(RunInUseError);
    expect(() => open()).toThrow(
      `process ${process.pid} on ${hostname()} is writing this run: wait until it ends, or start a run of your own.`,
    );
  });

  test('the state of the writer is reported', () => {
    expect(writerState(folder, 0)).toBe('closed');
    const writer = open();
    expect(writerState(folder, 0)).toBe('writing');
    writer.close();
    expect(writerState(folder, 0)).toBe('closed');
    expect(readdirSync(folder)).toEqual(['events-0.jsonl']);
  });

  test('a dead writer is reported as gone, and the next takes over', () => {
    const { pid } = spawnSync('true');
    open();
    holder({ pid, writer: 'another' });
    expect(writerState(folder, 0)).toBe('gone');
    const next = open();
    expect(writerState(folder, 0)).toBe('writing');
    next.append(line(0));
    next.close();
    expect(existsSync(lock())).toBe(false);
  });

  test.skipIf(!existsSync('/proc/self/stat'))(
    'a dead process that its parent has not buried is dead',
    async () => {
      // Its child ends once the shell has become sleep, which buries nobody.
      const parent = spawn('sh', ['-c', 'exec 3<&0; cat <&3 >/dev/null & echo $!; exec sleep 60'], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const pid = Number(await new Promise(resolve => parent.stdout.once('data', resolve)));
      open();
      const started = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[21];
      holder({ pid, writer: 'another', startTicks: Number(started) });
      while (!readFileSync(`/proc/${parent.pid}/comm`, 'utf8').includes('sleep')) await sleep(10);
      parent.stdin.end();
      while (!readFileSync(`/proc/${pid}/stat`, 'utf8').includes(' Z ')) await sleep(10);
      expect(writerState(folder, 0)).toBe('gone');
      parent.kill();
    },
  );

  test('a pid that is used again is not the writer', () => {
    leaveLock();
    expect(writerState(folder, 0)).toBe('gone');
  });

  test.each([{ hostname: 'elsewhere' }, { pidNamespace: 'pid:[1]' }, { machine: 'another' }])(
    'a writer out of sight (%o) is not touched',
    change => {
      leaveLock();
      holder(change);
      expect(writerState(folder, 0)).toBe('unknown');
      expect(() => open()).toThrow(/cannot be seen from here: once it has ended, delete .*events-0\.lock\.$/);
    },
  );

  test.each([
    '',
    '[]',
    'null',
    '{"pid":1e999,"hostname":"elsewhere"}',
    '{"pid":-1,"hostname":"elsewhere"}',
    '{"pid":1}',
  ])('a lock that names nobody (%s) is taken over once it is old', text => {
    writeFileSync(lock(), text);
    expect(writerState(folder, 0)).toBe('unknown');
    utimesSync(lock(), 0, 0);
    expect(writerState(folder, 0)).toBe('gone');
    open().append(line(0));
    expect(read().seqs).toEqual([0]);
  });
});

test('a line too long to be read back is dropped, and the log goes on', () => {
  const writer = open();
  writer.append(`${'x'.repeat(17 << 20)}\n`);
  writer.append(line(0));
  expect(read()).toMatchObject({ seqs: [0], report: { lines: 1 } });
  expect(writer.stats()).toMatchObject({
    lines: 1,
    dropped: 1,
    problem: expect.stringContaining('too long'),
  });
});

test('closing twice and appending afterwards is harmless', async () => {
  const writer = open();
  writer.append(line(0));
  writer.close();
  writer.close();
  writer.append(line(1));
  writer.sync();
  await sleep(20);
  appendFileSync(file(), '');
  expect(read().seqs).toEqual([0]);
  expect(writer.stats()).toMatchObject({ lines: 1, dropped: 1 });
});
