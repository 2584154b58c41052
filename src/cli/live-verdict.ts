/** The report of a run that goes on: its events taken as they come, the report rebuilt only now and then. */
import { RunAnalyser } from '../analysis/index.ts';
import { isEnd, type RunReport } from '../contract/index.ts';
import type { LoggedEvent } from '../log/index.ts';

/** A report stays so long, and so many times what it took to make: a hundredth of a core at most goes into it. */
const LEAST_MS = 1000;
const TIMES_ITS_COST = 100;

export class LiveVerdict {
  #analyser = new RunAnalyser();
  #report: RunReport | null = null;
  /** Events came since it was made. */
  #isStale = false;
  #dueMs = 0;
  readonly #now: () => number;

  /** @param now a clock that never goes back, milliseconds */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  take(events: readonly LoggedEvent[]): void {
    for (const event of events) this.#analyser.take(event);
    this.#isStale ||= events.length > 0;
    // Nothing follows an end: the report must be the final one.
    if (events.some(isEnd)) this.#dueMs = 0;
  }

  /** The newest report; null before the first event. */
  get(): RunReport | null {
    const began = this.#now();
    if (!this.#isStale || began < this.#dueMs) return this.#report;
    this.#report = this.#analyser.report();
    this.#isStale = false;
    const ended = this.#now();
    this.#dueMs = ended + Math.max(LEAST_MS, TIMES_ITS_COST * (ended - began));
    return this.#report;
  }
}
