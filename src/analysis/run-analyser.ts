/**
 * A run's events → its report, in bounded memory. Ranks are kept apart until the report is asked for: any order that
 * keeps each rank's own gives the same one.
 */
import type { RankFinding, RunReport, TelemetryEvent, UnknownEvent } from '../contract/index.ts';
import { dueDevices } from './due-devices.ts';
import { explain } from './explanation.ts';
import { RankAnalyser } from './rank.ts';
import { acrossRanks } from './ranks/index.ts';
import { type RankTable, rankTable } from './ranks/rank-table.ts';
import { reportOf } from './report.ts';

/** Lines that a reader could not read: those that are no events, and last ones that were cut off. */
export interface Unreadable {
  malformed: number;
  torn: number;
}

const nothingUnreadable: Unreadable = { malformed: 0, torn: 0 };

export class RunAnalyser {
  readonly #ranks = new Map<number, RankAnalyser>();
  #lowest = Number.POSITIVE_INFINITY;
  /** In ascending order; null since one came. */
  #sorted: RankAnalyser[] | null = null;

  /** Takes the next event of its rank; one that was taken already is passed over. */
  take(event: TelemetryEvent | UnknownEvent): void {
    let rank = this.#ranks.get(event.rank);
    if (rank === undefined) {
      rank = new RankAnalyser(event.rank, event.run, event.rank < this.#lowest);
      this.#lowest = Math.min(this.#lowest, event.rank);
      this.#ranks.set(event.rank, rank);
      this.#sorted = null;
    }
    rank.take(event);
  }

  /**
   * The report so far. May be asked for at any time and any number of times: what follows is not disturbed.
   * @param unreadable what the reader of the log met; nothing where it is unknown
   * @param explainFailure what is made of its failure’s text: more, where the lines around it are known
   */
  report(unreadable: Unreadable = nothingUnreadable, explainFailure = explain): RunReport {
    return reportOf(this.#inOrder(), unreadable, { explainFailure });
  }

  /**
   * Judges devices whose report is not of now, those that stand out first: at least one, and on while `goOn` is true.
   * @returns whether all are judged: then the whole report takes no more than putting it together
   */
  judgeSome(goOn: () => boolean): boolean {
    const waiting = dueDevices(this.#inOrder());
    for (const { device, rank, between } of waiting) {
      device.report(rank.circumstances, between);
      if (!goOn()) return device === waiting.at(-1)?.device;
    }
    return true;
  }

  /** Whether every device was judged at some time. */
  get wereAllJudged(): boolean {
    return this.#inOrder().every(rank =>
      [...rank.devices.values()].every(({ analyser }) => analyser.judged !== null),
    );
  }

  /**
   * The report with the devices as they were judged last; one that never was is not in it yet. For a run of many ranks that goes on:
   * judging all of them takes seconds.
   */
  reportAsJudged(unreadable: Unreadable = nothingUnreadable): RunReport {
    return reportOf(this.#inOrder(), unreadable, { asJudged: true });
  }

  /** What the ranks show beside each other so far, by the devices as they were judged last. */
  acrossRanks(): RankFinding[] {
    const ranks = this.#inOrder();
    return acrossRanks(
      ranks,
      ranks.flatMap(rank => [...rank.devices.values()].map(({ analyser }) => analyser.brief)),
    );
  }

  /** All ranks over the run. */
  rankTable(): RankTable {
    return rankTable(this.#inOrder());
  }

  #inOrder(): RankAnalyser[] {
    this.#sorted ??= [...this.#ranks.values()].sort((a, b) => a.rank - b.rank);
    return this.#sorted;
  }

  /** The report of one rank so far, as if the run had no other; of any but the lowest without what it learnt. */
  reportOfRank(rank: number): RunReport {
    const own = this.#ranks.get(rank);
    return reportOf(own === undefined ? [] : [own], nothingUnreadable, { isPart: true });
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
