/** Rows of names and values right below a loop's report, heads of evaluations, and other lines that have figures and no number. Values invented. */
import { describe, expect, test } from 'vitest';
import { watched } from './report-of-log.ts';

const eventsOf = (type: string, ...lines: string[]) =>
  watched(...lines)
    .events.filter(event => event.type === type)
    .map(({ data }) => data as Record<string, unknown>);
const reports = (...below: string[]) =>
  [10, 20, 30].flatMap(at => [`step ${at}/90 | loss 2.5 | lr 1e-4`, ...below]);
const besideOf = (...below: string[]) => eventsOf('FIGURES_LOGGED', ...reports(...below));

describe('rows right below a report are of it', () => {
  test.each([
    ['Grad norm: 1.25', { 'Grad norm': 1.25 }],
    ['  Steps/s: 4.5', { 'Steps/s': 4.5 }],
    ['  - Tokens/s: 5,300 | MFU: 41.5%', { 'Tokens/s': 5300, MFU: 41.5 }],
    ['│ entropy = 0.75, clip = 0.125 │', { entropy: 0.75, clip: 0.125 }],
  ])('%s', (row, figures) => {
    expect(besideOf(row)).toEqual([10, 20, 30].map(batch => ({ batch, figures })));
  });
  test('several, with an empty line before them', () => {
    expect(besideOf('', 'Grad norm: 1.25', 'MFU: 41.5%')[1]).toEqual({
      batch: 20,
      figures: { 'Grad norm': 1.25, MFU: 41.5 },
    });
  });
  test.each([
    'Total parameters: 124000000',
    'Batch size: 32',
    'Epoch: 3',
    'Completed at episode: 209',
    'epoch 14 average loss: 0.5',
    'Best accuracy: 0.5',
    'Saved: 3',
    'lr_weight: 0.5',
    'lr: 0.5',
    'note: 3 of 4 were kept',
    'GPU 0: 61 C',
  ])('%s is none', row => expect(besideOf(row)).toEqual([]));
  test('behind another line they are of something else', () => {
    expect(besideOf('saving the model', 'Grad norm: 1.25')).toEqual([]);
  });
  test('a line with a name that the report has is another report', () => {
    expect(besideOf('lr: 0.001, loss: 2.25')).toEqual([]);
  });
});

describe('heads of an evaluation', () => {
  test.each([
    'Eval metrics at step 30:',
    'Validation results:',
    '=== Evaluation ===',
    '*** Test results (epoch 3): ',
    'Eval at step 30:',
  ])('%s', head => {
    expect(eventsOf('FIGURES_LOGGED', ...reports(), head, '  accuracy: 0.75', '  loss: 2.25')).toEqual([
      { batch: 30, figures: expect.objectContaining({ [`${wordOf(head)} loss`]: 2.25 }) },
    ]);
  });
  test.each([
    'Evaluating the model on 500 samples',
    'Test the model at step 30',
    'Validation set: 500 images',
  ])('%s is none', line => expect(eventsOf('FIGURES_LOGGED', ...reports(), line, 'speed: 0.75')).toEqual([]));
});
const wordOf = (head: string) => /\w+/.exec(head)![0].toLowerCase();

describe('an evaluation behind the name of a logger', () => {
  test.each([
    '2026-01-02 10:20:30,123 - lab.training.trainer - INFO - ',
    '2026-01-02 10:20:30.123 | INFO     | lab.training:train:35 - ',
    '[2026-01-02 10:20:30][INFO][training.py:35] ',
  ])('%s', front => {
    const lines = [10, 20, 30].flatMap(at => [
      `${front}Step ${at} | Loss: 2.5`,
      `${front}Validation loss: 2.25`,
    ]);
    expect(eventsOf('FIGURES_LOGGED', ...lines)).toEqual(
      [10, 20, 30].map(batch => ({ batch, figures: expect.objectContaining({ 'Validation loss': 2.25 }) })),
    );
  });
  test('what it writes of the training is none', () => {
    const lines = reports('2026-01-02 10:20:30,123 - lab - INFO - training on the validation set, loss: 0.5');
    expect(eventsOf('FIGURES_LOGGED', ...lines)).toEqual([]);
  });
});

describe('figures of a line', () => {
  const stepOf = (part: string) =>
    eventsOf('STEP_COMPLETED', ...[7, 8].map(at => `step ${at} | loss 2.5 | ${part}`))[0];
  test('a name that begins with a digit', () => {
    expect(stepOf('5HT=0.75 DA=0.5')).toEqual({ step: 7, loss: 2.5, extra: { '5HT': 0.75, DA: 0.5 } });
    expect(stepOf('3s: 5')).toEqual({ step: 7, loss: 2.5 });
  });
  test('how far values are apart', () => {
    expect(stepOf('acc 0.75 ± 0.125')).toEqual({ step: 7, loss: 2.5, extra: { acc: 0.75, 'acc ±': 0.125 } });
    expect(stepOf('len: 12.5 +/- 2.5')).toMatchObject({ extra: { len: 12.5, 'len ±': 2.5 } });
  });
  test('a place among the processes that share a model is none', () => {
    const line = (at: number) => `[INFO|DP=0|PP=1|TP=2|host]: iteration: ${at} / 90 | lm_loss: 2.5`;
    expect(eventsOf('STEP_COMPLETED', line(1), line(2), line(3))[1]).toEqual({ step: 2, loss: 2.5 });
  });
});

describe('two lines of one step', () => {
  test('a mean beside the step’s own loss leaves what else its line has', () => {
    const lines = [1, 2, 3].flatMap(at => [
      `Step: ${at} | Loss: 2.${at} | KL: 0.5`,
      `[step ${at}] avg_loss=2.5 acc=0.75`,
    ]);
    expect(eventsOf('STEP_COMPLETED', ...lines).map(({ loss }) => loss)).toEqual([2.1, 2.2, 2.3]);
    expect(eventsOf('FIGURES_LOGGED', ...lines)).toEqual(
      [1, 2, 3].map(batch => ({ batch, figures: { acc: 0.75 } })),
    );
  });
  test('the same names with other values are another process’s', () => {
    const lines = [1, 2, 3].flatMap(at => [
      `step ${at} loss 2.${at} acc 0.5`,
      `step ${at} loss 2.5 acc 0.75`,
    ]);
    expect(eventsOf('FIGURES_LOGGED', ...lines)).toEqual([]);
  });
});

describe('a dictionary of losses beside a numbered line', () => {
  const lines = [1, 2, 3].flatMap(at => [
    `{'policy_loss': 0.25, 'value_loss': 0.5, 'steps_taken': 270}`,
    `Step: ${at} | Loss: 0.125 | KL: 0.25`,
    `[step ${at}] avg_loss=0.125 acc=0.${at}`,
  ]);
  test('the line has the number', () => {
    const { reader, numbers } = watched(...lines);
    expect([reader.format, numbers]).toEqual(['plain', [1, 1, 2, 2, 3, 3]]);
  });
  test('with a rate of learning or a step it is a report', () => {
    const rows = [1, 2, 3].map(at => `{'policy_loss': 0.25, 'actor_lr': 5e-07, 'kl': 0.0${at}}`);
    expect(watched(...rows).reader.format).toBe('huggingface');
  });
});

describe('tables', () => {
  test('a mark behind the best rows, shares, letters of other alphabets, columns that one space parts', () => {
    const table = [
      '=====',
      '    Ep    Loss  L_bit   L_mean    Acc%      α    atk',
      '     1  0.7500 0.6250 0.00000  50.25% 0.5000 0.000 ★',
      '     7  0.6875 0.6250 0.00000  50.50% 0.5000 0.000 ★',
      '    16  0.6250 0.6250 0.00000  51.00% 0.5000 0.000',
    ];
    expect(eventsOf('STEP_COMPLETED', ...table)[1]).toEqual({
      step: 7,
      loss: 0.6875,
      extra: { L_bit: 0.625, L_mean: 0, 'Acc%': 50.5, α: 0.5, atk: 0 },
    });
    expect(watched(...table).numbers).toEqual([1, 7, 16]);
  });
  test.each([' ★ |', ' * |', '| <-- best', '| (best)', '| ✓'])('%s', mark => {
    const rows = [
      '| Epoch | Train Loss | Val Loss |',
      '|---|---|---|',
      '| 1 | 2.5 | 2.25 |',
      `| 2 | 2.25 | 2.0${mark}`,
    ];
    expect(eventsOf('STEP_COMPLETED', ...rows, '| 3 | 2.0 | 1.75 |').map(({ step }) => step)).toEqual([
      1, 2, 3,
    ]);
  });
  test('a column of words has the phase of its row', () => {
    const rows = [
      'step,type,loss,time_ms',
      '0,val,10.5,0',
      '1,train,9.5,326',
      '2,train,8.5,589',
      '2,val,8.25,589',
    ];
    expect(eventsOf('STEP_COMPLETED', ...rows).map(({ step, loss }) => [step, loss])).toEqual([
      [1, 9.5],
      [2, 8.5],
    ]);
    expect(eventsOf('FIGURES_LOGGED', ...rows)[1]).toMatchObject({ batch: 2, figures: { 'val loss': 8.25 } });
  });
});

describe('the host’s memory', () => {
  const hostOf = (line: string) => eventsOf('HOST_SAMPLED', ...reports(line))[0];
  const GIB = 2 ** 30;
  test.each([
    [
      '[2026-03-01 10:00:00,338] [INFO] [utils.py:832:see_memory_usage] CPU Virtual Memory:  used = 50.5 GB, percent = 40.2%',
      { ramUsedBytes: 50.5 * GIB },
    ],
    ['Memory usage on this node: 61.75/251.5 GiB', { ramUsedBytes: 61.75 * GIB, ramTotalBytes: 251.5 * GIB }],
    [
      'Before loading - CPU: 6.1%, RAM: 12.25/23.75 GB (51.4%), GPU: 0.0%',
      { ramUsedBytes: 12.25 * GIB, ramTotalBytes: 23.75 * GIB },
    ],
  ])('%s', (line, host) => expect(hostOf(line)).toEqual(host));
  test.each([
    'GPU RAM: 12.25/23.75 GB',
    'VRAM: 12.25/23.75 GB',
    'RAM: 61.2% | Swap Used: 3.25 GB',
    'RAM: 30/20 GB',
  ])('%s is none', line => expect(hostOf(line)).toBeUndefined());
});

test('RLlib’s lists within an iteration’s table end nothing', () => {
  const result = (iteration: number) => [
    'Result for DQN_x_00000:',
    '  episode_reward_mean: 1.5',
    '  info:',
    '    learner:',
    '      default_policy:',
    '        td_error:',
    ...Array.from({ length: 40 }, (_, i) => `        - -0.${i + 10}`),
    `  timesteps_total: ${iteration * 100}`,
    `  training_iteration: ${iteration}`,
    '',
  ];
  expect(watched(...result(6), ...result(11)).numbers).toEqual([6, 11]);
});

describe('a loss that was no number, where the total is not printed', () => {
  const line = (at: number, loss: string) => `iter=000${at} reward=0.5 entropy=2.5 loss_critic=${loss}`;
  const brokenOf = (...losses: string[]) =>
    watched(...losses.map((loss, at) => line(at, loss))).report.learning.broken;
  test('is over where finite ones follow', () => {
    expect(brokenOf('nan', 'nan', '0.5', '0.25')).toBeNull();
  });
  test('lasts until the newest', () => {
    expect(brokenOf('0.5', 'nan', 'nan', 'nan')).toMatchObject({ fromBatch: 1, isNewest: true });
  });
});

describe('numbers and figures of loops', () => {
  test('a list behind a name counts nothing where an episode is named', () => {
    const line = (at: number) =>
      `EP:${at} | TD Error [${at === 0 ? '0, 0' : '2.5, 1.5'}] | ep_r -${at}09 | L_data 0.5`;
    expect(watched(line(0), line(1), line(2)).numbers).toEqual([0, 1, 2]);
    expect(watched(...[1, 2, 3].map(at => `Epoch [2, ${at}] loss: 0.5`)).numbers).toEqual([1, 2, 3]);
  });
  test('an epoch and what was measured of it', () => {
    const rows = (end: string) => [0, 1, 2].map(at => `[epoch ${at}] FG-ARI=0.5${at} mBO=0.25${end}`);
    expect(eventsOf('STEP_COMPLETED', ...rows(''))[1]).toEqual({
      step: 1,
      extra: { 'FG-ARI': 0.51, mBO: 0.25 },
    });
    expect(eventsOf('STEP_COMPLETED', ...rows(' was written'))).toEqual([]);
    expect(
      eventsOf('STEP_COMPLETED', ...[0, 1, 2].map(at => `epoch ${at}: time=0.5 data_time=0.25`)),
    ).toEqual([]);
  });
  test('a gradient’s norm above its report, where the first stood above the first', () => {
    const above = [1, 2, 3].flatMap(at => [
      `[DEBUG] grad_norm = ${at}.5`,
      `[step 000${at}]  step=${at}  loss=0.5`,
    ]);
    expect(eventsOf('STEP_COMPLETED', ...above).map(({ gradNorm }) => gradNorm)).toEqual([1.5, 2.5, 3.5]);
    const below = [1, 2, 3].flatMap(at => [`step=${at} loss=0.5`, `grad_norm: ${at}.5`]);
    expect(eventsOf('STEP_COMPLETED', ...below).map(({ gradNorm }) => gradNorm)).toEqual(
      Array(3).fill(undefined),
    );
    expect(eventsOf('FIGURES_LOGGED', ...below)[1]).toEqual({ batch: 2, figures: { grad_norm: 2.5 } });
  });
  test('a mean reward of records is the return', () => {
    const rows = [1, 2, 3].map(at => `{"step": ${at}, "loss": 0.5, "mean_reward": 1${at}.5}`);
    expect(eventsOf('STEP_COMPLETED', ...rows)[2]).toMatchObject({ rollout: { episodicReturn: 13.5 } });
  });
  test('Stable-Baselines3: the rollout behind an evaluation is of the update that its table has', () => {
    const table = (...rows: string[]) => ['-'.repeat(40), ...rows, '-'.repeat(40)];
    const learned = ['| train/              |          |', '|    approx_kl | 0.01 |', '|    loss | 0.5 |'];
    const rollout = (iteration: number) => [
      '| rollout/            |          |',
      `|    ep_rew_mean | ${iteration}.5 |`,
      '| time/               |          |',
      `|    iterations | ${iteration} |`,
      `|    total_timesteps | ${iteration * 2048} |`,
    ];
    const updates = eventsOf(
      'PPO_UPDATE_COMPLETED',
      ...table(...rollout(1)),
      ...table(...rollout(2), ...learned),
      ...table(
        '| eval/               |          |',
        '|    mean_reward | 9.5 |',
        '| time/               |          |',
        '|    total_timesteps | 5000 |',
        ...learned,
      ),
      ...table(...rollout(3)),
    );
    expect(updates).toMatchObject([
      { batch: 1, rollout: { episodicReturn: 2.5 } },
      {
        batch: 2,
        rollout: { episodicReturn: 3.5, totalSteps: 6144 },
        loss: { total: 0.5 },
        extra: { 'eval/mean_reward': 9.5 },
      },
    ]);
  });
  test('starts at the same step are no lines of one', () => {
    const rows = [
      '{"step": 0, "loss": 0.5, "mean_reward": 0.5, "margin": 0.25, "rate": 0.5}',
      '{"step": 0, "loss": 0.25, "mean_reward": 1.5, "rate": 0.75, "kl": 0.5}',
      '{"step": 1, "loss": 0.25, "mean_reward": 1.5, "rate": 0.75, "kl": 0.5}',
    ];
    expect(eventsOf('FIGURES_LOGGED', ...rows)).toEqual([]);
  });
});

describe('logs of single programs', () => {
  test('build-nanogpt: a step, a word and a value', () => {
    const rows = [
      '0 val 11.5',
      '0 hella 0.25',
      '0 train 11.25',
      '1 train 11.0',
      '2 train 10.75',
      '2 val 10.5',
    ];
    expect(eventsOf('STEP_COMPLETED', ...rows)).toEqual([
      { step: 0, loss: 11.25 },
      { step: 1, loss: 11 },
      { step: 2, loss: 10.75 },
    ]);
    expect(eventsOf('FIGURES_LOGGED', ...rows)).toEqual([
      { batch: 0, figures: { val_loss: 11.5 } },
      { batch: 0, figures: { hella: 0.25 } },
      { batch: 2, figures: { val_loss: 10.5 } },
    ]);
    expect(eventsOf('STEP_COMPLETED', '3 train stations', '4 train 5', '12 train 1.5 km')).toEqual([]);
  });
  test('PGAN: iterations of each scale, and both networks', () => {
    const rows = [100, 200].flatMap(at => [`[0 :    ${at}] loss G : 12.5 loss D : -7.25`]);
    const next = [100, 200].map(at => `[1 :    ${at}] loss G : 12.5 loss D : -7.25`);
    expect(watched(...rows, ...next).numbers).toEqual([100, 200, 300, 400]);
    expect(eventsOf('STEP_COMPLETED', ...rows, ...next)[0]).toEqual({
      step: 100,
      extra: { loss_G: 12.5, loss_D: -7.25 },
    });
  });
  test('a meter of a batch’s seconds; what is measured of an evaluation without a word for it', () => {
    const rows = [1, 2, 3].map(at => `Epoch: [15][ ${at}/32]\tTime 38.5 (38.25)\tLoss 1.25 (1.5)`);
    expect(eventsOf('STEP_COMPLETED', ...rows)[2]).toEqual({ step: 483, stepMs: 38500, loss: 1.25 });
    const lines = [...rows, ' 50%|█████     | 1/2 [00:01<00:01]', 'giou: 0.25, ciou: 0.125'];
    expect(eventsOf('FIGURES_LOGGED', ...lines)).toEqual([
      { batch: 483, figures: { giou: 0.25, ciou: 0.125 } },
    ]);
    const settings = [...rows, ' 50%|█████     | 1/2 [00:01<00:01]', 'iou: 0.25, threshold: 0.125'];
    expect(eventsOf('FIGURES_LOGGED', ...settings)).toEqual([]);
  });
  test('the code of a command that a client has run is no ending', () => {
    const lines = reports(
      "ERROR:2025-03-02 11:56:34,332:git root error: Cmd('git') failed due to: exit code(128)",
    );
    expect(eventsOf('TRAINING_FAILED', ...lines)).toEqual([]);
  });
});

describe('names of figures', () => {
  const stepOf = (part: string) =>
    eventsOf('STEP_COMPLETED', ...[7, 8].map(at => `step ${at} | loss 2.5 | ${part}`))[0];
  test('a month is one where a day stands behind it', () => {
    expect(stepOf('sep 6.25')).toMatchObject({ extra: { sep: 6.25 } });
    expect(stepOf('Sep 6 2026')).not.toHaveProperty('extra');
  });
  test('three counts with strokes are no figure', () => {
    expect(stepOf('w=4/6/0')).toEqual({ step: 7, loss: 2.5 });
    expect(stepOf('x=4.5/6')).toMatchObject({ extra: { x: 4.5 } });
  });
  test('none goes beyond a sentence', () => {
    const rows = [0, 1, 2].flatMap(at => [
      `INFO - 06/22/21 00:16:31 - 0:00:20 - ====== epoch ${at} ======`,
      `INFO - 06/22/21 00:18:53 - 0:02:42 - Finish training epoch ${at}. loss: 0.5`,
      'INFO - 06/22/21 00:19:03 - 0:02:51 - Evaluate on Dev Set. F1: 96.25.',
    ]);
    expect(eventsOf('STEP_COMPLETED', ...rows)).toMatchObject([{ loss: 0.5 }, { loss: 0.5 }, { loss: 0.5 }]);
    expect(eventsOf('FIGURES_LOGGED', ...rows)[0]).toMatchObject({ figures: { 'dev F1': 96.25 } });
  });
  test('groups of records', () => {
    const row = (at: number) =>
      `{"global_step": ${at}, "speed/wps": 1320.5, "speed/curr_iter_time": 2.5, "optim/grad_norm": 19.5, "optim/lr": 1e-05, "loss/out": 7.25}`;
    expect(eventsOf('STEP_COMPLETED', row(1), row(2), row(3))[1]).toMatchObject({
      step: 2,
      ...{ tokensPerSecond: 1320.5, stepMs: 2500, gradNorm: 19.5, learningRate: 1e-5, loss: 7.25 },
    });
  });
  test('what a policy has learned, by short names', () => {
    const row = (at: number) =>
      `  [ ${at}] ep=${at}0  r=  22.5 steps=209.5 ploss=-0.25 vloss=   19.5 ent=1.25 w=4/6/0 (13s)`;
    expect(eventsOf('PPO_UPDATE_COMPLETED', row(201), row(202), row(203))[0]).toEqual({
      batch: 2010,
      loss: { policy: -0.25, value: 19.5 },
      policy: { entropy: 1.25 },
      rollout: { episodicReturn: 22.5 },
      extra: { steps: 209.5 },
    });
  });
});

describe('settings, epochs and estimates', () => {
  test('what is set is no step', () => {
    const settings =
      'train_batch_tokens:524288 train_seq_len:1024 iterations:20000 warmup_steps:20 max_seconds:600.000';
    const rows = [1, 2].map(at => `step:${at}/20000 train_loss:6.5 train_time:24ms step_avg:23.5ms`);
    const all = [settings, 'step:0/20000 val_loss:6.75 val_bpb:4.25 train_time:0ms step_avg:0.01ms', ...rows];
    expect(watched(...all).numbers).toEqual([1, 2]);
    expect(eventsOf('FIGURES_LOGGED', ...all)).toEqual([
      { batch: 0, figures: { val_loss: 6.75 } },
      { batch: 0, figures: { val_bpb: 4.25 } },
    ]);
  });
  test('a dictionary behind its epoch', () => {
    const rows = [0, 1, 2].map(at => `2026-02-22 13:29:49,254 - lab - INFO - Epoch ${at}: {'loss': 6.${at}}`);
    expect(eventsOf('STEP_COMPLETED', ...rows)).toEqual([
      { step: 0, loss: 6 },
      { step: 1, loss: 6.1 },
      { step: 2, loss: 6.2 },
    ]);
  });
  test('estimates of both sets, under an evaluation’s tag', () => {
    const rows = [10, 20, 30].map(at => `[train] iter ${at}: loss 3.5 2932 ms/iter`);
    const all = [
      ...rows,
      '[eval] iter 30: train 3.75 val 3.625 lr 3.00e-04',
      '[train] done. best_val=2.5  ckpt=/x.pt',
    ];
    expect(eventsOf('FIGURES_LOGGED', ...all)[0]).toEqual({
      batch: 30,
      figures: { 'eval train': 3.75, 'eval val': 3.625 },
    });
    expect(eventsOf('TRAINING_COMPLETED', ...all)).toEqual([{ reason: 'finished' }]);
  });
});

describe('evaluations of trainers', () => {
  test('the Hugging Face Trainer: of the newest step, without how long it took', () => {
    const report = (at: number) => `{'loss': 2.5, 'learning_rate': 1e-05, 'epoch': ${at / 20}}`;
    const evaluation =
      "{'eval_loss': 2.125, 'eval_accuracy': 0.5, 'eval_runtime': 3.5, 'eval_samples_per_second': 10.5, 'epoch': 1.0}";
    const lines = [
      report(10),
      ' 50%|█████     | 10/20 [00:10<00:10,  1.0s/it]',
      report(20),
      '100%|██████████| 20/20 [00:20<00:00,  1.0s/it]',
    ];
    expect(eventsOf('FIGURES_LOGGED', ...lines, evaluation)).toEqual([
      { batch: 20, figures: { eval_loss: 2.125, eval_accuracy: 0.5 } },
    ]);
    expect(eventsOf('FIGURES_LOGGED', evaluation, ...lines)).toEqual([
      { batch: null, figures: { eval_loss: 2.125, eval_accuracy: 0.5 } },
    ]);
  });
  test('Megatron-LM and torchtitan', () => {
    const step = (at: number) =>
      ` iteration      ${at}/  500 | elapsed time per iteration (ms): 300.5 | lm loss: 2.5E+00 |`;
    expect(
      eventsOf(
        'FIGURES_LOGGED',
        step(100),
        step(200),
        ' validation loss at iteration 200 | lm loss value: 2.25E+00 | lm loss PPL: 1.05E+01 | ',
      ),
    ).toEqual([
      { batch: 200, figures: { 'validation lm loss value': 2.25, 'validation lm loss PPL': 10.5 } },
    ]);
    const titan = (words: string) =>
      `[titan] 2026-01-02 10:00:00,123 - root - INFO - ${words}  memory:  1.51GiB(1.90%)  tps: 455,760`;
    expect(
      eventsOf('FIGURES_LOGGED', titan('step: 10  loss:  7.63'), titan('validate step: 10  loss:  7.5')),
    ).toEqual([{ batch: 10, figures: { 'validate loss': 7.5 } }]);
  });
});
