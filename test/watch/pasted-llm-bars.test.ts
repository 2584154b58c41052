/** Bars of trainers of language models that show the figures of another step than theirs: values invented. */
import { describe, expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { reportsOf, watched } from './report-of-log.ts';

const saysOf = (...lines: string[]) => explainText(lines.join('\n'), 'pasted', 2e12)!;

describe('torchtune’s bar names the step of its loss', () => {
  const bar = (epoch: number, step: number, loss: number, done: number) =>
    `[trainer0|0]:${epoch}|${step}|Loss: ${loss}:  26%|██▌       | ${done}/101 [06:45<17:27, 13.96s/it]`;
  test('also once it has moved on', () => {
    const lines = [bar(1, 25, 1.5, 26), bar(1, 26, 1.25, 26), bar(1, 26, 1.25, 27), bar(1, 27, 1.75, 27)];
    expect(reportsOf(...lines, bar(1, 27, 1.75, 28))).toMatchObject([
      { step: 25, loss: 1.5 },
      { step: 26, loss: 1.25 },
      { step: 27, loss: 1.75 },
    ]);
    expect(watched(...lines).report.run.maxBatches).toBe(101);
  });
  test('of a later epoch counts through, and how many there will be is not known', () => {
    const { report, numbers } = watched(bar(2, 150, 1.5, 49), bar(2, 151, 1.25, 50), bar(2, 152, 1.25, 51));
    expect(numbers).toEqual([150, 151, 152]);
    expect(report.run.maxBatches).toBeNull();
  });
});

describe('NeMo’s bar', () => {
  const bar = (done: number, step: number, loss: number, end = ']') =>
    `Epoch 0:   3%|▎         | ${done}/20100 [2:12:19<76:15:08, 14.05s/it, loss=nan, v_num=, reduced_train_loss=${loss}, gradient_norm=1.25, global_step=${step}.0, consumed_samples=1.45e+5, throughput=19.00${end}`;
  test('has the step’s own loss, and a mean that may be no number for long', () => {
    const lines = [bar(565, 564, 3.5), bar(566, 565, 3.25), bar(567, 566, 3.75)];
    expect(reportsOf(...lines)).toMatchObject([
      { step: 565, loss: 3.5 },
      { step: 566, loss: 3.25 },
      { step: 567, loss: 3.75 },
    ]);
    expect(saysOf(...lines).says).not.toContain('not a number');
    const { report } = watched(...lines.map(line => line.replace('reduced_train_loss', 'val_loss')));
    expect(report.learning.broken).not.toBeNull();
  });
  test('drawn again and again on one line, with the figures of the step before', () => {
    const line = [bar(565, 564, 3.5, ''), bar(566, 564, 3.5, ''), bar(566, 565, 3.25, '')].join(', ');
    expect(reportsOf(line)).toMatchObject([
      { step: 565, loss: 3.5 },
      { step: 566, loss: 3.25 },
    ]);
  });
});

describe('figures in front of a bar', () => {
  const openVla = (epoch: number, step: number, loss: number) =>
    `=>> [Epoch ${String(epoch).padStart(3, '0')}] Global Step ${String(step).padStart(6, '0')} =>> Learning Rate :: 0.000020 - Loss :: ${loss}:   5%|▍         | ${step + 1}/50000 [2:51:14<50:45:10,  3.84s/it]`;
  test('OpenVLA’s, whose bar counts the steps of all epochs', () => {
    const lines = [openVla(0, 2463, 0.25), openVla(0, 2464, 0.5), openVla(3, 2465, 0.125)];
    expect(reportsOf(...lines)).toMatchObject([
      { step: 2464, loss: 0.25, learningRate: 0.00002 },
      { step: 2465, loss: 0.5 },
      { step: 2466, loss: 0.125 },
    ]);
    expect(watched(...lines).report.run.maxBatches).toBe(50_000);
  });
  test('Jacinle’s, which spaces part', () => {
    const bar = (epoch: number, loss: number) =>
      `Epoch ${epoch} acc/qa=1.000000 loss=${loss} loss/qa=0.5 time/step=1.0165: 100%|####| 1006/1006 [18:08<00:00,  1.08s/it]`;
    expect(reportsOf(bar(1, 0.5), bar(2, 0.25))).toMatchObject([
      { loss: 0.5, extra: { 'acc/qa': 1 } },
      { loss: 0.25 },
    ]);
  });
  test('a global step that the bar does not count is none of it', () => {
    const bar = (done: number, loss: number) =>
      `Epoch 2/10 global step 9999 loss=${loss}: 5%|▍ | ${done}/500 [00:14<00:10,  3.84s/it]`;
    expect(watched(bar(24, 0.5), bar(25, 0.25)).numbers).toEqual([524, 525]);
  });
});
