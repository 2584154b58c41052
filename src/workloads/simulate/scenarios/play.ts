/**
 * A scenario as a run: the events a trainer would emit, one after the other, and at its end what is true of it. Time
 * is reported and not waited for; a caller that wants to watch waits.
 */
import type { EventType, Payload } from '../../../contract/index.ts';
import { OutOfMemoryError } from '../../allocator/index.ts';
import { Job } from './job.ts';
import { learned } from './learner.ts';
import { Pace } from './pace.ts';
import { Dice } from './random.ts';
import type { Scenario, ScenarioTruth, Script } from './script.ts';

/** What to emit, after so many milliseconds. */
export type ScenarioStep = { [T in EventType]: { type: T; data: Payload<T>; afterMs: number } }[EventType];

export interface PlayOptions {
  /** Equal seeds give equal runs. */
  seed: number;
  totalBytes?: number;
  /** Extra share of time of an update in which memory was refused; the scenario's own otherwise. */
  slowdown?: number;
  pid?: number | null;
}

const EPOCHS = 4;
const STEPS_PER_LENGTH = 256;

/** Plays one variant of a scenario to its end, or to the update in which memory runs out. */
export const playScenario = (
  scenario: Scenario,
  options: PlayOptions,
): Generator<ScenarioStep, ScenarioTruth> =>
  playScript(scenario, scenario.vary(new Dice(options.seed)), options);

/** Plays a variant of a scenario, or what one rank of several does. */
export function* playScript(
  scenario: Pick<Scenario, 'name' | 'kind'>,
  script: Script,
  { seed, totalBytes = 8 * 2 ** 30, slowdown, pid = null }: PlayOptions,
): Generator<ScenarioStep, ScenarioTruth> {
  const job = new Job({ ...script.job, totalBytes });
  const pace = new Pace(new Dice(seed + 0x10000), script.timeSpread);
  const learner = new Dice(seed + 0x20000);
  const truth: ScenarioTruth = {
    kind: scenario.kind,
    outOfMemoryAt: null,
    updatesAtTheWall: 0,
    lostMs: 0,
    totalMs: 0,
  };
  yield {
    type: 'TRAINING_STARTED',
    data: {
      name: scenario.name,
      algorithm: 'PPO',
      task: `scenario ${scenario.name}`,
      maxBatches: script.updates,
      worldSize: 1,
      pid,
      device: script.isUnmeasured ? 'cpu' : 'sim:0',
      config: { scenario: scenario.name, seed },
    },
    afterMs: 0,
  };

  let retries = 0;
  let totalSteps = 0;
  for (let update = 1; update <= script.updates; update++) {
    script.before?.(update, job);
    const lengths = script.lengths(update);
    const steps = Math.round(STEPS_PER_LENGTH * lengths.reduce((sum, length) => sum + length, 0));
    const { rolloutMs, updateMs: freeMs } = pace.take(steps / STEPS_PER_LENGTH / lengths.length);
    try {
      job.update(lengths, () => script.during?.(update, job));
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      truth.outOfMemoryAt = update;
      const { name, message, outOfMemory } = error;
      const data = { errorType: name, message, outOfMemory, durationMs: truth.totalMs };
      yield { type: 'TRAINING_FAILED', data, afterMs: rolloutMs + freeMs };
      return truth;
    }
    const memory = job.read();
    const flushed = memory.allocRetries! > retries;
    retries = memory.allocRetries!;
    const lostMs = flushed ? (slowdown ?? script.slowdown) * (rolloutMs + freeMs) : 0;
    const updateMs = freeMs + lostMs;
    const tookMs = rolloutMs + updateMs;
    if (flushed) truth.updatesAtTheWall++;
    truth.lostMs += lostMs;
    truth.totalMs += tookMs;
    totalSteps += steps;

    const { episodicReturn, ...figures } = learned(learner, update / script.updates);
    yield {
      type: 'PPO_UPDATE_COMPLETED',
      data: {
        batch: update,
        ...figures,
        policy: { ...figures.policy, epochs: EPOCHS },
        rollout: { steps, totalSteps, episodicReturn, episodicLength: episodicReturn },
        timing: { rolloutMs, updateMs, stepsPerSecond: (1000 * steps) / tookMs },
        memory: script.isUnmeasured ? [] : [memory],
      },
      afterMs: tookMs,
    };
    const failure = script.failure?.(update, job) ?? null;
    if (failure === null) continue;
    yield { type: 'TRAINING_FAILED', data: { ...failure, durationMs: truth.totalMs }, afterMs: 1 };
    return truth;
  }
  yield {
    type: 'TRAINING_COMPLETED',
    data: { reason: 'finished', durationMs: truth.totalMs },
    afterMs: 0,
  };
  return truth;
}
