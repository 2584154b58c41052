/** What one rank of a training has reported, by number: by it another process of the job, and another training, are known. */
import type { DeviceMemory } from '../contract/index.ts';
import { KnownReports } from './known-reports.ts';

/** What was reported under one number: by how many processes, what the first one held, and its figures. */
interface Recent {
  processes: number;
  memory: readonly DeviceMemory[];
  reports: object[];
}

/** Numbers that processes of one job may be apart. */
const MOST_RECENT = 4;
/** Reports that a number is behind where another training has begun; fewer where it is back at the first number. */
const LEAST_BEHIND = 3;
const LEAST_BEHIND_FIRST = 2;

/** Times the way of the newest reports that a number is behind all of them, where other processes report the same. */
const LEAST_FAR = 2;

export class RankReports {
  /** Number of the newest update or step; -1 before the first. */
  newest = -1;
  /** Of the training's first report; null before it. */
  #first: number | null = null;
  /** The newest reports. */
  #recent = new Map<number, Recent>();
  /** All, for what other processes report again much later. */
  #known = new KnownReports();

  /** Between the newest report and the one before it; 1 where there is none. */
  get distance(): number {
    const before = [...this.#recent.keys()].at(-2);
    return before === undefined ? 1 : Math.max(1, this.newest - before);
  }

  /** What was reported lately under this number; undefined for nothing. */
  recent(number: number): Recent | undefined {
    return this.#recent.get(number);
  }

  /** A report of a number that is not among the recent ones. */
  add(number: number, data: object, memory: readonly DeviceMemory[]): void {
    this.#first ??= number;
    // Far below the newest it has begun again.
    if (this.newest >= 0 && number < this.newest - MOST_RECENT) this.#recent.clear();
    this.#recent.set(number, { processes: 1, memory, reports: [data] });
    if (this.#recent.size > MOST_RECENT) this.#recent.delete(this.#recent.keys().next().value!);
    this.#known.add(number, data);
    this.newest = number;
  }

  /** Which process of the job reports what was reported before; null where it is a report of its own. */
  againBy(number: number, data: object): number | null {
    return number < this.newest ? this.#known.againBy(number, data) : null;
  }

  /** Whether a training has begun again before the newest report, and no other process of it lags behind. */
  isBehind(number: number): boolean {
    return number < this.newest && [...this.#recent.values()].every(({ processes }) => processes === 1);
  }

  /** Whether the newest report is the last that there will be, by the trainer's own count. */
  isAtLast(last: number | null): boolean {
    return last !== null && this.newest >= last;
  }

  /**
   * Whether the number is behind several reports, and no other process lags behind: another training follows in the log without a word.
   * Where no report was to come before the total, an epoch may follow as well.
   * @param last number of the last report, where that is not the total; null where the log has none
   * @param most the total; null where it is unknown
   */
  fallsBack(number: number, last: number | null, most: number | null): boolean {
    if (number >= this.newest) return false;
    const numbers = [...this.#recent.keys()];
    if (!this.isBehind(number) && !this.#isFarBehind(number, numbers)) return false;
    const isFirst = number <= (this.#first ?? -1);
    if (isFirst && this.isAtLast(last)) return true;
    const behind = numbers.filter(other => other > number).length;
    if (behind < (isFirst ? LEAST_BEHIND_FIRST : LEAST_BEHIND)) return false;
    const [before, newest] = numbers.slice(-2) as [number, number];
    const end = last ?? most;
    return end === null || newest + (newest - before) <= end;
  }

  /** Whether the number is further behind than any process was that lags: several print the same steps, and begin again together. */
  #isFarBehind(number: number, numbers: readonly number[]): boolean {
    if (numbers.length < MOST_RECENT) return false;
    const [first, newest] = [Math.min(...numbers), Math.max(...numbers)];
    return number < first - LEAST_FAR * (newest - first);
  }

  /** A training goes on from a checkpoint, or another begins: what it reports again takes the place of what there was. */
  beginAgain(number: number): void {
    // As far from the start as reports are from each other: it is the first one of a training that began from nothing.
    const before = number === this.distance ? 0 : number - 1;
    this.#recent.clear();
    this.#known.clear();
    this.#first = null;
    this.newest = Math.min(this.newest, before);
  }
}
