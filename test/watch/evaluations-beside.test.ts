/** Evaluations that stand beside reports with the same number, under an epoch's heading, or before the first report; updates of an iteration. Values invented. */
import { describe, expect, test } from 'vitest';
import { watched } from './report-of-log.ts';

const eventsOf = (type: string, ...lines: string[]) =>
  watched(...lines)
    .events.filter(event => event.type === type)
    .map(({ data }) => data as Record<string, unknown>);

describe('evaluations beside reports', () => {
  test('nanoGPT’s estimate before a step that is printed itself', () => {
    const lines = [
      'step 0: train loss 10.5, val loss 10.25',
      'iter 0: loss 10.75, time 5000.00ms, mfu -100.00%',
      'iter 10: loss 9.5, time 150.00ms, mfu 1.50%',
      'step 20: train loss 4.5, val loss 5.25',
      'iter 20: loss 4.25, time 150.00ms, mfu 1.50%',
    ];
    expect(eventsOf('FIGURES_LOGGED', ...lines)).toEqual([
      { batch: 0, figures: { 'val loss': 10.25 } },
      { batch: 20, figures: { 'val loss': 5.25 } },
    ]);
    expect(eventsOf('STEP_COMPLETED', ...lines).map(({ loss }) => loss)).toEqual([10.75, 9.5, 4.25]);
  });
  test.each(['[Val]', '[VALID]', '| [test]', '- [Eval]'])('a phase in brackets behind the count: %s', tag => {
    const lines = [1, 2, 3].flatMap(epoch => [
      `2026-01-02 10:0${epoch}:00,123 INFO: Epoch ${epoch}/9 [Train] loss: 0.75, lr: 0.001`,
      `2026-01-02 10:0${epoch}:30,123 INFO: Epoch ${epoch}/9 ${tag}   loss: 0.5`,
    ]);
    const key = `${tag.replace(/\W/g, '').toLowerCase()} loss`;
    expect(eventsOf('FIGURES_LOGGED', ...lines)).toEqual(
      [1, 2, 3].map(batch => ({ batch, figures: { [key]: 0.5 } })),
    );
    expect(eventsOf('STEP_COMPLETED', ...lines)).toHaveLength(3);
  });
  test('under the heading of an epoch they are of that epoch', () => {
    const lines = [1, 2, 3].flatMap(epoch => [
      `Epoch ${epoch}/3`,
      `Train Loss: ${4 - epoch}.25, Train Acc: 70.50%`,
      `Val Loss: ${4 - epoch}.75, Val Acc: 60.50%`,
    ]);
    expect(eventsOf('FIGURES_LOGGED', ...lines)).toEqual(
      [1, 2, 3].map(batch => ({ batch, figures: { 'Val Loss': 4.75 - batch, 'Val Acc': 60.5 } })),
    );
  });
  test('of the Hugging Face Trainer before the first report, at the step that the bar shows', () => {
    const bar = (at: number) => ` ${at}%|████      | ${at}/100 [00:10<00:40,  2.00it/s]`;
    const lines = [
      bar(0),
      bar(20),
      "{'eval_loss': 0.75, 'eval_runtime': 1.5, 'epoch': 1.0}",
      // As tqdm draws its bar again below what was printed.
      bar(20),
      bar(50),
      "{'loss': 0.5, 'learning_rate': 2.5e-05, 'epoch': 2.5}",
      bar(60),
    ];
    expect(eventsOf('FIGURES_LOGGED', ...lines)).toEqual([{ batch: 20, figures: { eval_loss: 0.75 } }]);
  });
});

test('an update’s number is the iteration’s, and the steps are those of the environments', () => {
  const line = (at: number) =>
    `[it 000${at}] step=${at * 1024} | EpRew=${at}.5 EpCost=0.25 | PiLoss=0.02 Vr=0.5 | time=0.1m`;
  const [, second] = eventsOf('PPO_UPDATE_COMPLETED', line(1), line(2), line(3));
  expect(second).toMatchObject({
    batch: 2,
    loss: { policy: 0.02 },
    rollout: { episodicReturn: 2.5, totalSteps: 2048 },
  });
  const plain = (at: number) => `iter ${at} step ${at * 4} | loss 2.5 | lr 0.001`;
  expect(eventsOf('STEP_COMPLETED', plain(1), plain(2), plain(3))[1]).not.toHaveProperty('rollout');
});

test('an evaluation between an epoch’s heading and its sum is of that epoch', () => {
  const lines = [0, 1, 2].flatMap(epoch => [
    `### EPOCH: ${epoch}`,
    '',
    `Test set: Average loss: ${epoch + 1}.25, Accuracy: 372/10000 (3.72%)`,
    `EPOCH:   ${epoch} | Train Accuracy:   1.75% | Test Accuracy:   3.72%`,
  ]);
  expect(eventsOf('FIGURES_LOGGED', ...lines)).toEqual(
    [1, 2].map(batch => ({ batch, figures: { 'test loss': batch + 1.25, 'test Accuracy': 3.72 } })),
  );
});

describe('what environments gave', () => {
  test('of episodes that have a best one, the mean is the return', () => {
    const line = (at: number) =>
      `Episode:   ${at}   Avg:   ${at}.50   BestAvg:   90.5  |  Steps:  2188   Secs:  7`;
    expect(eventsOf('STEP_COMPLETED', line(10), line(20), line(30))[1]).toMatchObject({
      rollout: { episodicReturn: 20.5 },
      extra: { BestAvg: 90.5 },
    });
  });
  test('steps of the environments beside an episode’s number, steps per second beside losses', () => {
    const line = (at: number) =>
      `[step=${at}] episode=${at}.0 return=-1.5 length=26.0 global_step=${at * 25}.0`;
    expect(eventsOf('STEP_COMPLETED', line(1), line(2), line(3))[1]).toMatchObject({
      rollout: { totalSteps: 50, totalEpisodes: 2 },
    });
    const update = (at: number) => [`Epoch: ${at}`, `SPS: 800, pg_loss=-0.0125, v_loss=0.5`];
    expect(eventsOf('PPO_UPDATE_COMPLETED', ...[1, 2, 3].flatMap(update))[1]).toMatchObject({
      timing: { stepsPerSecond: 800 },
    });
  });
  test('figures in front of a dictionary', () => {
    const line = (at: number) =>
      `2026-01-02 10:0${at}:00,123 - train - INFO - rl_loss: 0.00${at}, l2_norm: 0.06, reward_data: {'total_num': 256}, metadata: {'clamped': tensor(0.)}`;
    expect(eventsOf('STEP_COMPLETED', line(1), line(2), line(3))[1]).toMatchObject({
      step: 2,
      extra: { rl_loss: 0.002, l2_norm: 0.06 },
    });
  });
});

test('a thread that lost its processes to Ctrl-C is no failure', () => {
  const lines = [
    ...[1, 2, 3].map(at => `step ${at}/90 | loss 2.5 | lr 1e-4`),
    'Exception in thread Thread-3 (_pin_memory_loop):',
    'Traceback (most recent call last):',
    '  File "/e/lib/python3.10/threading.py", line 1016, in _bootstrap_inner',
    '    self.run()',
    '  File "/e/lib/python3.10/multiprocessing/connection.py", line 630, in SocketClient',
    '    s.connect(address)',
    'FileNotFoundError: [Errno 2] No such file or directory',
    'Traceback (most recent call last):',
    '  File "/w/train.py", line 316, in <module>',
    '    main(args)',
  ];
  expect(watched(...lines, 'KeyboardInterrupt').events.at(-1)).toMatchObject({
    type: 'TRAINING_COMPLETED',
    data: { reason: 'interrupted' },
  });
  expect(watched(...lines, 'RuntimeError: a').events.at(-1)).toMatchObject({
    data: { errorType: 'FileNotFoundError' },
  });
});

describe('names and repetitions', () => {
  test('Greek letters that stand alone as names', () => {
    const line = (at: number) => `Episode: ${at} | Avg: 10.5 | BestAvg: 20.5 | σ: 5.25 | ε: 0.5 ⍺: 0.25`;
    expect(eventsOf('STEP_COMPLETED', line(1), line(2), line(3))[1]).toMatchObject({
      extra: { sigma: 5.25, epsilon: 0.5, alpha: 0.25 },
    });
  });
  test('what was saved with a figure that is reported already has no other one', () => {
    const lines = [1, 2, 3].flatMap(epoch => [
      `Epoch ${epoch}/9 Train Loss: 1.5 | Val Loss: 0.${epoch}5`,
      `Saved new best model at epoch ${epoch} with val loss 0.${epoch}5`,
    ]);
    expect(eventsOf('FIGURES_LOGGED', ...lines)).toEqual([]);
    const other = lines.map(text => text.replace(/(with val loss) .*/, '$1 0.875'));
    expect(eventsOf('FIGURES_LOGGED', ...other)).toHaveLength(3);
  });
});
