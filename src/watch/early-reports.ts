/**
 * The reports that a text begins with where it begins in the midst of a training: they stand in front of the first bar. The last of them is of the
 * step that the bar shows, unless the report behind the bar is; the others are before it, as far apart as those that follow, or as
 * their epochs show.
 */
import type { Figures } from './figures.ts';
import type { Outlet } from './format.ts';
import { stepsAroundBar } from './report-burst.ts';

export interface EarlyReport {
  figures: Figures;
  out: Outlet;
  /** What an evaluation behind it has, which is of its step. */
  behind?: ((step: number) => void)[];
}

/** NaN where the report does not show it. */
export const epochOfReport = ({ figures }: EarlyReport): number =>
  Number(figures.get('epoch')?.value ?? Number.NaN);

/** A log of a whole training has more than so many lines before its first report. */
const MOST_BEFORE = 12;
/** Reports that wait for the first bar. */
const MOST_EARLY = 6;

export class EarlyReports {
  #emit: (report: EarlyReport, step: number | null) => void;
  #early: EarlyReport[] = [];
  /** What the first bar behind them showed, and the report after it: with the same step, the bar was drawn for that one. */
  #shown: number | null = null;
  #second: (EarlyReport & { step: number }) | null = null;
  /** Whether an evaluation was reported between them and the first bar, which may be of its step. */
  #isEvaluated = false;
  /** Whether the log has a bar behind each report, which is the report's own. */
  #standBehind = false;

  /** @param emit is given reports in their order; null for one that is the next after the newest */
  constructor(emit: (report: EarlyReport, step: number | null) => void) {
    this.#emit = emit;
  }

  /** Step of the report behind the bar, which waits with them. */
  get newest(): number | null {
    return this.#second?.step ?? null;
  }

  /** The newest that waits; null where none does. */
  get waiting(): EarlyReport | null {
    return this.#second ?? this.#early.at(-1) ?? null;
  }

  /** Whether a report in front of the first bar waits for it. @param line its number */
  take(report: EarlyReport, line: number): boolean {
    const waiting = this.#early.length;
    const mayWait = waiting === 0 ? line <= MOST_BEFORE : waiting < MOST_EARLY;
    if (mayWait) this.#early.push(report);
    return mayWait;
  }

  /** An evaluation was reported: of its own step, where no bar was drawn yet. */
  evaluated(): void {
    if (this.#early.length > 0 && this.#shown === null) this.#isEvaluated = true;
  }

  /** A bar was drawn. */
  bar(done: number): void {
    if (this.#early.length > 0) this.#shown ??= done;
  }

  /**
   * Whether each report stands in front of its own bar: of a log with one bar a report, where the first report would else be of a step before the
   * first. What waits is emitted then.
   * @param newest what the bar in front of the report shows, and `next` the one behind it
   */
  isBehind(newest: number, next: number): boolean {
    const isAlone = this.#early.length === 1 && this.#second === null && this.#shown === newest;
    if (isAlone && next > newest && newest - (next - newest) < 1 && !this.#isEvaluated) {
      this.#standBehind = true;
      this.settle();
    }
    return this.#standBehind;
  }

  /** Whether a report whose step is known waits with them; else they are emitted before it. */
  hold(report: EarlyReport, step: number): boolean {
    if (this.#early.length === 0) return false;
    if (this.#second === null && this.#shown !== null && step <= this.#shown) {
      this.#second = { ...report, step };
      return true;
    }
    this.settle(step);
    return false;
  }

  /** @param third step of the report after the next; null where there is none. */
  settle(third: number | null = null): void {
    const [early, shown, second] = [this.#early, this.#shown, this.#second];
    this.#early = [];
    this.#second = null;
    if (shown === null) {
      for (const report of early) this.#emit(report, null);
      return;
    }
    if (early.length === 0) return;
    const all = second === null ? early : [...early, second];
    const anchor = second?.step ?? shown;
    const stride = second === null || third === null ? 0 : third - second.step;
    const steps =
      stride > 0
        ? all.map((_, i) => anchor - (all.length - 1 - i) * stride)
        : stepsAroundBar(all.map(epochOf), early.length, shown);
    const isShown = second !== null || !this.#isEvaluated;
    this.#emitAll(all, steps ?? all.map((_, i) => (i < all.length - 1 || !isShown ? 0 : anchor)));
  }

  /** Reports came together behind the first bar. Whether they were emitted with those in front of it. */
  settleAround(behind: EarlyReport[]): boolean {
    if (this.#early.length === 0 || this.#second !== null || this.#shown === null || behind.length === 0)
      return false;
    const early = this.#early.splice(0);
    const all = [...early, ...behind];
    const steps = stepsAroundBar(all.map(epochOf), early.length, this.#shown);
    this.#emitAll(all, steps ?? all.map((_, i) => (i === early.length ? this.#shown! : 0)));
    return true;
  }

  /** @param steps below 1 where nothing shows them */
  #emitAll(reports: EarlyReport[], steps: number[]): void {
    reports.forEach((report, i) => {
      if (steps[i]! > 0) this.#emit(report, steps[i]!);
      else report.out.almost('a report beside the first bar, whose step nothing shows');
    });
  }
}

const epochOf = ({ figures }: EarlyReport): string => figures.get('epoch')?.text ?? '';
