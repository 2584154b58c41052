/** A run's verdict and newest state from its whole log: read to its end, and on from there once it has grown. */
import { setImmediate } from 'node:timers/promises';
import { RunAnalyser } from '../analysis/index.ts';
import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import { type Bookmark, emptyReport, type LoggedEvent, type ReadReport, RunReader } from '../log/index.ts';
import { Reduction } from '../reduce/index.ts';

/** Bytes that are read on at once, while somebody waits. */
const READ_ON_BYTES = 4 * 1024 * 1024;
const SLICE_MS = 20;

export class VerdictReader {
  readonly #folder: string;
  readonly #analyser = new RunAnalyser();
  readonly #reduction = new Reduction();
  readonly #read = emptyReport();
  #bookmark: Bookmark | null = null;
  /** The log was read to its end once. */
  #isWhole = false;
  #isReading = false;
  #newest: SanctumSnapshot | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What reading met so far. */
  get met(): Readonly<ReadReport> {
    return this.#read;
  }

  /** The report on the whole log as it is now; null where `goOn` stopped it before: the next call continues there. */
  async read(goOn: () => boolean): Promise<RunReport | null> {
    this.#isReading = true;
    try {
      for (const _ of this.#events()) {
        await setImmediate();
        if (!goOn()) return null;
      }
      this.#isWhole = true;
      // Judging the devices of many ranks takes seconds, in which others are to be answered.
      for (let isAll = false; !isAll; ) {
        const until = performance.now() + SLICE_MS;
        isAll = this.#analyser.judgeSome(() => performance.now() < until);
        await setImmediate();
        if (!goOn()) return null;
      }
      return this.#analyser.reportAsJudged(this.#read);
    } finally {
      this.#isReading = false;
    }
  }

  /**
   * The run after every event of its log: what stands of its alarms depends on all of them. Null where the log was not read
   * to its end yet, or has grown by more than can be read at once.
   * @param bytes size of the log now
   */
  newest(bytes: number): SanctumSnapshot | null {
    if (this.#isReading || !this.#isWhole) return this.#newest;
    const known = [...(this.#bookmark ?? [])].reduce((sum, [, { offset }]) => sum + offset, 0);
    if (bytes - known > READ_ON_BYTES) return null;
    for (const _ of this.#events());
    this.#newest = this.#reduction.snapshot();
    return this.#newest;
  }

  /** Takes what came since, batch by batch. */
  *#events(): Generator<LoggedEvent[]> {
    const reader = new RunReader(this.#folder, this.#read, this.#bookmark);
    for (const events of reader) {
      for (const event of events) {
        this.#analyser.take(event);
        this.#reduction.add(event);
      }
      this.#bookmark = reader.bookmark;
      yield events;
    }
  }
}
