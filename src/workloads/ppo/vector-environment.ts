/**
 * N environments in step. One that ends starts again at once, so `observations` always holds what to act on
 * next; where the time limit ended it, `finalObservations` holds the state that was cut off, whose value the
 * return is to be bootstrapped from.
 */
import { Environment } from './environments/environment.ts';
import { type ActionSpace, actionWidth, type Task } from './environments/index.ts';
import { type EpisodeState, EpisodeStatistics } from './episode-statistics.ts';
import { Random } from './random.ts';

export interface VectorEnvironmentState {
  task: string;
  states: Float64Array[];
  elapsed: Float64Array;
  returns: Float64Array;
  random: Uint32Array;
  episodes: EpisodeState;
}

export class VectorEnvironment {
  readonly count: number;
  readonly task: Task;
  readonly episodes = new EpisodeStatistics();
  /** [count, observationSize], the present observations. */
  readonly observations: Float32Array;
  /** [count, observationSize], only the rows of environments that the last step truncated mean anything. */
  readonly finalObservations: Float32Array;
  /** [count], of the last step. */
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly #environments: Environment[];
  readonly #returns: Float64Array;
  readonly #random: Random;

  constructor(task: Task, count: number, seed: number) {
    this.task = task;
    this.count = count;
    this.observations = new Float32Array(count * task.observationSize);
    this.finalObservations = new Float32Array(count * task.observationSize);
    this.rewards = new Float64Array(count);
    this.terminated = new Uint8Array(count);
    this.truncated = new Uint8Array(count);
    this.#returns = new Float64Array(count);
    this.#random = new Random(seed);
    this.#environments = Array.from({ length: count }, () => new Environment(task));
    for (const [i, environment] of this.#environments.entries()) {
      environment.reset(this.#random);
      environment.observe(this.#row(this.observations, i));
    }
  }

  get observationSize(): number {
    return this.task.observationSize;
  }

  get actionSpace(): ActionSpace {
    return this.task.actionSpace;
  }

  /** @param actions [count, actionWidth] */
  step(actions: Float32Array): void {
    const width = actionWidth(this.task.actionSpace);
    for (let i = 0; i < this.count; i++) {
      const environment = this.#environments[i]!;
      const step = environment.step(actions.subarray(i * width, (i + 1) * width));
      this.rewards[i] = step.reward;
      this.terminated[i] = Number(step.terminated);
      this.truncated[i] = Number(step.truncated);
      this.#returns[i]! += step.reward;
      if (step.truncated) environment.observe(this.#row(this.finalObservations, i));
      if (step.terminated || step.truncated) {
        this.episodes.add(this.#returns[i]!, environment.elapsed);
        this.#returns[i] = 0;
        environment.reset(this.#random);
      }
      environment.observe(this.#row(this.observations, i));
    }
  }

  get state(): VectorEnvironmentState {
    return {
      task: this.task.name,
      states: this.#environments.map(environment => Float64Array.from(environment.state)),
      elapsed: Float64Array.from(this.#environments, environment => environment.elapsed),
      returns: this.#returns.slice(),
      random: this.#random.state,
      episodes: this.episodes.state,
    };
  }

  /** @throws {RangeError} in one sentence, when the state is of another task or number of environments */
  set state(saved: VectorEnvironmentState) {
    if (saved.task !== this.task.name || saved.states.length !== this.count)
      throw new RangeError(
        `Saved were ${saved.states.length} environments of ${saved.task}, not ${this.count} of ${this.task.name}.`,
      );
    for (const [i, environment] of this.#environments.entries()) {
      environment.state = Array.from(saved.states[i]!);
      environment.elapsed = saved.elapsed[i]!;
      environment.observe(this.#row(this.observations, i));
    }
    this.#returns.set(saved.returns);
    this.#random.state = saved.random;
    this.episodes.state = saved.episodes;
  }

  #row(buffer: Float32Array, i: number): Float32Array {
    const size = this.task.observationSize;
    return buffer.subarray(i * size, (i + 1) * size);
  }
}
