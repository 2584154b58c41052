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
      let text = JSON.stringify(made);
      events.forEach((event, i) => {
        reduction.add(event);
        snapshot = reduce(snapshot, event);
        if (i % (every + 1) !== 0) return;
        expect(JSON.stringify(made)).toBe(text);
        made = reduction.snapshot();
        text = JSON.stringify(made);
        expect(text).toBe(JSON.stringify(snapshot));
      });
    }),
    { numRuns: 100 },
  );
});
