/** Lines of reinforcement-learning trainers that a page or a terminal has broken, joined or cut, values invented, and what looks like them and is another thing. */
import { describe, expect, test } from 'vitest';
import { figuresOf, reportOfLog, reportsOf, watched } from './report-of-log.ts';

const endOf = (...lines: string[]) =>
  watched(...lines)
    .events.filter(({ type }) => type === 'TRAINING_COMPLETED' || type === 'TRAINING_FAILED')
    .at(-1)?.data;

describe('a step of verl over several lines', () => {
  const PAIRS = [
    'actor/entropy:0.3125',
    'actor/pg_loss:0.0625',
    'actor/ppo_kl:2.5e-05',
    'perf/max_memory_allocated_gb:41.75',
    'critic/score/mean:0.5',
    'response_length/mean:310.25',
    'timing_s/gen:12.5',
  ];
  const WHOLE = {
    batch: 7,
    loss: { policy: 0.0625 },
    policy: { entropy: 0.3125, approxKl: 2.5e-5 },
    rollout: { episodicReturn: 0.5, episodicLength: 310.25 },
    timing: { rolloutMs: 12_500 },
  };
  const LINE = `(TaskRunner pid=7) step:7 - ${PAIRS.join(' - ')}`;

  test('wrapped at any width, within words too, and with the spaces at the ends of its lines gone', () => {
    for (let width = 40; width <= 120; width++) {
      const rows = LINE.match(new RegExp(`.{1,${width}}`, 'g'))!;
      expect(reportsOf(...rows), `${width}`).toMatchObject([WHOLE]);
      expect(reportsOf(...rows.map(row => row.trim())), `${width}, trimmed`).toMatchObject([WHOLE]);
    }
  });

  test('one pair a line', () => {
    expect(reportsOf('(TaskRunner pid=7) step:7', ...PAIRS.map(pair => ` - ${pair}`))).toMatchObject([WHOLE]);
    expect(
      reportsOf('(main_task pid=7) step:7', ...PAIRS.map(pair => `(main_task pid=7)  - ${pair}`)),
    ).toMatchObject([WHOLE]);
  });

  test('what follows is no part of it: another worker, another step, a list of something else', () => {
    expect(
      reportsOf(LINE, '(WorkerDict pid=8) rest/of - another:1.5', LINE.replace('step:7', 'step:8')),
    ).toMatchObject([WHOLE, { ...WHOLE, batch: 8 }]);
    expect(reportsOf(LINE, LINE.replace('step:7', 'step:8'))).toMatchObject([WHOLE, { batch: 8 }]);
    expect(
      reportsOf(LINE, 'The config has - these keys: lr and beta', '- item one', 'done: 3 of 4'),
    ).toMatchObject([WHOLE]);
    expect(reportsOf('step:7', 'Loading - weights: please wait', 'step:8')).toEqual([]);
  });
});

describe('lines of a logger that a page has joined', () => {
  const at = (n: number) =>
    `INFO 2026-01-02 10:20:3${n} ot_train.py:299 step:${n}0 smpl:${n}20 ep:0 epch:0.0${n} loss:0.${n}5 grdn:3.5 lr:1.6e-07 updt_s:4.9 data_s:4.8`;

  test('each is read by itself, with its time', () => {
    const { events } = reportOfLog(`${[1, 2, 3].map(at).join(' ')}\n`);
    expect(figuresOf({ events })).toMatchObject([
      { step: 10, loss: 0.15 },
      { step: 20, loss: 0.25 },
      { step: 30, loss: 0.35 },
    ]);
    const bracketed = (n: number) => `[2026-01-02 10:20:3${n},123] step ${n} | loss: 0.${n}5 | lr: 1e-4`;
    expect(reportsOf([1, 2, 3].map(bracketed).join(' '))).toMatchObject([
      { step: 1, loss: 0.15 },
      { step: 2, loss: 0.25 },
      { step: 3, loss: 0.35 },
    ]);
  });

  test('a time within a message begins no line', () => {
    expect(
      reportsOf(
        ...[1, 2, 3].map(
          n =>
            `2026-01-02 10:20:3${n} - INFO - step ${n} loss 0.5 lr 0.25 resumed from 2026-01-01 09:00:00.ckpt`,
        ),
      ),
    ).toMatchObject([{ step: 1, learningRate: 0.25 }, { step: 2 }, { step: 3 }]);
  });

  test('a line of LeRobot without its episodes', () => {
    expect(
      reportsOf('step:200 smpl:3K epch:0.80 loss:1.822 grdn:44.8 lr:1.0e-05 updt_s:0.1 data_s:0.1 smp/s:76'),
    ).toMatchObject([{ step: 200, loss: 1.822, gradNorm: 44.8 }]);
  });
});

describe('NeMo-RL', () => {
  const results = (n: number) => [
    '📊 Training Results:',
    `  • Loss: 0.${n}5`,
    `  • Avg Reward: 0.${n}`,
    '  • Buffer Size: 64',
    '',
    '⏱️  Timing:',
    '  • Total step time: 66.55s',
    '  • policy_training: 25.05s (37.6%)',
  ];

  test('results without a number are counted', () => {
    expect(reportsOf(...results(1), ...results(2))).toMatchObject([
      { batch: 1, loss: { total: 0.15 }, rollout: { episodicReturn: 0.1 }, timing: { updateMs: 25_050 } },
      { batch: 2, loss: { total: 0.25 } },
    ]);
  });

  test('the head of a step numbers those below it, whatever stands between', () => {
    const head = (n: number) => `========================= Step ${n}/9 =========================`;
    expect(reportsOf(head(4), ...results(1), head(5), ...results(2))).toMatchObject([
      { batch: 4, loss: { total: 0.15 } },
      { batch: 5, loss: { total: 0.25 } },
    ]);
    expect(reportsOf('Training Results:', 'all is well')).toEqual([]);
  });
});

describe('ML-Agents', () => {
  const line = (n: number, rest = '') =>
    `[INFO] Walker. Step: ${n}0000. Time Elapsed: ${n}5.5 s. Mean Reward: 1.${n}00. Std of Reward: 0.250. Training.${rest}`;

  test('the rating of self-play has its own name', () => {
    expect(reportsOf(...[1, 2, 3].map(n => line(n, ' ELO: 1200.50.')))[2]).toMatchObject({
      step: 30_000,
      rollout: { episodicReturn: 1.3 },
      extra: { 'Std of Reward': 0.25, ELO: 1200.5 },
    });
  });

  test('Ctrl-C, in its words', () => {
    const stop =
      '[trainer_controller.py:189] Learning was interrupted. Please wait while the graph is generated.';
    expect(endOf(line(1), line(2), line(3), stop, '[INFO] Saved Model')).toEqual({ reason: 'interrupted' });
    expect(endOf(line(1), line(2), line(3))).toEqual({ reason: 'unknown' });
    expect(endOf(line(1), stop, line(2), line(3), line(4))).toEqual({ reason: 'unknown' });
  });
});

describe('Tianshou', () => {
  const tested = (n: number) =>
    `Epoch #${n}: test_reward: ${n}50.000000 ± 1.500000, best_reward: ${n}75.000000 ± 2.500000 in #1`;

  test('what the test of an epoch gave stands with its bar', () => {
    const bar = (n: number) =>
      `Epoch #${n}: 1001it [00:40, 244.54it/s, env_step=${n}000, len=200, loss=-0.5, n/ep=7, n/st=2000, rew=${n}25.00]`;
    expect(reportsOf(bar(1), tested(1), bar(2), tested(2))).toMatchObject([
      { rollout: { episodicReturn: 125 }, extra: { test_reward: 150, best_reward: 175 } },
      { rollout: { episodicReturn: 225 }, extra: { test_reward: 250, best_reward: 275 } },
    ]);
  });

  test('where the bars are not in the text, an epoch is a step', () => {
    expect(reportsOf(tested(7), tested(8), tested(9))).toMatchObject([
      { step: 7, extra: { test_reward: 750 } },
      { step: 8 },
      { step: 9 },
    ]);
  });
});

describe('RSL-RL', () => {
  const block = (computation: string[]) => [
    'Learning iteration 403/1000',
    ...computation,
    'Mean reward: 17.81',
    'Mean episode length: 972.48',
    'ETA: 00:04:41',
  ];

  test('the rate stands without its parts, or with the last of them on a line of its own', () => {
    expect(reportsOf(...block(['Computation: 53750 steps/s']))).toMatchObject([
      { batch: 403, timing: { stepsPerSecond: 53_750 } },
    ]);
    for (const rows of [
      ['  Computation: 14963 steps/s (collection: 6.407s, learning', '0.163s)'],
      ['  Computation: 14963 steps/s (collection: 6.407s,', 'learning 0.163s)'],
    ])
      expect(reportsOf(...block(rows))).toMatchObject([
        { timing: { stepsPerSecond: 14_963, rolloutMs: 6407, updateMs: 163 } },
      ]);
  });
});

describe('names and numbers of a loop', () => {
  test('a word of statistics is part of a name, but for a loss and what has a field', () => {
    expect(
      reportsOf(
        ...[1, 2, 3].map(
          n => `Time 08h 3${n}m 42s, Avg Reward 0.5, Avg Accuracy 0.25, Avg Ep length 5.25, Best Reward 0.75`,
        ),
      )[0],
    ).toMatchObject({
      rollout: { episodicReturn: 0.5, episodicLength: 5.25 },
      extra: { 'Avg Accuracy': 0.25, 'Best Reward': 0.75 },
    });
    expect(reportsOf(...[1, 2, 3].map(n => `step ${n}, Avg Loss 0.5, Max lr 0.25`))[0]).toMatchObject({
      step: 1,
      loss: 0.5,
    });
  });

  test('a frame numbers a line that has what the environment gave, and nothing else does', () => {
    expect(
      reportsOf(...[1, 2, 3].map(n => `Frame ${n}0000, mean reward -1${n}.5, epsilon 0.9`)),
    ).toMatchObject([
      { step: 10_000, rollout: { episodicReturn: -11.5, totalSteps: 10_000 } },
      { step: 20_000 },
      { step: 30_000 },
    ]);
    expect(reportsOf(...[1, 2, 3].map(n => `Episode ${n}, frame ${n}500, reward -1${n}.5`))).toMatchObject([
      { step: 1 },
      { step: 2 },
      { step: 3 },
    ]);
    expect(reportsOf(...[1, 2, 3].map(n => `Frame ${n}00, 30 fps, size 640`))).toEqual([]);
  });
});

describe('a table of Stable-Baselines3 that the text begins in', () => {
  const train = (updates: number) => [
    '| train/                  |             |',
    '|    approx_kl            | 0.0125      |',
    '|    entropy_loss         | -4.5        |',
    `|    n_updates            | ${updates}         |`,
    '|    value_loss           | 4.25        |',
    '-----------------------------------------',
  ];
  const table = (n: number) => [
    '-----------------------------------------',
    '| time/                   |             |',
    `|    iterations           | ${n}          |`,
    `|    total_timesteps      | ${n * 2048}       |`,
    ...train(n * 10 - 10),
  ];
  const UPDATE = { policy: { approxKl: 0.0125, entropy: 4.5 }, loss: { value: 4.25 } };

  test('it is of the update before the next table’s, wherever it was cut', () => {
    for (const rows of [
      ['|    total_timesteps      | 94208       |', ...train(450)],
      train(450),
      train(450).slice(1),
    ])
      expect(reportsOf(...rows, ...table(47))).toMatchObject([
        { batch: 45, ...UPDATE },
        { batch: 46, ...UPDATE },
      ]);
  });

  test('where none follows, the environment’s steps number it; without them, nothing does', () => {
    expect(reportsOf('|    total_timesteps      | 94208       |', ...train(450))).toMatchObject([
      { batch: 94_208, ...UPDATE },
    ]);
    expect(reportsOf(...train(450))).toEqual([]);
  });

  test('a whole table has its own number, whatever came before', () => {
    expect(reportsOf(...table(46), ...table(47))).toMatchObject([{ batch: 45 }, { batch: 46 }]);
  });
});

describe('pools beside PyTorch’s', () => {
  const samplesOf = (...lines: string[]) =>
    watched(...lines).events.flatMap(({ type, data }) =>
      type === 'MEMORY_SAMPLED' ? (data as { memory: unknown[] }).memory : [],
    );

  test('JAX and Warp, each by its name', () => {
    expect(
      samplesOf(
        '  Step 4096: JAX mem used: 0.25 GiB, peak: 2.75 GiB, limit: 18.50 GiB',
        '  Step 4096: Warp mempool used: 0.50 GiB, high-water: 5.00 GiB',
      ),
    ).toMatchObject([
      {
        device: 'jax',
        allocatedBytes: 2 ** 28,
        peakAllocatedBytes: 2.75 * 2 ** 30,
        deviceTotalBytes: 18.5 * 2 ** 30,
      },
      { device: 'warp', allocatedBytes: 2 ** 29, peakAllocatedBytes: 5 * 2 ** 30 },
    ]);
  });

  test('the host’s memory is no device’s, and what is above its peak cannot be', () => {
    expect(samplesOf('CPU mem used: 3.5 GiB, peak: 4.5 GiB')).toEqual([]);
    expect(samplesOf('Warp mempool used: 5.5 GiB, high-water: 4.5 GiB')).toEqual([]);
  });
});
