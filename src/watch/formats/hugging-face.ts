/**
 * The Hugging Face Trainer, TRL and their like: a Python dictionary a report. A report names no step; the progress bar beside it
 * does, and is drawn again right behind it where the report was written through the bar. Without a bar the reports are
 * numbered, 1, 2, 3 … slime and OpenRLHF write the step in front of the dictionary. LLaMA-Factory's callback reports each step once more, rounded,
 * before the trainer does. A text that begins in the midst of a training has its first reports before the first bar.
 */
import { type EarlyReport, EarlyReports } from '../early-reports.ts';
import { emitReport, type Figures, memoryIn } from '../figures.ts';
import { COUNTED, type LineParser, type LogFormat, type Outlet } from '../format.ts';
import { isHuggingFaceRl as isRl, huggingFaceNames as names } from '../hugging-face-names.ts';
import { type LogLine, workerOf } from '../log-line.ts';
import { decimals, type Printed } from '../printed.ts';
import { readDict } from '../python-dict.ts';
import { isExactEpoch, stepByEpoch, stepsOfBurst } from '../report-burst.ts';

const DICT = /\{'[\w/.() -]{1,80}': /;
/** One whose brace was not copied. */
const UNBRACED = /^\s{0,8}(?='[\w/.() -]{1,80}': .{0,4000}\}\s{0,400}$)/;
/** What a report has; settings and the cards of models are dictionaries, too. */
const OF_REPORT = /(?:loss|reward|grad_norm)[\w/]{0,40}': |^\s*\{'[^']{0,80}': [\d.'-]/;
const NUMBERED = /[Ss]tep (\d{1,15}): $/;
/** A line that no dictionary goes on in. */
const RAISED = /^Traceback \(most|^[\w.]{1,80}(?:Error|Exception): /;
const NEXT = /(?<=\}) {1,4}(?=\{'|(?:Train: {1,4})?\d{1,3}%\|)/;
/** LLaMA-Factory's callback: `[INFO|…] llamafactory.train.callbacks:157 >> {'loss': 1.13, …`. */
const CALLBACK = /\bcallbacks(?:\.py)?:\d{1,6} {1,4}>> $/;
/** slime reports a rollout, `rollout 3: {…}` and `perf 3: {…}`, before the steps that learn from it. */
const ROLLOUT = /\b(?:rollout|perf) \d{1,12}: $/;
const TOTAL = /Total optimization steps ?= ?([\d,]{1,20})/;
/** The trainer's own bar has nothing in front but a line's number, or a name that is known: those of evaluation, data and weights have others. */
const BAR =
  /^\s{0,8}(?:\[\d{1,7}\] {1,4})?(?:(?:Train|(Training Batches Processed)): {1,4})?\d{1,3}%\|[^|]{0,400}\| {0,8}(\d{1,12})\/(\d{1,12}) \[([\d:]{1,12})/;

export const huggingFace: LogFormat = {
  name: 'huggingface',
  about: 'Hugging Face Trainer, TRL and their like: dictionaries',
  marks: ["{'", "'loss': ", '%|', 'Total optimization steps'],
  open: () => new HuggingFaceParser(),
};

/** Of a dictionary that is wrapped: characters, and lines. */
const LONGEST = 4000;
const MOST_WRAPPED = 8;

interface Bar {
  done: number;
  elapsed: string;
}

/** One of another total than the training's, as far as that is known, and how often it was drawn. */
interface OtherBar extends Bar {
  of: number;
  draws: number;
}

/** Reports that are held until a bar is drawn. */
const MOST_HELD = 10_000;

class HuggingFaceParser implements LineParser {
  #step = 0;
  #stride = 1;
  #total: number | null = null;
  /** Whether the total is one that a line names: no bar shows another. */
  #isNamed = false;
  #bar: Bar | null = null;
  #draws = 0;
  /** Drawn behind the newest of them. */
  #other: OtherBar | null = null;
  /** A dictionary that may go on in the next line. */
  #wrapped: { text: string; of: string; lines: number } | null = null;
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
  /** What a callback has reported of the step whose own report comes next. */
  #copy: EarlyReport | null = null;
  #early = new EarlyReports(({ figures, out }, step) => {
    // Without a bar there is no number.
    if (step === null && this.#step === 0) out.facts(COUNTED);
    this.#emit(step ?? this.#next, figures, out);
  });

  /** Epochs of the first report of all, and of the newest. */
  #firstEpoch: number | null = null;
  #epoch = 0;

  /** Lines without marks, while a dictionary may go on. */
  get isOpen(): boolean {
    return this.#wrapped !== null;
  }

  read(line: LogLine, out: Outlet): boolean {
    // Dictionaries that a page has put on one line, and the bar behind them, which has the total of them all. One that is full may be an evaluation's.
    const parts = line.text.includes("} {'") ? line.text.split(NEXT) : [line.text];
    const bar = parts.at(-1)!;
    const of = parts.length > 1 && !/^(?:Train: {1,4})?100%/.test(bar) ? BAR.exec(bar)?.[3] : undefined;
    if (of !== undefined && this.#total === null) this.#setTotal(Number(of));
    let isRead = false;
    for (const text of parts) isRead = this.#readPart({ ...line, text }, out) || isRead;
    return isRead;
  }

  #readPart(line: LogLine, out: Outlet): boolean {
    const { text: given, number: lineNumber } = line;
    const of = `${line.source?.rank} ${workerOf(line)}`;
    const text = given.includes("{'") ? given : given.replace(UNBRACED, '{');
    const total = TOTAL.exec(text)?.[1];
    if (total !== undefined) {
      this.#setTotal(Number(total.replaceAll(',', '')));
      this.#isNamed = true;
      return true;
    }
    if (text.includes('%|') && this.#readBar(text)) return true;
    const rest = this.#wrapped;
    this.#wrapped = null;
    const isRest = rest !== null && rest.of === of && !text.includes("{'") && !RAISED.test(text);
    const whole = isRest ? rest.text + text.trimEnd() : text;
    const start = DICT.exec(whole);
    if (start === null) return false;
    const figures = readDict(whole.slice(start.index));
    if (figures === null) {
      // A terminal wraps a line at its width, in the midst of a number too.
      const lines = isRest ? rest.lines + 1 : 1;
      if (!whole.includes('}', start.index) && whole.length < LONGEST && lines < MOST_WRAPPED)
        this.#wrapped = { text: whole.trimEnd(), of, lines };
      if (!OF_REPORT.test(whole)) return false;
      if (!isRest) out.almost('a dictionary that cannot be read whole');
      return true;
    }
    if (CALLBACK.test(text.slice(0, start.index)) && figures.has('epoch')) {
      this.#settleCopy();
      this.#copy = { figures, out };
      return true;
    }
    this.#takeCopy(figures);
    // Unsloth Studio has its time so far in every report.
    if (figures.has('train_runtime') && !figures.has('loss')) {
      this.#settleHeld();
      this.#isOver = true;
      out.finished(true);
      return true;
    }
    if (ROLLOUT.test(text.slice(Math.max(0, start.index - 40), start.index))) {
      this.flush();
      this.#rollout = new Map([...(this.#rollout ?? []), ...figures]);
      return true;
    }
    this.#take(figures, out, text.slice(Math.max(0, start.index - 40), start.index), lineNumber);
    return true;
  }

  /** @param before what stands in front of the dictionary. */
  #take(figures: Figures, out: Outlet, before: string, line: number): void {
    const isReward = isReport(figures) && !figures.has('loss') && [...figures.keys()].every(isOfSample);
    if (!isReport(figures) || isReward) {
      // An evaluation trains nothing; what memory it took is the run's.
      if (figures.has('eval_loss') || figures.has('eval_runtime')) this.#early.evaluated();
      const memory = memoryIn(figures, 'cuda', names);
      if (memory !== null) out.memory({ phase: 'evaluation', memory: [memory] });
      return;
    }
    this.#takeOtherBar();
    const epoch = Number(figures.get('epoch')?.value ?? Number.NaN);
    this.#firstEpoch ??= epoch;
    // Another training follows in the log.
    const isBehind = this.#bar === null ? epoch <= this.#firstEpoch : this.#bar.done < this.#step;
    if (epoch < this.#epoch && isBehind) {
      const [bar, total] = [this.#bar, this.#total];
      this.#beginAgain();
      this.#bar = bar;
      this.#total = total;
    }
    if (epoch > 0) this.#epoch = epoch;
    const most = figures.get('max_steps')?.value;
    if (typeof most === 'number') this.#setTotal(most);
    const number =
      NUMBERED.exec(before)?.[1] ??
      ['global_step', 'step', 'num_updates']
        .map(key => figures.get(key)?.value)
        .find(value => value !== undefined);
    if (number !== undefined && Number.isSafeInteger(Number(number))) {
      this.#settleHeld();
      this.#report(Number(number), figures, out);
    } else if (this.#bar !== null) this.#hold({ figures, out });
    else if (this.#step > 0 || !this.#early.take({ figures, out }, line)) {
      this.#early.settle();
      if (this.#step === 0) out.facts(COUNTED);
      this.#report(this.#next, figures, out);
    }
  }

  /** Reports without a bar between them came together, where their epochs grow. */
  #hold(report: EarlyReport): void {
    const before = this.#burst.at(-1) ?? this.#held;
    if (before === null) this.#held = report;
    else if (this.#burst.length < MOST_HELD && epochOf(before) < epochOf(report)) {
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
    const steps = stepsOfBurst(epochs, { done: this.#bar!.done, total: this.#total }, before);
    reports.forEach((report, i) => {
      this.#held = report;
      // Where epochs do not fit, they are as far apart as the two before.
      if (steps === null) this.#settle(before === null ? this.#bar!.done : before.step);
      else this.#settle(steps[i]!);
    });
  }

  /** Nothing more of the bar comes before this: the held report has the step that the bar showed in front of it. */
  flush(): void {
    if (this.#held !== null) this.#settle(this.#bar!.done);
  }

  release(): void {
    if (this.#bar === null) this.#early.settle();
  }

  end(): void {
    this.#settleCopy();
    this.#settleHeld();
    this.#early.settle();
  }

  /** What a callback reported of the step of these figures, and they have not, is theirs; of another, it is a report of its own. */
  #takeCopy(figures: Figures): void {
    const copied = this.#copy?.figures;
    if (copied === undefined) return;
    const isSame = ['epoch', 'loss'].every(key => isRounded(copied.get(key), figures.get(key)));
    if (!isSame) this.#settleCopy();
    else for (const [key, figure] of copied) if (!figures.has(key)) figures.set(key, figure);
    this.#copy = null;
  }

  #settleCopy(): void {
    const copy = this.#copy;
    if (copy === null) return;
    this.#copy = null;
    this.#take(copy.figures, copy.out, '', 1);
  }

  #readBar(text: string): boolean {
    const drawn = BAR.exec(text);
    if (drawn === null) return false;
    const [of, elapsed] = [Number(drawn[3]), drawn[4]!];
    // SkyRL's bar moves once a step's figures are written.
    const done = Number(drawn[2]) + (drawn[1] === undefined ? 0 : 1);
    // Another training of the same program.
    if (this.#isOver && Number(drawn[2]) < Math.max(1, this.#step)) this.#beginAgain();
    if (this.#total === null) this.#setTotal(of);
    if (of !== this.#total) {
      const draws = (this.#other?.of === of ? this.#other.draws : 0) + 1;
      this.#other = { done, elapsed, of, draws };
      return true;
    }
    this.#other = null;
    this.#draws++;
    const bar = { done, elapsed };
    // Drawn again at once: it shows the step that the report is of. Later: it shows the next.
    if (this.#held !== null) this.#settle(this.#bar!.elapsed === bar.elapsed ? done : this.#bar!.done);
    else this.#settleHeld();
    this.#bar = bar;
    this.#early.bar(done);
    return true;
  }

  /** The bar in front of the first report is the training's: one before it was of data, weights or an evaluation, if it is full, or was hardly drawn. */
  #takeOtherBar(): void {
    const other = this.#other;
    const isFirst = this.#step === 0 && this.#held === null && this.#burst.length === 0;
    if (other === null || this.#isNamed || !isFirst || other.done >= other.of - 1) return;
    const isOver = this.#bar !== null && this.#bar.done >= this.#total! - 1;
    if (!isOver && other.draws <= this.#draws) return;
    this.#total = other.of;
    this.#bar = other;
    this.#draws = other.draws;
    this.#other = null;
  }

  #beginAgain(): void {
    // Two ranks in one: the end of one may stand before a report of the other.
    this.#settleHeld();
    this.#early.settle();
    this.#isOver = false;
    this.#total = null;
    this.#isNamed = false;
    this.#bar = null;
    this.#draws = 0;
    this.#other = null;
    this.#step = 0;
    this.#stride = 1;
  }

  #setTotal(total: number): void {
    if (total > 0) this.#total = total;
  }

  #settle(shown: number): void {
    const { figures, out } = this.#held!;
    this.#held = null;
    // A bar of another stream may have run ahead, or stand still.
    const before = this.#early.newest ?? this.#step;
    const epoch = figures.get('epoch');
    this.#isExact ||= epoch !== undefined && isExactEpoch(epoch.text);
    const step = this.#isExact ? stepByEpoch(shown, Number(epoch?.value), this.#total ?? 0) : shown;
    this.#report(step > before ? step : before + this.#stride, figures, out);
  }

  /** Where nothing shows the step: reports are as far apart as the two before. */
  get #next(): number {
    return this.#step + this.#stride;
  }

  #report(step: number, figures: Figures, out: Outlet): void {
    if (!this.#early.hold({ figures, out }, step)) this.#emit(step, figures, out);
  }

  #emit(step: number, figures: Figures, out: Outlet): void {
    if (this.#step > 0) this.#stride = Math.max(1, step - this.#step);
    this.#step = step;
    const isUpdate = [...figures.keys()].some(isRl);
    for (const [key, figure] of this.#rollout ?? []) if (!figures.has(key)) figures.set(key, figure);
    this.#rollout = null;
    const memory = memoryIn(figures, 'cuda', names);
    emitReport(out, { isUpdate, number: step, figures, memory, names, total: this.#total });
  }
}

const isReport = (figures: Figures): boolean =>
  [...figures.keys()].some(key => key === 'loss' || key === 'train/loss' || isRl(key));
/** `{'format_reward': 1.0, 'answer_reward': 0.0, 'reward': 0.0}`: what one answer got, and no report of a step. */
const isOfSample = (key: string): boolean => /^(?:\w{1,40}_)?(?:reward|score)$/.test(key);

/** NaN where the report does not show it. */
const epochOf = ({ figures }: EarlyReport): number => Number(figures.get('epoch')?.value ?? Number.NaN);

/** Whether one figure is the other, rounded. */
function isRounded(copied: Printed | undefined, whole: Printed | undefined): boolean {
  if (typeof copied?.value !== 'number' || typeof whole?.value !== 'number')
    return copied?.value === whole?.value;
  const step = 10 ** -(decimals(copied.text) ?? 15);
  return Math.abs(copied.value - whole.value) <= step * 0.51;
}
