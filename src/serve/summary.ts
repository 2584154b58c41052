/**
 * The history of a rank's figures in bounded memory: blocks of `span` consecutive points, each with the exact minimum
 * and maximum of every figure. A block more than there is room for makes one of every two, and `span` twice as
 * large. Blocks never split, so a bucket made of whole blocks has exact extremes at any zoom.
 */

import { GrowingCounters, refusalsIn } from '../figures/index.ts';
import {
  type ChartPoint,
  type PackedBlocks,
  type PointColumns,
  type PutFigure,
  refusalsOf,
} from '../query/index.ts';
import { BLOCKS, COLUMNS } from './limits.ts';

/** What is known of a run of consecutive points, by column; all columns have one length. */
export interface SeriesBlocks {
  /** First and last event of the block. */
  seq: ArrayLike<number>;
  seqEnd: ArrayLike<number>;
  batch: ArrayLike<number>;
  batchEnd: ArrayLike<number>;
  /** Milliseconds since the epoch, never falling. */
  timeMs: ArrayLike<number>;
  timeEndMs: ArrayLike<number>;
  /** NaN where the figure was never measured in the block. */
  figures: ReadonlyMap<string, { min: ArrayLike<number>; max: ArrayLike<number> }>;
  length: number;
}

/** Room for so many blocks at first: a run may have thousands of ranks. */
const LEAST_ROOM = 16;

const places = ['seq', 'seqEnd', 'batch', 'batchEnd', 'timeMs', 'timeEndMs'] as const;

export class Summary implements SeriesBlocks {
  seq = new Float64Array(0);
  seqEnd = new Float64Array(0);
  batch = new Float64Array(0);
  batchEnd = new Float64Array(0);
  timeMs = new Float64Array(0);
  timeEndMs = new Float64Array(0);
  figures = new Map<string, { min: Float64Array; max: Float64Array }>();
  /** Blocks, the last one perhaps not full. */
  length = 0;
  /** Points of a full block. */
  span = 1;
  points = 0;
  #inLast = 0;
  #capacity: number;

  constructor(capacity = BLOCKS) {
    this.#capacity = capacity;
  }

  /** The summary that the points of these blocks would come to. */
  static ofBlocks({ points, span, ...blocks }: PackedBlocks): Summary {
    const summary = new Summary();
    Object.assign(summary, { points, span, ...blocks, length: blocks.seq.length });
    const { length, timeMs, timeEndMs } = summary;
    summary.#inLast = length === 0 ? 0 : points - (length - 1) * span;
    // Time never falls.
    let latest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < length; i++) {
      timeMs[i] = Math.max(timeMs[i]!, latest);
      latest = timeEndMs[i] = Math.max(timeEndMs[i]!, timeMs[i]!);
    }
    return summary;
  }

  /** Memory that it takes. */
  get bytes(): number {
    return 8 * this.seq.length * (places.length + 2 * this.figures.size);
  }

  /** Batch of the newest point; null before the first. */
  get lastBatch(): number | null {
    return this.length > 0 ? this.batchEnd[this.length - 1]! : null;
  }

  /**
   * Begins the next point; its figures follow with {@link put}.
   * @param firstSeq the first event that it is made of, where that is an earlier one
   */
  add(seq: number, batch: number, timeMs: number, firstSeq = seq): void {
    if (this.length === 0 || this.#inLast === this.span) {
      if (this.length === this.#capacity) this.#halve();
      if (this.length === 0 || this.#inLast === this.span) this.#begin(firstSeq, batch, timeMs);
    }
    const i = this.length - 1;
    this.seqEnd[i] = seq;
    this.batchEnd[i] = batch;
    if (timeMs > this.timeEndMs[i]!) this.timeEndMs[i] = timeMs;
    this.#inLast++;
    this.points++;
  }

  /** A late one belongs to the newest point; before the first it is of a point that is not here. */
  addPoint({ seq, batch, timeMs, figures, isLate }: ChartPoint): void {
    if (!isLate) this.add(seq, batch, timeMs);
    else if (this.length === 0) return;
    else this.seqEnd[this.length - 1] = seq;
    for (const name in figures) this.put(name, figures[name]);
  }

  /**
   * Adds all points of a part of the log.
   * @param growing counters of each device so far
   */
  addColumns(
    { seq, batch, timeMs, figures, counters }: PointColumns,
    growing: Map<string, GrowingCounters>,
  ): void {
    const all = [...figures].flatMap(([name, values]) => {
      const column = this.figures.get(name) ?? this.#column(name);
      return column === null ? [] : [{ column, values }];
    });
    const refusals = counters.map(({ device, ...counted }) => {
      const counter = growing.get(device) ?? new GrowingCounters();
      growing.set(device, counter);
      return { column: refusalsOf(device), values: refusalsAt(counter, device, counted, seq.length) };
    });
    for (const { column: name, values } of refusals) {
      const column = this.figures.get(name) ?? this.#column(name);
      if (column !== null) all.push({ column, values });
    }
    const blocks = new Int32Array(seq.length);
    for (let from = 0; from < seq.length; ) {
      // Blocks keep their places until the next halving.
      let to = from;
      do {
        this.add(seq[to]!, batch[to]!, timeMs[to]!);
        blocks[to] = this.length - 1;
        to++;
      } while (to < seq.length && !(this.length === this.#capacity && this.#inLast === this.span));
      for (const { column, values } of all) fold(column, values, blocks, from, to);
      from = to;
    }
  }

  /** A figure of the newest point. */
  readonly put: PutFigure = (name, value) => {
    if (typeof value !== 'number') return;
    const column = this.figures.get(name) ?? this.#column(name);
    if (column === null) return;
    const { min, max } = column;
    const i = this.length - 1;
    if (!(min[i]! <= value)) min[i] = value;
    if (!(max[i]! >= value)) max[i] = value;
  };

  /**
   * Forgets the points after this batch, which a resumed run makes again.
   * @returns the events of a block that was cut through: read them again and add those up to the batch.
   */
  rewind(batch: number): { from: number; to: number } | null {
    while (this.length > 0 && this.batch[this.length - 1]! > batch) this.#dropLast();
    const i = this.length - 1;
    if (i < 0 || this.batchEnd[i]! <= batch) return null;
    const cut = { from: this.seq[i]!, to: this.seqEnd[i]! };
    this.#dropLast();
    return cut;
  }

  #dropLast(): void {
    this.points -= this.#inLast;
    this.length--;
    this.#inLast = this.length > 0 ? this.span : 0;
  }

  #begin(seq: number, batch: number, timeMs: number): void {
    const i = this.length++;
    if (i >= this.seq.length) this.#grow();
    const time = Math.max(timeMs, i > 0 ? this.timeEndMs[i - 1]! : timeMs);
    this.seq[i] = seq;
    this.batch[i] = batch;
    this.timeMs[i] = time;
    this.timeEndMs[i] = time;
    for (const { min, max } of this.figures.values()) min[i] = max[i] = Number.NaN;
    this.#inLast = 0;
  }

  /** Null where there are too many figures already. */
  #column(name: string): { min: Float64Array; max: Float64Array } | null {
    if (this.figures.size >= COLUMNS) return null;
    const length = this.seq.length;
    const column = {
      min: new Float64Array(length).fill(Number.NaN),
      max: new Float64Array(length).fill(Number.NaN),
    };
    this.figures.set(name, column);
    return column;
  }

  #grow(): void {
    const room = Math.min(this.#capacity, Math.max(LEAST_ROOM, this.seq.length * 2));
    const larger = (old: Float64Array) => {
      const array = new Float64Array(room);
      array.set(old);
      return array.fill(Number.NaN, old.length);
    };
    for (const place of places) this[place] = larger(this[place]);
    for (const column of this.figures.values()) {
      column.min = larger(column.min);
      column.max = larger(column.max);
    }
  }

  #halve(): void {
    const half = this.length >> 1;
    for (const first of [this.seq, this.batch, this.timeMs])
      for (let i = 0; i < half; i++) first[i] = first[2 * i]!;
    for (const last of [this.seqEnd, this.batchEnd, this.timeEndMs])
      for (let i = 0; i < half; i++) last[i] = last[2 * i + 1]!;
    for (const { min, max } of this.figures.values())
      for (let i = 0; i < half; i++) {
        min[i] = least(min[2 * i]!, min[2 * i + 1]!);
        max[i] = most(max[2 * i]!, max[2 * i + 1]!);
      }
    this.length = half;
    this.span *= 2;
    this.#inLast = this.span;
  }
}

/** NaN is "not measured": it gives way to any number. */
export const least = (a: number, b: number): number => (Number.isNaN(a) || b < a ? b : a);
export const most = (a: number, b: number): number => (Number.isNaN(a) || b > a ? b : a);

/** Takes the values of some points into their blocks. */
function fold(
  { min, max }: { min: Float64Array; max: Float64Array },
  values: Float64Array,
  blocks: Int32Array,
  from: number,
  to: number,
): void {
  for (let point = from; point < to; point++) {
    const value = values[point]!;
    const i = blocks[point]!;
    // Nothing is below or above NaN, and none of the two holds where the block has no value yet.
    if (value < min[i]!) min[i] = value;
    else if (!(min[i]! <= value) && !Number.isNaN(value)) min[i] = value;
    if (value > max[i]!) max[i] = value;
    else if (!(max[i]! >= value) && !Number.isNaN(value)) max[i] = value;
  }
}

/** Refusals of a device at each point; NaN: not counted. */
function refusalsAt(
  counter: GrowingCounters,
  device: string,
  { isCounted, allocRetries, ooms }: Omit<PointColumns['counters'][number], 'device'>,
  length: number,
): Float64Array {
  const refusals = new Float64Array(length).fill(Number.NaN);
  const read = (value: number) => (Number.isNaN(value) ? null : value);
  let [retriesBefore, oomsBefore] = [Number.NaN, Number.NaN];
  for (let point = 0; point < length; point++) {
    if (isCounted[point] !== 1) continue;
    // Most often nothing was refused.
    if (allocRetries[point] === retriesBefore && ooms[point] === oomsBefore) {
      refusals[point] = 0;
      continue;
    }
    retriesBefore = allocRetries[point]!;
    oomsBefore = ooms[point]!;
    counter.read({ device, allocRetries: read(allocRetries[point]!), ooms: read(ooms[point]!) });
    refusals[point] = refusalsIn(counter.take().grown);
  }
  return refusals;
}
