/** A line of a known shape gives the event that parsing it gives, and any other line is refused. */
import { expect, test } from 'vitest';
import { event, reading, update } from '../../test/events.ts';
import { checkEvent, numberBounds, parseEvent, type TelemetryEvent } from '../contract/index.ts';
import { EventShapes } from './event-shapes.ts';
import { LineShape, linesIn } from './line-shape.ts';
import { numberEnd, readNumber } from './read-number.ts';

const random = (() => {
  let state = 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
})();
const bytesOf = (text: string) => Buffer.from(text);

test('a number is the double that JSON.parse reads', () => {
  const texts = [
    '0',
    '-0',
    '0.1',
    '1e5',
    '1E+2',
    '2.5e-7',
    '5e-324',
    '1.7976931348623157e308',
    '0.000012345678901234567',
  ];
  // The middle of two doubles, and what is next to it.
  texts.push(
    '9007199254740993',
    '9007199254740993.0000000000001',
    '9007199254740992.9999999999999',
    '1.00000000000000011102230246251565',
  );
  for (let i = 0; i < 4000; i++) {
    const value = (random() - 0.5) * 10 ** Math.floor(random() * 24 - 8);
    texts.push(String(value), value.toPrecision(1 + Math.floor(random() * 30)), value.toFixed(12));
  }
  for (const text of texts) {
    expect([readNumber(bytesOf(`${text},`), 0), text]).toEqual([JSON.parse(text), text]);
    expect(numberEnd).toBe(text.length);
  }
});

test.each(['', '-', '.5', '1.', '01', '-01', '1e', '1e+', '1e400', '1.e3', 'x'])('%j is no number', text => {
  expect(readNumber(bytesOf(`${text},`), 0)).toBeNaN();
});

/** Every line by shapes where it is of one, and parsed otherwise; and how many were read by their shape. */
function readAll(lines: readonly string[]): { events: unknown[]; known: number } {
  const bytes = bytesOf(lines.map(line => `${line}\n`).join(''));
  const shapes = new EventShapes();
  const all = linesIn(bytes);
  const events: unknown[] = [];
  let known = 0;
  for (let at = 0; at < bytes.length; ) {
    const next = shapes.read(all, at);
    if (next >= 0) {
      known++;
      events.push(shapes.event);
      at = next;
      continue;
    }
    const end = bytes.indexOf(10, at);
    const parsed = parseEvent(bytes.toString('utf8', at, end));
    events.push(parsed);
    if ('seq' in parsed) shapes.learn(bytes.subarray(at, end), parsed);
    at = end + 1;
  }
  return { events, known };
}
const parsed = (lines: readonly string[]) => lines.map(line => parseEvent(line));
const texts = (values: readonly unknown[]) => values.map(value => JSON.stringify(value));

test('events of many shapes, with any numbers, are those of the parser, names in their order', () => {
  const lines = Array.from({ length: 600 }, (_, seq) => {
    const memory = [reading(1, 2, { allocatedBytes: Math.floor(random() * 1e10), readMs: random() })];
    const one = update(seq, memory) as TelemetryEvent & { data: Record<string, unknown> };
    if (seq % 3 === 0) one.data.extra = { 'own é "figure"': random() ** 9, b: -random(), '7': seq };
    if (seq % 7 === 0) return JSON.stringify(event('MEMORY_SAMPLED', { phase: 'rollout', memory }, seq));
    return JSON.stringify(one).replace('"rank":0', seq % 5 === 0 ? '"rank": 0' : '"rank":0');
  });
  const { events, known } = readAll(lines);
  expect(texts(events)).toEqual(texts(parsed(lines)));
  expect(known).toBeGreaterThan(550);
});

const base = JSON.stringify(update(7, [reading(1, 2)]));
/** So many that shapes are learnt from the next on. */
const first = Array.from({ length: 17 }, () => base);
const at = (text: string) => base.replace('"seq":7', text);
test.each([
  ['a number beyond its bounds', at('"seq":-1')],
  ['a fraction of a whole number', at('"seq":7.5')],
  ['an infinite number', at('"seq":1e999')],
  ['null', at('"seq":null')],
  ['a text', at('"seq":"7"')],
  ['a number that is none', at('"seq":07')],
  ['two numbers', at('"seq":7 7')],
  ['a name twice', at('"seq":7,"seq":9')],
  ['a line that ends early', base.slice(0, -1)],
  ['a line that goes on', `${base}5`],
  ['another name', at('"sec":7')],
  ['__proto__', at('"seq":7,"__proto__":{"a":1}')],
  ['a whole number as a name', at('"seq":7,"x":{"b":1,"1":2}')],
  ['a name twice around another', at('"seq":7,"x":{"a":"1","b":1,"a":1}')],
])('%s is what the parser finds, also between lines of a known shape', (_what, line) => {
  const lines = [...first, base, line, base, line.replaceAll('1', '2'), line, at('"seq":8'), base];
  const { events, known } = readAll(lines);
  expect(texts(events)).toEqual(texts(parsed(lines)));
  expect(known).toBeGreaterThanOrEqual(3);
});

test('a line that was refused halfway leaves no number of it behind', () => {
  const shape = LineShape.of(bytesOf(base), path => numberBounds(update(7, []).type, path))!;
  const other = at('"seq":12345').slice(0, -2);
  // The line after it has the number of the line before it: nothing of it is parsed.
  const lines = linesIn(bytesOf(`${other}\n${base}\n`));
  expect(shape.read(lines, 0)).toBe(-1);
  expect(shape.read(lines, other.length + 1)).toBe(lines.bytes.length);
  expect(shape.values[shape.slots.findIndex(({ path }) => path.join() === 'seq')]).toBe(7);
});

test('what was read stays when its bytes are written over', () => {
  const shapes = new EventShapes();
  for (const line of first) shapes.learn(bytesOf(line), checkEvent(JSON.parse(line)) as TelemetryEvent);
  const bytes = bytesOf(`${at('"seq":8')}\n`);
  const lines = linesIn(bytes);
  expect(shapes.read(lines, 0)).toBe(bytes.length);
  shapes.leave(lines);
  bytes.write(at('"seq":9'));
  expect(shapes.read(linesIn(bytes), 0)).toBe(bytes.length);
  expect(shapes.event.seq).toBe(9);
});

test('of ever new shapes a few are learnt, and lines of a known one are found again', () => {
  const lines = Array.from({ length: 2000 }, (_, i) => at(`"seq":7,"note${i}":"x"`));
  const all = [...first, ...lines, ...Array.from({ length: 300 }, () => base)];
  const { events, known } = readAll(all);
  expect(texts(events)).toEqual(texts(parsed(all)));
  expect(known).toBeGreaterThan(100);
});
