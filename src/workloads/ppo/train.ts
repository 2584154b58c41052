/**
 * The training loop: a rollout in every environment, one PPO update, one event, `episodes` times. It ends
 * when they are made, or after the update during which `signal` was aborted.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { OutOfMemory } from '../../contract/index.ts';
import { type Emitter, emitPpoUpdateEvent, type PpoUpdateMetrics } from '../../emit/index.ts';
import { sequenceLengths } from '../simulate/index.ts';
import { PPOAgent } from './agent.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { collectRollout } from './collect-rollout.ts';
import { findTask } from './environments/index.ts';
import { partsOf } from './evaluate.ts';
import { fittingSteps } from './fitting-steps.ts';
import { type Hyperparameters, hyperparametersFor } from './hyperparameters.ts';
import { DoesNotFit, deviceRefusal, Interventions, mostParts } from './interventions.ts';
import { parameterShapes, sizeOf } from './parameters.ts';
import type { Rollout } from './rollout.ts';
import type { DeviceJob, TrainingDevice } from './training-device.ts';
import { VectorEnvironment } from './vector-environment.ts';
import { trainerVersions } from './versions.ts';

export interface TrainOptions {
  emitter: Emitter;
  /** The run's name, for `TRAINING_STARTED`. */
  name?: string | null;
  /** Task: `CartPole-v1`. */
  env: string;
  /** Batches that the run is to make, those before a resume included. */
  episodes: number;
  /** Environments stepped together. */
  envs?: number;
  /** Steps of a rollout in each environment. */
  steps?: number;
  /** Equal seeds and equal options give equal runs. */
  seed?: number;
  /** What differs from the task's defaults. */
  hyperparameters?: Partial<Hyperparameters>;
  /** Makes the device whose memory is measured; absent on the CPU. */
  device?: (job: DeviceJob) => TrainingDevice;
  /** Folder of `checkpoint.txt`; absent: none is saved. */
  checkpoints?: string;
  /** Batches between two checkpoints. One more is saved at the end. */
  checkpointEvery?: number;
  /** Go on from the folder's checkpoint. */
  resume?: boolean;
  /** What to do about memory pressure, between two updates: `shrink` learns minibatches in parts. Absent: nothing. */
  onPressure?: 'shrink' | null;
  /** Aborted: training ends cleanly after the present update. A text as its reason is recorded. */
  signal?: AbortSignal;
  /** After each update's event was emitted. */
  onUpdate?: (metrics: PpoUpdateMetrics) => void;
  /** One sentence about something that training goes on without: a checkpoint that could not be saved. */
  onWarning?: (sentence: string) => void;
}

export interface TrainResult {
  reason: 'finished' | 'interrupted';
  /** The last batch made. */
  batch: number;
  totalSteps: number;
  /** Mean over the last 100 finished episodes; null before the first. */
  episodicReturn: number | null;
}

export const CHECKPOINT_FILE = 'checkpoint.txt';

/**
 * Trains, and emits the run's events.
 * @throws RangeError or CheckpointError, before any event, where the options cannot work; any later error is
 * emitted as `TRAINING_FAILED` and thrown again
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { emitter, env, episodes, envs = 8, steps = 128, seed = 1, checkpoints, signal } = options;
  for (const [name, value] of Object.entries({ episodes, envs, steps }))
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number from 1, not ${value}.`);
  const task = findTask(env);
  const hyperparameters = hyperparametersFor(env, options.hyperparameters);
  const checkpointPath = checkpoints === undefined ? null : join(checkpoints, CHECKPOINT_FILE);
  if (options.resume && checkpointPath === null)
    throw new RangeError('To resume, name the folder of the checkpoint.');
  const resumed = options.resume ? loadCheckpoint(checkpointPath!, env) : null;
  const environments = new VectorEnvironment(task, envs, seed);
  if (resumed) environments.state = resumed.environments;

  const shapes = parameterShapes(task.observationSize, task.actionSpace);
  const jobOf = (steps: number): DeviceJob => {
    const rolloutSteps = envs * steps;
    const minibatchSize = Math.ceil(rolloutSteps / Math.min(hyperparameters.minibatches, rolloutSteps));
    return { parameterSizes: Object.values(shapes).map(sizeOf), rolloutSteps, minibatchSize };
  };
  const { rolloutSteps, minibatchSize } = jobOf(steps);
  const device = options.device?.(jobOf(steps)) ?? null;

  let batch = resumed?.batch ?? 0;
  let totalSteps = resumed?.totalSteps ?? 0;
  let savedAt = batch;
  const began = performance.now();
  emitter.emit('TRAINING_STARTED', {
    name: options.name ?? null,
    algorithm: 'PPO',
    task: env,
    maxBatches: episodes,
    resumedAtBatch: resumed?.batch ?? null,
    worldSize: 1,
    pid: process.pid,
    hostname: hostname(),
    device: device?.name ?? 'cpu',
    ...(device?.expandableSegments === undefined ? {} : { expandableSegments: device.expandableSegments }),
    versions: trainerVersions(),
    config: { env, episodes, envs, steps, seed, ...hyperparameters },
  });

  try {
    const agent = await PPOAgent.create({
      observationSize: task.observationSize,
      actionSpace: task.actionSpace,
      environments: envs,
      hyperparameters,
      // Not the environments' seed: the policy's noise and the starting states are not to be the same numbers.
      seed: ~seed,
      device,
    });
    if (resumed) agent.state = resumed.agent;
    try {
      device?.loadModel();
    } catch (error) {
      if (deviceRefusal(error) === null) throw error;
      throw new DoesNotFit(
        `The network does not fit on ${device!.name}: it needs a device with more free memory.`,
        { cause: error },
      );
    }
    const adjustable = {
      minibatchSize,
      get microbatches() {
        return agent.microbatches;
      },
      set microbatches(parts: number) {
        agent.microbatches = parts;
      },
      emptyCache: () => device?.emptyCache?.(),
    };
    const interventions = options.onPressure === 'shrink' ? new Interventions(adjustable, emitter) : null;

    const hand = (rollout: Rollout): void => {
      try {
        device?.collectRollout(sequenceLengths(rollout.ends, envs));
      } catch (error) {
        if (deviceRefusal(error) === null) throw error;
        const parts = interventions === null ? 1 : mostParts(minibatchSize);
        const fitting = fittingSteps(
          rollout,
          steps => options.device!(jobOf(steps)),
          (device, steps) => {
            const { minibatchSize } = jobOf(steps);
            for (const [from, to] of partsOf(minibatchSize, Math.min(parts, minibatchSize)))
              device.minibatch(to - from);
          },
        );
        const asked = `The rollout of ${steps} steps in ${envs} environments does not fit on the device, and cannot be collected in parts`;
        const fits = fitting === null ? 'not even one step has room' : `--steps ${fitting} would fit`;
        throw new DoesNotFit(`${asked}: ${fits}.`, { cause: error });
      }
    };
    const learn = (rollout: Rollout, learningRate: number) => {
      if (interventions === null) return agent.update(rollout, learningRate);
      const before = agent.state;
      const undo = () => {
        agent.state = before;
      };
      return interventions.within(batch + 1, () => agent.update(rollout, learningRate), undo);
    };
    const write = (): boolean => {
      if (checkpointPath === null) return false;
      const checkpoint: Checkpoint = {
        task: env,
        batch,
        totalSteps,
        environments: environments.state,
        agent: agent.state,
      };
      try {
        saveCheckpoint(checkpointPath, checkpoint);
      } catch (error) {
        options.onWarning?.(`The checkpoint of batch ${batch} was not saved: ${(error as Error).message}.`);
        return false;
      }
      return true;
    };
    const save = () => {
      if (savedAt === batch || !write()) return;
      savedAt = batch;
      emitter.emit('CHECKPOINT_SAVED', { batch, path: CHECKPOINT_FILE });
    };
    // However early it is killed, it can go on.
    if (resumed === null) write();

    while (batch < episodes && !signal?.aborted) {
      const learningRate = annealed(hyperparameters, batch, episodes);
      const episodesBefore = environments.episodes.total;

      const rolloutBegan = performance.now();
      const rollout = collectRollout(agent, environments, steps);
      hand(rollout);
      const updateBegan = performance.now();
      const figures = learn(rollout, learningRate);
      const rolloutMs = updateBegan - rolloutBegan;
      const updateMs = performance.now() - updateBegan - figures.gatheredMs;

      batch++;
      totalSteps += rolloutSteps;
      const metrics: PpoUpdateMetrics = {
        ...figures,
        batch,
        clipRange: hyperparameters.clipRange,
        learningRate,
        maxGradNorm: hyperparameters.maxGradNorm,
        steps: rolloutSteps,
        totalSteps,
        episodes: environments.episodes.total - episodesBefore,
        totalEpisodes: environments.episodes.total,
        episodicReturn: environments.episodes.meanReturn,
        episodicLength: environments.episodes.meanLength,
        rolloutMs,
        updateMs,
        stepsPerSecond: (1000 * rolloutSteps) / (rolloutMs + updateMs),
      };
      emitPpoUpdateEvent(emitter, metrics);
      options.onUpdate?.(metrics);
      interventions?.afterUpdate(batch, metrics.memory, updateMs);
      if (batch % (options.checkpointEvery ?? 10) === 0) save();
      // Lets signals and the samplers' timers through.
      await setImmediate();
    }

    save();
    const reason = batch < episodes ? 'interrupted' : 'finished';
    const why = reason === 'interrupted' && typeof signal?.reason === 'string' ? { why: signal.reason } : {};
    emitter.emit('TRAINING_COMPLETED', { reason, ...why, durationMs: performance.now() - began });
    return { reason, batch, totalSteps, episodicReturn: environments.episodes.meanReturn };
  } catch (error) {
    const { name, message, outOfMemory } = (error instanceof DoesNotFit ? error.cause : error) as Error & {
      outOfMemory?: OutOfMemory;
    };
    emitter.emit('TRAINING_FAILED', {
      errorType: name,
      message,
      outOfMemory: outOfMemory ?? null,
      durationMs: performance.now() - began,
    });
    throw error;
  }
}

/** Learning rate after so many batches: falls linearly, to reach 0 after the last. */
function annealed({ learningRate, annealLearningRate }: Hyperparameters, batch: number, batches: number) {
  return annealLearningRate ? learningRate * (1 - batch / batches) : learningRate;
}
