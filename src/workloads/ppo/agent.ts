/**
 * PPOAgent: proximal policy optimisation (Schulman et al. 2017), in the form of CleanRL. It acts in plain
 * typed arrays and learns through jax; both work on the same parameters.
 */
import { mean } from '../../base/index.ts';
import type { DeviceMemory } from '../../contract/index.ts';
import { type AdamState, adamStep, clipByGlobalNorm, initialAdam } from './adam.ts';
import { explainedVariance } from './diagnostics.ts';
import { sampleCategorical, sampleGaussian } from './distribution.ts';
import { type ActionSpace, actionWidth } from './environments/index.ts';
import { evaluate, type MinibatchFigures, partsOf } from './evaluate.ts';
import { Trunk } from './forward.ts';
import { generalisedAdvantages } from './gae.ts';
import type { Hyperparameters } from './hyperparameters.ts';
import type { LossAndGradient, Minibatch } from './loss.ts';
import {
  initialParameters,
  newParameters,
  type Parameters,
  parameterShapes,
  policyOutputs,
} from './parameters.ts';
import { Random } from './random.ts';
import { RewardScale, type RewardScaleState } from './reward-scale.ts';
import type { Rollout } from './rollout.ts';
import type { TrainingDevice } from './training-device.ts';

export interface AgentOptions {
  observationSize: number;
  actionSpace: ActionSpace;
  /** Environments acted in at a time. */
  environments: number;
  hyperparameters: Hyperparameters;
  seed: number;
  /** Absent on the CPU. */
  device?: TrainingDevice | null;
}

/** Everything an agent has learned. */
export interface AgentState {
  parameters: Float32Array;
  adam: AdamState;
  random: Uint32Array;
  /** Null where rewards are not scaled. */
  rewardScale: RewardScaleState | null;
}

/** Figures of one update; the losses and the policy's figures are means over its minibatches. */
export interface UpdateFigures {
  totalLoss: number;
  policyLoss: number;
  valueLoss: number;
  entropy: number;
  approxKl: number;
  clipFraction: number;
  gradNorm: number;
  explainedVariance: number | null;
  meanValue: number;
  meanReturn: number;
  /** Epochs made, and whether the KL ended them before the last. */
  epochs: number;
  earlyStopped: boolean;
  /** One reading a device; empty on the CPU. */
  memory: DeviceMemory[];
  /** What the reading took, ms. */
  gatheredMs: number;
}

export class PPOAgent {
  readonly hyperparameters: Hyperparameters;
  readonly parameters: Parameters;
  /** Parts that each minibatch is learned in, their gradients adding up: more need less memory, and learn the same. */
  microbatches = 1;
  readonly #options: AgentOptions;
  readonly #lossAndGradient: LossAndGradient;
  readonly #gradient: Parameters;
  readonly #random: Random;
  readonly #actor: Trunk;
  readonly #critic: Trunk;
  readonly #device: TrainingDevice | null;
  readonly #rewardScale: RewardScale | null;
  #adam: AdamState;

  /** Loads jax and compiles the loss. */
  static async create(options: AgentOptions): Promise<PPOAgent> {
    const { compileLoss } = await import('./loss.ts');
    const { observationSize, actionSpace, hyperparameters } = options;
    const shapes = parameterShapes(observationSize, actionSpace);
    const compiled = await compileLoss(shapes, observationSize, actionSpace, hyperparameters);
    return new PPOAgent(options, compiled);
  }

  private constructor(options: AgentOptions, lossAndGradient: LossAndGradient) {
    const { observationSize, actionSpace, environments, hyperparameters, seed } = options;
    this.#options = options;
    this.hyperparameters = hyperparameters;
    this.#lossAndGradient = lossAndGradient;
    this.#random = new Random(seed);
    const shapes = parameterShapes(observationSize, actionSpace);
    this.parameters = initialParameters(shapes, this.#random);
    this.#gradient = newParameters(shapes);
    this.#adam = initialAdam(this.parameters.flat.length);
    this.#actor = new Trunk('actor', this.parameters.named, environments);
    this.#critic = new Trunk('critic', this.parameters.named, environments);
    this.#device = options.device ?? null;
    this.#rewardScale = hyperparameters.scaleRewards
      ? new RewardScale(environments, hyperparameters.gamma)
      : null;
  }

  /**
   * Samples an action for every environment.
   * @param observations [environments, observationSize]
   * @returns new arrays: actions [environments, actionWidth], logProbs and values [environments]
   */
  act(observations: Float32Array): {
    actions: Float32Array;
    logProbs: Float32Array;
    values: Float32Array;
  } {
    const { environments, actionSpace } = this.#options;
    const outputs = policyOutputs(actionSpace);
    const policy = new Float32Array(environments * outputs);
    const actions = new Float32Array(environments * actionWidth(actionSpace));
    const logProbs = new Float32Array(environments);
    this.#actor.apply(observations, policy, environments);
    if (actionSpace.kind === 'discrete') sampleCategorical(policy, outputs, this.#random, actions, logProbs);
    else sampleGaussian(policy, this.parameters.named.logStd!, this.#random, actions, logProbs);
    return { actions, logProbs, values: this.values(observations) };
  }

  /** The critic's values [environments] of observations [environments, observationSize]. */
  values(observations: Float32Array): Float32Array {
    const values = new Float32Array(this.#options.environments);
    this.#critic.apply(observations, values, this.#options.environments);
    return values;
  }

  /** Rewards [environments] of one step, as the agent learns from them. @param ends 1 where an episode ended */
  scaleRewards(rewards: Float64Array, ends: Uint8Array): Float64Array {
    return this.#rewardScale?.apply(rewards, ends) ?? rewards;
  }

  /** Learns from one rollout, with this update's learning rate. */
  update(rollout: Rollout, learningRate = this.hyperparameters.learningRate): UpdateFigures {
    const { epochs, minibatches, targetKl } = this.hyperparameters;
    const { advantages, returns } = generalisedAdvantages({ ...rollout, ...this.hyperparameters });
    const samples = { ...rollout, advantages, returns };
    const order = Uint32Array.from(advantages, (_, i) => i);
    const parts = Math.min(minibatches, order.length);

    const made: MinibatchFigures[] = [];
    let epoch = 0;
    let stop = false;
    while (epoch < epochs && !stop) {
      this.#random.shuffle(order);
      for (let part = 0; part < parts; part++) {
        const from = Math.floor((part * order.length) / parts);
        const to = Math.floor(((part + 1) * order.length) / parts);
        made.push(this.#learn(this.#minibatch(samples, order.subarray(from, to)), learningRate));
      }
      epoch++;
      stop = targetKl !== null && mean(made.slice(-parts).map(figures => figures.approxKl)) > targetKl;
    }

    const { memory, readMs } = this.collectInfrastructureMetrics();
    this.#device?.finishUpdate();
    const over = (figure: keyof MinibatchFigures) => mean(made.map(figures => figures[figure]));
    return {
      totalLoss: over('total'),
      policyLoss: over('policy'),
      valueLoss: over('value'),
      entropy: over('entropy'),
      approxKl: over('approxKl'),
      clipFraction: over('clipFraction'),
      gradNorm: over('gradNorm'),
      explainedVariance: explainedVariance(rollout.values, returns),
      meanValue: mean(rollout.values),
      meanReturn: mean(returns),
      epochs: epoch,
      earlyStopped: epoch < epochs,
      memory,
      gatheredMs: readMs,
    };
  }

  /** Reads the memory of the device that trains: no device on the CPU. `readMs`: what the reading took. */
  collectInfrastructureMetrics(): { memory: DeviceMemory[]; readMs: number } {
    const began = performance.now();
    const memory = this.#device === null ? [] : [this.#device.read()];
    return { memory, readMs: performance.now() - began };
  }

  get state(): AgentState {
    const { mean, square, steps } = this.#adam;
    return {
      parameters: this.parameters.flat.slice(),
      adam: { mean: mean.slice(), square: square.slice(), steps },
      random: this.#random.state,
      rewardScale: this.#rewardScale?.state ?? null,
    };
  }

  set state(state: AgentState) {
    this.parameters.flat.set(state.parameters);
    const { mean, square, steps } = state.adam;
    this.#adam = { mean: mean.slice(), square: square.slice(), steps };
    this.#random.state = state.random;
    if (this.#rewardScale && state.rewardScale) this.#rewardScale.state = state.rewardScale;
  }

  #minibatch(
    samples: Rollout & { advantages: Float32Array; returns: Float32Array },
    rows: Uint32Array,
  ): Minibatch {
    const { observationSize, actionSpace } = this.#options;
    return {
      observations: take(samples.observations, rows, observationSize),
      actions: take(samples.actions, rows, actionWidth(actionSpace)),
      oldLogProbs: take(samples.logProbs, rows),
      advantages: take(samples.advantages, rows),
      returns: take(samples.returns, rows),
      oldValues: take(samples.values, rows),
    };
  }

  /** One gradient step. */
  #learn(minibatch: Minibatch, learningRate: number): MinibatchFigures {
    const { maxGradNorm, adamEpsilon } = this.hyperparameters;
    const gradient = this.#gradient;
    const size = minibatch.advantages.length;
    const parts = Math.min(this.microbatches, size);
    for (const [from, to] of partsOf(size, parts)) this.#device?.minibatch(to - from);
    const figures = evaluate(
      this.#lossAndGradient,
      this.parameters,
      minibatch,
      gradient,
      this.hyperparameters,
      parts,
    );
    clipByGlobalNorm(gradient.flat, maxGradNorm, figures.gradNorm);
    this.#device?.optimizerStep();
    adamStep(this.#adam, this.parameters.flat, gradient.flat, { learningRate, epsilon: adamEpsilon });
    return figures;
  }
}

/** The chosen rows of [n, width]. */
function take(source: Float32Array, rows: Uint32Array, width = 1): Float32Array {
  const taken = new Float32Array(rows.length * width);
  for (let row = 0; row < rows.length; row++)
    for (let i = 0; i < width; i++) taken[row * width + i] = source[rows[row]! * width + i]!;
  return taken;
}
