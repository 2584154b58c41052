import fc from 'fast-check';
import { expect, test } from 'vitest';
import { twoRanksLog } from '../../test/events.ts';
import { emptySnapshot, Reduction, reduce } from './index.ts';

test('a snapshot now and then is that of events reduced one by one, and none is changed by what follows', () => {
  fc.assert(
    fc.property(twoRanksLog(), fc.nat(20), (events, every) => {
      const reduction = new Reduction();
      let snapshot = emptySnapshot();
      let made = reduction.snapshot();
      let text = JSON.stringify(snapshot);
      events.forEach((event, i) => {
        reduction.add(event);
        snapshot = reduce(snapshot, event);
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
