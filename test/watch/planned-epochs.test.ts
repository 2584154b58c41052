/** A loop prints how many epochs it will train, or that it stopped before → whether the training is complete, and how far it came. */
import { expect, test } from 'vitest';
import { plannedEpochs } from '../../src/watch/planned-epochs.ts';
import { reportOfLog } from './report-of-log.ts';

const stateOf = (...lines: string[]) => {
  const { run } = reportOfLog(`${lines.join('\n')}\n`).report;
  return [run.state, run.lastBatch, run.maxBatches];
};
const epochs = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `Epoch ${from + i} loss: ${(1 / (i + 2)).toFixed(3)}`);

test.each([
  ['Namespace(batch_size=64, epochs=90, lr=0.1, warmup_epochs=5)', 90],
  ["{'lr': 0.1, 'num_epochs': 12, 'batch_size': 4}", 12],
  ['2026-02-03 10:00:00,123  - max_epochs: "4"', 4],
  ['[INFO] epochs = 30', 30],
  ['--num_train_epochs 3', 3],
  ['| Number of epochs | 10 |', 10],
  ['n_epochs........... 20', 20],
  ['Scheduled epochs: 310', 310],
  [
    'Scheduled epochs: 3 (epochs + cooldown_epochs). Warmup within epochs when warmup_prefix=False. LR stepped per epoch.',
    3,
  ],
  // Of something else, of two minds, or none.
  ['Scheduled epochs: 3 (of 10)', null],
  ['epochs: 3 (epochs + cooldown)', null],
  ['warmup_epochs: 5', null],
  ['Namespace(pretrain_epochs=10, decay_epochs=30)', null],
  ['Namespace(epochs=10, num_epochs=20)', null],
  ['epoch: 3', null],
  ['Epoch 3 loss: 0.5', null],
  ['epochs: 0', null],
  ['trained for 30 epochs, loss 0.5', null],
])('%s', (line, expected) => {
  expect(plannedEpochs(line)).toBe(expected);
});

test('the last of the planned epochs completes the training, counted from 1 or from 0', () => {
  expect(stateOf('max_epochs: 3', ...epochs(1, 3))).toEqual(['completed', 3, 3]);
  expect(stateOf('max_epochs: 3', ...epochs(0, 2))).toEqual(['completed', 2, 3]);
  expect(stateOf('max_epochs: 3', ...epochs(1, 2))).toEqual(['unknown', 2, 3]);
  // More than were planned: the number was of something else.
  expect(stateOf('max_epochs: 2', ...epochs(3, 6))).toEqual(['unknown', 6, null]);
});

test('batches of each epoch are counted through all of them', () => {
  const batches = (epoch: number) =>
    [5, 10].map(batch => `epoch ${epoch} - iter ${batch}/10 - loss ${(1 / epoch).toFixed(3)}`);
  expect(stateOf(' - max_epochs: "3"', ...[1, 2, 3].flatMap(batches))).toEqual(['completed', 30, 30]);
  expect(stateOf(' - max_epochs: "3"', ...[1, 2].flatMap(batches))).toEqual(['unknown', 20, 30]);
});

test('epochs of which each line has the total may count from 0', () => {
  const line = (epoch: number) => `Epoch ${epoch}/3 loss: ${(1 / (epoch + 1)).toFixed(3)}`;
  expect(stateOf(...[0, 1, 2].map(line))).toEqual(['completed', 2, 3]);
  expect(stateOf(...[1, 2].map(line))).toEqual(['unknown', 2, 3]);
});

test('a line alone that a training has stopped early is its last word, its settings are none', () => {
  for (const words of [
    'Early stopping',
    'Early stopping!',
    '2026-02-03 10:00:00 INFO Early stopping.',
    'EarlyStopping counter: 7 out of 7',
    'Early stopping occurred at epoch 5 with best_epoch = 3 and best_val_0_auc = 0.9',
    'Early stopping condition met',
    'Early stopped at step 29',
    'Stop training because you reached max_epochs = 30 with best_epoch = 3',
  ])
    expect([words, stateOf(...epochs(1, 5), words)[0]]).toEqual([words, 'completed']);
  for (const words of [
    'Early stopping patience: 10',
    'EarlyStopping counter: 2 out of 7',
    'Early stopping is enabled',
    'Using early stopping with patience 5 on val_loss',
    'early_stopping: True',
  ])
    expect([words, stateOf(...epochs(1, 5), words)[0]]).toEqual([words, 'unknown']);
});
