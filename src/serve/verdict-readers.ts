/** The verdicts of a list's runs: logs that are being read for them, a few kept open to be read on when they grow. */
import { highestPeak } from '../analysis/index.ts';
import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import { skimRun } from '../follow/index.ts';
import type { ReadReport } from '../log/index.ts';
import { hasGrown, type Look, logBytesIn } from './folder-look.ts';
import { OPEN_VERDICTS } from './limits.ts';
import type { Whole } from './run-row.ts';
import type { RunStore } from './run-store.ts';
import { VerdictReader } from './run-verdict.ts';
import { slimReport } from './run-view.ts';

/** What the list knows of a run that is judged. */
export interface Judging {
  id: string;
  path: string;
  /** What the folder looked like when the row was made; null where it is from the last time. */
  look: Look | null;
  /** Of a run that goes on; an ended one has nothing more to be asked for. */
  snapshot: SanctumSnapshot | null;
  /** What the whole log came to, its report without timelines; null until it was read. */
  whole: Whole | null;
  /** What the folder looked like when its verdict was made, and when that was. */
  judged: Look | null;
  judgedMs: number;
}

/** A run after its whole log, and what reading that met; null where a page follows it. */
export interface Judged {
  snapshot: SanctumSnapshot;
  met: Readonly<ReadReport> | null;
}

const TIMES_ITS_COST = 5;

export class VerdictReaders {
  readonly #store: RunStore;
  /** The one longest waited for first. */
  readonly #open = new Map<string, VerdictReader>();

  constructor(store: RunStore) {
    this.#store = store;
  }

  /** The run after its whole log, where that was read once; from its beginning and its end until then. */
  newest({ id, path, judged }: Judging, look: Look): SanctumSnapshot {
    const reading = hasGrown(judged, look) ? this.#open.get(id) : undefined;
    return reading?.newest(logBytesIn(look)) ?? this.#store.snapshot(id) ?? skimRun(path);
  }

  /**
   * Makes the verdict, and writes down when and of what.
   * @param goesOn whether more of the log may come
   * @returns null where it was stopped before, or cannot be read
   */
  async judge(known: Judging, goesOn: boolean, goOn: () => boolean): Promise<Judged | null> {
    const { id, path, look } = known;
    const began = performance.now();
    const done = (
      report: RunReport | null,
      snapshot: SanctumSnapshot | null,
      met: Judged['met'] = null,
    ): Judged | null => {
      known.judged = look;
      const ended = performance.now();
      // One that took long stays for so many times that before it is made again.
      known.judgedMs = ended + TIMES_ITS_COST * (ended - began);
      known.whole = report === null ? null : { report: slimReport(report), peakBytes: highestPeak(report) };
      return report === null ? null : { snapshot: snapshot ?? known.snapshot ?? skimRun(path), met };
    };
    // What somebody looks at has been read already.
    const followed = this.#store.report(id);
    if (followed !== null) {
      // A log that was read for this in part takes memory for nothing.
      this.#open.delete(id);
      return done(followed, this.#store.snapshot(id));
    }
    const reading =
      (hasGrown(known.judged, look ?? new Map()) && this.#open.get(id)) || new VerdictReader(path);
    this.#keep(id, reading);
    try {
      const report = await reading.read(goOn);
      if (report !== null && !goesOn) this.#open.delete(id);
      return report === null ? null : done(report, reading.newest(0), reading.met);
    } catch {
      // The row already shows what is wrong with the folder.
      this.#open.delete(id);
      return done(null, null);
    }
  }

  forget(id: string): void {
    this.#open.delete(id);
  }

  #keep(id: string, reading: VerdictReader): void {
    this.#open.delete(id);
    this.#open.set(id, reading);
    const [oldest] = this.#open.keys();
    if (this.#open.size > OPEN_VERDICTS) this.#open.delete(oldest!);
  }
}
