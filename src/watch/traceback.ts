/**
 * Tracebacks and out-of-memory messages → why a run may have failed. Lines of several processes interleave, so each
 * process's traceback is followed apart. An error is held, not yet believed: a trainer may catch it and go on.
 */
import type { OutOfMemory, Payload } from '../contract/index.ts';
import { parseOutOfMemory, readMemoryError } from '../texts/index.ts';
import { type LogLine, workerOf } from './log-line.ts';

const HEAD = 'Traceback (most recent call last)';
/** A traceback after one of these was printed, not raised. */
const HARMLESS = /^(?:Exception ignored in|--- Logging error ---)/;
const MARKS = [HEAD, 'out of memory', 'Exception ignored in', '--- Logging error ---'];
const CHAIN = /^(?:During handling of the above exception|The above exception was the direct cause)/;
/** `torch.OutOfMemoryError: CUDA out …`, `ray.exceptions.RayTaskError(ValueError): …`, `KeyboardInterrupt`. */
const RAISED =
  /^((?:[A-Za-z_]\w{0,99}\.){0,20})([A-Za-z_]\w{0,99})(?:\(([A-Za-z_]\w{0,99})\))?(?::\s?(.*))?$/;
/** Processes whose traceback is open at a time. */
const MOST_OPEN = 64;
const LONGEST_MESSAGE = 2000;

type Failure = Payload<'TRAINING_FAILED'>;

export class Tracebacks {
  /** By process: inside a traceback; after its error, where a chained one may follow; or to be passed over. */
  #open = new Map<string, 'frames' | 'raised' | 'harmless'>();
  #held: Failure | null = null;

  /** Whether this raw line may be part of an error's text: a look that is cheaper than reading it. */
  mayRead(raw: string): boolean {
    return this.#open.size > 0 || MARKS.some(mark => raw.includes(mark));
  }

  /** Whether the line is part of an error's text. */
  read(line: LogLine): boolean {
    const { text } = line;
    const process = workerOf(line) ?? `${line.source?.rank ?? ''}`;
    const state = this.#open.get(process);
    if (HARMLESS.test(text)) {
      this.#set(process, 'harmless');
      return true;
    }
    if (text.includes(HEAD)) {
      if (state !== 'harmless') this.#set(process, 'frames');
      return true;
    }
    if (state !== undefined) {
      if (text === '' || /^\s/.test(text) || CHAIN.test(text)) {
        if (state === 'raised' && /^\s+File /.test(text)) this.#set(process, 'frames');
        return true;
      }
      const raised = state === 'raised' && !isMemory(text) ? null : RAISED.exec(text);
      if (raised !== null) {
        if (state === 'harmless') this.#open.delete(process);
        else {
          this.#raise(raised);
          this.#set(process, 'raised');
        }
        return true;
      }
      this.#open.delete(process);
    }
    if (!isMemory(text)) return false;
    this.#raise(RAISED.exec(text.trim()) ?? [null, '', 'OutOfMemoryError', undefined, text]);
    return true;
  }

  /** The error held, or null. */
  get held(): Failure | null {
    return this.#held;
  }

  /** The run goes on, or the error was told: it is held no more. */
  clear(): void {
    this.#held = null;
    this.#open.clear();
  }

  #set(process: string, state: 'frames' | 'raised' | 'harmless'): void {
    if (!this.#open.has(process) && this.#open.size >= MOST_OPEN) this.#open.clear();
    this.#open.set(process, state);
  }

  /** The first error is the cause of those after it; one that tells of memory says more than any. */
  #raise([, , name, inner, message = '']: readonly (string | null | undefined)[]): void {
    const outOfMemory: OutOfMemory | null = parseOutOfMemory(message ?? '');
    const saysMore = outOfMemory !== null && this.#held?.outOfMemory == null;
    if (this.#held !== null && !saysMore) return;
    this.#held = {
      errorType: inner ?? name ?? null,
      message: (message ?? '').slice(0, LONGEST_MESSAGE),
      ...(outOfMemory !== null && { outOfMemory }),
    };
  }
}

/** Whether the line, an error's or not, says that memory ran out: advice and comments do not count. */
const isMemory = (text: string) => readMemoryError(text, { loose: false })?.outOfMemory != null;
