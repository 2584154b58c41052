/**
 * A run's events → its report, in bounded memory. Ranks are kept apart until the report is asked for: any order that
 * keeps each rank's own gives the same one.
 */
import type { RunReport, TelemetryEvent, UnknownEvent } from '../contract/index.ts';
import { RankAnalyser } from './rank.ts';
import { reportOf } from './report.ts';

/** Lines that a reader could not read: those that are no events, and last ones that were cut off. */
export interface Unreadable {
  malformed: number;
  torn: number;
}

export class RunAnalyser {
  readonly #ranks = new Map<number, RankAnalyser>();

  /** Takes the next event of its rank; one that was taken already is passed over. */
  take(event: TelemetryEvent | UnknownEvent): void {
    let rank = this.#ranks.get(event.rank);
    if (rank === undefined) {
      rank = new RankAnalyser(event.rank, event.run);
      this.#ranks.set(event.rank, rank);
    }
    rank.take(event);
  }

  /**
   * The report so far. May be asked for at any time and any number of times: what follows is not disturbed.
   * @param unreadable what the reader of the log met; nothing where it is unknown
   */
  report(unreadable: Unreadable = { malformed: 0, torn: 0 }): RunReport {
    return reportOf(
      [...this.#ranks.values()].sort((a, b) => a.rank - b.rank),
      unreadable,
    );
  }

  /** The report of one rank so far, as if the run had no other. */
  reportOfRank(rank: number): RunReport {
    const own = this.#ranks.get(rank);
    return reportOf(own === undefined ? [] : [own], { malformed: 0, torn: 0 });
  }
}

/**
 * The report of a whole log, as `readRun` gives it.
 * @param unreadable the reader's own count, filled while it reads
 */
export function analyseRun(
  batches: Iterable<readonly (TelemetryEvent | UnknownEvent)[]>,
  unreadable?: Unreadable,
): RunReport {
  const analyser = new RunAnalyser();
  for (const events of batches) for (const event of events) analyser.take(event);
  return analyser.report(unreadable);
}
