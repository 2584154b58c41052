/** The error that explains an end, among those that came one after the other: held, and not yet believed. */
import type { Frames } from './frames.ts';
import {
  explainsMore,
  type HeldError,
  isLargerOfSame,
  isOneMore,
  isPrintOf,
  withStats,
} from './held-error.ts';

/** Lines from the sentence that chains two errors to the head of the second. */
const CHAIN_LINES = 3;

export class FirstError {
  held: HeldError | null = null;
  /** Number of the newest line that chains another error to the one before. */
  chainedAt = -1;
  /** Whether another request was refused after the one that is held: what stands behind is of that one. */
  isAnother = false;

  /** The newest traceback that ended in a line which names no error. */
  #nameless: { line: number; rank: number | null; place: string } | null = null;

  clear(): void {
    this.held = null;
    this.isAnother = false;
    this.#nameless = null;
  }

  /** Whether what stands behind the error that is held is of another one, which came of it. */
  get isChained(): boolean {
    return this.held !== null && this.chainedAt > this.held.line;
  }

  /** Whether the traceback that begins in a line is of an error which came of the one that is held. */
  isChainedTo(head: number): boolean {
    return this.isChained && head > this.chainedAt && head <= this.chainedAt + CHAIN_LINES;
  }

  /** A traceback whose own error is not in the text, behind the error that is held: prose may name it first. */
  get nameless(): { rank: number | null; place: string } | null {
    const found = this.#nameless;
    return found === null || this.held === null || this.isAnother || found.line < this.held.line
      ? null
      : found;
  }

  passNameless({
    line,
    rank,
    frames: { place },
  }: {
    line: number;
    rank: number | null;
    frames: Frames;
  }): void {
    if (place !== null) this.#nameless = { line, rank, place };
  }

  /** @param stats what the allocator's own lines have beside it */
  take(error: HeldError, stats: Parameters<typeof withStats>[1]): void {
    // At a prompt the session goes on behind each error: the newest counts.
    if (this.held !== null && isOfPrompt(this.held) && isOfPrompt(error) && error.memory !== null)
      this.held = null;
    if (this.held !== null && !explainsMore(error, this.held)) {
      // What called the library that refused raises its own error behind its lines, or the same one.
      if (isOneMore(error, this.held)) this.held = { ...this.held, times: this.held.times + error.times };
      else if (isPrintOf(error, this.held))
        this.held = { ...this.held, printed: (this.held.printed ?? 0) + error.times };
      // What follows from a warning of NCCL's shows that it was the end.
      if (this.held.isQuoted && !error.isQuoted) this.held = { ...this.held, isQuoted: false };
      if (isLargerOfSame(error, this.held)) this.held = { ...this.held, message: error.message };
      const isOfCaller = this.held.memory?.by === 'ggml' || isSameRefusal(this.held, error);
      if (isOfCaller && this.held.place === null)
        this.held = { ...this.held, place: error.place, own: error.own };
      this.isAnother ||= !isOfCaller && error.outOfMemory !== null;
      return;
    }
    this.isAnother = false;
    const isPrinted = this.held !== null && isPrintOf(this.held, error);
    this.held = withStats(isPrinted ? { ...error, printed: this.held!.times } : error, stats);
  }

  /** A library caught its own error and raised another: the traceback of that one begins further out, where the program called it. */
  takeCallerOf(error: HeldError, head: number): void {
    const { held } = this;
    if (held === null || held.own !== null || held.place === null || error.own === null) return;
    if (this.isChainedTo(head) && held.rank === error.rank)
      this.held = { ...held, place: `${error.own} (within ${held.place})`, own: error.own };
  }
}

/** What a library prints of a refusal, and the error that is raised for it: they have the same amount, or neither has one. */
const isSameRefusal = (held: HeldError, error: HeldError): boolean =>
  held.outOfMemory !== null &&
  error.outOfMemory !== null &&
  held.outOfMemory.triedBytes === error.outOfMemory.triedBytes &&
  (held.outOfMemory.triedBytes != null ||
    (held.outOfMemory.by === error.outOfMemory.by && held.rank === error.rank));

/** Whether it was raised by what somebody typed at Python’s prompt. */
const isOfPrompt = ({ place }: HeldError): boolean => place?.startsWith('<stdin>, ') === true;
