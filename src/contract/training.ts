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
  device: Text('the device that trains: cpu, cuda:0; sim:0 and standin:0 are no GPU'),
  allocatorBackend: Text('native, cudaMallocAsync'),
  allocatorConf: Text('PYTORCH_ALLOC_CONF or PYTORCH_CUDA_ALLOC_CONF'),
  expandableSegments: Flag('allocator uses expandable segments'),
  versions: Type.Optional(Type.Record(Type.String(), Type.String())),
  config: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type TrainingStarted = Static<typeof TrainingStarted>;

/** Of a trainer that reports every so many steps: a progress bar beside its reports shows each. */
const Reached = Count('newest batch or step that was made, where no report is as new');

export const TrainingCompleted = Type.Object({
  reason: Type.Union([Type.Literal('finished'), Type.Literal('interrupted'), Type.Literal('unknown')], {
    description:
      'interrupted: ended cleanly on request (Ctrl-C, SIGTERM); unknown: what was watched ended, and how is not recorded',
  }),
  why: Text('why it was ended where nobody asked: the process that started it is gone'),
  reached: Reached,
  durationMs: Ms('since this part of the run started'),
});
export type TrainingCompleted = Static<typeof TrainingCompleted>;

/** A figure of a message that cannot be, as a count that wrapped below zero: it is left out, and listed here. */
export const ImpossibleFigure = Type.Object({
  figure: Type.String({
    description: 'field of the figure; several joined by + where only their sum cannot be',
  }),
  printed: Type.String({ description: 'as the message printed it, or the sum of what it printed' }),
  belowZeroBytes: Bytes('so far below zero, where the figure wrapped at 2^64'),
});
export type ImpossibleFigure = Static<typeof ImpossibleFigure>;

/** The figures of an out-of-memory message, as far as the text gave them. */
export const OutOfMemory = Type.Object({
  device: Text('device that refused; cpu for the host’s own memory'),
  by: Text('who was refused: pytorch, cuda, nccl, cublas, jax, physx, kernel, slurm'),
  triedBytes: Bytes('tried to allocate'),
  totalBytes: Bytes('total capacity of the device'),
  freeBytes: Bytes('free on the device'),
  processBytes: Bytes('in use by this process, the CUDA context included'),
  allocatedBytes: Bytes('allocated by PyTorch'),
  privatePoolBytes: Bytes('of that, in private pools (CUDA graphs)'),
  reservedUnallocatedBytes: Bytes('reserved by PyTorch but unallocated'),
  activeBytes: Bytes('allocated, or freed and still awaited by a stream'),
  cachedBytes: Bytes('what PyTorch before 1.4 called cached'),
  allowedBytes: Bytes('most that this process may use: its memory fraction, or Metal’s limit'),
  otherProcesses: Type.Optional(
    Type.Union([
      Type.Array(
        Type.Object({
          pid: Type.Integer({ minimum: 0 }),
          bytes: Type.Integer({ minimum: 0, unit: 'bytes' }),
        }),
      ),
      Type.Null(),
    ]),
  ),
  impossible: Type.Optional(Type.Union([Type.Array(ImpossibleFigure), Type.Null()])),
});
export type OutOfMemory = Static<typeof OutOfMemory>;

/** How a training ended, where a trainer's own error is not all there is: the evidence that was found. */
export const Ending = Type.Object({
  kind: Type.String({
    description:
      'error, out of memory, host memory, signal, time limit, cancelled, preempted, node failure, collective timeout, ' +
      'launcher, device fault, silent (ended before its known last step, without an error), peer (fell with another rank)',
  }),
  by: Text('source: kernel, slurm, shell, launcher, ray, kubernetes, nccl'),
  evidence: Text(
    'the line it was read from; of an error of the trainer’s own, the place in the program that raised it',
  ),
  place: Text(
    'where in the program the error was raised whose text it was read from, where another program’s words are the evidence',
  ),
  scope: Text(
    'of the host’s memory: machine, or container where only a job’s or container’s limit was reached',
  ),
  signal: Count('signal that ended a process'),
  exitCode: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
  pid: Count('process that was ended'),
  process: Text('its name'),
  rank: Count('rank that is named'),
  heldBytes: Bytes('host memory that it held'),
  usedBytes: Bytes('host memory in use'),
  totalBytes: Bytes('host memory there is'),
  others: Type.Optional(
    Type.Union([
      Type.Array(
        Type.Object({
          pid: Count('process that was killed beside it'),
          process: Text('its name'),
          heldBytes: Bytes('host memory that it held'),
          rank: Count('its rank'),
        }),
      ),
      Type.Null(),
    ]),
  ),
  xid: Count('NVIDIA’s number of a device’s fault'),
  collectives: Type.Optional(
    Type.Union([
      Type.Array(
        Type.Object({
          rank: Count('rank that waited'),
          group: Type.Optional(
            Text('the group of ranks that the operation is of: works are counted in each'),
          ),
          operation: Text('ALLREDUCE, …'),
          work: Count('number of the operation that hung'),
          limitMs: Ms('limit of an operation'),
          ranMs: Ms('how long it had waited'),
          lastEnqueued: Count('newest operation that the rank had begun'),
          lastCompleted: Count('newest operation that the rank had completed'),
        }),
      ),
      Type.Null(),
    ]),
  ),
});
export type Ending = Static<typeof Ending>;

/** The place in the program that raised an error, `train.py, line 17, in step (within …)`; null where none is known. */
export const placeOfError = (ending: Ending | null | undefined): string | null =>
  ending?.place ?? (ending?.by == null ? (ending?.evidence ?? null) : null);

/** What the text around an error of memory shows of the program that wrote it, where the error’s own words and frames do not. */
export const ShownAround = Type.Object({
  program: Type.String({
    description: 'training, loading, saving, checkpoint, evaluation, images, inference, engine, unknown',
  }),
  engine: Text('an inference engine’s name: vLLM'),
  at: Text('where in a training it was: optimizer'),
  given: Text('what its model is given: images, text'),
  pipeline: Text('a library whose pipeline or trainer it is: diffusers, transformers'),
  backend: Text('a backend other than CUDA: hip, npu'),
  library: Text('a library with memory of its own: ggml, jax'),
  engineShare: Type.Optional(Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()])),
  offloads: Text('what diffusers keeps on the host: model, layers'),
  signs: Type.Optional(
    Type.Array(Type.String({ description: 'what is so besides: isBatchOfOne, isWindows' })),
  ),
  reached: Text('how far it had come by its own lines, where these have no figures: epoch 3 of 10'),
});
export type ShownAround = Static<typeof ShownAround>;

export const TrainingFailed = Type.Object({
  errorType: Text('class of the error: OutOfMemoryError'),
  message: Text('the error’s text'),
  ending: Type.Optional(Type.Union([Ending, Type.Null()])),
  outOfMemory: Type.Optional(Type.Union([OutOfMemory, Type.Null()])),
  shown: Type.Optional(Type.Union([ShownAround, Type.Null()])),
  reached: Reached,
  durationMs: Ms('since this part of the run started'),
});
export type TrainingFailed = Static<typeof TrainingFailed>;

/** Whether all that a text has is a warning: how the training ended, or whether it did, is not in it. */
export const isWarning = ({ errorType }: { errorType?: string | null }): boolean => errorType === 'Warning';

export const CheckpointSaved = Type.Object({
  batch: Count('batch after which the checkpoint was taken'),
  path: Text('where it lies, relative to the run’s folder'),
});
export type CheckpointSaved = Static<typeof CheckpointSaved>;
