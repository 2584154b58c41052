/** The report of a run that goes on: its events taken as they come, the report rebuilt only now and then. */
import { RunAnalyser } from '../analysis/index.ts';
import { isEnd, type RunReport } from '../contract/index.ts';
import type { LoggedEvent } from '../log/index.ts';

/** A report stays so long, and so many times what it took to make: a hundredth of a core at most goes into it. */
const LEAST_MS = 1000;
const TIMES_ITS_COST = 100;
/** Once all devices of a run were judged: what they are, and what is found beside each other, changes little from one update to the next. */
const TIMES_WHOLE = 200;
/** Of a run of many ranks, those that stand out are judged for so long at once; the others when it is made again. */
const JUDGING_MS = 60;

export class LiveVerdict {
  #analyser = new RunAnalyser();
  #report: RunReport | null = null;
  /** Events came since it was made. */
  #isStale = false;
  #dueMs = 0;
  #isEnded = false;
  readonly #now: () => number;

  /** @param now a clock that never goes back, milliseconds */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  take(event: LoggedEvent): void {
    this.#analyser.take(event);
    this.#isStale = true;
    // Nothing follows an end: the report must be the final one.
    if (!isEnd(event)) return;
    this.#dueMs = 0;
    this.#isEnded = true;
  }

  /** The next report is made of all that has been taken: what was made on the way through a long log is old. */
  renew(): void {
    this.#dueMs = 0;
  }

  /** The newest report; null before the first event. */
  get(): RunReport | null {
    const began = this.#now();
    if (!this.#isStale || began < this.#dueMs) return this.#report;
    const isWhole = this.#analyser.judgeSome(() => this.#now() - began < JUDGING_MS);
    this.#report = this.#analyser.reportAsJudged();
    this.#isStale = !isWhole;
    const ended = this.#now();
    // What is left of a run that has ended is looked at in half of the time.
    const times = this.#isEnded && !isWhole ? 1 : this.#analyser.wereAllJudged ? TIMES_WHOLE : TIMES_ITS_COST;
    const pause = times * (ended - began);
    this.#dueMs = ended + (this.#isEnded ? pause : Math.max(LEAST_MS, pause));
    return this.#report;
  }
}
