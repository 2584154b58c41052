import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { event, rankLog, update } from '../../test/events.ts';
import type { TelemetryEvent } from '../contract/index.ts';
import { emptyReport, type ReadReport, readRun } from './index.ts';
import { RankFile } from './rank-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'esper-read-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const line = (event: TelemetryEvent) => `${JSON.stringify(event)}\n`;
let made = 0;
/** A run's folder that holds the given files, one a rank. */
function run(...ranks: (string | Buffer)[]): string {
  const path = join(folder, String(made++));
  mkdirSync(path);
  for (const [rank, content] of ranks.entries()) writeFileSync(join(path, `events-${rank}.jsonl`), content);
  return path;
}
function read(source: string | string[]) {
  const report = emptyReport();
  const events = [...readRun(source, report)].flat();
  return { events, report };
}
const counts = ({ lines, events, unknown, malformed, empty, torn }: ReadReport) => ({
  lines,
  events,
  unknown,
  malformed,
  empty,
  torn,
});

describe('one file', () => {
  const a = line(update(0));
  const b = line(update(1));
  const none = { lines: 0, events: 0, unknown: 0, malformed: 0, empty: 0, torn: 0 };
  const future = JSON.stringify({ ...update(1), type: 'FROM_THE_FUTURE', data: 7 });
  const major = JSON.stringify({ ...update(1), v: '2.0' });
  test.each<[string, string | Buffer, Partial<ReadReport>, string | null]>([
    ['whole lines', a + b, { lines: 2, events: 2 }, null],
    ['nothing', '', {}, null],
    [
      'a torn last line',
      a + b.slice(0, 40),
      { lines: 1, events: 1, torn: 1 },
      ':2: torn: the line has no end',
    ],
    ['a last line that lacks only its newline', a + b.trim(), { lines: 1, events: 1, torn: 1 }, ':2: torn'],
    [
      'a torn line that a writer ended',
      `${a.slice(0, 30)}\n${b}`,
      { lines: 2, events: 1, malformed: 1 },
      ':1: not JSON',
    ],
    [
      'garbage',
      `${a}hello\n\u0000\u0000\u0000\n[]\nnull\n${b}`,
      { lines: 6, events: 2, malformed: 4 },
      ':2: not JSON',
    ],
    ['an event without its seq', a.replace('"seq":0,', ''), { lines: 1, malformed: 1 }, ':1: /seq: expected'],
    [
      'a figure of the wrong kind',
      a.replace('"batch":0', '"batch":"x"'),
      { lines: 1, malformed: 1 },
      ':1: /data/batch',
    ],
    ['CRLF', (a + b).replaceAll('\n', '\r\n'), { lines: 2, events: 2 }, null],
    ['a byte order mark', `\ufeff${a}${b}`, { lines: 2, events: 2 }, null],
    ['empty lines', `\n${a}  \t\r\n\n${b}`, { lines: 5, events: 2, empty: 3 }, null],
    ['a type of a later version', `${a}${future}\n`, { lines: 2, events: 1, unknown: 1 }, null],
    ['a later major version', `${a}${major}\n`, { lines: 2, events: 1, unknown: 1 }, null],
    [
      'a character cut off',
      Buffer.concat([Buffer.from(a), Buffer.from('{"x":"é').subarray(0, -1), Buffer.from('\n')]),
      { lines: 2, events: 1, malformed: 1 },
      ':2: not JSON',
    ],
  ])('%s', (_, content, expected, problem) => {
    const path = run(content);
    const { report, events } = read(path);
    expect(counts(report)).toEqual({ ...none, ...expected });
    expect(events).toHaveLength(report.events + report.unknown);
    const first = report.problems[0];
    if (problem === null) expect(first).toBeUndefined();
    else
      expect(`${first!.file}:${first!.line}: ${first!.reason}`).toContain(`${path}/events-0.jsonl${problem}`);
  });

  test('keeps what it does not know', () => {
    const { events } = read(run(`${future}\n${line({ ...update(0), later: 1 } as TelemetryEvent)}`));
    expect(events).toEqual([
      { ...JSON.parse(future), unknown: true },
      { ...update(0), later: 1 },
    ]);
  });

  test('of any text, at any size of chunk, reads the same', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 20 });
    const text = fc.array(name.map(name => event('TRAINING_STARTED', { name })));
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 300 }), (events, chunkBytes) => {
        const path = join(folder, 'chunks.jsonl');
        writeFileSync(path, events.map(line).join(''));
        const file = new RankFile(path, emptyReport(), chunkBytes);
        file.open();
        const got: unknown[] = [];
        for (let batch = file.read(); batch !== null; batch = file.read()) got.push(...batch);
        file.close();
        expect(got).toEqual(events);
      }),
    );
  });

  test('with a line past the limit, gives up that line only', () => {
    const { report, events } = read(
      run(Buffer.concat([Buffer.from(a), Buffer.alloc(40 << 20), Buffer.from(`\n${b}`)])),
    );
    expect(counts(report)).toEqual({ ...none, lines: 3, events: 2, malformed: 1 });
    expect(report.problems).toMatchObject([{ line: 2, reason: 'longer than 16777216 bytes' }]);
    expect(events).toEqual([update(0), update(1)]);
  });

  test('of garbage alone keeps its list of problems short', () => {
    const { report } = read(run('x\n'.repeat(5000)));
    expect(report.malformed).toBe(5000);
    expect(report.problems).toHaveLength(100);
  });
});

describe('several ranks', () => {
  test('come by time, each rank in its own order', () => {
    const logs = fc
      .integer({ min: 1, max: 4 })
      .chain(n => fc.tuple(...Array.from({ length: n }, (_, i) => rankLog(i))));
    fc.assert(
      fc.property(logs, logs => {
        const path = run(...logs.map(events => events.map(line).join('')));
        const { events, report } = read(path);
        rmSync(path, { recursive: true });
        expect(report.events).toBe(logs.flat().length);
        // A jump back in a rank's clock holds its place: what comes after it is as late as the latest before it.
        const place = logs.flatMap(log => {
          let latest = Number.NEGATIVE_INFINITY;
          return log.map(event => {
            latest = Math.max(latest, event.timeMs);
            return { event, latest };
          });
        });
        for (const [rank, log] of logs.entries())
          expect(events.filter(event => event.rank === rank)).toEqual(JSON.parse(JSON.stringify(log)));
        if (place.every(({ event, latest }) => event.timeMs === latest))
          expect(events.map(event => event.timeMs)).toEqual(
            place.map(({ latest }) => latest).sort((a, b) => a - b),
          );
      }),
    );
  });

  test('at the same time, come by rank', () => {
    const { events } = read(run(line(update(0, [], 0)), line(update(0, [], 1))));
    expect(events.map(event => event.rank)).toEqual([0, 1]);
  });

  test('of which one cannot be read, are read without it', () => {
    const path = run(line(update(0)));
    mkdirSync(join(path, 'events-1.jsonl'));
    const { events, report } = read(path);
    expect(events).toEqual([update(0)]);
    expect(report.problems).toMatchObject([{ file: join(path, 'events-1.jsonl'), line: null }]);
  });
});

test('reading can stop at any event', () => {
  const path = run(Array.from({ length: 2000 }, (_, i) => line(update(i))).join(''));
  const report = emptyReport();
  for (const batch of readRun(path, report)) if (batch.some(event => event.seq >= 10)) break;
  expect(report.events).toBeLessThan(2000);
});

test('a folder that does not exist is an error', () => {
  expect(() => read(join(folder, 'nowhere'))).toThrow(/ENOENT/);
});
