/**
 * A run's log followed while it grows: read, reduced, begun again where a file was replaced, and watched for the end of its
 * writers. The one follower: a view, an alarm, a wait and a server each look at it through an observer.
 */
import { type AlarmNotice, type AlarmRule, defaultRules } from '../alarms/index.ts';
import { asLeft, type RunState, type SanctumSnapshot } from '../contract/index.ts';
import {
  emptyReport,
  isWriterGone,
  type LoggedEvent,
  type ReadProblem,
  type ReadReport,
  tailRun,
} from '../log/index.ts';
import { Reduction } from '../reduce/index.ts';

/** How often the writers are looked at. */
const WRITERS_MS = 1000;

export interface RunObserver {
  /** The reading begins, or begins again because a file was truncated or replaced: what was seen before holds no more. */
  began?(): void;
  /** Before an event is reduced: what must be done first may be awaited. */
  before?(event: LoggedEvent): Promise<void> | undefined;
  /** After each event; `notices` are what it did to the alarms. A snapshot of each takes its time. */
  event?(event: LoggedEvent, notices: readonly AlarmNotice[]): void;
  /** After each batch of events; at most some hundred are in one. */
  batch?(): void;
  /** All that the log holds now has been read. Called after each round, also of one that brought nothing. */
  caughtUp?(isFirst: boolean): void;
  /**
   * Whether no process writes the log any more has changed; after `caughtUp`. Where it is true, all that the writers wrote
   * has been read.
   */
  writers?(gone: boolean): void;
  /** Something could not be read; each once, in the order in which they were met. */
  problem?(problem: ReadProblem): void;
}

export class RunFollower {
  readonly folder: string;
  /** What reading the log met, since it began. */
  read: ReadReport = emptyReport();
  /** All that the log held at first has been read. */
  isCaughtUp = false;
  readonly #observer: RunObserver;
  readonly #rules: readonly AlarmRule[];
  #reduction: Reduction;
  /** No process writes the log any more, and all that was written has been read. */
  #isWriterGone = false;
  /** What the observer knows of it. */
  #announced = false;
  #rounds = 0;
  #lookDueMs = Number.NEGATIVE_INFINITY;
  /** The writers were gone before the round that is being read. */
  #isLastRound = false;
  #problemsSeen = 0;
  /** Of the events that are only counted, the first of its kind. */
  #firstSeen = new Set<ReadProblem>();
  #waiting = new Set<{ from: number; resolve: () => void }>();

  /** @param rules by which alarms are raised */
  constructor(folder: string, observer: RunObserver, rules: readonly AlarmRule[] = defaultRules) {
    this.folder = folder;
    this.#observer = observer;
    this.#rules = rules;
    this.#reduction = new Reduction(undefined, rules);
  }

  /** The run after the newest event, its state as it is; to be looked at and not kept, see {@link Reduction.now}. */
  now(): SanctumSnapshot {
    return this.asLeft(this.#reduction.now());
  }

  /** The run after the newest event, its state as it is. */
  snapshot(): SanctumSnapshot {
    return this.asLeft(this.#reduction.snapshot());
  }

  /** A document about the run so far, the run's state as it is. */
  asLeft<T extends { run: { state: RunState } }>(document: T): T {
    return asLeft(document, this.#isWriterGone, this.read.unreadable === 0);
  }

  /** Resolves once all that the log holds at this moment has been read, or following has ended. */
  readToEnd(): Promise<void> {
    // The round under way may have passed the end of a file already: the one after it has not.
    return new Promise(resolve => this.#waiting.add({ from: this.#rounds + 2, resolve }));
  }

  /** Follows until the signal aborts. Does not throw, unless the observer does. */
  async follow(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        this.#begin();
        const caughtUp = () => !signal.aborted && this.#caughtUp();
        const isOver = () => this.#isWriterGone;
        for await (const events of tailRun(this.folder, { signal, report: this.read, caughtUp, isOver })) {
          if (this.read.restarts > 0) break;
          // Somebody writes again, and no view is to see these events of a run that is gone.
          if (this.#isWriterGone) this.#isWriterGone = isWriterGone(this.folder);
          for (const event of events) {
            const first = this.#observer.before?.(event);
            if (first !== undefined) await first;
            const notices = this.#reduction.add(event);
            this.#observer.event?.(event, notices);
            if (signal.aborted) return;
          }
          this.#observer.batch?.();
        }
      }
    } finally {
      this.#tellProblems();
      for (const { resolve } of this.#waiting) resolve();
      this.#waiting.clear();
    }
  }

  #begin(): void {
    // A restart is counted in the report that ends with it, and is reported before it is reset.
    this.#tellProblems();
    this.read = emptyReport();
    this.#problemsSeen = 0;
    this.#reduction = new Reduction(undefined, this.#rules);
    this.isCaughtUp = false;
    this.#isLastRound = false;
    this.#observer.began?.();
  }

  /** @returns whether the log is to be read once more at once: its writers ended, and may have written to the last. */
  #caughtUp(): boolean {
    this.#tellProblems();
    const now = performance.now();
    if (now >= this.#lookDueMs || this.#isLastRound) {
      const gone = isWriterGone(this.folder);
      this.#lookDueMs = now + WRITERS_MS;
      if (gone && !this.#isWriterGone && !this.#isLastRound) {
        this.#isLastRound = true;
        return true;
      }
      this.#isLastRound = false;
      this.#isWriterGone = gone;
    }
    const isFirst = !this.isCaughtUp;
    this.isCaughtUp = true;
    this.#rounds++;
    this.#observer.caughtUp?.(isFirst);
    if (this.#isWriterGone !== this.#announced) {
      this.#announced = this.#isWriterGone;
      this.#observer.writers?.(this.#isWriterGone);
    }
    for (const waiting of this.#waiting) {
      if (waiting.from > this.#rounds) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
    return false;
  }

  #tellProblems(): void {
    const { problems, firstUnknown, firstRepeated } = this.read;
    for (; this.#problemsSeen < problems.length; this.#problemsSeen++)
      this.#observer.problem?.(problems[this.#problemsSeen]!);
    for (const first of [firstUnknown, firstRepeated]) {
      if (first === null || this.#firstSeen.has(first)) continue;
      this.#firstSeen.add(first);
      this.#observer.problem?.(first);
    }
  }
}
