/**
 * The bar of the training among those of data, weights and evaluations: which of them it is, how far it came, and the steps of the reports that
 * were written through it.
 */
import { secondsOf } from './bar-frames.ts';
import { countsData } from './progress-bar.ts';
import { RedrawnSteps } from './redrawn-steps.ts';

interface Bar {
  done: number;
  elapsed: string;
  /** Steps a second, as printed; null where it has seconds a step, or nothing. */
  rate: string | null;
}

/** One of another total than the training's, as far as that is known, and how often it was drawn. */
interface OtherBar extends Bar {
  of: number;
  draws: number;
}

/** The trainer's own bar has nothing in front but a line's number, a collector's time, or a name that is known: those of evaluation, data and weights have others. */
const BAR =
  /^\s{0,8}(?:\[\d{1,7}\] {1,4}|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z? {1,8})?(?:(?:Train|(Training Batches Processed)): {1,4})?\d{1,3}%\|[^|]{0,400}\| {0,8}(\d{1,12})\/(\d{1,12}) \[([\d:]{1,12})(?:<[\d:]{1,12}, {1,3}(\d[\d.]{0,11})it\/s)?/;

export interface DrawnBar extends Bar {
  /** As printed. */
  shown: number;
  of: number;
}

/** null for a line that is no bar of a trainer's. */
export function drawnBar(text: string): DrawnBar | null {
  const drawn = BAR.exec(text);
  if (drawn === null || countsData(text)) return null;
  const shown = Number(drawn[2]);
  // SkyRL's bar moves once a step's figures are written.
  const done = shown + (drawn[1] === undefined ? 0 : 1);
  return { shown, done, of: Number(drawn[3]), elapsed: drawn[4]!, rate: drawn[5] ?? null };
}

/** The rest of a bar that a report was written over, behind it: `{'loss': 2.5, 'epoch': 0.1}74 [00:00<?, ?it/s]`. */
const WRITTEN_OVER = /\}\s{0,4}(?:\d{0,12}\/)?(\d{1,12}) \[[\d:]{4,12}<[^\]]{1,60}\]\s{0,20}$/;

/** Steps a second. */
const SLOW = 2;

export class TrainingBar {
  /** Steps that there will be; null while nothing shows them. */
  total: number | null = null;
  /** As it was drawn last; null before that. */
  newest: Bar | null = null;
  readonly redrawn = new RedrawnSteps();
  /** Whether the total is one that a line names: no bar shows another. */
  #isNamed = false;
  #draws = 0;
  /** Drawn behind the newest of them. */
  #other: OtherBar | null = null;

  /** One of as many steps that has begun while the training's was under way: an evaluation's, or another training's. */
  #nested: Bar | null = null;

  /** Whether it is one that has begun at 0 meanwhile. */
  nests({ done, elapsed, rate, of }: DrawnBar): boolean {
    const { newest, total } = this;
    const isUnderWay = newest !== null && newest.done > 0 && newest.done < total! && of === total;
    const goesOn = this.#nested !== null && done > this.#nested.done;
    this.#nested = isUnderWay && (done === 0 || goesOn) ? { done, elapsed, rate } : null;
    return this.#nested !== null;
  }

  /** A report follows: what has begun is a training's. */
  reported(): void {
    this.newest = this.#nested ?? this.newest;
    this.#nested = null;
    this.redrawn.reported();
  }

  /** An evaluation's report follows: what has begun was that. */
  evaluated(): void {
    this.#nested = null;
    this.redrawn.evaluated();
  }

  /** A line has the total. */
  name(total: number): void {
    if (total > 0) this.total = total;
    this.#isNamed = true;
  }

  /** Whether a bar is of the training, as far as that is known; it is drawn once what stands in front of it has its step. */
  isOf({ done, elapsed, rate, of }: DrawnBar): boolean {
    if (this.total === null && of > 0) this.total = of;
    if (of === this.total) {
      this.#other = null;
      this.#draws++;
      return true;
    }
    const draws = (this.#other?.of === of ? this.#other.draws : 0) + 1;
    this.#other = { done, elapsed, rate, of, draws };
    return false;
  }

  /** A report was written over a bar that has another total: the bar above it is of another training, and nothing shows the report's step. */
  reportedOver(text: string): void {
    const rest = text.includes('it]') || text.includes('/s]') ? WRITTEN_OVER.exec(text) : null;
    if (rest !== null && this.total !== null && !`${this.total}`.endsWith(rest[1]!)) this.clear();
  }

  draw({ done, elapsed, rate }: Bar): void {
    this.redrawn.drawn(done, this.newest?.done === done);
    this.newest = { done, elapsed, rate };
  }

  /**
   * Whether it was drawn again at once, for what was written through it: within its second, or in the next at the rate that it had, which steps change. Of slow
   * steps each is drawn, and the bar is never behind.
   */
  isAgain({ elapsed, rate }: Bar): boolean {
    const { newest } = this;
    if (newest === null) return false;
    const isNext = secondsOf(elapsed)! - secondsOf(newest.elapsed)! === 1;
    return newest.elapsed === elapsed || (isNext && rate === newest.rate && Number(rate) > SLOW);
  }

  /** The bar in front of the first report is the training's: one before it was of data, weights or an evaluation, if it is full, or was hardly drawn. */
  beforeFirst(): void {
    if (this.#isOfNoTime) this.clear();
    const other = this.#other;
    if (other === null || this.#isNamed || other.done >= other.of - 1) return;
    const isOver = this.newest !== null && this.newest.done >= this.total! - 1;
    if (!isOver && other.draws <= this.#draws) return;
    this.total = other.of;
    this.newest = other;
    this.#draws = other.draws;
    this.#other = null;
  }

  /** Whether the only bar was drawn once, full, before a second was over: it was of data, and no report of steps would stand behind it. */
  get #isOfNoTime(): boolean {
    const { newest, total } = this;
    if (newest === null || this.#isNamed || this.#draws !== 1 || this.#other !== null) return false;
    return newest.done === total && /^[0:]{1,8}$/.test(newest.elapsed);
  }

  /** Another training begins. */
  clear(): void {
    this.total = null;
    this.newest = null;
    this.#nested = null;
    this.redrawn.clear();
    this.#isNamed = false;
    this.#draws = 0;
    this.#other = null;
  }
}
