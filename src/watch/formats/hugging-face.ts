/**
 * The Hugging Face Trainer, TRL and their like: a Python dictionary a report. A report names no step; the progress bar beside it
 * does, and is drawn again right behind it where the report was written through the bar. Without a bar the reports are
 * numbered, 1, 2, 3 … slime and OpenRLHF write the step in front of the dictionary. LLaMA-Factory's callback reports each step once more, rounded,
 * before the trainer does. A text that begins in the midst of a training has its first reports before the first bar.
 */
import { CallbackCopy, isOfCallback } from '../callback-copy.ts';
import { type EarlyReport, EarlyReports, epochOfReport } from '../early-reports.ts';
import { type EvaluationFigures, EvaluationReports, evaluationIn } from '../evaluation-reports.ts';
import { emitReport, type Figures, memoryIn } from '../figures.ts';
import { COUNTED, type LineParser, type LogFormat, type Outlet } from '../format.ts';
import {
  huggingFaceDevice,
  isHuggingFaceSample as isOfSample,
  isPlaceOfAll,
  isHuggingFaceReport as isReport,
  isHuggingFaceRl as isRl,
  huggingFaceNames as names,
} from '../hugging-face-names.ts';
import type { LogLine } from '../log-line.ts';
import { isCount } from '../printed.ts';
import { isExactEpoch, stepByEpoch, stepsOfBurst } from '../report-burst.ts';
import { type DrawnBar, drawnBar, TrainingBar } from '../training-bar.ts';
import { WrappedDictionaries } from '../wrapped-dictionaries.ts';

const NUMBERED = /[Ss]tep (\d{1,15}): $/;
/** `Epoch 4: {'loss': 6.9}`, of a loop by hand: the epoch is its number, where the dictionary has none. */
const OF_EPOCH = /\b[Ee]poch (\d{1,9})(?:\/\d{1,9})?: $/;
/** Keys that number a report; the last is that of the loop that came with the paper on DPO. */
const NUMBERS = ['global_step', 'step', 'num_updates', 'current_steps', 'counters/updates'];
const NEXT = /(?<=\}) {1,4}(?=\{'|(?:Train: {1,4})?\d{1,3}%\|)/;
/** slime reports a rollout, `rollout 3: {…}` and `perf 3: {…}`, before the steps that learn from it. */
const ROLLOUT = /\b(?:rollout|perf) \d{1,12}: $/;
const TOTAL = /Total optimization steps ?= ?([\d,]{1,20})/;
export const huggingFace: LogFormat = {
  name: 'huggingface',
  about: 'Hugging Face Trainer, TRL and their like: dictionaries',
  marks: ["{'", "'loss': ", '%|', 'Total optimization steps'],
  open: () => new HuggingFaceParser(),
};

/** Reports that are held until a bar is drawn. */
const MOST_HELD = 10_000;

class HuggingFaceParser implements LineParser {
  #step = 0;
  #stride = 1;
  #bar = new TrainingBar();
  #dictionaries = new WrappedDictionaries();
  /** Figures of a rollout, for the first step after it. */
  #rollout: Figures | null = null;
  /** A report whose step is on the bar behind it. */
  #held: EarlyReport | null = null;
  /** Whether the training has ended by its own words. */
  #isOver = false;
  /** Whether epochs are printed with all their digits. */
  #isExact = false;
  /** Reports that came together, until a bar shows that they have ended. */
  #burst: EarlyReport[] = [];
  #copy = new CallbackCopy(({ figures, out }) => this.#take(figures, out, '', 1));
  #evaluations = new EvaluationReports();
  #early = new EarlyReports((report, step) => {
    // Without a bar there is no number.
    if (step === null && this.#step === 0) report.out.facts(COUNTED);
    this.#emit(step ?? this.#next, report);
  });
  /** Epochs of the first report of all, and of the newest. */
  #firstEpoch: number | null = null;
  #epoch = 0;
  /** As the newest report that was emitted prints it. */
  #reportedEpoch: string | undefined;
  /** Where the newest report went, and whether the bar counts what it is numbered by. */
  #out: Outlet | null = null;
  #isByBar = false;

  /** Lines without marks, while a dictionary may go on. */
  get isOpen(): boolean {
    return this.#dictionaries.isOpen;
  }

  read(line: LogLine, out: Outlet): boolean {
    // Dictionaries that a page has put on one line, and the bar behind them, which has the total of them all. One that is full may be an evaluation's.
    const parts = line.text.includes("} {'") ? line.text.split(NEXT) : [line.text];
    const bar = parts.at(-1)!;
    const of = parts.length > 1 && !/^(?:Train: {1,4})?100%/.test(bar) ? drawnBar(bar)?.of : undefined;
    if (of !== undefined && of > 0) this.#bar.total ??= of;
    return parts.map(text => this.#readPart({ ...line, text }, out)).includes(true);
  }

  #readPart(line: LogLine, out: Outlet): boolean {
    const { text, number: lineNumber } = line;
    const total = TOTAL.exec(text)?.[1];
    if (total !== undefined) {
      this.#bar.name(Number(total.replaceAll(',', '')));
      return true;
    }
    const drawn = text.includes('%|') ? drawnBar(text) : null;
    if (drawn !== null) {
      this.#readBar(drawn);
      return true;
    }
    const found = this.#dictionaries.read(line);
    if (found === null) return false;
    if (found === 'goes on') return true;
    if (found === 'damaged') {
      out.almost('a dictionary that cannot be read whole');
      return true;
    }
    const { figures, whole, before } = found;
    if (isOfCallback(before) && figures.has('epoch')) {
      this.#copy.hold({ figures, out });
      return true;
    }
    this.#copy.giveTo(figures);
    this.#bar.reportedOver(whole);
    // Unsloth Studio has its time so far in every report.
    if ((figures.has('train_runtime') || isPlaceOfAll(figures)) && !figures.has('loss')) {
      this.#settleHeld();
      this.#isOver = true;
      out.finished(true);
      return true;
    }
    const near = before.slice(-40);
    if (ROLLOUT.test(near)) {
      this.flush();
      this.#rollout = new Map([...(this.#rollout ?? []), ...figures]);
      return true;
    }
    this.#take(figures, out, near, lineNumber);
    return true;
  }

  /** @param before what stands in front of the dictionary. */
  #take(figures: Figures, out: Outlet, before: string, line: number): void {
    if (!isReport(figures) || isOfSample(figures)) {
      // An evaluation trains nothing; what memory it took is the run's.
      const own = evaluationIn(figures);
      if (own !== null) this.#evaluated(own, figures.get('epoch')?.text, out);
      const memory = memoryIn(figures, huggingFaceDevice(figures), names);
      const sample = () => out.memory({ phase: 'evaluation', memory: [memory!] });
      if (memory !== null && !this.#putBehind(sample)) this.#evaluations.beside(sample);
      return;
    }
    this.#evaluations.settle();
    this.#bar.reported();
    if (this.#step === 0 && this.#held === null && this.#burst.length === 0) this.#bar.beforeFirst();
    const epoch = Number(figures.get('epoch')?.value ?? Number.NaN);
    this.#firstEpoch ??= epoch;
    // Another training follows in the log.
    const { newest, total } = this.#bar;
    const isBehind = newest === null ? epoch <= this.#firstEpoch : newest.done < this.#step;
    if (epoch < this.#epoch && isBehind) {
      this.#beginAgain();
      this.#bar.newest = newest;
      this.#bar.total = total;
    }
    if (epoch > 0) this.#epoch = epoch;
    const most = (figures.get('max_steps') ?? figures.get('total_steps'))?.value;
    if (typeof most === 'number') this.#bar.name(most);
    const counter = NUMBERS.find(key => figures.has(key)) ?? '';
    const ofEpoch = figures.has('epoch') ? undefined : OF_EPOCH.exec(before)?.[1];
    const number = NUMBERED.exec(before)?.[1] ?? figures.get(counter)?.value ?? ofEpoch;
    if (isCount(number)) figures.delete(counter);
    if (number !== undefined && Number.isSafeInteger(Number(number))) {
      this.#settleHeld();
      this.#isByBar = newest !== null && Math.abs(newest.done - Number(number)) <= 1;
      this.#report(Number(number), { figures, out });
    } else if (this.#bar.newest !== null) this.#hold({ figures, out });
    else if (this.#step > 0 || !this.#early.take({ figures, out }, line)) {
      this.#early.settle();
      if (this.#step === 0) out.facts(COUNTED);
      this.#report(this.#next, { figures, out });
    }
  }

  #evaluated(own: EvaluationFigures, epoch: string | undefined, out: Outlet): void {
    this.#early.evaluated();
    if (this.#bar.redrawn.areHeld) this.#settleHeld();
    this.#bar.evaluated();
    if (Object.keys(own).length === 0) return;
    if (this.#putBehind(batch => out.figures({ batch, figures: own }))) return;
    // Where the output is held back, the bar has run ahead: what has the newest report's epoch is of its step.
    const isOfReport = this.#step > 0 && epoch !== undefined && epoch === this.#reportedEpoch;
    const shown = isOfReport ? this.#step : Math.max(this.#step, this.#bar.newest?.done ?? 0);
    const isShown = this.#step > 0 || this.#bar.newest !== null;
    this.#evaluations.take(own, isShown ? shown : null, out);
    if (isOfReport) this.#evaluations.settle();
  }

  /** Whether a report waits, and is to be emitted first. */
  #putBehind(emit: (step: number) => void): boolean {
    const report = this.#burst.at(-1) ?? this.#held ?? this.#early.waiting;
    if (report === null) return false;
    report.behind = [...(report.behind ?? []), emit];
    return true;
  }

  /** Reports without a bar between them came together, where their epochs grow. */
  #hold(report: EarlyReport): void {
    const before = this.#burst.at(-1) ?? this.#held;
    const isBehind = (other: EarlyReport) =>
      epochOfReport(other) < epochOfReport(report) ||
      (this.#bar.redrawn.areHeld && epochOfReport(other) === epochOfReport(report));
    if (before === null) this.#held = report;
    else if (this.#burst.length < MOST_HELD && isBehind(before)) {
      if (this.#held !== null) this.#burst.push(this.#held);
      this.#held = null;
      this.#burst.push(report);
    } else {
      this.#settleHeld();
      this.#held = report;
    }
  }

  /** Whatever is held has the step that the newest bar shows, or ones before it. */
  #settleHeld(): void {
    if (this.#early.settleAround(this.#burst)) this.#burst = [];
    this.flush();
    const reports = this.#burst.splice(0);
    if (reports.length === 0) return;
    const before = this.#step === 0 ? null : { step: this.#step, stride: this.#stride };
    const epochs = reports.map(({ figures }) => figures.get('epoch')?.text ?? '');
    const steps =
      this.#bar.redrawn.take(reports.length) ??
      stepsOfBurst(epochs, { done: this.#shown, total: this.#bar.total }, before);
    reports.forEach((report, i) => {
      this.#held = report;
      // Where epochs do not fit, they are as far apart as the two before, if that is known.
      this.#settle(steps?.[i] ?? (before === null || before.stride === 1 ? this.#shown : before.step));
    });
  }

  /** Nothing more of the bar comes before this: the held report has the step that the bar showed in front of it. */
  flush(): void {
    if (this.#held !== null) this.#settleOne(this.#shown);
  }

  /** A report that came alone. */
  #settleOne(shown: number): void {
    this.#settle(this.#bar.redrawn.take(1)?.[0] ?? shown);
  }

  release(): void {
    if (this.#bar.newest === null) this.#early.settle();
    this.#evaluations.settle();
  }

  end(): void {
    this.#copy.settle();
    this.#settleHeld();
    this.#early.settle();
    this.#evaluations.end();
    this.#reachBar();
  }

  /** Between two reports the bar has come further than the newest of them. */
  #reachBar(): void {
    const { newest, total } = this.#bar;
    const isFurther = newest !== null && newest.done > this.#step && newest.done <= total!;
    if (this.#isByBar && isFurther) this.#out?.reached(newest.done);
  }

  #readBar(drawn: DrawnBar): void {
    // Another training of the same program.
    if (this.#isOver && drawn.shown < Math.max(1, this.#step)) this.#beginAgain();
    if (this.#bar.nests(drawn)) {
      if (drawn.done === 0) this.#settleHeld();
      return;
    }
    if (!this.#bar.isOf(drawn)) {
      // The training's is drawn again at once, or not at all.
      this.flush();
      return;
    }
    // Drawn again at once: it shows the step that the report is of. Later: it shows the next.
    const isOwn = () => this.#bar.isAgain(drawn) || this.#early.isBehind(this.#shown, drawn.done);
    if (this.#held !== null) this.#settleOne(isOwn() ? drawn.done : this.#shown);
    else this.#settleHeld();
    this.#evaluations.settle(this.#bar.isAgain(drawn) ? drawn.done : null);
    this.#bar.draw(drawn);
    this.#early.bar(drawn.done);
  }

  /** The step that the newest bar shows. */
  get #shown(): number {
    return this.#bar.newest!.done;
  }

  #beginAgain(): void {
    // Two ranks in one: the end of one may stand before a report of the other.
    this.#settleHeld();
    this.#early.settle();
    this.#isOver = false;
    this.#bar.clear();
    this.#step = 0;
    this.#stride = 1;
  }

  #settle(shown: number): void {
    const report = this.#held!;
    const { figures } = report;
    this.#held = null;
    // A bar of another stream may have run ahead, or stand still.
    const before = this.#early.newest ?? this.#step;
    const epoch = figures.get('epoch');
    this.#isExact ||= epoch !== undefined && isExactEpoch(epoch.text);
    const step = this.#isExact ? stepByEpoch(shown, Number(epoch?.value), this.#bar.total ?? 0) : shown;
    this.#isByBar = true;
    this.#report(step > before ? step : before + this.#stride, report);
  }

  /** Where nothing shows the step: reports are as far apart as the two before. */
  get #next(): number {
    return this.#step + this.#stride;
  }

  #report(step: number, report: EarlyReport): void {
    if (!this.#early.hold(report, step)) this.#emit(step, report);
  }

  #emit(step: number, { figures, out, behind = [] }: EarlyReport): void {
    if (this.#step > 0) this.#stride = Math.max(1, step - this.#step);
    this.#step = step;
    this.#out = out;
    this.#reportedEpoch = figures.get('epoch')?.text;
    const isUpdate = [...figures.keys()].some(isRl);
    for (const [key, figure] of this.#rollout ?? []) if (!figures.has(key)) figures.set(key, figure);
    this.#rollout = null;
    const memory = memoryIn(figures, huggingFaceDevice(figures), names);
    const { total } = this.#bar;
    if (total !== null) out.facts(isUpdate ? { maxBatches: total } : { maxSteps: total });
    this.#evaluations.settleFirst();
    emitReport(out, { isUpdate, number: step, figures, memory, names });
    for (const emit of behind) emit(step);
  }
}
