/**
 * Which step each report of the Hugging Face Trainer and its like is of: a report names none. The progress bar beside it does, and is drawn again
 * right behind it where the report was written through the bar. Reports that come together have the steps of their epochs; those in front of
 * the first bar wait for it. Without a bar they are numbered, 1, 2, 3 …
 */
import { type EarlyReport, EarlyReports, epochOfReport } from './early-reports.ts';
import { COUNTED, type Outlet } from './format.ts';
import { isExactEpoch, stepByEpoch, stepsOfBurst } from './report-burst.ts';
import { type DrawnBar, TrainingBar } from './training-bar.ts';

/** Reports that are held until a bar is drawn. */
const MOST_HELD = 10_000;

export class NumberedReports {
  readonly bar = new TrainingBar();
  #emit: (step: number, report: EarlyReport) => void;
  /** Of the newest report; 0 before the first. */
  #step = 0;
  #stride = 1;
  /** A report whose step is on the bar behind it. */
  #held: EarlyReport | null = null;
  /** Reports that came together, until a bar shows that they have ended. */
  #burst: EarlyReport[] = [];
  #early = new EarlyReports((report, step) => {
    // Without a bar there is no number.
    if (step === null && this.#step === 0) report.out.facts(COUNTED);
    this.#emitAt(step ?? this.#next, report);
  });
  /** Whether epochs are printed with all their digits. */
  #isExact = false;
  /** Epochs of the first report of all, and of the newest. */
  #firstEpoch: number | null = null;
  #epoch = 0;
  /** As the newest report that was emitted prints it. */
  #reportedEpoch: string | undefined;
  /** Where the newest report went, and whether the bar counts what it is numbered by. */
  #out: Outlet | null = null;
  #isByBar = false;
  /** Step of the newest evaluation that has its own; 0 before that. */
  #evaluated = 0;

  /** @param emit is given the reports in their order, each with its step */
  constructor(emit: (step: number, report: EarlyReport) => void) {
    this.#emit = emit;
  }

  /** Whether a bar has begun again, behind the end of the training: another one's. */
  isOfAnother({ shown }: DrawnBar): boolean {
    return shown < Math.max(1, this.#step);
  }

  /** A report comes. Whether it is another training's, which follows in the log. @param epoch NaN where it has none */
  comes(epoch: number): boolean {
    const { bar } = this;
    bar.reported();
    if (this.#step === 0 && this.#held === null && this.#burst.length === 0) bar.beforeFirst();
    this.#firstEpoch ??= epoch;
    const { newest, total } = bar;
    const isBehind = newest === null ? epoch <= this.#firstEpoch : newest.done < this.#step;
    const isAnother = epoch < this.#epoch && isBehind;
    if (isAnother) {
      this.beginAgain();
      bar.newest = newest;
      bar.total = total;
    }
    if (epoch > 0) this.#epoch = epoch;
    return isAnother;
  }

  /** One that has its number. @param isOfTotal whether it has the total of the steps beside it, which the bar counts */
  take(number: number, report: EarlyReport, isOfTotal: boolean): void {
    this.settle();
    const { newest } = this.bar;
    this.#isByBar = isOfTotal || (newest !== null && Math.abs(newest.done - number) <= 1);
    this.#report(number, report);
  }

  /** An evaluation that has its step, and the total of them: in a text without a report it shows how far the training came. */
  evaluatedAt(step: number, out: Outlet): void {
    if (this.#out === null && this.bar.total !== null) out.facts({ maxSteps: this.bar.total });
    this.#out ??= out;
    this.#isByBar = true;
    this.#evaluated = Math.max(this.#evaluated, step);
  }

  /** One that has none. @param line its number */
  takeUnnumbered(report: EarlyReport, line: number): void {
    if (this.bar.newest !== null) this.#hold(report);
    else if (this.#step > 0 || !this.#early.take(report, line)) {
      this.#early.settle();
      if (this.#step === 0) report.out.facts(COUNTED);
      this.#report(this.#next, report);
    }
  }

  /** What an evaluation has goes behind the report that waits, if one does, and is of its step. */
  putBehind(emit: (step: number) => void): boolean {
    const report = this.#burst.at(-1) ?? this.#held ?? this.#early.waiting;
    if (report === null) return false;
    report.behind = [...(report.behind ?? []), emit];
    return true;
  }

  /** An evaluation was reported. */
  evaluated(): void {
    this.#early.evaluated();
    if (this.bar.redrawn.areHeld) this.settle();
    this.bar.evaluated();
  }

  /**
   * The step of an evaluation that no report waits for; null where nothing shows it. Where the output is held back, the bar has run ahead: what has
   * the newest report's epoch is of its step.
   */
  placeOf(epoch: string | undefined): { step: number | null; isOfReport: boolean } {
    const isOfReport = this.#step > 0 && epoch !== undefined && epoch === this.#reportedEpoch;
    const { newest } = this.bar;
    if (isOfReport) return { step: this.#step, isOfReport };
    const isShown = this.#step > 0 || newest !== null;
    return { step: isShown ? Math.max(this.#step, newest?.done ?? 0) : null, isOfReport };
  }

  /** A bar is drawn. @param between is called in front of what is drawn; with the step that a report behind it is of, where it was drawn again at once */
  draw(drawn: DrawnBar, between: (again: number | null) => void): void {
    const { bar } = this;
    if (bar.nests(drawn)) {
      if (drawn.done === 0) this.settle();
      return;
    }
    if (!bar.isOf(drawn)) {
      // The training's is drawn again at once, or not at all.
      this.flush();
      return;
    }
    // Drawn again at once: it shows the step that the report is of. Later: it shows the next.
    const isOwn = () => bar.isAgain(drawn) || this.#early.isBehind(this.#shown, drawn.done);
    if (this.#held !== null) this.#settleOne(isOwn() ? drawn.done : this.#shown);
    else this.settle();
    between(bar.isAgain(drawn) ? drawn.done : null);
    bar.draw(drawn);
    this.#early.bar(drawn.done);
  }

  /** Whatever is held has the step that the newest bar shows, or ones before it. */
  settle(): void {
    if (this.#early.settleAround(this.#burst)) this.#burst = [];
    this.flush();
    const reports = this.#burst.splice(0);
    if (reports.length === 0) return;
    const before = this.#step === 0 ? null : { step: this.#step, stride: this.#stride };
    const epochs = reports.map(({ figures }) => figures.get('epoch')?.text ?? '');
    const steps =
      this.bar.redrawn.take(reports.length) ??
      stepsOfBurst(epochs, { done: this.#shown, total: this.bar.total }, before);
    reports.forEach((report, i) => {
      this.#held = report;
      // Where epochs do not fit, they are as far apart as the two before, if that is known.
      this.#settleAt(steps?.[i] ?? (before === null || before.stride === 1 ? this.#shown : before.step));
    });
  }

  /** Nothing more of the bar comes before this: the held report has the step that the bar showed in front of it. */
  flush(): void {
    if (this.#held !== null) this.#settleOne(this.#shown);
  }

  /** Without a bar so far, what waits for one does so no longer. */
  release(): void {
    if (this.bar.newest === null) this.#early.settle();
  }

  /** No report comes any more. */
  end(): void {
    this.settle();
    this.#early.settle();
  }

  /** Between two reports the bar, or an evaluation, has come further than the newest of them. */
  reachBar(): void {
    const { newest, total } = this.bar;
    const shown = newest !== null && newest.done <= total! ? newest.done : 0;
    const reached = Math.max(shown, this.#evaluated);
    if (this.#isByBar && reached > this.#step) this.#out?.reached(reached, reached === shown);
  }

  /** Another training begins. */
  beginAgain(): void {
    // Two ranks in one: the end of one may stand before a report of the other.
    this.end();
    this.bar.clear();
    this.#step = 0;
    this.#stride = 1;
    this.#evaluated = 0;
  }

  /** Reports without a bar between them came together, where their epochs grow. */
  #hold(report: EarlyReport): void {
    const before = this.#burst.at(-1) ?? this.#held;
    const isBehind = (other: EarlyReport) =>
      epochOfReport(other) < epochOfReport(report) ||
      (this.bar.redrawn.areHeld && epochOfReport(other) === epochOfReport(report));
    if (before === null) this.#held = report;
    else if (this.#burst.length < MOST_HELD && isBehind(before)) {
      if (this.#held !== null) this.#burst.push(this.#held);
      this.#held = null;
      this.#burst.push(report);
    } else {
      this.settle();
      this.#held = report;
    }
  }

  /** The step that the newest bar shows. */
  get #shown(): number {
    return this.bar.newest!.done;
  }

  /** A report that came alone. */
  #settleOne(shown: number): void {
    this.#settleAt(this.bar.redrawn.take(1)?.[0] ?? shown);
  }

  #settleAt(shown: number): void {
    const report = this.#held!;
    this.#held = null;
    // A bar of another stream may have run ahead, or stand still.
    const before = this.#early.newest ?? this.#step;
    const epoch = report.figures.get('epoch');
    this.#isExact ||= epoch !== undefined && isExactEpoch(epoch.text);
    const step = this.#isExact ? stepByEpoch(shown, Number(epoch?.value), this.bar.total ?? 0) : shown;
    this.#isByBar = true;
    this.#report(step > before ? step : before + this.#stride, report);
  }

  /** Where nothing shows the step: reports are as far apart as the two before. */
  get #next(): number {
    return this.#step + this.#stride;
  }

  #report(step: number, report: EarlyReport): void {
    if (!this.#early.hold(report, step)) this.#emitAt(step, report);
  }

  #emitAt(step: number, report: EarlyReport): void {
    if (this.#step > 0) this.#stride = Math.max(1, step - this.#step);
    this.#step = step;
    this.#out = report.out;
    this.#reportedEpoch = report.figures.get('epoch')?.text;
    this.#emit(step, report);
  }
}
