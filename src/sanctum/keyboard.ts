/**
 * Key strokes from a terminal's input: raw mode, decoding by node:readline. Input that is no key is skipped: pasted
 * text, mouse reports, focus changes, and a terminal's answers to queries that another program left behind.
 */
import { emitKeypressEvents, type Interface, type Key } from 'node:readline';

export interface Stroke {
  /** The character typed; empty for a key without one (arrows, Ctrl and Alt combinations). */
  input: string;
  /** The name that node:readline gives the key, as `left`, `pageup`, `escape`, `c`; undefined for punctuation. */
  name?: string | undefined;
  ctrl?: boolean;
  shift?: boolean;
}

/** How long a lone Escape waits for the rest of a sequence, milliseconds. */
const ESCAPE_MS = 50;
/** A skipped sequence whose end does not arrive is given up after so much silence, milliseconds. */
const SKIP_MS = 300;

/** Whether a key, the `n`th after the introducer, ends the sequence. */
type EndsAt = (sequence: string, n: number) => boolean;

const stringEnd: EndsAt = sequence => sequence === '\x07' || sequence === '\x1b\\';
const finalByte: EndsAt = sequence => /^[@-~]$/.test(sequence);

/** What begins input that is no key, and what ends it. */
const skipped: Record<string, EndsAt> = {
  '\x1b[200~': sequence => sequence === '\x1b[201~',
  '\x1b[M': (_, n) => n === 3,
  '\x1b[<': finalByte,
  '\x1b[?': finalByte,
  '\x1b[>': finalByte,
  '\x1b]': stringEnd,
  '\x1bP': stringEnd,
  '\x1b_': stringEnd,
  '\x1b^': stringEnd,
};

export class Keyboard {
  #stdin: NodeJS.ReadStream;
  #onStroke: (stroke: Stroke) => void;
  #onGone: () => void;
  #skip: { endsAt: EndsAt; seen: number; atMs: number } | null = null;

  /** @param onGone called when the input has ended: the terminal is gone */
  constructor(stdin: NodeJS.ReadStream, onStroke: (stroke: Stroke) => void, onGone: () => void) {
    this.#stdin = stdin;
    this.#onStroke = onStroke;
    this.#onGone = onGone;
    // Of the interface that belongs here only this one property is read.
    emitKeypressEvents(stdin, { escapeCodeTimeout: ESCAPE_MS } as unknown as Interface);
  }

  open(): void {
    this.raw(true);
    this.#stdin.on('keypress', this.#take);
    this.#stdin.on('end', this.#onGone);
    this.#stdin.on('error', this.#onGone);
    this.#stdin.resume();
  }

  /** Raw mode on or off; only where the input is a terminal. Never throws: a terminal that is gone has no mode. */
  raw(on: boolean): void {
    if (!this.#stdin.isTTY) return;
    try {
      this.#stdin.setRawMode(on);
    } catch {
      // Gone.
    }
  }

  close(): void {
    this.#stdin.off('keypress', this.#take);
    this.#stdin.off('end', this.#onGone);
    this.#stdin.off('error', this.#onGone);
    this.raw(false);
    this.#stdin.pause();
    // Reading must not keep the process alive.
    this.#stdin.unref?.();
  }

  #take = (character: string | undefined, { sequence = '', name, ctrl, meta, shift }: Key): void => {
    if (this.#isSkipped(sequence)) return;
    const endsAt = skipped[sequence];
    if (endsAt !== undefined) {
      this.#skip = { endsAt, seen: 0, atMs: performance.now() };
      return;
    }
    // Readline's name for a sequence that it does not know: a change of focus, or a key unknown here too.
    if (name === 'undefined') return;
    // An Alt combination is not the key without it; readline gives Escape itself the same mark.
    if (meta && name !== 'escape') return;
    this.#onStroke({
      input: ctrl ? '' : (character ?? ''),
      name,
      ctrl: ctrl ?? false,
      shift: shift ?? false,
    });
  };

  #isSkipped(sequence: string): boolean {
    const skip = this.#skip;
    if (skip === null) return false;
    const now = performance.now();
    if (now - skip.atMs > SKIP_MS) {
      this.#skip = null;
      return false;
    }
    skip.atMs = now;
    skip.seen++;
    if (skip.endsAt(sequence, skip.seen)) this.#skip = null;
    return true;
  }
}
