/** The life of a run: started (again), completed, failed, checkpoints between. */
import { type Static, Type } from '@sinclair/typebox';
import { Bytes, Count, Flag, Ms, Text } from './units.ts';

export const TrainingStarted = Type.Object({
  name: Text('the run’s name'),
  algorithm: Text('PPO, …'),
  task: Text('environment or data set: CartPole-v1'),
  maxBatches: Count('batches (PPO updates) the run is to make'),
  maxSteps: Count('steps the run is to make, for a loop that is not PPO'),
  resumedAtBatch: Count('the last batch of an earlier part of this run; null for a fresh run'),
  resumedAtStep: Count('the last step of an earlier part of this run; null for a fresh run'),
  worldSize: Count('ranks in the job'),
  pid: Count('process id of the trainer'),
  hostname: Text('host of the trainer'),
  device: Text('the device that trains: cpu, cuda:0, sim:0'),
  allocatorBackend: Text('native, cudaMallocAsync'),
  allocatorConf: Text('PYTORCH_ALLOC_CONF or PYTORCH_CUDA_ALLOC_CONF'),
  expandableSegments: Flag('allocator uses expandable segments'),
  versions: Type.Optional(Type.Record(Type.String(), Type.String())),
  config: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type TrainingStarted = Static<typeof TrainingStarted>;

export const TrainingCompleted = Type.Object({
  reason: Type.Union([Type.Literal('finished'), Type.Literal('interrupted')], {
    description: 'interrupted: ended cleanly on request (Ctrl-C, SIGTERM)',
  }),
  durationMs: Ms('since this part of the run started'),
});
export type TrainingCompleted = Static<typeof TrainingCompleted>;

/** The figures of an out-of-memory message, as far as the text gave them. */
export const OutOfMemory = Type.Object({
  device: Text('device that refused'),
  triedBytes: Bytes('tried to allocate'),
  totalBytes: Bytes('total capacity of the device'),
  freeBytes: Bytes('free on the device'),
  processBytes: Bytes('in use by this process, the CUDA context included'),
  allocatedBytes: Bytes('allocated by PyTorch'),
  privatePoolBytes: Bytes('of that, in private pools (CUDA graphs)'),
  reservedUnallocatedBytes: Bytes('reserved by PyTorch but unallocated'),
});
export type OutOfMemory = Static<typeof OutOfMemory>;

export const TrainingFailed = Type.Object({
  errorType: Text('class of the error: OutOfMemoryError'),
  message: Text('the error’s text'),
  outOfMemory: Type.Optional(Type.Union([OutOfMemory, Type.Null()])),
  durationMs: Ms('since this part of the run started'),
});
export type TrainingFailed = Static<typeof TrainingFailed>;

export const CheckpointSaved = Type.Object({
  batch: Count('batch after which the checkpoint was taken'),
  path: Text('where it lies, relative to the run’s folder'),
});
export type CheckpointSaved = Static<typeof CheckpointSaved>;
