/**
 * When the lines of a log were written. One that is read as it is written has the time it came; one from before our time the time that it
 * shows, or that of the newest line that showed one, or of the first that does. Never in the future.
 */
import { type LogLine, printedTime } from './log-line.ts';

/** When a line was read, and whether it was written just then; otherwise the time printed in it is its time. */
export interface LineTime {
  nowMs: number;
  live: boolean;
}

export class LogClock {
  #nowMs = 0;
  #live = true;
  #printedMs: number | null = null;
  /** When the reading of a log that shows no time began: all of it has that, as reading it takes no part of the training's. */
  #beganMs: number | null = null;
  /** When what is being emitted was read, where that was held. */
  #heldMs: number | null = null;

  /** Whether what is being emitted was held since an earlier line. */
  get isHeld(): boolean {
    return this.#heldMs !== null;
  }

  set(nowMs: number, live: boolean): void {
    this.#nowMs = nowMs;
    this.#live = live;
    if (live) this.#beganMs = null;
    else this.#beganMs ??= nowMs;
  }

  /** When a log from before our time began, as far as it shows that: of the lines in front of the first that has a time. */
  startsAt(timeMs: number | null): void {
    this.#printedMs ??= timeMs;
  }

  /** Of the line that is being read. */
  of(line: LogLine): number {
    if (this.#live) return this.#nowMs;
    this.#printedMs = printedTime(line.raw) ?? this.#printedMs;
    return Math.min(this.#printedMs ?? this.#beganMs ?? this.#nowMs, this.#nowMs);
  }

  /** The time that a line of an older log shows itself; null where it shows none, or is read as it is written. */
  shownIn(line: LogLine): number | null {
    const timeMs = this.#live ? null : printedTime(line.raw);
    return timeMs === null ? null : Math.min(timeMs, this.#nowMs);
  }

  /** Of what is emitted now: when it was read, or that of the line that is being read. */
  ofEvent(line: LogLine): number {
    return this.#heldMs ?? this.of(line);
  }

  /** Emits what was read at another time; null for one that nothing shows. */
  at(timeMs: number | null, emit: () => void): void {
    const before = this.#heldMs;
    this.#heldMs = timeMs ?? before;
    emit();
    this.#heldMs = before;
  }
}
