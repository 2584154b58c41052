/**
 * No figure is invented: every number of an event stands in the text, times its unit, whatever is done to a log: cut at any
 * byte, its lines mixed with another rank's, any prefix put in front.
 */
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WatchedEvent } from '../../src/watch/index.ts';
import { inventedIn, wrongIn } from './invention.ts';
import { mixed, prefixed, prefixes, randomOf } from './mangled.ts';
import { golden, readLog } from './read-log.ts';

const logs = readdirSync(new URL('golden/', import.meta.url))
  .filter(name => name.endsWith('.log'))
  .map(name => name.slice(0, -4));

function check(text: string, name: string, own = text): void {
  expect(wrongIn(text, name, own)).toEqual([]);
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
  // `scripts/fuzz-logs.ts` cuts at each byte. The whole log takes its time: so many cuts as are made in half a second or so.
  const runs = Math.min(30, Math.ceil(200_000 / bytes.length));

  test('whole', () => check(text, name));

  test('cut at any byte, at either end', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.boolean(), (at, isHead) => {
        check((isHead ? bytes.subarray(0, at) : bytes.subarray(at)).toString('utf8'), name);
      }),
      { numRuns: runs },
    );
  });

  test('a number changed in the text is another in the events', () => {
    // Each digit of the log is 1 higher: what was read of it must be too.
    check(
      text.replace(/\d/g, digit => `${(Number(digit) + 1) % 10}`),
      name,
    );
  });

  const launched = fc.constantFrom(...Object.values(prefixes));
  const seeds = fc.nat().map(randomOf);

  test('with a prefix of a launcher, a container or a logger, which adds no figure', () => {
    fc.assert(
      fc.property(launched, seeds, (prefix, random) => check(prefixed(text, prefix, random), name, text)),
      { numRuns: Math.min(runs, 10) },
    );
  });

  test('with any prefix', () => {
    const prefix = fc.string({ maxLength: 12 }).filter(text => !/[\d\r\n]/.test(text));
    fc.assert(
      fc.property(prefix, front =>
        check(
          text.replace(/^/gm, () => front),
          name,
        ),
      ),
      { numRuns: Math.min(runs, 10) },
    );
  });

  test('its lines mixed with those of another rank', () => {
    fc.assert(
      fc.property(launched, seeds, (prefix, random) => {
        const head = text.split('\n').slice(0, 400).join('\n');
        check(mixed(head, prefix, random), name, head);
      }),
      { numRuns: Math.min(runs, 10) },
    );
  });
});
