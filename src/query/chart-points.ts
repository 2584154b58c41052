/**
 * The figures that have a history, as an update's event holds them: those of the learner by their names in the snapshot, those
 * of a device as `cuda:0/allocatedBytes`, the trainer's own as `own/accuracy`. What was not measured is left out. A long log has
 * millions of updates: their figures are handed on one by one, and nothing is made for them on the way.
 */
import {
  batchOf,
  type DeviceMemory,
  eachLearnerFigure,
  eachLearnerSeries,
  eachOwnFigure,
  isUnknown,
  ownSeries,
} from '../contract/index.ts';
import {
  deviceUsedBytesOf,
  GrowingCounters,
  heldBytesOf,
  needOf,
  poolUsePercentOf,
  pressureFractionOf,
  refusalsIn,
} from '../figures/index.ts';
import type { LoggedEvent } from '../log/index.ts';

/** One update, or one step of a loop that is not PPO. */
export interface ChartPoint {
  seq: number;
  batch: number;
  timeMs: number;
  figures: Record<string, number>;
  /** A figure came several times, as at both edges of a phase, and differed: the highest stands here. */
  isFolded?: true;
  /** Figures that were logged after an update, by themselves: they belong to the point before. */
  isLate?: true;
}

/** Takes the figures of one update; what is no number was not measured. */
export type PutFigure = (name: string, value: number | string | boolean | null | undefined) => void;

/** Figures of a device that a chart may ask for, after the device's name and a slash. Bytes by default. */
export const deviceSeries = [
  'allocatedBytes',
  'reservedBytes',
  'activeBytes',
  /** active + stranded, reserved, used, total: each holds the one before, so together they are the ledger. */
  'strandedEdgeBytes',
  'peakAllocatedBytes',
  'peakReservedBytes',
  'budgetBytes',
  /** 0–1 */
  'pressureFraction',
  'deviceUsedBytes',
  'deviceTotalBytes',
  'memoryUsagePercent',
  /** Retries and OOMs since the update before. */
  'refusals',
] as const;
type DeviceFigures = Record<(typeof deviceSeries)[number], string>;

/**
 * One rank's events → the figures of its updates. It keeps what an update's figures need of the events before it: readings at
 * the edges of its phases, as `cuda:0/phase/rollout`, and the counters of the reading before.
 */
export class PointReader {
  /** Event of the first reading at an edge that is held; null where none is. */
  edgeSeq: number | null = null;
  #edges: [name: string, allocatedBytes: number][] = [];
  readonly #counters = new Map<string, GrowingCounters>();
  /** Whether a counter without a reading before it began at zero: at the start of a process, not in the middle of a log. */
  #isFromStart: boolean;
  readonly #eachLearner: typeof eachLearnerSeries;

  /** @param isAll every figure of the learner, and not only those that are drawn */
  constructor(isFromStart: boolean, isAll = false) {
    this.#isFromStart = isFromStart;
    this.#eachLearner = isAll ? eachLearnerFigure : eachLearnerSeries;
  }

  /** Takes every event of the rank, in order. */
  take(event: LoggedEvent): void {
    if (isUnknown(event)) return;
    if (event.type === 'TRAINING_STARTED') {
      this.#isFromStart = true;
      for (const counters of this.#counters.values()) counters.restart();
    }
    if (event.type !== 'MEMORY_SAMPLED') return;
    for (const reading of event.data.memory) {
      this.#count(reading);
      if (reading.allocatedBytes == null || this.#edges.length >= EDGES) continue;
      this.edgeSeq ??= event.seq;
      this.#edges.push([`${reading.device}/phase/${event.data.phase}`, reading.allocatedBytes]);
    }
  }

  /** Hands on the figures of an update, which was taken before, and of the phases that led to it; nothing of any other event. */
  read(event: LoggedEvent, put: PutFigure): void {
    if (isUnknown(event)) return;
    if (event.type !== 'PPO_UPDATE_COMPLETED' && event.type !== 'STEP_COMPLETED') return;
    for (const [name, bytes] of this.#edges) put(name, bytes);
    this.#edges = [];
    this.edgeSeq = null;
    this.#eachLearner(event.type === 'STEP_COMPLETED' ? 'step' : 'update', event.data, put);
    eachOwnFigure(event, (name, value) => put(ownSeries(name), value));
    for (const reading of event.data.memory ?? []) {
      memoryFigures(reading, put);
      const { isCounted, grown } = this.#count(reading).take();
      if (isCounted) put(namesOf(reading.device).refusals, refusalsIn(grown));
    }
  }

  /** Passes over an update, which was taken before: the figures of those after it are as if it had been read. */
  skip(event: LoggedEvent): void {
    if (isUnknown(event)) return;
    if (event.type !== 'PPO_UPDATE_COMPLETED' && event.type !== 'STEP_COMPLETED') return;
    this.#edges = [];
    this.edgeSeq = null;
    for (const reading of event.data.memory ?? []) this.#count(reading).take();
  }

  /** The point of an event that was taken before; null where it is no update. */
  point(event: LoggedEvent): ChartPoint | null {
    const batch = batchOf(event);
    if (batch === null) return null;
    const figures: Record<string, number> = {};
    let isFolded = false as boolean;
    this.read(event, (name, value) => {
      const number = typeof value === 'boolean' ? Number(value) : value;
      if (typeof number !== 'number') return;
      const before = figures[name] ?? number;
      if (before !== number) isFolded = true;
      figures[name] = Math.max(number, before);
    });
    return { seq: event.seq, batch, timeMs: event.timeMs, figures, ...(isFolded && { isFolded }) };
  }

  /** What belongs to the point before: figures that were logged by themselves; null for any other event. */
  late(event: LoggedEvent, batch: number): ChartPoint | null {
    if (isUnknown(event) || event.type !== 'FIGURES_LOGGED') return null;
    const figures: Record<string, number> = {};
    eachOwnFigure(event, (name, value) => {
      if (typeof value === 'number') figures[ownSeries(name)] = value;
    });
    return { seq: event.seq, batch, timeMs: event.timeMs, figures, isLate: true };
  }

  #count(reading: DeviceMemory): GrowingCounters {
    let counters = this.#counters.get(reading.device);
    if (counters === undefined) {
      counters = new GrowingCounters();
      this.#counters.set(reading.device, counters);
      if (!this.#isFromStart) {
        counters.read(reading);
        counters.take();
      }
    }
    counters.read(reading);
    return counters;
  }
}

/** Readings at the edges of one update's phases that are kept. */
const EDGES = 4096;

/** Figures of one reading; not its refusals, which are those since the reading before. */
export function memoryFigures(reading: DeviceMemory, put: PutFigure): void {
  const name = namesOf(reading.device);
  const need = needOf(reading);
  const held = heldBytesOf(reading);
  put(name.allocatedBytes, reading.allocatedBytes);
  put(name.reservedBytes, reading.reservedBytes);
  put(name.activeBytes, held);
  if (held !== null && need.strandedBytes !== null) put(name.strandedEdgeBytes, held + need.strandedBytes);
  put(name.peakAllocatedBytes, reading.peakAllocatedBytes);
  put(name.peakReservedBytes, reading.peakReservedBytes);
  put(name.deviceTotalBytes, reading.deviceTotalBytes);
  put(name.deviceUsedBytes, deviceUsedBytesOf(reading));
  put(name.budgetBytes, need.budgetBytes);
  put(name.pressureFraction, pressureFractionOf(need));
  put(name.memoryUsagePercent, poolUsePercentOf(reading));
}

/** Name of the series of a device's refusals. */
export const refusalsOf = (device: string): string => namesOf(device).refusals;

/** Names of so many devices are kept: those of a job, and not those of a log that calls each by another. */
const NAMES = 256;
const names = new Map<string, DeviceFigures>();

function namesOf(device: string): DeviceFigures {
  let known = names.get(device);
  if (known === undefined) {
    if (names.size >= NAMES) names.clear();
    known = Object.fromEntries(deviceSeries.map(figure => [figure, `${device}/${figure}`])) as DeviceFigures;
    names.set(device, known);
  }
  return known;
}
