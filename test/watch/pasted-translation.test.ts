/** Trainers of translation and speech as they print, values invented. */
import { describe, expect, test } from 'vitest';
import { reportsOf, watched } from './report-of-log.ts';

describe('Sockeye’s checkpoints', () => {
  const saved = (number: number, ...rest: string[]) => [
    `[INFO:sockeye.training] Checkpoint [${number}]\tUpdates=${number * 20} Epoch=${number} Samples=432 Time-cost=5.112 Updates/sec=0.047`,
    `[INFO:sockeye.training] Checkpoint [${number}]\tTrain-ppl=${16 / number}${rest.join('')}`,
    `[INFO:sockeye.training] Checkpoint [${number}]\tValidation-ppl=10.5`,
    `[INFO:sockeye.training] Checkpoint [${number}]\tLearning-rate=0.010000`,
  ];
  const batch = (at: number) =>
    `[INFO:sockeye.training] E=0 B=${at}\ts/sec=81.25 tok/sec=2210.50 u/sec=1.50\tppl=12.5 `;
  test('are its steps, by their updates, where no batch is printed', () => {
    expect(reportsOf(...saved(1), ...saved(2, '\tTrain-length=0.5'))).toEqual([
      { step: 20, extra: { ppl: 16 }, rank: 0 },
      { step: 40, extra: { ppl: 8, length: 0.5 }, rank: 0 },
    ]);
  });
  test('stand between batches, and are none where the batch has its line', () => {
    const steps = (...lines: string[]) => reportsOf(...lines).map(({ step }) => step);
    expect(steps(batch(50), batch(100), ...saved(5), batch(150))).toEqual([50, 100, 150]);
    expect(steps(...saved(1), ...saved(2), batch(50), ...saved(3))).toEqual([20, 40, 50, 60]);
    // Of several batches an update, their numbers are others.
    expect(steps(batch(50), batch(100), ...saved(1), batch(150))).toEqual([50, 100, 150]);
  });
  test('need the line of their updates', () => {
    expect(reportsOf(...saved(1).slice(1))).toEqual([]);
    expect(reportsOf(saved(1)[0]!, saved(2)[1]!)).toEqual([]);
    expect(reportsOf('Checkpoint [1] saved, Train-ppl=12.5')).toEqual([]);
  });
  test('end with the trainer’s own words', () => {
    const ending = [
      '[INFO:sockeye.training] Maximum # of updates (40) reached.',
      '[INFO:sockeye.training] Training finished, can be continued later. Best checkpoint: 2. Best validation perplexity: 10.500000',
    ];
    const stateOf = (...lines: string[]) => watched(...lines).report.run;
    expect(stateOf(...saved(1), ...saved(2), ...ending)).toMatchObject({ state: 'completed', lastBatch: 40 });
    expect(stateOf(...saved(1), ...saved(2))).toMatchObject({ state: 'unknown', lastBatch: 40 });
  });
});

describe('RETURNN’s epochs', () => {
  const epoch = (number: number, losses = `ctc ${4 / number} fer 0.667`) =>
    `Epoch ${number}: Total train loss: ${losses}`;
  const step = (number: number, at: number) =>
    `ep ${number} train, step ${at}, ctc 4.0, num_seqs 10, max_size:time 200, mem_usage:cuda 10.1GB, 0.512 sec/step, elapsed 0:00:01`;
  test('are its steps in a log without them', () => {
    expect(reportsOf(epoch(1), 'Epoch 1 evaluation: dev: ctc 4.5 fer 0.7', epoch(2))).toMatchObject([
      { step: 1, extra: { ctc: 4, fer: 0.667 } },
      { step: 2, extra: { ctc: 2, fer: 0.667 } },
    ]);
    expect(reportsOf(epoch(1, '1.101'), epoch(2, '2.5e-04'))).toMatchObject([
      { step: 1, loss: 1.101 },
      { step: 2, loss: 2.5e-4 },
    ]);
  });
  test('are none beside steps, nor are other words', () => {
    expect(reportsOf(step(1, 0), step(1, 1), epoch(1)).length).toBe(2);
    expect(reportsOf(epoch(1, 'None'), 'Epoch 1: Total train loss below 2.5')).toEqual([]);
  });
  test('have the memory that stands between them', () => {
    const line =
      'Memory usage (cuda): alloc cur 2.5GB alloc peak 7.5GB reserved cur 4.0GB reserved peak 8.0GB';
    const samples = watched(epoch(1), line, epoch(2)).events.filter(({ type }) => type === 'MEMORY_SAMPLED');
    expect(samples).toMatchObject([
      { data: { memory: [{ allocatedBytes: 2.5 * 2 ** 30, reservedBytes: 4 * 2 ** 30 }] } },
    ]);
  });
});
