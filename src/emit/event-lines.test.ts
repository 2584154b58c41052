/** What is gathered as bytes reads back as what was given, and is what JSON.stringify writes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMalformed, isUnknown, type Payload, parseEvent } from '../contract/index.ts';
import { EventLines } from './event-lines.ts';
import { JsonBytes } from './json-bytes.ts';

const json = new JsonBytes();
function written(value: unknown): string {
  json.length = 0;
  json.value(value);
  return json.bytes.toString('utf8', 0, json.length);
}

describe('JSON as bytes', () => {
  test('is what JSON.stringify writes, whatever was written before', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), value => {
        expect(written(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  test('numbers of any size and of any digits', () => {
    const printed = fc
      .tuple(fc.integer({ min: -9_999_999, max: 9_999_999 }), fc.integer({ min: -9, max: 9 }))
      .map(([digits, exponent]) => Number(`${digits}e${exponent}`));
    const any = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.integer(), printed);
    fc.assert(
      fc.property(any, value => {
        expect(written(value)).toBe(JSON.stringify(value));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ...[0, -0, 0.5, -0.25, 1e-4, 1.0001, 0.1 + 0.2, 1e-7, 1e21, Number.NaN, Number.NEGATIVE_INFINITY],
    ...[99_999_999, 1e8, 100_000_001, 999_999_999_999_999, 1e15, 1e15 + 2, 99_999_999_999.9999],
  ])('%d', value => {
    expect(written(value)).toBe(JSON.stringify(value));
  });

  test('texts longer than are kept, and of any letters', () => {
    const long = `"é\u2028\ud800${'x'.repeat(20_000)}\n`;
    expect(written({ [long]: [long, '', long] })).toBe(JSON.stringify({ [long]: [long, '', long] }));
  });

  test('more names and texts than are kept', () => {
    const values = Array.from({ length: 5_000 }, (_, i) => ({ [`name ${i}`]: `text ${i}`, rest: undefined }));
    expect(written(values)).toBe(JSON.stringify(values));
  });
});

describe('lines of events', () => {
  const memory = (device: string): Payload<'MEMORY_SAMPLED'> => ({
    phase: 'Größe',
    memory: [{ device, allocatedBytes: 41_212_345_678 }],
  });

  test('are whole events of the contract, each with its time, numbered without gaps', () => {
    const events = new EventLines('a "run"', 2);
    events.add('MEMORY_SAMPLED', memory('cuda:0'), 1000);
    events.add('STEP_COMPLETED', { step: 7, loss: 0.25 }, 1000);
    events.add('MEMORY_SAMPLED', memory('cuda:1'), 1234.5);
    const { bytes, lines } = events.take();
    const read = Buffer.from(bytes).toString().split('\n').slice(0, -1).map(parseEvent);
    expect(read.some(event => isMalformed(event) || isUnknown(event))).toBe(false);
    expect(lines).toBe(3);
    const all = { v: '1.0', run: 'a "run"', rank: 2 };
    expect(read).toEqual([
      { ...all, seq: 0, timeMs: 1000, type: 'MEMORY_SAMPLED', data: memory('cuda:0') },
      { ...all, seq: 1, timeMs: 1000, type: 'STEP_COMPLETED', data: { step: 7, loss: 0.25 } },
      { ...all, seq: 2, timeMs: 1234.5, type: 'MEMORY_SAMPLED', data: memory('cuda:1') },
    ]);
  });

  test('what cannot be written leaves a gap in seq, and nothing of its line', () => {
    const events = new EventLines('r', 0);
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    for (const extra of [cycle, { big: 1n }]) events.add('STEP_COMPLETED', { step: 0, extra } as never, 1);
    events.add('STEP_COMPLETED', { step: 1 }, 1);
    expect(events.failed).toBe(2);
    const { bytes, lines } = events.take();
    expect(lines).toBe(1);
    expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({ seq: 2, data: { step: 1 } });
    expect(events.size).toBe(0);
  });
});
