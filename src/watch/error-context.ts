/** What the lines before an error add to its words: whose memory a refusal is of, which error was raised again, an allocator's figures. */
import { bfcStat, cacheRoomIn, isRepeat, leastOfXla, sleepIn } from '../texts/index.ts';
import type { HeldError } from './held-error.ts';

/** A worker's error that another process raises again: its class stands before the traceback. */
const CAUGHT_IN = /\bCaught ([A-Za-z_]\w{0,99}) in (?:replica|DataLoader worker|pin memory)/;
/** An error of XLA’s, and what its allocator logs where the error itself is not in the text. */
const OF_XLA = /^RESOURCE_EXHAUSTED|\bxla\/\S{1,80}bfc_allocator\.cc:\d{1,5}\] Allocator \(/;
/** A frame that asks for page-locked host memory; the driver's words for a refusal are then the same as of a full device. */
const PINS = /\bpin_memory\b|cudaHostAlloc|cudaHostRegister/;
/** The lines of the innermost frame: its file, its code, what it underlines. */
const LINES_OF_FRAME = 3;
const DRIVER_REFUSED =
  /^CUDA (?:driver )?error: (?:out of memory|invalid argument)|CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation/i;
/** NCCL's words for a call to the system that failed. */
const SYSTEM_CALL = /unhandled system error|ncclSystemError/;

const ILLEGAL = /^CUDA error: an illegal memory access/;

const MOST_ASLEEP = 40;

export class ErrorContext {
  /** Class of a worker's error that another process raises again, of the newest line that has one. */
  caught: string | null = null;
  /** What the allocator of TensorFlow and JAX prints of itself around an error. */
  stats: { allowedBytes?: number; allocatedBytes?: number } = {};
  /** What inference engines in the same GPU printed as they went to sleep, by their process. */
  #asleep = new Map<string, string[]>();
  /** What an engine printed where it had less than nothing left for its cache; null where it had something, or printed none. */
  noRoom: string | null = null;
  /** What XLA could make of a program at best, as it looked for what to compute again in the place of keeping it. */
  #least: string | null = null;
  /** Number of the newest line of a frame that pins host memory. */
  #pinsAt = Number.NEGATIVE_INFINITY;

  /** Whether the line is an allocator's figure, and nothing else. */
  read(text: string, line: number, source: string): boolean {
    const slept = sleepIn(text);
    if (slept !== null) this.#sleep(source, slept.words);
    const room = text.includes('GiB') && /kv[ _]cache/i.test(text) ? cacheRoomIn(text) : null;
    if (room !== null) this.noRoom = room.gib > 0 ? null : room.words;
    if (text.includes('by rematerialization')) this.#least = leastOfXla(text) ?? this.#least;
    if (PINS.test(text)) this.#pinsAt = line;
    if (text.includes('Caught ')) this.caught = CAUGHT_IN.exec(text)?.[1] ?? this.caught;
    const stat = bfcStat(text);
    if (stat?.name !== 'Limit' && stat?.name !== 'InUse') return false;
    this.stats[stat.name === 'Limit' ? 'allowedBytes' : 'allocatedBytes'] ??= stat.bytes;
    return true;
  }

  /** Of the engine that slept most often. */
  get asleep(): readonly string[] {
    return [...this.#asleep.values()].reduce<readonly string[]>(
      (most, words) => (words.length > most.length ? words : most),
      [],
    );
  }

  #sleep(source: string, words: string): void {
    const before = this.#asleep.get(source) ?? [];
    if (before.length >= MOST_ASLEEP || (before.length === 0 && this.#asleep.size >= MOST_ASLEEP)) return;
    this.#asleep.set(source, [...before, words]);
  }

  /** The words of an error, with what the lines before it say that they do not. */
  of(message: string, line: number, held: HeldError | null): string {
    const isPinning =
      (line - this.#pinsAt <= LINES_OF_FRAME && DRIVER_REFUSED.test(message)) ||
      /in pin memory thread/.test(held?.message ?? '');
    if (isPinning) return `${message} (in pin_memory)`;
    // The error that comes of an assertion does not name it.
    if (held?.errorType === 'AssertionError' && message.startsWith('CUDA error'))
      return `${message}\n${held.message}`;
    // What a failed kernel of the simulator leaves is met by PyTorch’s next call.
    if (held?.errorType === 'PhysXError' && ILLEGAL.test(message)) return `${message}\n${held.message}`;
    // Why an engine did not start stands in its own lines.
    if (this.noRoom !== null && isRepeat(null, message)) return `${this.noRoom}\n${message}`;
    if (this.#least !== null && OF_XLA.test(message)) return `${message}\n${this.#least}`;
    // A warning of NCCL's names what the error after it does not.
    return SYSTEM_CALL.test(message) && held?.errorType === 'Warning' && held.memory?.by === 'nccl'
      ? `${message}\n${held.message}`
      : message;
  }

  /** The run goes on: the figures were of an error before. */
  clear(): void {
    this.stats = {};
    this.#least = null;
  }
}
