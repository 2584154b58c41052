/** An error that was read and is not yet believed: a trainer may catch it and go on. Which of several explains the end. */
import type { OutOfMemory } from '../contract/index.ts';
import { asksForMore, type MemoryError, readMemoryError } from '../texts/index.ts';
import { alike } from './by-shape.ts';

export interface HeldError {
  errorType: string | null;
  message: string;
  outOfMemory: OutOfMemory | null;
  /** What the text reports of any memory, a device's or not; null for an error of something else. */
  memory: MemoryError | null;
  /** Rank whose lines it stood in, where they name one. */
  rank: number | null;
  /** Number of its line. */
  line: number;
  /** Where in the program it was raised; null where no frame is in the text. */
  place: string | null;
  /** The line of the program's own among its frames; null where they are a library's alone. */
  own: string | null;
  /** Whether it was printed as something that the trainer had caught. */
  isQuoted: boolean;
  /** Whether it is a line of an error's name alone, without a traceback: the trainer may have gone on. */
  isLoose: boolean;
  /** Whether a sentence mentions it, and nothing printed it. */
  isSpoken: boolean;
  /** Lines of an inference engine that slept before it. */
  asleep: readonly string[];
  /** Whether a launcher only repeats that something else has ended. */
  isLauncher: boolean;
  /** How often it was printed: each refused request has a line of some allocators. */
  times: number;
  /** How often lines of an allocator have printed it beside its raising; none where it is absent. */
  printed?: number;
}

/** What the text of an error reports of memory. */
export function memoryOf(
  errorType: string | null,
  message: string,
): Pick<HeldError, 'memory' | 'outOfMemory'> {
  const memory = readMemoryError(message, { errorType });
  const refused = memory?.outOfMemory ?? null;
  const device = refused?.by === 'nccl' && refused.device === null ? NCCL.exec(message)?.[1] : undefined;
  return {
    memory,
    outOfMemory: device === undefined ? refused : { ...refused!, device: `cuda:${Number(device)}` },
  };
}

/** NCCL's own lines: the host, the process, the thread, and the device that it is on. */
const NCCL = /^[^\s:]{1,100}:\d{1,9}:\d{1,9} \[(\d{1,3})\] /m;

/** An error in such a line is quoted: the trainer caught it. */
const QUOTED =
  /^(?!.{0,200}Error reported to Coordinator).{0,2000}\b(?:UserWarning|WARNING|WARN|INFO|DEBUG|warning|info|skipping|retrying|Skipping|Retrying|caught|Caught)\b/;
/** `I get a CUDA out of memory error.` */
const SPOKEN =
  /^[A-Z][^:\d]{0,200}[a-z,] [^:]{0,200}\bout[ -]of[ -]memory (?:error|issue|problem|exception)s?\b/;

/** Whether the line of an error has it as caught; whether a sentence only mentions it. */
export const isQuoted = (message: string): boolean => QUOTED.test(message);
export const isSpoken = (message: string): boolean => SPOKEN.test(message);

/** Whether a program has logged the error as one that it caught; NCCL calls its own last words a warning. */
export const isCaught = (error: HeldError | null): boolean =>
  error?.isQuoted === true && error.memory?.by !== 'nccl';

/** Whether it is of the allocator of TensorFlow and JAX. */
export const isOfPool = ({ outOfMemory }: HeldError): boolean =>
  /^(?:tensorflow|jax)$/.test(outOfMemory?.by ?? '');

/** An error of the allocator of TensorFlow and JAX, with the figures that it prints beside it. */
export const withStats = (error: HeldError, stats: Partial<OutOfMemory>): HeldError =>
  error.outOfMemory !== null && isOfPool(error)
    ? { ...error, outOfMemory: { ...error.outOfMemory, ...stats } }
    : error;

/** The simulator’s own pinned memory is refused once a kernel of it has failed. */
const isRefusedToBroken = (error: HeldError, held: HeldError): boolean =>
  held.errorType === 'PhysXError' && error.memory?.memory === 'page-locked';

/** ggml’s pinned memory and the driver’s own words for it, a line further. */
const isOfPinned = (error: HeldError, held: HeldError): boolean =>
  held.memory?.memory === 'page-locked' &&
  error.line === held.line + 1 &&
  error.message.includes('vk::Device::allocateMemory');

/** Whether the error that is held announces another one, as Ray does of a module that a worker cannot import. */
const isAnnouncedBy = (error: HeldError, held: HeldError): boolean =>
  held.memory === null &&
  !error.isLauncher &&
  /(?:error|exception|cause|environment):\s*$/i.test(held.message);

/** NCCL calls its refusal a warning; what another library was refused after it came of the same device. */
const isFirstOfTwo = (error: HeldError, held: HeldError): boolean =>
  held.outOfMemory?.by === 'nccl' &&
  held.outOfMemory.triedBytes != null &&
  error.outOfMemory !== null &&
  error.outOfMemory.triedBytes == null;

/** Whether it is a line of an allocator that prints each refusal, and raises none. PyTorch’s own error is often logged twice. */
const isPrinted = ({ errorType, outOfMemory, place }: HeldError): boolean =>
  errorType === 'OutOfMemoryError' &&
  place === null &&
  !/^(?:pytorch|unknown)$/.test(outOfMemory?.by ?? 'unknown');

/** How often a request was refused; 1 where that is not known. */
export const timesOf = (error: HeldError): number =>
  isPrinted(error) ? error.times : Math.max(1, error.printed ?? 0);

/** Whether the words that an allocator has printed are those of an error that was raised. */
export const isPrintOf = (print: HeldError, raised: HeldError): boolean =>
  isPrinted(print) &&
  !isPrinted(raised) &&
  raised.outOfMemory !== null &&
  print.outOfMemory?.by === raised.outOfMemory.by &&
  print.outOfMemory?.triedBytes === raised.outOfMemory.triedBytes &&
  alike(print.message) === alike(raised.message);

/** Whether the allocator has printed one more refusal like it. */
export const isOneMore = (error: HeldError, held: HeldError): boolean =>
  isPrinted(held) &&
  isPrinted(error) &&
  error.outOfMemory?.triedBytes === held.outOfMemory?.triedBytes &&
  alike(error.message) === alike(held.message);

/** Whether it is the same refusal of other memory than the device's once more, of a larger piece: what has to be made room for. */
export const isLargerOfSame = (error: HeldError, held: HeldError): boolean =>
  error.memory !== null &&
  held.memory !== null &&
  error.memory.memory === held.memory.memory &&
  error.memory.by === held.memory.by &&
  error.rank === held.rank &&
  asksForMore(error.message, held.message);

/** Whether a title has the words of PyTorch’s error, which PyTorch itself never prints without the device’s and its own figures, and the error stands below. */
const isTitleOf = (held: HeldError, error: HeldError): boolean =>
  held.place === null &&
  held.outOfMemory?.by === 'pytorch' &&
  held.outOfMemory.device !== 'cpu' &&
  error.outOfMemory?.by === 'pytorch' &&
  error.outOfMemory.totalBytes != null &&
  (held.outOfMemory.totalBytes == null ||
    (held.outOfMemory.allocatedBytes == null && error.outOfMemory.allocatedBytes != null));

/** A thread that hands batches on loses its processes as they end with the program, which somebody interrupted: its error comes first. */
const isOfTeardown = (error: HeldError, held: HeldError): boolean =>
  error.errorType === 'KeyboardInterrupt' &&
  error.own !== null &&
  held.own === null &&
  held.rank === error.rank &&
  held.place !== null &&
  /\bmultiprocessing[/\\](?:connection|resource_sharer)\.py\b/.test(held.place);

/** Whether an error explains an end that another one was held for: the first is the cause, one about memory explains most, a launcher's least. */
export const explainsMore = (error: HeldError, held: HeldError): boolean =>
  held.line === error.line ||
  (error.outOfMemory !== null && held.outOfMemory === null && !isOfPinned(error, held)) ||
  (error.memory !== null && held.memory === null && !isRefusedToBroken(error, held)) ||
  (error.outOfMemory?.triedBytes != null &&
    !isOfPinned(error, held) &&
    held.outOfMemory?.triedBytes == null) ||
  isTitleOf(held, error) ||
  (held.isLauncher && !error.isLauncher) ||
  isAnnouncedBy(error, held) ||
  isOfTeardown(error, held) ||
  (held.isQuoted && !error.isQuoted && !isFirstOfTwo(error, held)) ||
  (held.isSpoken && !error.isSpoken && error.memory !== null && !error.isLoose) ||
  (held.isLoose && !error.isLoose && !isOfPinned(error, held));

/** Whether more lines of an error's text report more of memory than those before. */
export const reportsMore = (
  read: Pick<HeldError, 'memory' | 'outOfMemory'>,
  before: Pick<HeldError, 'memory' | 'outOfMemory'>,
): boolean =>
  figuresIn(read.outOfMemory) > figuresIn(before.outOfMemory) ||
  (read.memory !== null && before.memory === null) ||
  // TensorFlow names the processor behind its text.
  (read.memory?.memory === 'host' &&
    before.memory?.by === 'tensorflow' &&
    before.memory.memory === 'device') ||
  // Its source file stands behind CUDA's words.
  (read.memory?.by === 'ggml' && before.memory?.by === 'cuda') ||
  // The host's exception, thrown for a device.
  (read.memory?.memory === 'device' && before.memory?.memory === 'host');

const figuresIn = (outOfMemory: OutOfMemory | null): number =>
  outOfMemory === null ? -1 : Object.values(outOfMemory).filter(value => value != null).length;
