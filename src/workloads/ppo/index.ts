/** Proximal policy optimisation on classic control: the built-in workload. jax is loaded when training starts. */
export { type AgentOptions, type AgentState, PPOAgent, type UpdateFigures } from './agent.ts';
export { type ActionSpace, findTask, type Task, taskNames } from './environments/index.ts';
export { type EvaluationConfig, lossAndGradients, type MinibatchFigures } from './evaluate.ts';
export { type Hyperparameters, hyperparametersFor } from './hyperparameters.ts';
export type { Minibatch } from './loss.ts';
export { type NamedArrays, parameterShapes, type Shapes } from './parameters.ts';
export { type TrainOptions, type TrainResult, train } from './train.ts';
export type { DeviceJob, TrainingDevice } from './training-device.ts';
