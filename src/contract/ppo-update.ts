/** One PPO update: what the agent learned, how long it took, what the allocator held. */
import { type Static, Type } from '@sinclair/typebox';
import { DeviceMemory } from './memory.ts';
import { Count, Flag, Fraction, LearningFigure, MAX_COUNT, Ms, Quantity } from './units.ts';

const group = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Optional(Type.Object(properties));

/** What the environments gave. */
const rollout = group({
  steps: Count('environment steps of this rollout, all environments together'),
  totalSteps: Count('environment steps since the run began'),
  episodes: Count('episodes that ended in this rollout'),
  totalEpisodes: Count('episodes that ended since the run began'),
  episodicReturn: LearningFigure('mean undiscounted return of the last 100 finished episodes'),
  episodicLength: Quantity('mean length of the same episodes, steps'),
});

export const PPOUpdatePayload = Type.Object({
  batch: Type.Integer({
    minimum: 0,
    maximum: MAX_COUNT,
    description: 'number of this update, counted from 1',
  }),
  loss: group({
    total: LearningFigure('policy + value coefficient × value − entropy coefficient × entropy'),
    policy: LearningFigure('clipped surrogate, mean over the update’s minibatches'),
    value: LearningFigure('value loss, mean over the update’s minibatches'),
  }),
  policy: group({
    entropy: LearningFigure('mean entropy of the policy, nats'),
    approxKl: LearningFigure('mean of (ratio − 1) − log ratio, nats'),
    clipFraction: Fraction('share of ratios outside the clip range'),
    clipRange: Quantity('clip range ε'),
    learningRate: Quantity('learning rate of this update'),
    epochs: Count('epochs made over the batch'),
    earlyStopped: Flag('stopped before the last epoch because the KL passed its target'),
  }),
  value: group({
    explainedVariance: LearningFigure(
      '1 − Var(returns − values) / Var(returns); null where returns do not vary',
    ),
    meanValue: LearningFigure('mean predicted value'),
    meanReturn: LearningFigure('mean GAE return, the value target'),
  }),
  gradient: group({
    norm: LearningFigure('global L2 norm before clipping, mean over minibatches'),
    maxNorm: Quantity('norm that gradients are clipped to'),
  }),
  rollout,
  timing: group({
    rolloutMs: Ms('collecting the rollout'),
    updateMs: Ms('optimising on it'),
    stepsPerSecond: Quantity('environment steps per second, rollout and update together'),
  }),
  memory: Type.Optional(Type.Array(DeviceMemory, { description: 'one entry a device; empty without a GPU' })),
  extra: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type PPOUpdatePayload = Static<typeof PPOUpdatePayload>;

/** One step of a training loop that is not PPO. */
export const StepPayload = Type.Object({
  step: Type.Integer({ minimum: 0, maximum: MAX_COUNT, description: 'number of this step' }),
  loss: LearningFigure('training loss'),
  learningRate: Quantity('learning rate'),
  gradNorm: LearningFigure('global L2 norm of the gradient'),
  stepMs: Ms('duration of the step'),
  samplesPerSecond: Quantity('samples per second'),
  tokensPerSecond: Quantity('tokens per second'),
  rollout,
  memory: Type.Optional(Type.Array(DeviceMemory, { description: 'one entry a device; empty without a GPU' })),
  extra: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type StepPayload = Static<typeof StepPayload>;
