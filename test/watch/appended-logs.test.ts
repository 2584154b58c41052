/** Logs that several starts of a program append to, and what stands among the reports of a loop on lines of its own. Shapes as programs print them, values invented. */
import { describe, expect, test } from 'vitest';
import { watchedTruly } from './pasted.ts';

const dataOf = (type: string, ...lines: string[]) =>
  watchedTruly(...lines)
    .events.filter(event => event.type === type)
    .map(({ data }) => data as unknown as Record<string, unknown>);
const stepsOf = (...lines: string[]) => dataOf('STEP_COMPLETED', ...lines);
const startsOf = (...lines: string[]) => dataOf('TRAINING_STARTED', ...lines);
const numbersOf = (...lines: string[]) => watchedTruly(...lines).numbers;

describe('a program that was started again', () => {
  const clock = (minute: number) => `2026-01-02 10:${minute}:00,123 - main - INFO - `;
  const head = (minute: number) =>
    [
      '============================',
      'Reading the settings',
      '============================',
      'Device: NVIDIA L4',
      'Building the model',
    ].map(line => clock(minute) + line);
  const step = (minute: number, at: number, loss: number) => `${clock(minute)}Step ${at}, Loss: ${loss}`;

  test('shows by the lines that its output begins with, however few reports it had', () => {
    const first = [...head(10), ...[0, 10, 20].map(at => step(11, at, 2.5 - at / 50))];
    const second = [...head(12), step(13, 0, 2.25)];
    const third = [...head(14), step(15, 0, 2.75), step(15, 10, 1.5), step(15, 20, 1.25)];
    const lines = [...first, ...second, ...third];
    expect(numbersOf(...lines)).toEqual([0, 10, 20, 0, 0, 10, 20]);
    expect(startsOf(...lines)).toHaveLength(3);
  });

  test('and has a total of its own', () => {
    const epoch = (minute: number, of: number, at: number) =>
      `${clock(minute)}Epoch ${at}/${of} - Train Loss: 0.${90 - at}`;
    const upTo = (minute: number, of: number, to: number) =>
      Array.from({ length: to }, (_, i) => epoch(minute, of, i + 1));
    const [first, second] = startsOf(...head(10), ...upTo(11, 4, 4), ...head(12), ...upTo(13, 9, 5));
    expect(first).toMatchObject({ maxSteps: 4 });
    expect(second).toMatchObject({ maxSteps: 9 });
    const ends = dataOf('TRAINING_COMPLETED', ...head(10), ...upTo(11, 4, 4), ...head(12), ...upTo(13, 9, 5));
    expect(ends).toEqual([{ reason: 'finished' }, { reason: 'unknown' }]);
  });

  test('one of these lines among the reports begins nothing, nor does a first line that is of each epoch', () => {
    const reports = [step(11, 0, 2.5), clock(11) + head(11)[1]!, step(12, 10, 2.25), step(12, 20, 2)];
    expect(startsOf(...head(10), ...reports)).toHaveLength(1);
    const saved = ['Saved the weights to out', 'Saving the optimizer', 'Validation of 40 images'];
    const cut = [...saved, 'epoch 1 step 10 loss 2.5', ...saved, 'epoch 1 step 20 loss 2.25', ...saved];
    expect(startsOf(...cut, 'epoch 1 step 30 loss 2')).toHaveLength(1);
  });
});

describe('a log of two processes that goes on from a checkpoint', () => {
  const row = (at: number, loss: number, seconds: number) =>
    `{"current_steps": ${at}, "total_steps": 90, "loss": ${loss}, "lr": 1e-05, "epoch": 0.1, "elapsed_time": "0:00:${seconds}"}`;
  const rows = (from: number, to: number, loss: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => [
      row(from + i, loss - i / 100, 10),
      row(from + i, loss - i / 100, 11),
    ]).flat();

  test('is of two starts', () => {
    const lines = [...rows(1, 40, 2), ...rows(21, 45, 1)];
    expect(startsOf(...lines)).toMatchObject([{}, { resumedAtStep: 20 }]);
    expect(numbersOf(...lines)).toHaveLength(65);
  });
  test('one that lags begins nothing', () => {
    const late = [
      row(1, 2, 10),
      row(2, 1.5, 10),
      row(1, 2, 11),
      row(3, 1.25, 10),
      row(4, 1.125, 10),
      row(2, 1.5, 11),
      row(3, 1.25, 11),
    ];
    expect(startsOf(...late, row(5, 1, 10), row(4, 1.125, 11))).toHaveLength(1);
  });
});

describe('a rate of learning on a line of its own', () => {
  const ratesOf = (...lines: string[]) => stepsOf(...lines).map(({ learningRate }) => learningRate);
  const loss = (at: number) => `epoch:0 || iter:${at} || Loss:${9 - at}.5`;
  test.each([
    ['->>lr:0.0005', 0.0005],
    ['learning rate 0.0002000 -> 0.0001000', 0.0001],
    ['Current learning rate is 0.001', 0.001],
    ['Adjusting learning rate of group 0 to 1.0000e-03.', 0.001],
  ])('%s is of what follows', (line, rate) => {
    expect(ratesOf(loss(0), line, loss(1), loss(2))).toEqual([undefined, rate, rate]);
  });
  test('at the end of the line that names an epoch', () => {
    const epoch = (at: number, rate: string) => [
      `Starting epoch ${at} current lr is ${rate}`,
      ...[25, 50].map(
        step => `Epoch ${at}, Step ${step}, total used time ${step}.5 (s), avg loss so far is 0.${step + at}`,
      ),
    ];
    expect(ratesOf(...epoch(0, '0.001'), ...epoch(1, '0.0005'))).toEqual([0.001, 0.001, 0.0005, 0.0005]);
  });
  test('among settings, in front of the first report, it is none', () => {
    expect(ratesOf('lr:5e-05', 'batch_size:16', loss(0), loss(1), loss(2))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
  test('a report’s own comes first', () => {
    expect(ratesOf(...[1, 2, 3].flatMap(at => [`iter ${at} loss 0.5${at} lr 0.25`, 'lr: 0.5']))).toEqual([
      0.25, 0.25, 0.25,
    ]);
  });
});

describe('counts and figures in other places', () => {
  test('a step that is alone on its line, in words', () => {
    const lines = [1, 2, 3].flatMap(at => [`current step: ${at}th step`, `batch loss:${4 - at}.25`]);
    expect(stepsOf(...lines)).toMatchObject([
      { step: 1, loss: 3.25 },
      { step: 2, loss: 2.25 },
      { step: 3, loss: 1.25 },
    ]);
    expect(stepsOf('the current step: 3 of the plan', 'batch loss:1.25')).toEqual([]);
  });
  test('a mean over so many episodes is the return', () => {
    const episode = (at: number) => `Episode ${at}\tFrame ${at * 21} \tAverage100 Score: 2${at}.50`;
    expect(stepsOf(episode(1), episode(2), episode(3))).toMatchObject([
      { rollout: { episodicReturn: 21.5 } },
      {},
      {},
    ]);
  });
  test('a divergence alone is a report', () => {
    const line = (at: number) =>
      `Global-step ${at} --Accept update with alpha=1.0, kl=2.5e-0${at}, old=0.${at}, new=0.25`;
    const [, , , fourth] = stepsOf(...[1, 2, 3, 4].map(line));
    expect(fourth).toMatchObject({
      step: 4,
      extra: { 'Accept update with alpha': 1, kl: 2.5e-4, new: 0.25 },
    });
    expect(fourth!.extra).not.toHaveProperty('Global-step');
  });
  test('two pairs with nothing between them', () => {
    const line = (at: number) => `Epoch ${at}/20 train_mse=0.4${at} val_mae=15.25 tf=0.00lr=0.001`;
    expect(stepsOf(line(1), line(2), line(3))[0]).toMatchObject({ learningRate: 0.001 });
  });
});

describe('what an evaluation measured', () => {
  test('is no report of the training, whose epoch it names: its figures stand beside that', () => {
    const epoch = (at: number) => [
      `01-02 10:1${at}:00, Epoch ${at} Train, reg:0.3${at}, mae:8.5${at}, mse:10.25, Cost: 71.5 sec`,
      `01-02 10:1${at}:30, Epoch ${at} Val, MAE: 14.5${at}, MSE: 64.25 Cost 20.5 sec`,
      `01-02 10:1${at}:31, Save best model: MAE: 14.5${at} MSE:64.25 model epoch ${at}`,
      `01-02 10:1${at}:40, Epoch ${at} Test, MAE: 13.5${at}, MSE: 11.25 Cost 19.5 sec`,
    ];
    const { events, reader } = watchedTruly(...epoch(1), ...epoch(2), ...epoch(3));
    expect(events.filter(({ type }) => type === 'STEP_COMPLETED')).toHaveLength(3);
    expect(events.filter(({ type }) => type === 'FIGURES_LOGGED').map(({ data }) => data)).toEqual(
      [1, 2, 3].map(at => ({
        batch: at,
        figures: {
          'val MAE': 14.5 + at / 100,
          'val MSE': 64.25,
          'test MAE': 13.5 + at / 100,
          'test MSE': 11.25,
        },
      })),
    );
    expect(reader.counts.repeated).toBe(0);
  });
  test('of modded-nanogpt is kept, as its training prints no loss', () => {
    const line = (at: number) => `step:${at}/9 train_time:${at * 240}ms step_avg:240.5${at}ms`;
    const validation = (at: number, loss: number) =>
      `step:${at}/9 val_loss:${loss} train_time:${at * 240}ms step_avg:0.02ms`;
    const lines = [validation(0, 10.5), ...[1, 2, 3].map(line), validation(3, 7.25)];
    expect(dataOf('FIGURES_LOGGED', ...lines)).toEqual([
      { batch: 0, figures: { val_loss: 10.5 } },
      { batch: 3, figures: { val_loss: 7.25 } },
    ]);
    expect(stepsOf(...lines)).toHaveLength(3);
  });
});

describe('the time of a log', () => {
  const loss = (at: number) => `epoch ${at} loss 0.5${at}`;
  const timesOf = (...lines: string[]) => watchedTruly(...lines).events.map(({ timeMs }) => timeMs);
  test('is none of a value that it prints', () => {
    const value = '  [0] start=2745, hist=(2020-05-21 08:00:00~2020-05-22 07:00:00)';
    expect(new Date(timesOf(value, loss(1), loss(2), loss(3))[0]!).getFullYear()).not.toBe(2020);
    const own = 'time="2020-05-21 08:00:00" level=info msg=begins';
    expect(new Date(timesOf(own, loss(1), loss(2), loss(3))[0]!).getFullYear()).toBe(2020);
  });
  test('without one, all of it was read at one time', () => {
    expect(new Set(timesOf(loss(1), loss(2), loss(3))).size).toBe(1);
  });
});
