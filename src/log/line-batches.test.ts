/** A log that is handed over in batches gives the events and the counts that reading it here gives. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { event, rankLog, reading, update } from '../../test/events.ts';
import { scratch } from '../../test/scratch.ts';
import { emptyReport, readRun } from './index.ts';
import { BatchEvents, type LineBatch, lineBatches } from './line-batches.ts';
import type { LoggedEvent } from './rank-lines.ts';

/** A batch as the other thread gets it. */
const handed = (batch: LineBatch): LineBatch =>
  structuredClone(batch, {
    transfer: [batch.numbers.buffer as ArrayBuffer, batch.order.buffer as ArrayBuffer],
  });

function handedOver(path: string) {
  const makes = new BatchEvents();
  const events: LoggedEvent[] = [];
  let report = emptyReport();
  let batches = 0;
  for (const batch of lineBatches(path)) {
    const own = handed(batch);
    makes.read(own, event => events.push(event));
    ({ report } = own);
    batches++;
  }
  return { events, report, batches };
}

function readHere(path: string) {
  const report = emptyReport();
  return { events: [...readRun([path], report)].flat(), report };
}

/** Names in their order too. */
const texts = (events: readonly LoggedEvent[]) => events.map(event => JSON.stringify(event));

function expectSame(path: string): number {
  const { batches, ...handedOn } = handedOver(path);
  const here = readHere(path);
  expect(texts(handedOn.events)).toEqual(texts(here.events));
  expect(handedOn.report).toEqual(here.report);
  return batches;
}

const path = join(scratch('line-batches'), 'events-0.jsonl');
/** So many lines that shapes are learnt. */
const first = Array.from({ length: 20 }, (_, i) => JSON.stringify(update(i, [reading(1, 2)])));

test('of every golden log, packed or not', () => {
  const logs = ['test/golden/runs', 'test/golden/old-runs/logs'].flatMap(folder =>
    readdirSync(folder, { recursive: true }).map(name => join(folder, String(name))),
  );
  const paths = logs.filter(name => /\.jsonl(\.gz)?$/.test(name)).map(name => name.replace(/\.gz$/, ''));
  expect(paths.length).toBeGreaterThan(15);
  for (const path of paths) expectSame(path);
});

test('of any log: torn, with garbage, repeated and unknown events, of several ranks, begun again', () => {
  const odd = fc.constantFrom(
    '',
    '   ',
    'garbage',
    '{"v":"1.0"',
    JSON.stringify({ ...update(4), type: 'FROM_THE_FUTURE', data: { __proto__: null, a: -0 } }),
    JSON.stringify({ ...update(5), v: '2.0' }),
    JSON.stringify(event('TRAINING_STARTED', { name: 'again' }, 0)),
    JSON.stringify(update(9, [reading(-0, 2)])).replace('"batch":9', '"__proto__":{"x":1},"batch":9'),
  );
  const line = fc.oneof(
    { weight: 1, arbitrary: odd },
    {
      weight: 8,
      arbitrary: fc
        .record({
          seq: fc.nat(40),
          rank: fc.constantFrom(0, 0, 0, 1),
          gib: fc.double({ min: 0, max: 9, noNaN: true }),
        })
        .map(({ seq, rank, gib }) => JSON.stringify(update(seq, [reading(gib, 8)], rank))),
    },
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 80 }), rankLog(0), fc.nat(60), (lines, log, torn) => {
      const all = [...first, ...lines, ...log.map(event => JSON.stringify(event)), ...lines];
      writeFileSync(path, `${all.join('\n')}\n`.slice(0, -1 - torn));
      expectSame(path);
    }),
    { numRuns: 60 },
  );
});

test('of a log of many batches, and of shapes that come late', () => {
  const lines = Array.from({ length: 9000 }, (_, i) => {
    const one = update(i, [reading(i / 7, i)]) as { data: Record<string, unknown> };
    if (i > 4000) one.data.extra = { reward: i / 3, note: i % 900 === 0 ? 'x'.repeat(900) : 'y' };
    return JSON.stringify(one);
  });
  writeFileSync(path, `${lines.join('\n')}\n`);
  expect(expectSame(path)).toBeGreaterThan(2);
});

test('of no log there is nothing', () => {
  const { events, report } = handedOver(join(scratch('line-batches'), 'none.jsonl'));
  expect(events).toEqual([]);
  expect(report).toEqual(emptyReport());
});
