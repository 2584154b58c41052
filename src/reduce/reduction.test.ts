import fc from 'fast-check';
import { expect, test } from 'vitest';
import { twoRanksLog } from '../../test/events.ts';
import { emptySnapshot, Reduction, reduce } from './index.ts';

const bare = (state: object) => JSON.stringify({ ...state, history: null, log: null });

test('a view after each event is the rank of the snapshot, its history and log aside, and no snapshot is changed by it', () => {
  fc.assert(
    fc.property(twoRanksLog(), fc.nat(20), (events, every) => {
      const reduction = new Reduction();
      let snapshot = emptySnapshot();
      let made = reduction.snapshot();
      let text = JSON.stringify(made);
      events.forEach((event, i) => {
        reduction.add(event);
        snapshot = reduce(snapshot, event);
        const view = reduction.view(event.rank);
        expect(view.run).toEqual({ id: snapshot.run.id, name: snapshot.run.name });
        expect(view.ranks.map(bare)).toEqual(snapshot.ranks.filter(r => r.rank === event.rank).map(bare));
        expect(view.devices.map(bare)).toEqual(snapshot.devices.filter(d => d.rank === event.rank).map(bare));
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
