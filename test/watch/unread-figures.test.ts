/** Figures that loops print and that were left out, by the rule that reads each: spellings, rates, units, evaluations. Values invented. */
import { describe, expect, test } from 'vitest';
import { evaluationFigures } from '../../src/watch/evaluation-lines.ts';
import { spelledKey } from '../../src/watch/spelled-keys.ts';
import { watched } from './report-of-log.ts';

const eventsOf = (type: string, ...lines: string[]) =>
  watched(...lines)
    .events.filter(event => event.type === type)
    .map(({ data }) => data as Record<string, unknown>);
const stepOf = (line: string) => eventsOf('STEP_COMPLETED', line, line.replace('step 7', 'step 8'))[0];
const GIB = 2 ** 30;

describe('names by their letters', () => {
  test.each([
    ['grad 0.5', { gradNorm: 0.5 }],
    ['Grad Norm: 0.5', { gradNorm: 0.5 }],
    ['grad-norm=0.5', { gradNorm: 0.5 }],
    ['GradNorm: 0.5', { gradNorm: 0.5 }],
    ['learning-rate: 1e-4', { learningRate: 1e-4 }],
    ['curr lr: 1e-4', { learningRate: 1e-4 }],
    ['tokens/s: 123', { tokensPerSecond: 123 }],
    ['Global Tokens/s: 5861.6', { tokensPerSecond: 5861.6 }],
    ['TPS: 12.3K', { tokensPerSecond: 12300 }],
    ['113.4k tok/s', { tokensPerSecond: 113400 }],
    ['1.2M tok/s', { tokensPerSecond: 1.2e6 }],
    ['tok/s=12.5k', { tokensPerSecond: 12500 }],
    ['Accuracy: 9812/10000 (98.12%)', { extra: { Accuracy: 98.12 } }],
    ['96.5 img/s', { samplesPerSecond: 96.5 }],
    ['images/sec: 96.5', { samplesPerSecond: 96.5 }],
    ['step time: 0.25s', { stepMs: 250 }],
    ['step_time=250ms', { stepMs: 250 }],
    ['ms/step: 250', { stepMs: 250 }],
    ['3.5 it/s', { extra: { 'it/s': 3.5 } }],
  ])('%s', (part, figures) => {
    expect(stepOf(`step 7 | loss 2.5 | ${part}`)).toEqual({ step: 7, loss: 2.5, ...figures });
  });
  test.each(['lr2', 'lr_0', 'grad_scale', 'tokens', 'toks', 'total_tokens', 'grad_norm_clip', 'n_samples'])(
    '%s is none of them',
    key => expect(spelledKey(key)).toBeUndefined(),
  );
  test('a rate’s name may stand in front of its value', () => {
    expect(stepOf('step 7 loss 2.5 tok/s 123')).toEqual({ step: 7, loss: 2.5, tokensPerSecond: 123 });
  });
  test('a time without a unit stays as it is', () => {
    expect(stepOf('step 7 | loss 2.5 | step time: 250')).toMatchObject({ extra: { 'step time': 250 } });
  });
});

describe('memory by the unit in its name', () => {
  const memoryOf = (part: string) =>
    (stepOf(`step 7 | loss 2.5 | ${part}`)?.memory as Record<string, unknown>[] | undefined)?.[0];
  test('right behind it', () => {
    expect(memoryOf('mem(GB): 12.5')).toMatchObject({ peakAllocatedBytes: 12.5 * GIB });
    expect(memoryOf('VRAM: 12.5G')).toMatchObject({ peakAllocatedBytes: 12.5 * GIB });
  });
  test('of a device and its total, of a peak without a word for memory', () => {
    expect(memoryOf('GPU 10.5/24 GB')).toMatchObject({
      allocatedBytes: 10.5 * GIB,
      deviceTotalBytes: 24 * GIB,
    });
    expect(memoryOf('cuda max: 10.5 GiB')).toMatchObject({ peakAllocatedBytes: 10.5 * GIB });
    expect(memoryOf('GPU 3/8')).toBeUndefined();
    expect(memoryOf('GPU 98%')).toBeUndefined();
  });
  test('is a peak’s too, which stands beside it', () => {
    const both = { allocatedBytes: 5.25 * GIB, peakAllocatedBytes: 5.75 * GIB };
    expect(memoryOf('GPU Mem (GB): 5.25 | Peak Mem: 5.75')).toMatchObject(both);
  });
  test('but of none that is less, or far more', () => {
    expect(memoryOf('GPU Mem (GB): 5.25 | Peak Mem: 4.75')).not.toHaveProperty('peakAllocatedBytes');
    expect(memoryOf('GPU Mem (GB): 5.25 | Peak Mem: 5888')).not.toHaveProperty('peakAllocatedBytes');
  });
});

describe('losses', () => {
  test('of two networks, between one another', () => {
    expect(eventsOf('STEP_COMPLETED', 'Epoch 1/9 D Loss: 1.5 G Loss: 0.5 | Val G Loss: 0.75')).toEqual([
      { step: 1, extra: { 'D Loss': 1.5, 'G Loss': 0.5, 'Val G Loss': 0.75 } },
    ]);
  });
  test('of another phase, by the word in front', () => {
    expect(stepOf('step 7 Val Loss: 1.5 Train Loss: 2.5')).toEqual({
      step: 7,
      loss: 2.5,
      extra: { 'Val Loss': 1.5 },
    });
    expect(eventsOf('STEP_COMPLETED', 'Epoch 1 loss: 2.5', 'Best at epoch 1 (val G loss=0.5)')).toHaveLength(
      1,
    );
  });
  test('with bars right behind them', () => {
    const line = 'Iters: 240/2000 || Lr: 0.5 || Task Loss: 1.5 || KD Loss: 2.5|| Cost Time: 0:01:53';
    expect(eventsOf('STEP_COMPLETED', line)).toEqual([
      { step: 240, learningRate: 0.5, extra: { 'Task Loss': 1.5, 'KD Loss': 2.5 } },
    ]);
  });
  test('that are called a cost, without a colon', () => {
    const rows = [600, 700, 800].map(at => `Epoch 0 Update ${at} Cost 7.5 PD 0.5 UD 1.5`);
    expect(eventsOf('STEP_COMPLETED', ...rows)[2]).toMatchObject({ step: 800, loss: 7.5 });
    const prices = [600, 700, 800].map(at => `Update ${at}: total cost 7.5 dollars`);
    expect(eventsOf('STEP_COMPLETED', ...prices)).toEqual([]);
  });
});

describe('evaluations', () => {
  const figuresOf = (line: string) =>
    Object.fromEntries([...(evaluationFigures(line) ?? [])].map(([key, { value }]) => [key, value]));
  test.each([
    ['Validation loss: 2.5, accuracy: 0.5', { 'Validation loss': 2.5, 'validation accuracy': 0.5 }],
    ['Val Loss: 2.5 | Val Acc: 55.5%', { 'Val Loss': 2.5, 'Val Acc': 55.5 }],
    ['[val] epoch:4 miou:0.5', { 'val miou': 0.5 }],
    ['Epoch 3, val loss is 0.5, val mse is 0.25.', { 'val loss': 0.5, 'val mse': 0.25 }],
    [
      'INFO:root:Evaluation Epoch 1 - Average Loss: 4.5, Average Accuracy: 0.25, Samples: 211',
      { 'evaluation loss': 4.5, 'evaluation Average Accuracy': 0.25 },
    ],
    ['Test set: Average loss: 0.5, Accuracy: 9812/10000 (98%)', { 'test loss': 0.5, 'test Accuracy': 98 }],
    ['Lowest validation loss at step 15: 0.25', { 'Lowest validation loss': 0.25 }],
    ['Best val accuracy: 0.75 at epoch 3', { 'Best val accuracy': 0.75 }],
    [' * Acc@1 76.5 Acc@5 92.25', { 'Acc@1': 76.5, 'Acc@5': 92.25 }],
  ])('%s', (line, figures) => expect(figuresOf(line)).toEqual(figures));
  test.each([
    'Running tests/test_eval.py on 1 worker: 3 passed in 2.5s',
    'Loading validation set 0.5 GB',
    'test_size: 0.2',
    'eval_interval: 100',
    'Accuracy: 0.5',
    'loss: 2.5, then the test',
    'Epoch 3 train acc: 0.5, test acc: 0.25',
    'Test set: Accuracy: 9812/10000',
  ])('%s is none', line => expect(figuresOf(line)).toEqual({}));
  test('are of the newest step, the last of their batches', () => {
    const lines = [
      'step 10 | loss 2.5',
      'Sample: 1, Validation mIoU: 0.25',
      'Sample: 2, Validation mIoU: 0.5',
    ];
    expect(eventsOf('FIGURES_LOGGED', ...lines, 'step 20 | loss 2.25')).toEqual([
      { batch: 10, figures: { 'Validation mIoU': 0.5 } },
    ]);
  });
  test('of each epoch, the first too', () => {
    const epochs = [1, 2].flatMap(at => [`Epoch ${at} loss: 2.5`, `Epoch ${at} val acc: 0.${at}`]);
    expect(eventsOf('FIGURES_LOGGED', ...epochs).map(({ batch }) => batch)).toEqual([1, 2]);
  });
  test('before the first step are of none', () => {
    expect(eventsOf('FIGURES_LOGGED', 'Validation loss: 2.5', 'step 10 | loss 2.5')).toEqual([]);
  });
});

describe('what stands beside', () => {
  test('DeepSpeed’s line of a step: the loop’s own memory and rate', () => {
    const lines = [
      '[2026-01-02 10:00:00,655] [INFO] [logging.py:107:log_dist] [Rank 0] step=95, skipped=0, lr=[1e-05], mom=[[0.9, 0.999]]',
      '[Step 95/100] Loss: 4.5 | Tokens/s: 5861.5 | GPU Mem (GB): 5.25 | Peak Mem: 5.75',
    ];
    expect(
      eventsOf('STEP_COMPLETED', ...lines, ...lines.map(line => line.replace('95', '96')))[0],
    ).toMatchObject({
      step: 95,
      loss: 4.5,
      learningRate: 1e-5,
      tokensPerSecond: 5861.5,
      memory: [{ allocatedBytes: 5.25 * GIB, peakAllocatedBytes: 5.75 * GIB }],
    });
  });
  test('an epoch of the training, of which an accuracy is all', () => {
    const rows = (word: string) =>
      [1, 2, 3].map(at => `${word} epoch ${at}, total time 21.5, accuracy:1${at}.5`);
    expect(eventsOf('STEP_COMPLETED', ...rows('Train'))[1]).toMatchObject({
      step: 2,
      extra: { accuracy: 12.5 },
    });
    expect(eventsOf('STEP_COMPLETED', ...rows('Test'))).toEqual([]);
  });
});

describe('tables and lines of reinforcement learning', () => {
  test('Baselines’ DDPG counts the environment’s steps', () => {
    const table = [
      '---------------------------',
      '| rollout/episode_steps | 69.5 |',
      '| rollout/return        | -1.25e+03 |',
      '| total/episodes        | 28 |',
      '| total/steps           | 2000 |',
      '| total/steps_per_second | 78 |',
      '| train/loss_critic     | 199 |',
      '---------------------------',
    ];
    expect(eventsOf('STEP_COMPLETED', ...table)).toEqual([
      {
        step: 2000,
        samplesPerSecond: 78,
        rollout: { episodicReturn: -1250, episodicLength: 69.5, totalEpisodes: 28 },
        extra: { 'train/loss_critic': 199 },
      },
    ]);
  });
  test('MAPPO’s heirs call its reward in other words', () => {
    const lines = [
      ' Algo mappo updates 5/100 episodes, total num timesteps 600/9000, FPS 38.',
      '',
      '  average reward: -195.5',
    ];
    expect(eventsOf('PPO_UPDATE_COMPLETED', ...lines)[0]).toMatchObject({
      batch: 5,
      rollout: { episodicReturn: -195.5 },
    });
  });
});

describe('an evaluation’s meters', () => {
  const of = (text: string) =>
    Object.fromEntries([...(evaluationFigures(text) ?? [])].map(([key, { value }]) => [key, value]));
  test.each([
    ['Test: [   3/40]  Time: 0.033 (0.077)  Loss:   0.547 ( 0.274)  Acc@1: 75.000 (81.250)', 0.274, 81.25],
    [
      'Test: [30/40]\tTime  0.033 ( 0.077)\tLoss 5.4700e-01 (2.7400e-01)\tAcc@1  75.00 ( 81.25)',
      0.274,
      81.25,
    ],
  ])('%j has the means so far', (text, loss, accuracy) => {
    const figures = of(text);
    expect(Object.values(figures)).toEqual([loss, accuracy]);
  });
  test.each([
    [
      'what is behind them of an epoch may be what was best',
      'Test: Loss: 0.547 (0.274)  Acc@1: 75.000 (81.250)',
    ],
    ['one alone may have its deviation behind', 'Test: [3/40] Acc@1: 75.000 (1.250) Loss: 0.547'],
  ])('%s', (_, text) => {
    expect(of(text)).toMatchObject({ 'test Acc@1': 75 });
  });
});
