/** Everything that shapes the learning, with defaults for each task that learn it. */

export interface Hyperparameters {
  /** Adam's step size at the start. */
  learningRate: number;
  /** Lower the learning rate linearly, to reach 0 after the last batch. */
  annealLearningRate: boolean;
  /** Discount γ. */
  gamma: number;
  gaeLambda: number;
  /** Epochs over each rollout. */
  epochs: number;
  /** Parts that a rollout is cut into, shuffled each epoch; one gradient step a part. */
  minibatches: number;
  /** ε of the clipped surrogate. */
  clipRange: number;
  /** See `LossConfig`; null: no value clipping. */
  valueClipRange: number | null;
  valueCoefficient: number;
  entropyCoefficient: number;
  /** Gradients are scaled down to this global L2 norm. */
  maxGradNorm: number;
  /** Advantages of a minibatch get mean 0 and standard deviation 1. */
  normalizeAdvantages: boolean;
  /** No further epoch once an epoch's mean approximate KL is above this; null: never stop early. */
  targetKl: number | null;
  /** Adam's ε. */
  adamEpsilon: number;
  /** Divide rewards by the running standard deviation of the discounted return. */
  scaleRewards: boolean;
}

const common: Hyperparameters = {
  learningRate: 2e-3,
  annealLearningRate: true,
  gamma: 0.99,
  gaeLambda: 0.95,
  epochs: 2,
  minibatches: 8,
  clipRange: 0.2,
  valueClipRange: null,
  valueCoefficient: 0.5,
  entropyCoefficient: 0,
  maxGradNorm: 0.5,
  normalizeAdvantages: true,
  targetKl: null,
  adamEpsilon: 1e-5,
  scaleRewards: true,
};

/**
 * Mean return of the last 100 episodes with these: CartPole-v1 475 after 85,000 to 114,000 steps (seeds 1 to 3); after
 * 100,000 steps Acrobot-v1 −82 to −89 (seeds 1 to 5) and Pendulum-v1 −191 to −227 (seeds 1 to 3).
 */
const byTask: Readonly<Record<string, Partial<Hyperparameters>>> = {
  'CartPole-v1': { learningRate: 3e-3, gamma: 0.98, gaeLambda: 0.8 },
  'Pendulum-v1': { learningRate: 1e-3, gamma: 0.9, epochs: 10 },
};

const counts: readonly string[] = ['epochs', 'minibatches'];
const nullable: readonly string[] = ['valueClipRange', 'targetKl'];

/**
 * The task's defaults, with the overrides in their place.
 * @throws {RangeError} in one sentence, for a name that is none or a value that cannot work
 */
export function hyperparametersFor(task: string, overrides: Partial<Hyperparameters> = {}): Hyperparameters {
  for (const [name, value] of Object.entries(overrides)) {
    if (!(name in common))
      throw new RangeError(`There is no hyperparameter "${name}": choose ${Object.keys(common).join(', ')}.`);
    const wanted = problem(name as keyof Hyperparameters, value);
    if (wanted !== null) throw new RangeError(`${name} must be ${wanted}, not ${value}.`);
  }
  return { ...common, ...byTask[task], ...overrides };
}

/** What the value should have been; null where it can work. */
function problem(name: keyof Hyperparameters, value: number | boolean | null): string | null {
  if (typeof common[name] === 'boolean') return typeof value === 'boolean' ? null : 'true or false';
  if (nullable.includes(name) && value === null) return null;
  if (counts.includes(name))
    return Number.isInteger(value) && (value as number) > 0 ? null : 'a whole number from 1';
  return Number.isFinite(value) && (value as number) >= 0 ? null : 'a number from 0';
}
