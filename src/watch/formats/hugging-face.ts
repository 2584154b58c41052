/**
 * The Hugging Face Trainer, TRL and their like: a Python dictionary a report. A report names no step: see `NumberedReports`. slime and OpenRLHF
 * write it in front of the dictionary. LLaMA-Factory's callback reports each step once more, rounded, before the trainer does.
 */
import { CallbackCopy, isOfCallback } from '../callback-copy.ts';
import type { EarlyReport } from '../early-reports.ts';
import { type EvaluationFigures, EvaluationReports, evaluationIn } from '../evaluation-reports.ts';
import { emitReport, type Figures, memoryIn } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import {
  huggingFaceDevice,
  isHuggingFaceSample as isOfSample,
  isPlaceOfAll,
  isHuggingFaceReport as isReport,
  isHuggingFaceRl as isRl,
  huggingFaceNames as names,
} from '../hugging-face-names.ts';
import type { LogLine } from '../log-line.ts';
import { NumberedReports } from '../numbered-reports.ts';
import { isCount } from '../printed.ts';
import { type DrawnBar, drawnBar } from '../training-bar.ts';
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

/** The key by which a dictionary is numbered; empty for none. */
const numberIn = (figures: Figures): string => NUMBERS.find(key => figures.has(key)) ?? '';

class HuggingFaceParser implements LineParser {
  #dictionaries = new WrappedDictionaries();
  #reports = new NumberedReports((step, report) => this.#emit(step, report));
  #copy = new CallbackCopy(({ figures, out }) => this.#take(figures, out, '', 1));
  #evaluations = new EvaluationReports();
  /** Figures of a rollout, for the first step after it. */
  #rollout: Figures | null = null;
  /** Whether the training has ended by its own words. */
  #isOver = false;

  /** Lines without marks, while a dictionary may go on. */
  get isOpen(): boolean {
    return this.#dictionaries.isOpen;
  }

  read(line: LogLine, out: Outlet): boolean {
    // Dictionaries that a page has put on one line, and the bar behind them, which has the total of them all. One that is full may be an evaluation's.
    const parts = line.text.includes("} {'") ? line.text.split(NEXT) : [line.text];
    const bar = parts.at(-1)!;
    const of = parts.length > 1 && !/^(?:Train: {1,4})?100%/.test(bar) ? drawnBar(bar)?.of : undefined;
    if (of !== undefined && of > 0) this.#reports.bar.total ??= of;
    return parts.map(text => this.#readPart({ ...line, text }, out)).includes(true);
  }

  #readPart(line: LogLine, out: Outlet): boolean {
    const { text, number: lineNumber } = line;
    const total = TOTAL.exec(text)?.[1];
    if (total !== undefined) {
      this.#reports.bar.name(Number(total.replaceAll(',', '')));
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
    this.#reports.bar.reportedOver(whole);
    // Unsloth Studio has its time so far in every report.
    if ((figures.has('train_runtime') || isPlaceOfAll(figures)) && !figures.has('loss')) {
      this.#reports.settle();
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

  #readBar(drawn: DrawnBar): void {
    // Another training of the same program.
    if (this.#isOver && this.#reports.isOfAnother(drawn)) {
      this.#isOver = false;
      this.#reports.beginAgain();
    }
    this.#reports.draw(drawn, again => this.#evaluations.settle(again));
  }

  /** @param before what stands in front of the dictionary. */
  #take(figures: Figures, out: Outlet, before: string, line: number): void {
    if (!isReport(figures) || isOfSample(figures)) {
      // An evaluation trains nothing; what memory it took is the run's.
      const own = evaluationIn(figures);
      if (own !== null) {
        const step = this.#nameTotal(figures) ? figures.get(numberIn(figures))?.value : undefined;
        if (isCount(step)) this.#reports.evaluatedAt(step, out);
        this.#evaluated(own, figures.get('epoch')?.text, out);
      }
      const memory = memoryIn(figures, huggingFaceDevice(figures), names);
      const sample = () => out.memory({ phase: 'evaluation', memory: [memory!] });
      if (memory !== null && !this.#reports.putBehind(sample)) this.#evaluations.beside(sample);
      return;
    }
    this.#evaluations.settle();
    if (this.#reports.comes(Number(figures.get('epoch')?.value ?? Number.NaN))) this.#isOver = false;
    const isOfTotal = this.#nameTotal(figures);
    const counter = numberIn(figures);
    const ofEpoch = figures.has('epoch') ? undefined : OF_EPOCH.exec(before)?.[1];
    const number = NUMBERED.exec(before)?.[1] ?? figures.get(counter)?.value ?? ofEpoch;
    if (isCount(number)) figures.delete(counter);
    if (number !== undefined && Number.isSafeInteger(Number(number)))
      this.#reports.take(Number(number), { figures, out }, isOfTotal);
    else this.#reports.takeUnnumbered({ figures, out }, line);
  }

  /** Whether a dictionary has the total of the steps. */
  #nameTotal(figures: Figures): boolean {
    const most = (figures.get('max_steps') ?? figures.get('total_steps'))?.value;
    if (typeof most === 'number') this.#reports.bar.name(most);
    return typeof most === 'number' && most > 0;
  }

  #evaluated(own: EvaluationFigures, epoch: string | undefined, out: Outlet): void {
    this.#reports.evaluated();
    if (Object.keys(own).length === 0) return;
    if (this.#reports.putBehind(batch => out.figures({ batch, figures: own }))) return;
    const { step, isOfReport } = this.#reports.placeOf(epoch);
    this.#evaluations.take(own, step, out);
    if (isOfReport) this.#evaluations.settle();
  }

  flush(): void {
    this.#reports.flush();
  }

  release(): void {
    this.#reports.release();
    this.#evaluations.settle();
  }

  end(): void {
    this.#copy.settle();
    this.#reports.end();
    this.#evaluations.end();
    this.#reports.reachBar();
  }

  #emit(step: number, { figures, out, behind = [] }: EarlyReport): void {
    const isUpdate = [...figures.keys()].some(isRl);
    for (const [key, figure] of this.#rollout ?? []) if (!figures.has(key)) figures.set(key, figure);
    this.#rollout = null;
    const memory = memoryIn(figures, huggingFaceDevice(figures), names);
    const { total } = this.#reports.bar;
    if (total !== null) out.facts(isUpdate ? { maxBatches: total } : { maxSteps: total });
    this.#evaluations.settleFirst();
    emitReport(out, { isUpdate, number: step, figures, memory, names });
    for (const emit of behind) emit(step);
  }
}
