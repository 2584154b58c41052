/**
 * A run's figures update by update, for comparison with another run's: blocks of 1, 2, 4 … updates, as many as fit into
 * bounded memory, each with the means of its figures. The block of an update is the same in every run.
 */
import {
  type DeviceMemory,
  eachOwnFigure,
  isUnknown,
  OWN_FIGURES,
  passSeq,
  type SeqPlace,
  type TelemetryEvent,
  type UnknownEvent,
} from '../contract/index.ts';
import {
  fragmentationOf,
  GrowingCounters,
  headroomBytesOf,
  idleShareOf,
  pressureFractionOf,
  refusalsIn,
} from '../figures/index.ts';
import { type Done, sampleOf, stepDone, updateDone } from './figures-of.ts';
import type { UpdateSample } from './update-sample.ts';

/** Figures of a device, and of a rank. Null where not measured. */
export interface DeviceRow {
  peakBytes: number | null;
  restingBytes: number | null;
  reservedBytes: number | null;
  pressureFraction: number | null;
  headroomBytes: number | null;
  strandedBytes: number | null;
  fragmentation: number | null;
  cudaMemoryFragmentation: number | null;
  /** 1 where memory was refused in the update, 0 where not. */
  wallFraction: number | null;
}
export type RankRow = Pick<Done, 'tookMs' | 'stepsPerSecond' | 'episodicReturn' | 'loss'>;
export interface OwnRow {
  value: number;
}
type Row = { [figure: string]: number | null };

/** Blocks that are kept at most. */
const MOST = 1024;
/** Updates of a process whose times are left out: compiling, warming up caches. */
export const TIMING_WARMUP_UPDATES = 10;

/** Means of one figure's blocks; null where none of a block's updates reports it. */
type Means = (number | null)[];

export class UpdateBlocks<T> {
  /** Updates in a block: a power of two. */
  each = 1;
  #sums: Record<string, Float64Array> = {};
  #counts: Record<string, Float64Array> = {};
  #length = 0;

  /** No update has been added: all so far were part of the warm-up. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  add(index: number, row: T): void {
    while (Math.floor(index / this.each) >= MOST) this.#halve();
    const at = Math.floor(index / this.each);
    this.#length = Math.max(this.#length, at + 1);
    for (const [figure, value] of Object.entries(row as Row)) {
      if (value === null) continue;
      this.#sums[figure] ??= new Float64Array(MOST);
      this.#counts[figure] ??= new Float64Array(MOST);
      this.#sums[figure]![at]! += value;
      this.#counts[figure]![at]! += 1;
    }
  }

  /** The figure's means in blocks of `each` updates, a multiple of this one's. */
  means(figure: keyof T & string, each: number): Means {
    const [sums, counts] = [this.#sums[figure], this.#counts[figure]];
    if (sums === undefined || counts === undefined) return [];
    const ratio = each / this.each;
    return Array.from({ length: Math.ceil(this.#length / ratio) }, (_, i) => {
      let [sum, count] = [0, 0];
      for (let k = i * ratio; k < Math.min((i + 1) * ratio, this.#length); k++) {
        sum += sums[k]!;
        count += counts[k]!;
      }
      return count === 0 ? null : sum / count;
    });
  }

  #halve(): void {
    this.each *= 2;
    this.#length = Math.ceil(this.#length / 2);
    for (const lists of [this.#sums, this.#counts])
      for (const list of Object.values(lists)) {
        for (let i = 0; i < MOST / 2; i++) list[i] = list[2 * i]! + list[2 * i + 1]!;
        list.fill(0, MOST / 2);
      }
  }
}

interface Device {
  blocks: UpdateBlocks<DeviceRow>;
  counters: GrowingCounters;
}

/** One rank's figures, and those of its devices by name. */
export class RankSeries {
  readonly blocks = new UpdateBlocks<RankRow>();
  readonly devices = new Map<string, Device>();
  /** Figures of the trainer's own, by name, in the order in which they came. */
  readonly own = new Map<string, UpdateBlocks<OwnRow>>();
  updates = 0;
  /** What the first start event reported. */
  started: Record<string, unknown> | null = null;
  #place: SeqPlace = { nextSeq: 0, seqGap: null };
  #at = 0;
  /** Events of figures alone, before any update. */
  #logged = 0;

  /** Updates, or where there are none events of figures alone. */
  get length(): number {
    return this.updates === 0 ? this.#logged : this.updates;
  }

  take(event: TelemetryEvent | UnknownEvent): void {
    if (passSeq(this.#place, event.seq) === null) return;
    if (isUnknown(event)) return;
    this.#takeOwn(event);
    switch (event.type) {
      case 'PPO_UPDATE_COMPLETED':
        this.#update(event.timeMs, updateDone(event.data), event.data.memory ?? []);
        break;
      case 'STEP_COMPLETED':
        this.#update(event.timeMs, stepDone(event.data), event.data.memory ?? []);
        break;
      case 'TRAINING_STARTED':
        this.started ??= event.data;
        this.#at = 0;
        for (const { counters } of this.devices.values()) counters.restart();
    }
  }

  #update(timeMs: number, done: Done, memory: readonly DeviceMemory[]): void {
    const place = { index: this.updates++, at: this.#at++, timeMs };
    const { tookMs, stepsPerSecond, episodicReturn, loss } = done;
    const isWarm = place.at >= TIMING_WARMUP_UPDATES;
    if (isWarm) this.blocks.add(place.index, { tookMs, stepsPerSecond, episodicReturn, loss });
    for (const reading of memory) {
      const { blocks, counters } = this.#device(reading.device);
      counters.read(reading);
      const point = sampleOf(place, done, reading, counters.take());
      if (isWarm) blocks.add(place.index, rowOf(point));
    }
  }

  /** Of the update that brings them, or of the newest; where a rank makes none, one after the other. */
  #takeOwn(event: TelemetryEvent): void {
    const isLate = event.type === 'FIGURES_LOGGED';
    eachOwnFigure(event, (name, value) => {
      if (typeof value !== 'number') return;
      let blocks = this.own.get(name);
      if (blocks === undefined) {
        if (this.own.size >= OWN_FIGURES) return;
        blocks = new UpdateBlocks();
        this.own.set(name, blocks);
      }
      const index = this.updates === 0 && isLate ? this.#logged : this.updates - (isLate ? 1 : 0);
      blocks.add(index, { value });
    });
    if (isLate && this.updates === 0) this.#logged++;
  }

  #device(name: string): Device {
    let device = this.devices.get(name);
    if (device === undefined) {
      device = { blocks: new UpdateBlocks(), counters: new GrowingCounters() };
      this.devices.set(name, device);
    }
    return device;
  }
}

/** Peaks of a whole run are no figures of an update. */
function rowOf(point: UpdateSample): DeviceRow {
  const { budgetBytes, restingBytes, reservedBytes, strandedBytes } = point;
  const peakBytes = point.isPeakOfRun ? null : point.peakBytes;
  const need = { peakBytes, budgetBytes, strandedBytes };
  return {
    peakBytes,
    restingBytes,
    reservedBytes,
    pressureFraction: pressureFractionOf(need),
    headroomBytes: headroomBytesOf(need),
    strandedBytes,
    fragmentation: point.isPeakOfRun ? null : fragmentationOf(point.poolPeaks),
    cudaMemoryFragmentation: idleShareOf(point),
    wallFraction: point.isCounted ? Number(refusalsIn(point) > 0) : null,
  };
}
