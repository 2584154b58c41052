/** Losses and gradients that are no numbers, and ends of trainings of language models: values invented. */
import { describe, expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { runDocument } from '../../src/report/index.ts';
import { reportsOf, watched } from './report-of-log.ts';

const saysOf = (...lines: string[]) => explainText(lines.join('\n'), 'pasted', 2e12)!;
const textOf = (...lines: string[]) =>
  JSON.stringify(runDocument(watched(...lines).report, { nowMs: 2e12, timeZone: 'UTC', version: '0' }));

describe('a loss of 0 beside a gradient that is no number', () => {
  const report = (loss: number, norm: string) =>
    `{'loss': ${loss}, 'grad_norm': ${norm}, 'learning_rate': 1e-05, 'epoch': 0.25}`;
  test('is named as what was reported', () => {
    const { says } = saysOf(...[1, 2, 3].map(() => report(0, 'nan')));
    expect(says).toContain(
      'The loss was reported as 0 and the gradient’s norm was not a number in 3 updates',
    );
    expect(says).not.toContain('The loss was not a number');
  });
  test('a loss that is printed as no number is', () => {
    const broken = report(0, 'nan').replace("'loss': 0", "'loss': nan");
    expect(saysOf(broken, broken, broken).says).toContain('The loss was not a number in 3 updates');
  });
  test('a gradient that is a number leaves a loss of 0 as it is', () => {
    expect(saysOf(...[1, 2, 3].map(() => report(0, '0.5'))).says).not.toMatch(/reported as 0|not a number/);
  });
});

describe('the mean loss of an epoch', () => {
  const step = (at: number, loss: string) =>
    `Training Epoch: 1/3, step ${at}/203 completed (loss: ${loss}):  99%|█████████▉| ${at}/203 [08:29<00:02,  2.52s/it]`;
  const mean = (loss: string) =>
    `Epoch 1: train_perplexity=${loss}, train_epoch_loss=${loss}, epoch time 511.5s`;
  test('that is no number is reported where the steps that are printed are finite', () => {
    const lines = [step(201, '0.75'), step(202, '0.5'), mean('nan')];
    expect(saysOf(...lines).says).toContain('The mean loss of an epoch was not finite');
    expect(textOf(...lines)).toContain('The mean loss of an epoch was not finite');
    expect(reportsOf(...lines)).toHaveLength(2);
  });
  test('that is a number is not', () => {
    expect(saysOf(step(201, '0.75'), step(202, '0.5'), mean('1.25')).says).not.toContain('mean loss');
  });
});

test('few readings of many steps are not called the first updates', () => {
  const iter = (at: number, peak: number) =>
    `Iter ${at}: Train loss 1.5, Learning Rate 1.000e-05, It/sec 0.5, Tokens/sec 349.5, Trained Tokens 8417, Peak mem ${peak} GB`;
  const lines = [
    iter(10, 31.75),
    iter(20, 34.25),
    // The last line of the text, too: the program has ended with it.
    'libc++abi: terminating due to uncaught exception of type std::runtime_error: [METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)',
  ];
  expect(textOf(...lines)).toContain('ran out of memory after 2 readings of it');
  const from = (first: number) =>
    textOf(
      ...lines.map(line => line.replace('Iter 10', `Iter ${first}`).replace('Iter 20', `Iter ${first + 1}`)),
    );
  expect(from(1)).toContain('in its first 3 updates');
  // A text that begins anywhere has first readings, not the first updates.
  expect(from(10)).toContain('ran out of memory after 2 readings of it');
});

test('a rank that failed behind the steps of another is not put before them', () => {
  const lines = [
    'Train:  33%|███▎      | 3099/9297 [7:04:32<12:19:18,  7.16s/it]',
    '[rank7]: Traceback (most recent call last):',
    '[rank7]:   File "/app/sft.py", line 291, in sft_main',
    '[rank7]: ValueError: no logger',
  ];
  expect(textOf(...lines)).toContain('on rank 7, of which no step was reported,');
  expect(textOf(...lines.slice(1))).toContain('on rank 7 before any');
});
