/** Whatever became of a log, it reads: nothing throws, and every line is counted once. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyReport, LogWriter, readRun } from '../../src/log/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { rankLog, update } from '../events.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'esper-mangled-'));
  file = join(folder, 'events-0.jsonl');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads and reduces the file, and checks that all of its lines were counted. */
function survives(bytes: Buffer) {
  writeFileSync(file, bytes);
  const report = emptyReport();
  let snapshot = emptySnapshot();
  for (const batch of readRun(folder, report)) snapshot = reduceAll(snapshot, batch);
  const newlines = bytes.filter(byte => byte === 10).length;
  expect(report.lines).toBe(newlines);
  expect(report.lines).toBe(report.events + report.unknown + report.malformed + report.empty);
  expect(report.torn).toBe(bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0);
  expect(report.problems.length).toBe(Math.min(100, report.malformed + report.torn));
  return report;
}

/** A cut of the log: a piece is removed, doubled, overwritten, or the rest is gone. */
const cut = fc.record({
  how: fc.constantFrom('remove', 'repeat', 'overwrite', 'end' as const),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(200),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }),
});
type Cut = typeof cut extends fc.Arbitrary<infer T> ? T : never;

function mangle(log: Buffer, { how, at, length, bytes }: Cut): Buffer {
  const from = Math.floor(at * log.length);
  const [before, piece, after] = [
    log.subarray(0, from),
    log.subarray(from, from + length),
    log.subarray(from + length),
  ];
  if (how === 'end') return before;
  if (how === 'remove') return Buffer.concat([before, after]);
  if (how === 'repeat') return Buffer.concat([before, piece, piece, after]);
  return Buffer.concat([before, bytes, after]);
}

const log = rankLog(0, 20).map(events =>
  Buffer.from(events.map(event => `${JSON.stringify(event)}\n`).join('')),
);

test('any torn or mangled log is survived and counted', () => {
  fc.assert(
    fc.property(log, fc.array(cut, { maxLength: 5 }), (log, cuts) => void survives(cuts.reduce(mangle, log))),
    {
      numRuns: 300,
    },
  );
});

test('cut at any byte, keeps every whole line before the cut', () => {
  const lines = Array.from({ length: 3 }, (_, seq) => `${JSON.stringify(update(seq))}\n`);
  const whole = Buffer.from(lines.join(''));
  for (let length = 0; length <= whole.length; length++) {
    const report = survives(whole.subarray(0, length));
    expect(report).toMatchObject({
      events: whole.subarray(0, length).filter(byte => byte === 10).length,
      malformed: 0,
    });
  }
});

test('100,000 mangled lines are survived and counted', () => {
  const random = lcg(7);
  const line = Buffer.from(JSON.stringify(update(0, [{ device: 'cuda:0', allocatedBytes: 1, name: 'é' }])));
  const lines = Array.from({ length: 100_000 }, () => {
    const mangled = Buffer.from(line.subarray(0, random() < 0.3 ? random() * line.length : line.length));
    for (let flips = random() * 4; flips > 1 && mangled.length > 0; flips--)
      mangled[Math.floor(random() * mangled.length)] = random() * 256;
    return Buffer.concat([mangled, Buffer.from('\n')]);
  });
  const report = survives(Buffer.concat(lines));
  expect(report.events).toBeGreaterThan(10_000);
  expect(report.malformed).toBeGreaterThan(10_000);
});

test('a writer goes on after any torn end, and nothing more is lost', () => {
  const lines = [0, 1, 2].map(seq => `${JSON.stringify(update(seq))}\n`);
  fc.assert(
    fc.property(fc.nat(Buffer.byteLength(lines.join(''))), length => {
      writeFileSync(file, lines.join(''));
      truncateSync(file, length);
      const writer = new LogWriter(folder);
      // Of a line that lacks only its newline nothing is lost.
      const whole = lines.filter((_, seq) => length >= lines.slice(0, seq + 1).join('').length - 1).length;
      expect(writer.nextSeq).toBe(whole);
      writer.append(`${JSON.stringify(update(whole))}\n`);
      writer.close();
      expect([...readRun(folder)].flat().map(event => event.seq)).toEqual(
        Array.from({ length: whole + 1 }, (_, i) => i),
      );
    }),
  );
});

/** Numbers in [0, 1), the same in every run. */
function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
