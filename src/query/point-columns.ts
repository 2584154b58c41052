/**
 * The points of a part of a rank's log, as columns: what can be read of a part by itself, so that parts are read side by side. A log
 * in which a line means something for those after it, as a resumed run's start does, is refused: it is read from its beginning.
 */
import {
  batchOf,
  isMalformed,
  isUnknown,
  parseEvent,
  resumedAt,
  type TelemetryEvent,
  type WireValue,
} from '../contract/index.ts';
import { counterNames } from '../figures/index.ts';
import { type Lines, linesIn } from '../log/index.ts';
import { memoryFigures } from './chart-points.ts';
import { eachFigure, type Plan, planOf } from './point-plan.ts';

/** Counters of a device at a point: what its refusals are the growth of; NaN: not read. */
export interface CounterColumns {
  device: string;
  /** Whether any counter was read at the point. */
  isCounted: Uint8Array;
  allocRetries: Float64Array;
  ooms: Float64Array;
}

/** Points in their order; all columns have one length. */
export interface PointColumns {
  /** The event of the point. */
  seq: Float64Array;
  batch: Float64Array;
  timeMs: Float64Array;
  /** NaN: not measured. */
  figures: Map<string, Float64Array>;
  counters: CounterColumns[];
}

/** The log has something that parts cannot be read by themselves of. */
export class DependentLinesError extends Error {
  override name = 'DependentLinesError';
}

/** Shapes that are kept: a log has a few; and columns. */
const SHAPES = 32;
const MOST_KEPT = 512;

/** Events that no point is made of. */
const ignored = new Set([
  'TRAINING_COMPLETED',
  'TRAINING_FAILED',
  'CHECKPOINT_SAVED',
  'INTERVENTION_APPLIED',
  'INTERVENTION_ENDED',
  'MEMORY_ATTRIBUTED',
  'DEVICE_SAMPLED',
  'HOST_SAMPLED',
]);

export class PointColumnsReader {
  readonly #rank: number;
  #plans: Plan[] = [];
  #capacity = 0;
  #length = 0;
  /** The point that {@link #put} is of. */
  #at = 0;
  #columns!: PointColumns;
  /** Columns of the parts before, by what they were for. */
  readonly #room = new Map<string, Float64Array>();
  readonly #counters = new Map<string, CounterColumns>();

  constructor(rank: number) {
    this.#rank = rank;
  }

  /** Begins a part of the log. @param bytes about so many */
  begin(bytes: number): void {
    const capacity = Math.max(64, bytes >> 10);
    if (capacity > this.#capacity) {
      this.#capacity = capacity;
      this.#room.clear();
    }
    this.#start();
  }

  /**
   * Reads whole lines of the part.
   * @param isFirst whether the log begins with the part
   * Throws a {@link DependentLinesError}.
   */
  add(bytes: Buffer, isFirst: boolean): void {
    const lines = linesIn(bytes);
    for (let at = 0; at < bytes.length; ) {
      const next = this.#known(lines, at);
      if (next >= 0) {
        at = next;
        continue;
      }
      const end = bytes.indexOf(10, at);
      this.#other(bytes.subarray(at, end), isFirst && this.#length === 0);
      at = end + 1;
    }
    for (const { shape } of this.#plans) shape.leave(lines);
  }

  #known(lines: Lines, at: number): number {
    const plans = this.#plans;
    for (let i = 0; i < plans.length; i++) {
      const plan = plans[i]!;
      const next = plan.shape.read(lines, at);
      if (next < 0) continue;
      if (plan.point !== null) this.#take(plan, plan.point);
      if (i > 0) {
        plans[i] = plans[i - 1]!;
        plans[i - 1] = plan;
      }
      return next;
    }
    return -1;
  }

  #take({ event, shape: { values } }: Plan, point: NonNullable<Plan['point']>): void {
    const { seq, timeMs, batch, direct, memory } = point;
    const i = this.#point(values[seq]!, values[batch]!, values[timeMs]!);
    point.columns ??= direct.map(({ name }) => this.#column(name));
    for (let k = 0; k < direct.length; k++) point.columns[k]![i] = values[direct[k]!.slot]!;
    for (let k = 0; k < memory.length; k++) {
      const { slot, reading, key } = memory[k]!;
      reading[key] = values[slot]!;
    }
    this.#memory(event, i);
  }

  /** A line of no known shape. @param isBefore no point of the log came yet */
  #other(line: Buffer, isBefore: boolean): void {
    const text = line.toString('utf8');
    const event = parseEvent(text);
    if (isMalformed(event)) return;
    if (event.rank !== this.#rank) throw new DependentLinesError('events of several ranks');
    if (isUnknown(event)) return;
    // A start makes counters begin at zero, where there were any.
    if (event.type === 'TRAINING_STARTED' && isBefore && resumedAt(event) === null) return;
    const batch = batchOf(event);
    if (batch === null && !ignored.has(event.type)) throw new DependentLinesError(event.type);
    if (batch !== null) this.#point(event.seq, batch, event.timeMs, event);
    const plan = planOf(line, event, this.#rank);
    if (plan === null) return;
    this.#plans.unshift(plan);
    if (this.#plans.length > SHAPES) this.#plans.pop();
  }

  #point(seq: number, batch: number, timeMs: number, event?: TelemetryEvent): number {
    if (this.#length === this.#capacity) this.#grow();
    const i = this.#length++;
    const columns = this.#columns;
    columns.seq[i] = seq;
    columns.batch[i] = batch;
    columns.timeMs[i] = timeMs;
    if (event !== undefined) {
      eachFigure(event, (name, value) => {
        const column = this.#column(name);
        if (!Number.isNaN(column[i])) throw new DependentLinesError(`${name} twice`);
        column[i] = value;
      });
      this.#memory(event, i);
    }
    return i;
  }

  #memory(event: TelemetryEvent, i: number): void {
    const { memory } = event.data as { memory?: readonly Record<string, unknown>[] };
    if (memory === undefined) return;
    for (const one of memory) {
      const reading = one as Parameters<typeof memoryFigures>[0];
      this.#at = i;
      memoryFigures(reading, this.#put);
      this.#count(reading, i);
    }
  }

  #count(reading: Parameters<typeof memoryFigures>[0], i: number): void {
    if (!counterNames.some(name => reading[name] != null)) return;
    let own = this.#counters.get(reading.device);
    if (own === undefined) {
      own = {
        device: reading.device,
        isCounted: new Uint8Array(this.#capacity),
        allocRetries: empty(this.#capacity),
        ooms: empty(this.#capacity),
      };
      this.#counters.set(reading.device, own);
    }
    if (own.isCounted[i] === 1) throw new DependentLinesError(`${reading.device} twice`);
    own.isCounted[i] = 1;
    own.allocRetries[i] = reading.allocRetries ?? Number.NaN;
    own.ooms[i] = reading.ooms ?? Number.NaN;
  }

  readonly #put = (name: string, value: WireValue): void => {
    if (typeof value === 'number') this.#column(name)[this.#at] = value;
  };

  #column(name: string): Float64Array {
    let column = this.#columns.figures.get(name);
    if (column === undefined) {
      column = this.#empty(name);
      this.#columns.figures.set(name, column);
    }
    return column;
  }

  /** A column of nothing measured: of a part before, where there was one of its name. */
  #empty(name: string): Float64Array {
    let column = this.#room.get(name);
    if (column === undefined) {
      column = new Float64Array(this.#capacity);
      this.#room.set(name, column);
    }
    return column.fill(Number.NaN);
  }

  /** Columns are others now. */
  #forget(): void {
    for (const { point } of this.#plans) if (point !== null) point.columns = null;
  }

  #start(): void {
    this.#forget();
    this.#length = 0;
    if (this.#room.size > MOST_KEPT) this.#room.clear();
    const [seq, batch, timeMs] = places.map(place => this.#empty(place)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    this.#columns = { seq, batch, timeMs, figures: new Map(), counters: [] };
    this.#counters.clear();
  }

  #grow(): void {
    const room = this.#capacity * 2;
    const larger = (old: Float64Array) => {
      const array = empty(room);
      array.set(old);
      return array;
    };
    const { seq, batch, timeMs, figures } = this.#columns;
    this.#columns = {
      seq: larger(seq),
      batch: larger(batch),
      timeMs: larger(timeMs),
      figures: new Map([...figures].map(([name, column]) => [name, larger(column)])),
      counters: [],
    };
    for (const own of this.#counters.values()) {
      const isCounted = new Uint8Array(room);
      isCounted.set(own.isCounted);
      own.isCounted = isCounted;
      own.allocRetries = larger(own.allocRetries);
      own.ooms = larger(own.ooms);
    }
    this.#capacity = room;
    this.#room.clear();
    this.#forget();
  }

  /** The points of the part, side by side in one buffer: a thread hands over one of them at the cost of many. */
  finish(): PointColumns {
    const { seq, batch, timeMs, figures } = this.#columns;
    const counters = [...this.#counters.values()];
    const length = this.#length;
    const all = new Float64Array(length * (places.length + figures.size + 2 * counters.length));
    let at = 0;
    const cut = (column: Float64Array) => {
      const part = all.subarray(at, at + length);
      part.set(column.subarray(0, length));
      at += length;
      return part;
    };
    return {
      seq: cut(seq),
      batch: cut(batch),
      timeMs: cut(timeMs),
      figures: new Map([...figures].map(([name, column]) => [name, cut(column)])),
      counters: counters.map(({ device, isCounted, allocRetries, ooms }) => ({
        device,
        isCounted: isCounted.slice(0, length),
        allocRetries: cut(allocRetries),
        ooms: cut(ooms),
      })),
    };
  }
}

const empty = (length: number): Float64Array => new Float64Array(length).fill(Number.NaN);
const places = ['seq', 'batch', 'timeMs'] as const;
