import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reading, twoRanksLog, update } from '../../test/events.ts';
import { GIB } from '../base/index.ts';
import { emptySnapshot, Reduction, reduce, reduceAll } from './index.ts';

test('a snapshot now and then is that of events reduced one by one, and none is changed by what follows', () => {
  fc.assert(
    fc.property(twoRanksLog(), fc.nat(20), fc.nat(20), (events, every, look) => {
      const reduction = new Reduction();
      let snapshot = emptySnapshot();
      let made = reduction.snapshot();
      let text = JSON.stringify(snapshot);
      events.forEach((event, i) => {
        reduction.add(event);
        snapshot = reduce(snapshot, event);
        // A look at the run shows the same, and changes nothing that was handed out.
        if (i % (look + 1) === 0) expect(JSON.stringify(reduction.now())).toBe(JSON.stringify(snapshot));
        if (i % (every + 1) !== 0) return;
        // Read for the first time after more events came, and again: histories are put together late.
        for (let time = 0; time < 2; time++) expect(JSON.stringify(made)).toBe(text);
        made = reduction.snapshot();
        text = JSON.stringify(snapshot);
      });
      expect(JSON.stringify(made)).toBe(text);
    }),
    { numRuns: 100 },
  );
});

test('a look at a run that goes on from a snapshot shows all of its ranks', () => {
  fc.assert(
    fc.property(twoRanksLog(), fc.nat(60), (events, at) => {
      const before = reduceAll(emptySnapshot(), events.slice(0, at));
      const text = JSON.stringify(before);
      const reduction = new Reduction(before);
      expect(JSON.stringify(reduction.now())).toBe(text);
      for (const event of events.slice(at)) reduction.add(event);
      expect(JSON.stringify(reduction.now())).toBe(JSON.stringify(reduceAll(emptySnapshot(), events)));
      expect(JSON.stringify(before)).toBe(text);
    }),
    { numRuns: 50 },
  );
});

test('looks at a run change nothing of the snapshot that it goes on from', () => {
  const events = [0, 1, 2, 3].map(batch => update(batch, [reading(1 + batch, 8)]));
  const before = reduceAll(emptySnapshot(), events.slice(0, 2));
  const text = JSON.stringify(before);
  const reduction = new Reduction(before);
  reduction.now();
  for (const event of events.slice(2)) reduction.add(event);
  expect(reduction.now().devices[0]!.ledger.activeBytes).toBe(4 * GIB);
  expect(JSON.stringify(before)).toBe(text);
});
