/** Numbers of steps through all epochs, of counts that begin again in each, or that a line above names the epoch of. */
import type { EpochHeading } from './epoch-heading.ts';
import type { StepCount } from './step-count.ts';

/** A count of a batch within its epoch, as printed, and how many the epoch has. */
interface Place {
  epoch: number;
  number: number;
  each: number | undefined;
}

export class StepNumbers {
  newest = -1;
  /** Batches of an epoch, where a line of their own shows them. */
  each: number | undefined;
  /** The epoch that a line of its own names. */
  heading: EpochHeading | null = null;
  /** Whether batches were seen to begin again in each epoch. */
  beginsAgain = false;
  /** The newest count of a batch within an epoch, as printed. */
  #place: Place | null = null;
  /** The first count of the log. */
  #first: { epoch: number; number: number } | null = null;
  /** Epochs that steps have in brackets of their own. */
  #nestedIn: number | null = null;
  /** Steps that a count without any epoch was of. */
  #unheaded: number | null = null;
  /** Whether an earlier epoch than the newest was counted. */
  #isLater = false;
  /** Steps before the epoch that is under way, as far as batches were printed, where nothing shows how many it has. */
  #before = 0;
  /** The same of each epoch that was seen. */
  #bases = new Map<number, number>();
  /** Whether the loop may print another phase's batches as the training's. */
  #mayHaveOthers: boolean;
  /** What epochs of other lengths add to the epochs’ own length, times their number. */
  #shift = 0;
  /** Batches between two reports of an epoch. */
  #apart = Number.POSITIVE_INFINITY;
  /** Steps through all epochs at the end of the newest, where a line of its own has them. */
  #ended: number | null = null;
  /** Number that the first epoch has. */
  #firstEpoch = 1;
  /** The same of counts in two pairs of brackets, by the first of them: 1 where that is of epoch 1, or of the last; null before it. */
  #firstNested: 0 | 1 | null = null;

  constructor(mayHaveOthers = true) {
    this.#mayHaveOthers = mayHaveOthers;
  }

  /** A line of its own counts the steps so far, at the end of an epoch: the next begins behind them. */
  endsAt(steps: number): void {
    if (steps >= this.newest) this.#ended = steps;
  }

  /** A line of its own names an epoch that has ended, and how many batches it had; what follows is of the next. */
  ends(epoch: number, each: number): void {
    if (this.heading === null) this.#firstEpoch = epoch;
    this.heading = { epoch: epoch + 1, epochs: null };
    this.each = each;
    this.beginsAgain = true;
  }

  /** A batch is of the epoch that a line above it names. */
  under(count: StepCount): StepCount {
    this.#nestedIn = count.nestedIn ?? this.#nestedIn;
    // `[3/10], train_loss: 0.5` below the steps `[3/10], [99/100], …`.
    if (count.mayBeginAgain && this.#nestedIn !== null && count.total === this.#nestedIn)
      return { ...count, isEpoch: true };
    if (this.heading === null) {
      if (count.mayBeginAgain && count.total !== null) this.#unheaded = count.total;
      return count;
    }
    const { epoch } = this.heading;
    if (count.epoch === undefined && count.each !== undefined) return { ...count, epoch };
    if (!count.mayBeginAgain) return count;
    const { number, total } = count;
    return {
      number,
      total: null,
      isWhole: false,
      epoch,
      ...(total !== null && { each: total }),
      ...(this.#isWithin(count) && { isOfEpoch: true as const }),
    };
  }

  /** Whether a count under an epoch's line is of it, without a doubt: fewer steps than there were epochs, or than there will be. */
  #isWithin({ number, total }: StepCount): boolean {
    if (this.heading === null || total === null || number > total) return false;
    const { epoch, epochs } = this.heading;
    return number < epoch - this.#firstEpoch || total < (epochs ?? 0);
  }

  /** Steps of the training, by a line's own count; whether that is of one epoch shows once there was a second. */
  totalOf(count: StepCount): number | null {
    const { total } = count;
    if (this.heading === null || !count.mayBeginAgain || total === null) return total;
    const { epoch, epochs } = this.heading;
    if (this.beginsAgain || this.#isWithin(count)) return epochs === null ? null : epochs * total;
    // Of an epoch that nothing was read before, it may be the epoch's own.
    const isLater = epoch > this.#firstEpoch && this.#isLater;
    return isLater || epochs === 1 ? total : null;
  }

  /** A batch that begins again in each epoch counts through. */
  of({ number, isWhole, isNext, isOfEpoch, epoch, nested, each = this.each }: StepCount): number {
    if (isNext) return Math.max(0, this.newest) + 1;
    if (nested !== undefined) {
      if (nested.epoch === 0) this.#firstNested = 0;
      this.#firstNested ??= nested.epoch === 1 || nested.epoch === nested.epochs ? 1 : 0;
      return number - this.#firstNested * nested.each;
    }
    if (epoch !== undefined) {
      this.#first ??= { epoch, number };
      let before = this.#place;
      this.#place = { epoch, number, each };
      if (before?.epoch === epoch && number > before.number)
        this.#apart = Math.min(this.#apart, number - before.number);
      // Another training follows in the log, or this one goes on from where an epoch began.
      if (before !== null && number <= this.#first.number && this.#goesBack(before, this.#place)) {
        const base = epoch > this.#first.epoch ? this.#bases.get(epoch) : undefined;
        if (base === undefined) {
          this.#first = { epoch, number };
          this.#bases.clear();
          this.#shift = 0;
          this.beginsAgain = false;
        }
        before = null;
        this.#before = base ?? 0;
        this.newest = -1;
      }
      // Steps of the epoch before, which no line above has named.
      if (before === null && each !== undefined && this.#unheaded === each && number <= this.newest)
        this.beginsAgain = true;
      this.#isLater ||= before !== null && epoch > before.epoch;
      if (epoch === 0) this.#firstEpoch = 0;
      // Another rank's line of the same batch.
      if (before !== null && epoch === before.epoch && number === before.number) return this.newest;
      if (before !== null && epoch > before.epoch && this.#ended !== null) {
        this.beginsAgain = true;
        this.#before = this.#ended;
        this.#ended = null;
      } else if (before !== null && epoch > before.epoch && number <= before.number) {
        this.beginsAgain = true;
        // Batches that count from 0: the first is the one after the newest.
        this.#before = this.newest + Number(number === 0);
      }
      this.#bases.set(epoch, this.#before);
      if (before !== null && each !== undefined) this.#shiftTo(epoch, each, before);
      const isWithin =
        this.beginsAgain || (isOfEpoch === true && epoch > this.#firstEpoch && number <= (each ?? 0));
      if (each !== undefined && isWithin) return (epoch - this.#firstEpoch) * each + this.#shift + number;
      if (this.beginsAgain) return this.#before + number;
    }
    return isWhole || number > this.newest ? number : this.newest + 1;
  }

  /** Data that is chosen again for each epoch makes its length another one; an evaluation's is another by far. */
  #shiftTo(epoch: number, each: number, before: Place): void {
    const ratio = each / (before.each ?? each);
    if (epoch !== before.epoch + 1 || ratio === 1 || ratio > 2 || ratio < 1 / 2) return;
    const begins = (epoch - this.#firstEpoch) * before.each! + this.#shift;
    this.#shift = begins - (epoch - this.#firstEpoch) * each;
  }

  /** Behind the end of an epoch, the same count may be of its validation; that has fewer batches. */
  #goesBack(before: Place, now: Place): boolean {
    if (now.epoch !== before.epoch) return now.epoch < before.epoch;
    if (now.number >= before.number) return false;
    if (!this.#mayHaveOthers) return true;
    if (now.each === undefined || before.each === undefined) return false;
    return now.each > before.each || (now.each === before.each && before.number + this.#apart < before.each);
  }
}
