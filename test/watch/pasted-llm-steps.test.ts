/** Steps of float16 that were skipped, as trainers of language models print them: values invented. */
import { describe, expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { runDocument } from '../../src/report/index.ts';
import { watchedTruly } from './pasted.ts';
import { reportsOf, watched } from './report-of-log.ts';

const saysOf = (...lines: string[]) => explainText(lines.join('\n'), 'pasted', 2e12)!;
const textOf = (...lines: string[]) =>
  JSON.stringify(runDocument(watched(...lines).report, { nowMs: 2e12, timeZone: 'UTC', version: '0' }));
const ownOf = (...lines: string[]) =>
  Object.fromEntries((watched(...lines).report.own ?? []).map(({ name, newest }) => [name, newest]));

describe('steps that were skipped for an overflow', () => {
  const deepspeed = (scale: number) =>
    `[2024-05-06 10:20:11,024] [INFO] [loss_scaler.py:183:update_scale] [deepspeed] OVERFLOW! Rank 0 Skipping step. Attempted loss scale: ${scale * 2}, reducing to ${scale}`;
  test.each([
    ['DeepSpeed', deepspeed(512), 512],
    [
      'DeepSpeed, whose hysteresis is used up first',
      deepspeed(512).replace('reducing to 512', 'but hysteresis is 2. Reducing hysteresis to 1'),
      1024,
    ],
    ['Apex', 'Gradient overflow.  Skipping step, loss scaler 0 reducing loss scale to 4096.0', 4096],
    ['old fairseq', '| WARNING: overflow detected, setting loss scale to: 64.0', 64],
    [
      'fairseq',
      '2024-05-06 10:20:33 | INFO | fairseq.trainer | NOTE: gradient overflow detected, ignoring gradient, setting loss scale to: 32.0',
      32,
    ],
  ])('%s', (_, line, scale) => {
    expect(ownOf(line, line)).toMatchObject({ 'skipped steps': 2, 'loss scale': scale });
    const { says, state } = saysOf(line, line, '');
    expect(says).toContain(
      `2 steps were skipped for an overflow in float16; the loss scale was ${scale.toLocaleString('en-US')} after`,
    );
    expect(says).toContain('That is no error');
    expect(state).not.toBe('failed');
    // The end of a text may be the midst of a number.
    expect(saysOf(line, line).says).toContain('2 steps were skipped for an overflow in float16');
  });
  test('behind the bars of a trainer, whose steps stay as they are', () => {
    const lines = [
      ` 14%|█▍        | 378/2700 [13:58<86:18, 132.44s/it]${deepspeed(32)}`,
      ` 14%|█▍        | 380/2700 [14:02<86:01, 132.12s/it]`,
      "{'loss': 2.5, 'learning_rate': 1e-05, 'epoch': 0.25}",
      ` 14%|█▍        | 380/2700 [14:02<86:01, 132.12s/it]${deepspeed(4)}`,
    ];
    const { report } = watchedTruly(...lines);
    expect(report).toMatchObject({ failure: null, run: { state: 'unknown', lastBatch: 380 } });
    expect(reportsOf(...lines)).toMatchObject([{ step: 380, loss: 2.5 }]);
    expect(textOf(...lines)).toContain('there is little room left');
    expect(saysOf(...lines, '').next[0]).toContain('bfloat16');
  });
  test('counted by DeepSpeed', () => {
    const line = (step: number, skipped: number) =>
      `[2022-03-11 02:06:58,985] [INFO] [logging.py:69:log_dist] [Rank 0] step=${step}, skipped=${skipped}, lr=[5e-05], mom=[[0.9, 0.999]]`;
    const timer =
      '[2022-03-11 02:06:58,985] [INFO] [timer.py:189:stop] 0/40, SamplesPerSec=83.5, MemAllocated=0.25GB, MaxMemAllocated=9.0GB';
    expect(reportsOf(line(40, 2), timer, line(50, 2))).toMatchObject([
      { step: 40, learningRate: 5e-5, samplesPerSecond: 83.5 },
      { step: 50 },
    ]);
    expect(ownOf(line(40, 2), line(50, 2))).toMatchObject({ 'skipped steps': 2 });
    expect(saysOf(line(40, 2), line(50, 2)).says).toContain('That is no error');
    expect(saysOf(line(40, 39), line(50, 49)).says).toContain('Those are most of all steps');
    expect(ownOf(line(40, 0), line(50, 0))).not.toHaveProperty('skipped steps');
  });
  test('counted by Megatron-LM since its last report', () => {
    const line = (iteration: number, skipped: number) =>
      ` iteration ${iteration}/  9000 | elapsed time per iteration (ms): 410.5 | learning rate: 0.000E+00 | loss scale: 4096.0 | number of skipped iterations: ${skipped} | number of nan iterations:   0 |`;
    // Another process prints its report again.
    const all = [line(10, 10), line(20, 9), line(20, 9)];
    expect(ownOf(...all)).toMatchObject({ 'skipped steps': 19, 'loss scale': 4096 });
    expect(textOf(...all)).toContain('Those are most of all steps: nothing is learned');
    // It began at 2^32.
    const high = textOf(...all.map(text => text.replace('4096.0', '8388608.0')));
    expect(high).toContain('no error while the scale comes down');
    expect(high).not.toContain('bfloat16');
    expect(textOf(line(10, 1), line(20, 0))).toContain('That is no error');
    expect(ownOf(line(10, 0), line(20, 0))).not.toHaveProperty('skipped steps');
  });
  test('other words of overflows and scales are none', () => {
    for (const line of [
      '[deepspeed] OVERFLOW! Rank 0 Skipping step.',
      'RuntimeError: value cannot be converted to type at::Half without overflow',
      'loss_scale: 1024, overflow detected, see the docs',
      'setting loss scale to: 64.0',
    ])
      expect(ownOf(line, 'step 3 loss 0.5', 'step 4 loss 0.4')).not.toHaveProperty('skipped steps');
  });
});
