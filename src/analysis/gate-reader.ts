/**
 * A run's events → the few figures that a gate compares, in bounded memory: its allocated peaks, what it reserved, the time of
 * its updates, what the allocator's stalls took, and its verdict.
 */
import { standardDeviation } from '../base/index.ts';
import {
  asLeft,
  type DeviceMemory,
  type GateFigure,
  isUnknown,
  passSeq,
  type RunFigures,
  type RunReport,
  type SeqPlace,
  type TelemetryEvent,
  type UnknownEvent,
  type VerdictKind,
} from '../contract/index.ts';
import { judgementOf, type RunJudgement } from '../present/index.ts';
import { CompactSeries, higher, joinedMean } from './compact-series.ts';
import { lostOf } from './compare.ts';
import { studentT, usualOf, widened } from './difference.ts';
import { type Done, stepDone, updateDone } from './figures-of.ts';
import { rowKind } from './number-rows.ts';
import { RunAnalyser, type Unreadable } from './run-analyser.ts';
import { TIMING_WARMUP_UPDATES } from './update-series.ts';

/** Neighbouring updates. Bytes, ms; null: not measured. */
interface Stretch {
  updates: number;
  isStart: boolean;
  /** Mean and highest of the allocated peaks of single updates. */
  meanPeak: number | null;
  highestPeak: number | null;
  tookMs: number | null;
}

const kind = rowKind<Stretch>(['updates', 'meanPeak', 'highestPeak', 'tookMs'], ['isStart']);

const newSeries = () =>
  new CompactSeries<Stretch>(kind, (into, next) => {
    into.meanPeak = joinedMean(into.meanPeak, into.updates, next.meanPeak, next.updates);
    into.highestPeak = higher(into.highestPeak, next.highestPeak);
    into.tookMs = joinedMean(into.tookMs, into.updates, next.tookMs, next.updates);
    into.updates += next.updates;
  });

interface Device {
  name: string | null;
  /** Over all updates, whatever the scope of the peak. */
  highestPeak: number | null;
  highestReserved: number | null;
  series: CompactSeries<Stretch>;
}

interface Rank {
  place: SeqPlace;
  /** Updates of this process so far. */
  at: number;
  devices: Map<string, Device>;
  times: CompactSeries<Stretch>;
}

/** Parts of a run whose highest peaks are held against each other. */
const PARTS = 8;
/** Normal quantile of the attribution's own interval. */
const NINETY_FIVE = 1.96;

/** Findings about what the program itself does; the others are about its neighbours, the allocator and the card. */
const ownDoing: readonly VerdictKind[] = ['leak', 'growth', 'spike'];

export class GateReader {
  readonly #analyser = new RunAnalyser();
  readonly #ranks = new Map<number, Rank>();

  /** Takes the next event of its rank; one that was taken already is passed over. */
  take(event: TelemetryEvent | UnknownEvent): void {
    this.#analyser.take(event);
    let rank = this.#ranks.get(event.rank);
    if (rank === undefined) {
      rank = { place: { nextSeq: 0, seqGap: null }, at: 0, devices: new Map(), times: newSeries() };
      this.#ranks.set(event.rank, rank);
    }
    if (passSeq(rank.place, event.seq) === null || isUnknown(event)) return;
    if (event.type === 'TRAINING_STARTED') rank.at = 0;
    else if (event.type === 'PPO_UPDATE_COMPLETED')
      takeUpdate(rank, updateDone(event.data), event.data.memory ?? []);
    else if (event.type === 'STEP_COMPLETED') takeUpdate(rank, stepDone(event.data), event.data.memory ?? []);
  }

  /**
   * @param unreadable what the reader of the log met
   * @param isWriterGone no process writes the run any more
   */
  figures(unreadable?: Unreadable, isWriterGone = false): RunFigures {
    const report = asLeft(this.#analyser.report(unreadable), isWriterGone);
    const judgement = judgementOf(report, report.run.state);
    const devices = [...this.#ranks.values()].flatMap(({ devices: own }) => [...own]);
    const largest = devices.reduce<(typeof devices)[number] | null>(
      (best, next) =>
        best === null || (next[1].highestPeak ?? -1) > (best[1].highestPeak ?? -1) ? next : best,
      null,
    );
    const lead = this.#ranks.get(Math.min(...this.#ranks.keys()));
    const reserved = devices.map(([, device]) => device.highestReserved).reduce(higher, null);
    return {
      v: 1,
      kind: 'esper run figures',
      run: report.run.id,
      name: report.run.name,
      state: report.run.state,
      updates: report.run.updates,
      device: largest?.[0] ?? null,
      deviceName: largest?.[1].name ?? null,
      verdict: report.verdict.kind,
      level: judgement.level,
      says: report.verdict.says,
      isGate: isGate(judgement),
      highestPeakBytes: largest === null ? null : highestOf(largest[1]),
      usualPeakBytes: largest === null ? null : usualFigure(largest[1].series, 'meanPeak'),
      highestReservedBytes: reserved === null ? null : { value: reserved, low: null, high: null },
      tookMs: lead === undefined ? null : usualFigure(lead.times, 'tookMs'),
      lostFraction: lostFigure(report),
    };
  }
}

function takeUpdate(rank: Rank, { tookMs }: Done, memory: readonly DeviceMemory[]): void {
  const isWarm = rank.at++ >= TIMING_WARMUP_UPDATES;
  const nothing = { updates: 1, isStart: false, meanPeak: null, highestPeak: null, tookMs: null };
  if (isWarm) rank.times.take({ ...nothing, tookMs });
  for (const reading of memory) {
    let device = rank.devices.get(reading.device);
    if (device === undefined) {
      device = { name: null, highestPeak: null, highestReserved: null, series: newSeries() };
      rank.devices.set(reading.device, device);
    }
    const peak = reading.peakAllocatedBytes ?? reading.peakActiveBytes ?? null;
    device.name ??= reading.name ?? null;
    device.highestPeak = higher(device.highestPeak, peak);
    device.highestReserved = higher(device.highestReserved, reading.reservedBytes ?? null);
    if (isWarm && peak !== null && reading.peakScope === 'update')
      device.series.take({ ...nothing, meanPeak: peak, highestPeak: peak });
  }
}

/** What is usual after the warm-up; without an interval where too few updates are independent of each other. */
function usualFigure({ stretches }: CompactSeries<Stretch>, key: 'meanPeak' | 'tookMs'): GateFigure | null {
  const values = stretches.map(stretch => stretch[key]).filter(value => value !== null);
  const found = usualOf(values);
  if (found?.interval == null) return null;
  const { low, mid, high } = found.interval;
  return { value: mid, low, high };
}

/** How far the highest peak is chance shows in how the highest ones of the run's parts differ. */
function highestOf({ highestPeak: value, series }: Device): GateFigure | null {
  if (value === null) return null;
  const peaks = series.stretches.map(({ highestPeak }) => highestPeak ?? 0);
  const length = Math.floor(peaks.length / PARTS);
  if (length === 0) return { value, low: null, high: null };
  const highest = Array.from({ length: PARTS }, (_, i) =>
    Math.max(...peaks.slice(i * length, (i + 1) * length)),
  );
  const half = studentT(PARTS - 1) * standardDeviation(highest);
  return { value, low: value - half, high: value + half };
}

/** Of the device that lost most. */
function lostFigure({ devices }: RunReport): GateFigure | null {
  const lost = devices.map(lostOf).filter(found => found !== null);
  if (lost.length === 0) return null;
  const { low, mid, high } = widened(
    lost.reduce((worst, next) => (next.mid > worst.mid ? next : worst)),
    NINETY_FIVE,
  );
  return { value: mid, low, high };
}

/** Whether the verdict is one of what the program itself does, and sure. */
function isGate({ level, state, kind, confidence }: RunJudgement): boolean {
  if (state === 'failed' || state === 'gone') return true;
  return (
    (level === 'warning' || level === 'critical') &&
    kind !== null &&
    ownDoing.includes(kind) &&
    confidence !== 'possible'
  );
}
