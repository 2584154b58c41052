/** More logs of vision and speech trainers as people keep them, values invented: rows of Keras, ranks, rates, workers that a signal ended. */
import { describe, expect, test } from 'vitest';
import { watchedTruly } from './pasted.ts';
import { figuresOf, reportsOf } from './report-of-log.ts';

describe('rows of Keras behind the last of an epoch', () => {
  const row = (done: number, of: number, figures: string) =>
    `${done}/${of} [==============================] - 1s 53ms/step${figures}`;
  const head = (epoch: number) => `Epoch ${epoch}/2`;
  const fit = [head(1), row(6, 6, ' - loss: 0.5000'), head(2), row(6, 6, ' - loss: 0.4000')];

  test('are an evaluation’s, and no part of the epoch', () => {
    for (const behind of [
      [row(2, 2, ' - loss: 0.9000')],
      [row(1, 2, ' - loss: 0.8000'), row(2, 2, ' - loss: 0.9000')],
      ['', row(2, 2, ' - loss: 0.9000')],
      ['Evaluate on the test set', row(2, 2, ' - loss: 0.9000')],
      [row(2, 2, '')],
      [row(3, 6, ' - loss: 0.8000'), row(6, 6, ' - loss: 0.9000').replace('6/6', '5/6')],
    ]) {
      const read = watchedTruly(...fit, ...behind);
      expect(figuresOf(read), behind.join()).toMatchObject([
        { step: 1, loss: 0.5 },
        { step: 2, loss: 0.4 },
      ]);
      expect(read.report.run.state).toBe('completed');
    }
  });
  test('or the epoch’s own once more, with its validation', () => {
    const validated = [
      ...fit.slice(0, 3),
      row(6, 6, ' - loss: 0.4100'),
      row(6, 6, ' - loss: 0.4000 - val_loss: 0.7000'),
    ];
    expect(reportsOf(...validated)[1]).toMatchObject({ loss: 0.4, extra: { val_loss: 0.7 } });
    // An evaluation on as many batches has none.
    expect(reportsOf(...validated, row(6, 6, ' - loss: 0.9000'))[1]).toMatchObject({ loss: 0.4 });
  });
  test('a row without figures takes nothing away', () => {
    const old = [
      'Epoch 1/1',
      '600/600 [==============================] - 8s - loss: 0.4000     ',
      '100/100 [==============================] - 0s     ',
    ];
    expect(reportsOf(...old)).toMatchObject([{ step: 1, loss: 0.4 }]);
  });
});

describe('rows of Keras without an epoch above them', () => {
  const row = (done: number, of: number, loss: number, rest = '') =>
    `${done}/${of} ━━━━━━━━━━━━━━━━━━━━ 1s 53ms/step - loss: ${loss.toFixed(4)}${rest}`;
  test('each whole one is a fit of one epoch, and they are counted', () => {
    const read = watchedTruly(
      '======== Epoch 2 ========',
      row(15, 15, 0.4),
      row(18, 18, 0.3),
      row(9, 9, 0.2),
      'Killed',
    );
    expect(figuresOf(read)).toMatchObject([
      { step: 1, loss: 0.4 },
      { step: 2, loss: 0.3 },
      { step: 3, loss: 0.2 },
    ]);
    expect(read.report.run).toMatchObject({ numbered: 'reports', state: 'failed' });
  });
  test('one that is drawn twice is one fit', () => {
    const fits = [0.9, 0.8, 0.7, 0.6].flatMap(loss => [
      row(14, 15, loss),
      row(15, 15, loss),
      row(15, 15, loss, ' - val_loss: 1.0000'),
    ]);
    expect(reportsOf(...fits)).toMatchObject(
      [0.9, 0.8, 0.7, 0.6].map((loss, i) => ({ step: i + 1, loss, extra: { val_loss: 1 } })),
    );
    expect(reportsOf(row(15, 15, 0.9), row(15, 15, 0.9), row(15, 15, 0.9))).toMatchObject([
      { step: 15, loss: 0.9 },
    ]);
  });
  test('of two, the second may be an evaluation’s; in the midst of an epoch the newest is its last', () => {
    expect(reportsOf(row(6, 6, 0.4), row(2, 2, 0.9))).toMatchObject([{ step: 6, loss: 0.4 }]);
    expect(reportsOf(row(13, 15, 0.4), row(14, 15, 0.3), row(15, 15, 0.2))).toMatchObject([
      { step: 15, loss: 0.2 },
    ]);
    expect(reportsOf(row(6, 6, 0.4), 'Epoch 8/9', row(6, 6, 0.3))).toMatchObject([
      { step: 7, loss: 0.4 },
      { step: 8, loss: 0.3 },
    ]);
  });
});
