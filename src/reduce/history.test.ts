/** Histories as they grow: whatever is read, and when, is what the points up to that moment come to. */
import { expect, test } from 'vitest';
import { HISTORY_LENGTH } from '../contract/index.ts';
import { GrowingHistory } from './history.ts';

type Histories = { batch: number[]; timeMs: number[]; loss: (number | null)[] };
const none = (): Histories => ({ batch: [], timeMs: [], loss: [] });

/** Every third is not measured. */
const lossOf = (batch: number): number | null => (batch % 3 === 0 ? null : batch / 7);
const point = (batch: number) => ({ batch, timeMs: batch * 1000, figures: { loss: lossOf(batch) } });
/** That of the points from one batch to another, the newest of them. */
function expected(from: number, to: number): Histories {
  const batch = Array.from({ length: to - from }, (_, i) => from + i).slice(-HISTORY_LENGTH);
  return { batch, timeMs: batch.map(b => b * 1000), loss: batch.map(lossOf) };
}

test('what was handed out is the history of that moment, however late it is read', () => {
  const history = new GrowingHistory(none());
  const handedOut: [number, () => Histories][] = [];
  for (let batch = 0; batch < 3 * HISTORY_LENGTH; batch++) {
    history.add(point(batch));
    // One by one, in small groups, and once after more than a history holds.
    if (batch < 100 || (batch % 7 === 0 && batch < 400) || batch === 3 * HISTORY_LENGTH - 1)
      handedOut.push([batch + 1, history.now()]);
  }
  for (const [to, read] of handedOut) expect(read()).toEqual(expected(0, to));
});

test('goes on from a history that was handed out, and is read as the same object each time', () => {
  const first = new GrowingHistory(none());
  for (let batch = 0; batch < 300; batch++) first.add(point(batch));
  const second = new GrowingHistory(first.now()());
  const before = second.now()();
  for (let batch = 300; batch < 310; batch++) second.add(point(batch));
  const read = second.now();
  expect(before).toEqual(expected(0, 300));
  expect(read()).toEqual(expected(0, 310));
  expect(read()).toBe(read());
});

test('forgets the points that a resumed run makes again', () => {
  const history = new GrowingHistory(none());
  for (let batch = 0; batch < 50; batch++) history.add(point(batch));
  const before = history.now();
  history.add(point(50));
  history.rewind(39);
  expect(history.now()()).toEqual(expected(0, 40));
  for (let batch = 40; batch < 45; batch++) history.add(point(batch));
  expect(history.now()()).toEqual(expected(0, 45));
  expect(before()).toEqual(expected(0, 50));
});
