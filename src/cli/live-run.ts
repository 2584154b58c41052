/** A run as it is written, offered to a view or as plain lines. */
import { isOver, isUpdate, type RunReport, type SanctumSnapshot } from '../contract/index.ts';
import { RunFollower } from '../follow/index.ts';
import type { ReadReport } from '../log/index.ts';
import { emptySnapshot } from '../reduce/index.ts';
import type { SanctumSource } from '../sanctum/index.ts';
import { LiveVerdict } from './live-verdict.ts';

/** What a view's report line needs, from what the reader and the reducer counted. */
export const logHealth = ({ malformed, torn, unknown }: ReadReport, { ranks }: SanctumSnapshot) => ({
  malformed,
  torn,
  unknown,
  lost: ranks.reduce((sum, rank) => sum + rank.lostEvents, 0),
});

export class LiveRun implements SanctumSource {
  #now: SanctumSnapshot = emptySnapshot();
  /** Events came since it was made. */
  #isOld = false;
  /** Listeners were called since the newest event. */
  #isShown = true;
  /** Called after every update with the run as it is then, which the next event changes, and the newest report; null when unused. */
  onUpdate: ((now: SanctumSnapshot, report: RunReport | null) => void) | null = null;
  readonly #follower: RunFollower;
  #verdict: LiveVerdict;
  #listeners = new Set<() => void>();
  #stop = new AbortController();

  /** @param now a clock that never goes back, milliseconds */
  constructor(folder: string, now = () => performance.now()) {
    this.#verdict = new LiveVerdict(now);
    const show = () => {
      this.#isShown = true;
      for (const listener of this.#listeners) listener();
    };
    this.#follower = new RunFollower(folder, {
      began: () => {
        this.#verdict = new LiveVerdict(now);
      },
      event: event => {
        this.#isOld = true;
        this.#isShown = false;
        this.#verdict.take(event);
        if (this.onUpdate !== null && isUpdate(event)) this.onUpdate(this.now, this.#verdict.get());
      },
      caughtUp: isFirst => {
        if (isFirst) this.#verdict.renew();
        if (isFirst || !this.#isShown) show();
      },
      // Of a log that was caught up with, what came in one look is shown as one.
      batch: () => {
        if (!this.#follower.isCaughtUp) show();
      },
      // Where no process writes it any more there is no event that makes the last report due.
      writers: () => {
        this.#isOld = true;
        this.#verdict.renew();
        show();
      },
    });
  }

  /** After the newest events, to be looked at and not kept; made when it is asked for, because one of many ranks takes its time. */
  get now(): SanctumSnapshot {
    if (this.#isOld) this.#now = this.#follower.now();
    this.#isOld = false;
    return this.#now;
  }

  /** After the newest events, and not changed by those that follow. */
  get snapshot(): SanctumSnapshot {
    return this.#follower.snapshot();
  }

  getState(isKept = false) {
    const snapshot = isKept ? this.snapshot : this.now;
    return {
      snapshot,
      report: logHealth(this.#follower.read, snapshot),
      verdict: this.#verdict.get(),
    };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows until `stop`. */
  follow(): Promise<void> {
    return this.#follower.follow(this.#stop.signal);
  }

  /** Resolves once the run is over: by its log, or because no process writes it any more. */
  async ended(): Promise<void> {
    if (isOver(this.now.run.state)) return;
    await new Promise<void>(resolve => {
      const unsubscribe = this.subscribe(() => {
        if (!isOver(this.now.run.state)) return;
        unsubscribe();
        resolve();
      });
    });
  }

  /** Resolves once all that the log holds at this moment has been read. */
  readToEnd(): Promise<void> {
    return this.#follower.readToEnd();
  }

  stop(): void {
    this.#stop.abort();
  }
}
