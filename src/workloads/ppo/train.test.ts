import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isMalformed, parseEvent, type TelemetryEvent } from '../../contract/index.ts';
import { Emitter, type PpoUpdateMetrics } from '../../emit/index.ts';
import { SimulatedGpu } from '../simulate/index.ts';
import { CHECKPOINT_FILE, type TrainOptions, train } from './train.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'train-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const small = { envs: 4, steps: 32 };

interface Run {
  events: TelemetryEvent[];
  /** Of every update, without what depends on the clock. */
  learning: object[];
  error: Error | null;
}

async function run(options: Omit<TrainOptions, 'emitter'>): Promise<Run> {
  const result: Run = { events: [], learning: [], error: null };
  const append = (line: string) => {
    const event = parseEvent(line);
    if (isMalformed(event)) throw new Error(event.malformed);
    result.events.push(event as TelemetryEvent);
  };
  const onUpdate = (metrics: PpoUpdateMetrics) => {
    const { rolloutMs, updateMs, stepsPerSecond, gatheredMs, memory, ...learning } = metrics;
    expect(Math.min(rolloutMs!, updateMs!, stepsPerSecond!)).toBeGreaterThan(0);
    result.learning.push(learning);
    options.onUpdate?.(metrics);
  };
  try {
    await train({ ...options, emitter: new Emitter({ run: 'r', rank: 0, sink: { append } }), onUpdate });
  } catch (error) {
    result.error = error as Error;
  }
  return result;
}

const types = ({ events }: Run) => events.map(event => event.type);
const dataOf = (run: Run, type: TelemetryEvent['type']) =>
  run.events.find(event => event.type === type)?.data;

test('a run starts, updates, saves and completes', async () => {
  const finished = await run({
    ...small,
    env: 'CartPole-v1',
    episodes: 3,
    name: 'first',
    checkpoints: folder,
  });
  expect(types(finished)).toEqual([
    'TRAINING_STARTED',
    'PPO_UPDATE_COMPLETED',
    'PPO_UPDATE_COMPLETED',
    'PPO_UPDATE_COMPLETED',
    'CHECKPOINT_SAVED',
    'TRAINING_COMPLETED',
  ]);
  expect(dataOf(finished, 'TRAINING_STARTED')).toMatchObject({
    name: 'first',
    algorithm: 'PPO',
    task: 'CartPole-v1',
    maxBatches: 3,
    resumedAtBatch: null,
    pid: process.pid,
    device: 'cpu',
    versions: { node: process.versions.node, 'jax-js': '0.1.25', esper: expect.any(String) },
    config: { env: 'CartPole-v1', envs: 4, steps: 32, seed: 1, gamma: 0.98 },
  });
  expect(dataOf(finished, 'PPO_UPDATE_COMPLETED')).toMatchObject({
    batch: 1,
    rollout: { steps: 128, totalSteps: 128 },
    memory: [],
  });
  expect(dataOf(finished, 'CHECKPOINT_SAVED')).toEqual({ batch: 3, path: CHECKPOINT_FILE });
  expect(dataOf(finished, 'TRAINING_COMPLETED')).toMatchObject({ reason: 'finished' });
});

test('a checkpoint is saved every so many batches, and once at the end', async () => {
  const options = { ...small, env: 'CartPole-v1', checkpoints: folder, checkpointEvery: 2 };
  const saved = ({ events }: Run) =>
    events.flatMap(event => (event.type === 'CHECKPOINT_SAVED' ? [event.data.batch] : []));
  expect(saved(await run({ ...options, episodes: 4 }))).toEqual([2, 4]);
  expect(saved(await run({ ...options, episodes: 5, resume: true }))).toEqual([5]);
  expect(types(await run({ ...options, episodes: 5, resume: true }))).toEqual([
    'TRAINING_STARTED',
    'TRAINING_COMPLETED',
  ]);
});

test('equal seeds give equal runs, other seeds others', async () => {
  const learning = async (seed: number) =>
    (await run({ ...small, env: 'CartPole-v1', episodes: 3, seed })).learning;
  const first = await learning(5);
  expect(await learning(5)).toEqual(first);
  expect(await learning(6)).not.toEqual(first);
});

describe.each(['CartPole-v1', 'Pendulum-v1'])('%s', env => {
  test('interrupted and resumed, the figures are those of an uninterrupted run', async () => {
    const whole = await run({ ...small, env, episodes: 10 });
    const controller = new AbortController();
    const onUpdate = ({ batch }: PpoUpdateMetrics) => batch === 5 && controller.abort();
    const part = { ...small, env, episodes: 10, checkpoints: folder };
    const before = await run({ ...part, signal: controller.signal, onUpdate });
    expect(types(before).slice(-2)).toEqual(['CHECKPOINT_SAVED', 'TRAINING_COMPLETED']);
    expect(dataOf(before, 'TRAINING_COMPLETED')).toMatchObject({ reason: 'interrupted' });

    const after = await run({ ...part, resume: true });
    expect(dataOf(after, 'TRAINING_STARTED')).toMatchObject({ resumedAtBatch: 5 });
    expect(dataOf(after, 'TRAINING_COMPLETED')).toMatchObject({ reason: 'finished' });
    expect([...before.learning, ...after.learning]).toEqual(whole.learning);
  });
});

test('a finished run goes on with more episodes, as if configured so at first', async () => {
  const options = {
    ...small,
    env: 'CartPole-v1',
    hyperparameters: { annealLearningRate: false },
    checkpoints: folder,
  };
  const first = await run({ ...options, episodes: 2 });
  const second = await run({ ...options, episodes: 4, resume: true });
  const whole = await run({ ...options, episodes: 4 });
  expect([...first.learning, ...second.learning]).toEqual(whole.learning);
});

test('a simulated device is driven by the work, and its memory is in every update', async () => {
  const device: TrainOptions['device'] = job =>
    new SimulatedGpu({ totalBytes: 8 * 2 ** 30, seed: 1, ...job });
  const { events } = await run({ ...small, env: 'CartPole-v1', episodes: 2, device });
  expect(events[0]).toMatchObject({ data: { device: 'sim:0' } });
  for (const event of events)
    if (event.type === 'PPO_UPDATE_COMPLETED') {
      expect(event.data.memory).toHaveLength(1);
      expect(event.data.memory![0]!.allocatedBytes).toBeGreaterThan(2 ** 30);
    }
});

test('out of memory fails the run, with its figures', async () => {
  const device: TrainOptions['device'] = job => {
    const gpu = new SimulatedGpu({ totalBytes: 8 * 2 ** 30, seed: 1, ...job });
    gpu.allocator.setProcessFraction(0.2);
    return gpu;
  };
  const failed = await run({ ...small, env: 'CartPole-v1', episodes: 2, device });
  expect(failed.error?.name).toBe('OutOfMemoryError');
  expect(types(failed).at(-1)).toBe('TRAINING_FAILED');
  expect(dataOf(failed, 'TRAINING_FAILED')).toMatchObject({
    errorType: 'OutOfMemoryError',
    message: expect.stringContaining('CUDA out of memory'),
    outOfMemory: { device: 'sim:0', triedBytes: expect.any(Number), totalBytes: 8 * 2 ** 30 },
  });
});

test('a loss that is no number is reported, and training goes on', async () => {
  const diverged = await run({
    ...small,
    env: 'CartPole-v1',
    episodes: 3,
    hyperparameters: { learningRate: 1e38, maxGradNorm: 1e38 },
  });
  expect(diverged.events[2]).toMatchObject({ data: { loss: { total: 'NaN' }, policy: { approxKl: 'NaN' } } });
  expect(dataOf(diverged, 'TRAINING_COMPLETED')).toMatchObject({ reason: 'finished' });
});

test('options that cannot work are refused before any event', async () => {
  const refused = async (options: Partial<TrainOptions>) => {
    const { events, error } = await run({ ...small, env: 'CartPole-v1', episodes: 1, ...options });
    expect(events).toEqual([]);
    return error?.message;
  };
  expect(await refused({ env: 'Foo-v1' })).toMatch(/^There is no environment "Foo-v1"/);
  expect(await refused({ episodes: 0 })).toBe('episodes must be a whole number from 1, not 0.');
  expect(await refused({ checkpoints: folder, resume: true })).toMatch(/there is none yet/);
  await run({ ...small, env: 'CartPole-v1', episodes: 1, checkpoints: folder });
  expect(await refused({ env: 'Acrobot-v1', checkpoints: folder, resume: true })).toMatch(
    /it is of CartPole-v1, not of Acrobot-v1/,
  );
  expect(await refused({ envs: 5, checkpoints: folder, resume: true })).toMatch(
    /^Saved were 4 environments of CartPole-v1, not 5/,
  );
});

test('a checkpoint that cannot be saved is reported, and training goes on', async () => {
  const warnings: string[] = [];
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const onWarning = (sentence: string) => warnings.push(sentence);
  const finished = await run({ ...small, env: 'CartPole-v1', episodes: 1, checkpoints: file, onWarning });
  expect(types(finished)).toEqual(['TRAINING_STARTED', 'PPO_UPDATE_COMPLETED', 'TRAINING_COMPLETED']);
  expect(warnings).toEqual([
    expect.stringMatching(/^The checkpoint of batch 0 was not saved: ENOTDIR/),
    expect.stringMatching(/^The checkpoint of batch 1 was not saved: ENOTDIR/),
  ]);
});

test('CartPole is learned in few updates', async () => {
  const { learning } = await run({ env: 'CartPole-v1', episodes: 24 });
  const { episodicReturn } = learning.at(-1) as { episodicReturn: number };
  expect(episodicReturn).toBeGreaterThan(60); // an untrained policy falls after about 20 steps
});
