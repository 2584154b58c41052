/**
 * nnU-Net: each line has a time; an epoch is a block: `Epoch 0`, `Current learning rate: 0.01`, `train_loss -0.12`, `Epoch time: 180.01 s`. Its
 * first version printed `epoch:  12`, `train loss : -0.45`, `lr: 0.009`, `This epoch took 123.4 s`. Epochs count from 0.
 */
import { reportFormat } from '../report-format.ts';

const TIMED = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,6}: (.*)$/;
const HEAD = /^[Ee]poch:? {1,3}(\d{1,9})\s*$/;
const ROW =
  /^(train_loss|val_loss|Current learning rate|train loss|validation loss|lr|lr is now \(scaled\)|Epoch time|This epoch took)(?: ?: | {1,4})([-+\d.eE]{1,40}|nan|-?inf)( s)?/;

export const nnUnet = reportFormat({
  name: 'nnunet',
  about: 'nnU-Net: blocks of an epoch',
  marks: ['epoch ', 'epoch: ', 'train_loss', 'val_loss', 'learning rate', 'train loss', 'validation loss'],
  names: {
    train_loss: { step: 'loss' },
    'train loss': { step: 'loss' },
    'Current learning rate': { step: 'learningRate' },
    lr: { step: 'learningRate' },
    'Epoch time': { step: 'stepMs', power: 3 },
    'This epoch took': { step: 'stepMs', power: 3 },
  },
  kind: 'step',
  mayBeginWithin: true,
  // An epoch that has only begun has its rate of learning.
  isReport: figures => [...figures.keys()].some(key => key.includes('loss')),
  head({ text }) {
    // The first version writes its time on the line before.
    const head = HEAD.exec(TIMED.exec(text)?.[1] ?? (text.startsWith('epoch:  ') ? text : ''));
    return head === null ? null : { number: Number(head[1]), pairs: [] };
  },
  row({ text }) {
    const row = ROW.exec(TIMED.exec(text)?.[1] ?? '');
    return row === null ? null : [{ key: row[1]!, value: `${row[2]}${row[3] ?? ''}` }];
  },
});
