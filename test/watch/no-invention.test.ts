/**
 * No figure is invented: every number of an event stands in the text, times its unit, whatever is done to a log: cut at any
 * byte, its lines shuffled as ranks shuffle them, any prefix put in front.
 */
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTRACT_VERSION, checkEvent } from '../../src/contract/index.ts';
import type { WatchedEvent } from '../../src/watch/index.ts';
import { golden, readLog } from './read-log.ts';

const logs = readdirSync(new URL('golden/', import.meta.url))
  .filter(name => name.endsWith('.log'))
  .map(name => name.slice(0, -4));

/** Between what is printed and what is stored: units of memory, seconds, percent, a sign, verl's learning rate. */
const FACTORS = [1, -1, 1000, 1e-3, 1e-2, 1024, 1024 ** 2, 1024 ** 3, 1e6, 1e9];
/** Of an event: what is counted or summed up here, and stands in no log. */
const OWN =
  /^(?:batch|step|resolutionBytes|worldSize|unseen|maxBatches|maxSteps|resumedAtBatch|resumedAtStep|signal|exitCode|index)$/;
const NUMBER = /[-+]?(?:\d[\d,]*)?\.?\d+(?:[eE][-+]?\d+)?/g;

function numbersIn(text: string): number[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what it leaves out
  const bare = text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '');
  return [...bare.matchAll(NUMBER)].flatMap(([number]) => {
    const parts = [number.replaceAll(',', ''), ...number.split(','), ...number.split(/[-+]/)];
    return parts.map(Number).filter(Number.isFinite);
  });
}

/** Every number of the payload with its key, but for counts of our own. */
function figuresOf(data: unknown, key = ''): [string, number][] {
  if (typeof data === 'number') return OWN.test(key) ? [] : [[key, data]];
  if (data === null || typeof data !== 'object') return [];
  return Object.entries(data).flatMap(([name, value]) => figuresOf(value, Array.isArray(data) ? key : name));
}

const isNear = (a: number, b: number) =>
  a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) + 0.5 * Number(Math.abs(b) > 1e6);

/** Figures that are a sum or a difference of two that are printed: free memory, both halves of an update, all that is reserved. */
const OF_TWO =
  /^(?:updateMs|deviceFreeBytes|reservedBytes|reservedUnallocatedBytes|processBytes|freeBytes|allocRetries|ooms)$/;
/** CleanRL's return and length are means of the episodes that are printed. */
const MEAN = /^(?:episodicReturn|episodicLength)$/;

function inventedIn(text: string, events: WatchedEvent[], name = ''): string[] {
  const printed = numbersIn(text);
  const scaled = printed.flatMap(number => FACTORS.map(factor => number * factor));
  const whole = new Set(scaled.map(Math.round));
  const [least, most] = [Math.min(...printed), Math.max(...printed)];
  // torchtitan's `48.11GiB(60.82%)`: the whole of which it is a part.
  const isWhole = (value: number) =>
    printed.some(
      percent =>
        percent > 0 &&
        percent <= 100 &&
        printed.some(gib => isNear(Math.round((100 * Math.round(gib * 2 ** 30)) / percent), value)),
    );
  const isOfTwo = (value: number) =>
    scaled.some(a =>
      [value - a, a - value].some(b => [-1, 0, 1].some(off => whole.has(Math.round(b) + off))),
    );
  return events.flatMap(({ type, data }) =>
    figuresOf(data)
      .filter(([, value]) => !scaled.some(number => isNear(number, value)))
      .filter(([key, value]) => !OF_TWO.test(key) || !isOfTwo(value))
      .filter(([key, value]) => key !== 'deviceTotalBytes' || !isWhole(value))
      .filter(([key, value]) => !(name === 'cleanrl' && MEAN.test(key) && value >= least && value <= most))
      .map(([key, value]) => `${type} ${key} ${value}`),
  );
}

/** What is read of a text: whole events, and no figure of its own. */
function check(text: string, name = ''): void {
  const { events } = readLog(text);
  events.forEach(({ rank, type, data, timeMs }, seq) => {
    const event = { v: CONTRACT_VERSION, seq, timeMs, run: 'r', rank, type, data };
    expect(checkEvent(event)).toBe(event);
  });
  expect(inventedIn(text, events, name)).toEqual([]);
}

test('a figure that is not in the text is found', () => {
  const { events } = readLog(golden('torchtune.log'));
  const step = events.find(({ type }) => type === 'STEP_COMPLETED')!;
  const wrong = { ...step, data: { ...step.data, loss: 1.2244 } } as WatchedEvent;
  expect(inventedIn(golden('torchtune.log'), [wrong])).toEqual(['STEP_COMPLETED loss 1.2244']);
});

describe.each(logs)('%s', name => {
  const text = golden(`${name}.log`);
  const bytes = Buffer.from(text);
  // The whole log takes its time: so many cuts as are made in a second or so.
  const runs = Math.min(60, Math.ceil(400_000 / bytes.length));

  test('whole', () => check(text, name));

  test('cut at any byte, at either end', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.boolean(), (at, isHead) => {
        check((isHead ? bytes.subarray(0, at) : bytes.subarray(at)).toString('utf8'), name);
      }),
      { numRuns: runs },
    );
  });

  // Every byte takes minutes: `npm run long`.
  if (process.env.ESPER_LONG !== undefined && bytes.length < 6_000)
    test('cut at each of its bytes', () => {
      for (let at = 0; at <= bytes.length; at++) check(bytes.subarray(0, at).toString('utf8'), name);
    }, 600_000);

  test('a number changed in the text is another in the events', () => {
    // Each digit of the log is 1 higher: what was read of it must be too.
    check(
      text.replace(/\d/g, digit => `${(Number(digit) + 1) % 10}`),
      name,
    );
  });

  test('with any prefix', () => {
    const prefix = fc.oneof(
      fc.constantFrom(
        '[rank3]: ',
        '3: ',
        ' 12: ',
        '[1,0]<stderr>:',
        'trainer-1  | ',
        '(Worker pid=7) ',
        '2026-01-01 10:00:00 ',
        'SUBPROCESS: ',
      ),
      fc.string({ maxLength: 12 }).filter(text => !/[\d\r\n]/.test(text)),
    );
    fc.assert(
      fc.property(prefix, front => check(text.replace(/^/gm, front), name)),
      { numRuns: Math.min(runs, 20) },
    );
  });

  test('its lines shuffled between two ranks', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 400, maxLength: 400 }), order => {
        const lines = text.split('\n').slice(0, 400);
        const [a, b] = [lines.map(line => `[rank0]: ${line}`), lines.map(line => `[rank1]: ${line}`)];
        const mixed = order.flatMap(first => (first ? a.splice(0, 1) : b.splice(0, 1)));
        check([...mixed, ...a, ...b].join('\n'), name);
      }),
      { numRuns: Math.min(runs, 10) },
    );
  });
});
