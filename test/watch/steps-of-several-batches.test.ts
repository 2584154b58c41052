/** Bars of loops whose steps are made of several batches, as diffusers and kohya's scripts draw them, values invented → the loss of each step's own. */
import { expect, test } from 'vitest';
import { watchedTruly as watched } from './pasted.ts';
import type { WatchedLog } from './report-of-log.ts';

const lossesOf = ({ events }: WatchedLog) =>
  events.flatMap(({ type, data }) =>
    type === 'STEP_COMPLETED' ? [[(data as { step: number }).step, (data as { loss?: number }).loss]] : [],
  );
const bar = (done: number, loss: number | null, name = 'Steps', rest = '') =>
  `${name}:  10%|#     | ${done}/4 [00:0${done}<00:03,  2.25it/s${loss === null ? '' : `, loss=${loss}, lr=0.0001`}${rest}]`;

test('the bar moves before the figures of its last batch are set, and has those of the next step’s first behind', () => {
  for (const name of ['Steps', 'steps']) {
    const drawn = [
      [0, 0.125],
      [1, 0.125],
      [1, 0.25],
      [1, 0.375],
      [2, 0.375],
      [2, 0.5],
      [2, 0.625],
      [3, 0.625],
      [3, 0.75],
      [3, 0.875],
      [4, 0.875],
      [4, 1],
    ] as const;
    const read = watched(...drawn.map(([done, loss]) => bar(done, loss, name)));
    expect(lossesOf(read)).toEqual([
      [1, 0.25],
      [2, 0.5],
      [3, 0.75],
      [4, 1],
    ]);
  }
});

test('of one batch a step, drawn before its figures are set or not', () => {
  const read = watched(
    bar(0, null),
    bar(1, null),
    bar(1, 0.25),
    bar(2, 0.25),
    bar(2, 0.5),
    bar(3, 0.75),
    bar(4, 0.75),
    bar(4, 1),
  );
  expect(lossesOf(read)).toEqual([
    [1, 0.25],
    [2, 0.5],
    [3, 0.75],
    [4, 1],
  ]);
});

test('another loop’s bar, which has figures before it has moved, shows the step that comes', () => {
  const read = watched(
    ...[bar(0, 0.25, 'Train'), bar(1, 0.25, 'Train'), bar(1, 0.5, 'Train'), bar(2, 0.5, 'Train')],
  );
  expect(lossesOf(read)).toEqual([
    [1, 0.25],
    [2, 0.5],
  ]);
});

test('a step of all epochs among the figures, with the total of a line above', () => {
  const epoch = (n: number) =>
    [1, 2, 3, 4].flatMap(done => {
      const step = 4 * n + done;
      const stale =
        step > 1 && done > 1 ? [bar(done, (step - 1) / 8, `Epoch ${n}`, `, step=${step - 1}`)] : [];
      return [...stale, bar(done, step / 8, `Epoch ${n}`, `, step=${step}`)];
    });
  const read = watched('[RANK 0]   Total optimization steps = 8', ...epoch(0), ...epoch(1));
  expect(lossesOf(read)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map(step => [step, step / 8]));
  expect(read.events[0]!.data).toMatchObject({ maxSteps: 8 });
  expect(read.events.at(-1)!.type).toBe('TRAINING_COMPLETED');
  // The last has moved, and its figures were not set.
  const killed = watched(bar(1, 0.5, 'Epoch 0', ', step=1'), bar(2, 0.5, 'Epoch 0', ', step=1'));
  expect(lossesOf(killed)).toEqual([[1, 0.5]]);
  // A figure of that name that the bar does not count stays one.
  const other = watched(bar(1, 0.5, 'Epoch 0', ', step=16'), bar(2, 0.25, 'Epoch 0', ', step=32'));
  expect(lossesOf(other)).toEqual([
    [1, 0.5],
    [2, 0.25],
  ]);
  expect(other.events[1]!.data).toMatchObject({ extra: { step: 16 } });
});
