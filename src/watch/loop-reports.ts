/** What a loop reported, as it is emitted: the total where that is another, and updates where it has printed any. */
import type { EpochHeading } from './epoch-heading.ts';
import { stepOf, updateOf } from './figures.ts';
import { IN_SAMPLES, inEpochsOf, type Outlet } from './format.ts';
import { LinesBeside } from './lines-beside.ts';
import type { LoopLine } from './loop-line.ts';
import { updateNames } from './loop-update.ts';
import { plannedEpochs } from './planned-epochs.ts';
import type { StepCount } from './step-count.ts';
import type { StepNumbers } from './step-numbers.ts';

export class LoopReports {
  /** What has no report's line. */
  readonly beside = new LinesBeside();
  /** Steps that there will be, as a line of the beginning has it. */
  named: number | null = null;
  /** Epochs that there will be, as the loop's arguments have them. */
  #epochs: number | null = null;
  #total: number | null = null;
  /** Whether it has printed updates of reinforcement learning. */
  #isRl = false;

  /** Whether the line has how many epochs there will be. */
  plan(text: string): boolean {
    const epochs = plannedEpochs(text);
    this.#epochs = epochs ?? this.#epochs;
    return epochs !== null;
  }

  /** A report, with the total before it where it is another. */
  report(number: number, numbers: StepNumbers, read: LoopLine, out: Outlet, rank?: number): void {
    const { count } = read;
    const total =
      numbers.totalOf(count) ??
      epochsOf(count, numbers.heading) ??
      this.#namedTotal(number, numbers, count) ??
      this.#plannedTotal(number, read);
    if (total !== null && total !== this.#total) {
      this.#total = total;
      out.facts(read.isUpdate ? { maxBatches: total } : { maxSteps: total });
      // Epochs do not begin again.
      if (count.isEpoch) out.last(total);
    }
    const each = count.nested?.each ?? (count.epoch === undefined ? undefined : count.each);
    // Samples are of all ranks, and may be beyond what is printed as an epoch’s, which is one rank’s.
    if (total === null && each !== undefined && count.isOfSamples !== true) out.facts(inEpochsOf(each));
    // Epochs, or batches of one, that count from 0: the last of all is one before the total.
    const { nested } = count;
    const isFirst =
      nested === undefined
        ? (count.isOfEpoch || count.isEpoch) && count.number === 0
        : count.number % nested.each === 0;
    if (total !== null && isFirst) out.last(total - 1);
    if (count.isOfSamples) out.facts(IN_SAMPLES);
    this.emit(number, read, out, rank);
  }

  /** A report that is of no total. */
  emit(number: number, { figures, memory, names, isUpdate }: LoopLine, out: Outlet, rank?: number): void {
    const own = new Map(figures);
    this.beside.beforeReport(own);
    this.#isRl ||= isUpdate;
    // A line of it that was cut, or has other figures.
    const ofUpdate = isUpdate ? names : this.#isRl ? updateNames(own, true, names) : null;
    if (ofUpdate !== null) out.update(updateOf(number, own, memory, ofUpdate), rank);
    else out.step(stepOf(number, own, memory, names), rank);
    this.beside.afterReport(out);
  }

  /** As many epochs as the arguments have, each of as many batches as this one. */
  #plannedTotal(number: number, { count, isUpdate }: LoopLine): number | null {
    const { nested } = count;
    const each = count.isEpoch ? 1 : (nested?.each ?? (count.epoch === undefined ? undefined : count.each));
    if (this.#epochs === null || each === undefined || isUpdate || count.isEpisode) return null;
    const total = this.#epochs * each;
    const isWithin = count.isEpoch || nested !== undefined || count.number <= each;
    return number <= total && isWithin ? total : null;
  }

  /** What a line before called the total, where steps are counted through. */
  #namedTotal(
    number: number,
    numbers: StepNumbers,
    { isEpoch, isEpisode, isNext }: StepCount,
  ): number | null {
    const isSame = !isEpoch && !isEpisode && !isNext && !numbers.beginsAgain;
    return isSame && this.named !== null && number <= this.named ? this.named : null;
  }
}

/** Of an epoch that is counted on a line of its own, too. */
const epochsOf = ({ number, isEpoch }: StepCount, heading: EpochHeading | null): number | null =>
  isEpoch && heading?.epoch === number ? heading.epochs : null;
