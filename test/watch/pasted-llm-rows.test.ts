/** Lines of speech and language models’ trainers, a step each: values invented. */
import { describe, expect, test } from 'vitest';
import { TrainerLogParser } from '../../src/watch/index.ts';
import { reportsOf } from './report-of-log.ts';

describe('icefall', () => {
  const batch = (epoch: number, at: number, global: string, loss: number) =>
    `2025-10-27 18:35:${at % 60},786 INFO [train_zipvoice.py:731] Epoch ${epoch}, batch ${at}, ${global}batch size: 12, loss[loss=${loss}, over 17600.00 frames. ], tot_loss[loss=0.75, over 3527200.50 frames. ], cur_lr: 1.00e-04, grad_scale: 131072.0`;
  const validation = (global: string) =>
    `2025-10-27 18:34:58,112 INFO [train_zipvoice.py:602] Epoch 2, ${global}validation: loss=0.125, over 12113500.00 frames.`;
  test('is numbered by its batch of all epochs', () => {
    const lines = [
      validation('global_batch_idx: 3000, '),
      batch(2, 149, 'global_batch_idx: 3050, ', 0.5),
      batch(2, 199, 'global_batch_idx: 3100, ', 0.25),
    ];
    expect(reportsOf(...lines)).toMatchObject([
      { step: 3050, loss: 0.5 },
      { step: 3100, loss: 0.25 },
    ]);
  });
  test('without that its validation is no step either', () => {
    const lines = [validation(''), batch(2, 149, '', 0.5), batch(2, 199, '', 0.25)];
    expect(reportsOf(...lines)).toMatchObject([{ step: 149 }, { step: 199 }]);
  });
  test('a validation behind a training’s loss hides nothing of it', () => {
    const line = (epoch: number) => `Epoch ${epoch}, train: loss=0.5, validation: loss=0.75`;
    expect(reportsOf(line(1), line(2), line(3))).toMatchObject([{ loss: 0.5 }, { loss: 0.5 }, { loss: 0.5 }]);
  });
});

describe('a perplexity without a loss', () => {
  test('is a step’s', () => {
    const line = (at: number, ppl: number) =>
      `| epoch   1 |   ${at}/ 2983 batches | lr 20.00 | ms/batch 12.50 | ppl  ${ppl}`;
    expect(reportsOf(line(200, 2135.5), line(400, 930.25))).toMatchObject([
      { step: 200, learningRate: 20, extra: { ppl: 2135.5 } },
      { step: 400, extra: { ppl: 930.25 } },
    ]);
  });
  test('of an epoch is an epoch’s, and a validation’s is none', () => {
    const of = (epoch: number) => [
      `Epoch: ${epoch} Train Perplexity: 26${epoch}.5`,
      `Epoch: ${epoch} Valid Perplexity: 178.25`,
    ];
    expect(reportsOf(...of(1), ...of(2), 'Test Perplexity: 170.5')).toMatchObject([{ step: 1 }, { step: 2 }]);
  });
});

test('a loss below its epoch’s line comes with silence, where an epoch before had no more than one', () => {
  const seen: object[] = [];
  const parser = new TrainerLogParser({
    name: 'pasted',
    source: 'pasted',
    format: null,
    map: new Map(),
    onEvent: ({ type, data }) => {
      if (type === 'STEP_COMPLETED') seen.push(data);
    },
    onNotice: () => {},
  });
  let number = 0;
  const read = (...lines: string[]) => {
    for (const line of lines) parser.read(line, ++number, 1e12, true);
    parser.settle(1e12);
    return seen.length;
  };
  // It may be a batch of several.
  expect(read('Epoch 1/4', 'loss: 0.75')).toBe(0);
  read('Epoch 2/4', 'loss: 0.5', 'Epoch 3/4');
  expect(read('loss: 0.25')).toBe(3);
  expect(seen).toMatchObject([{ step: 1, loss: 0.75 }, { step: 2 }, { step: 3, loss: 0.25 }]);
});

describe('a loop’s line', () => {
  test('with a time that has no name', () => {
    const line = (at: number) => `${at} | loss 5.75 | lr 4.900000e-05 | 8060.75ms | mfu 0.21%`;
    expect(reportsOf(line(490), line(500))).toMatchObject([
      { step: 490, loss: 5.75, stepMs: 8060.75 },
      { step: 500 },
    ]);
    // Behind a name it is that name’s.
    expect(reportsOf(line(490).replace('| 8060', '| val 8060'))[0]).not.toHaveProperty('stepMs');
  });
  test('that ends with a comma keeps the words of its last name', () => {
    const line = (at: number) => `iterations:${at}, train acc:0.5, train loss:616.5, train loss att:76.25,`;
    const [first] = reportsOf(line(57), line(58), line(59));
    expect(first).toMatchObject({ step: 57, loss: 616.5 });
    expect((first as { extra?: object }).extra).toEqual({ 'train acc': 0.5, 'train loss att': 76.25 });
  });
});

test('old ESPnet’s rate of learning', () => {
  const line =
    '[PC] 2020-11-11 16:58:28,197 (trainer:486) INFO: 17epoch:train:4501-4875batch: iter_time=0.001, loss=1.25, optim_step_time=1.970e-04, lr_0=0.100, train_time=0.014';
  expect(reportsOf(line)).toMatchObject([{ loss: 1.25, learningRate: 0.1 }]);
});
