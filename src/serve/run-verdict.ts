/** A run's verdict from its whole log: read to its end, and on from there once it has grown. */
import { setImmediate } from 'node:timers/promises';
import { RunAnalyser } from '../analysis/index.ts';
import type { RunReport } from '../contract/index.ts';
import { type Bookmark, emptyReport, RunReader } from '../log/index.ts';

export class VerdictReader {
  readonly #folder: string;
  readonly #analyser = new RunAnalyser();
  readonly #read = emptyReport();
  #bookmark: Bookmark | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The report on the whole log as it is now; null where `goOn` stopped it before: the next call continues there. */
  async read(goOn: () => boolean): Promise<RunReport | null> {
    const reader = new RunReader(this.#folder, this.#read, this.#bookmark);
    for (const events of reader) {
      for (const event of events) this.#analyser.take(event);
      this.#bookmark = reader.bookmark;
      await setImmediate();
      if (!goOn()) return null;
    }
    return this.#analyser.report(this.#read);
  }
}
