/**
 * What the allocator's stalls cost. An update in which it was busier than usual (a refused request, device allocations
 * and frees, synchronised streams) is held against the nearest quiet updates that did the same work: what it took
 * longer than their median may be lost time. Quiet updates held against each other in the same way show how much of that
 * is chance; the interval is made of their residuals. What is attributed is the time of these very updates, so a few
 * suffice where the stall is long.
 */

import {
  mean,
  median,
  medianOfFew,
  normalRandom,
  quantileOf,
  robustDeviation,
  seededRandom,
  sorted,
  standardDeviation,
} from '../base/index.ts';
import type { Attribution, Interval } from '../contract/index.ts';
import { type CounterName, counterNames } from '../figures/index.ts';
import { NumberRows, rowKind } from './number-rows.ts';
import { Sample } from './sample.ts';
import type { UpdateSample } from './update-sample.ts';
import { TIMING_WARMUP_UPDATES } from './update-series.ts';

/** Updates on each side among which quiet ones are looked for, and how many of those are taken. */
const REACH = 256;
const NEIGHBOURS = 15;
const LEAST_NEIGHBOURS = 5;
/** Work counts as the same within this share. */
const SAME_WORK = 0.05;
/** Rows judged at once by what is usual around them. */
const BLOCK = 256;
/** Counts of a block that define what is usual, evenly spread. */
const ENOUGH = 160;
/** Residuals of quiet updates that are kept. */
const KEPT = 4096;
const COSTLIEST = 5;
const DRAWS = 600;
/** Numbers drawn for one draw: more would narrow the interval little. */
const MOST_DRAWN = 200;
/** Share of the worst stall of a busy update that one quiet update more is thought to have had. */
const OF_WORST = 0.6;

/** More than a call to the driver takes, and one that waits for the device or empties the cache: what took longer was something else, an evaluation between two updates. */
const MOST_A_CALL_MS = 20;
const MOST_A_WAIT_MS = 500;

type Row = Pick<UpdateSample, 'index' | 'batch' | 'work' | CounterName> & {
  tookMs: number;
  isBusy: boolean;
  /** Busy with each of these beyond what is usual. */
  allocs: boolean;
  frees: boolean;
  syncs: boolean;
  served: boolean;
};
const kind = rowKind<Row>(
  ['index', 'batch', 'work', 'tookMs', ...counterNames],
  ['isBusy', 'allocs', 'frees', 'syncs', 'served'],
);

/** The most of it that the allocator may have taken, ms. */
const explainedMs = ({ deviceAllocs, deviceFrees, syncAllStreams, allocRetries, ooms }: Row): number =>
  MOST_A_CALL_MS * (deviceAllocs + deviceFrees) + MOST_A_WAIT_MS * (syncAllStreams + allocRetries + ooms);

/** Rows that are held at most: those that are compared, and as many on each side. */
const MOST_ROWS = 2 * BLOCK + 2 * REACH;

const busyBeyondUsual = ['deviceAllocs', 'deviceFrees', 'syncAllStreams'] as const;

/** A counter's growth that is no more than usual among these rows. */
function usualMost(
  rows: NumberRows<Row>,
  name: (typeof busyBeyondUsual)[number],
  from: number,
  to: number,
): number {
  const first = rows.at(from)[name];
  let same = from + 1;
  while (same < to && rows.at(same)[name] === first) same++;
  if (same === to) return first;
  const some: number[] = [];
  const every = Math.ceil((to - from) / ENOUGH);
  for (let i = from; i < to; i += every) some.push(rows.at(i)[name]);
  return median(some) + 3 * robustDeviation(some);
}

export class Attributor {
  #rows = new NumberRows<Row>(kind, MOST_ROWS);
  /** Filled for each update. */
  readonly #next = { isBusy: false, allocs: false, frees: false, syncs: false, served: false } as Row;
  #judged = 0;
  #done = 0;
  #result: Omit<Attribution, 'status' | 'lostFraction' | 'lostMs'> = {
    updates: 0,
    totalMs: 0,
    busy: 0,
    compared: 0,
    quiet: 0,
    busyWith: { retries: 0, ooms: 0, deviceAllocs: 0, deviceFrees: 0, streamSyncs: 0 },
    costliest: [],
  };
  /** Sums over compared busy updates: what they took, and what their neighbours did. */
  #tookMs = 0;
  #neighboursMs = 0;
  #neighboursMsSquared = 0;
  /** Relative residuals of quiet updates, every so many of them. */
  #residuals = new Sample<number>(KEPT);
  /** Those of compared busy ones. */
  #extras = new Sample<number>(KEPT);
  #quietSeen = 0;
  #onLost: (index: number, lostMs: number) => void;

  /** @param onLost called for every compared busy update, by its index, what it took beyond its neighbours, ms */
  constructor(onLost: (index: number, lostMs: number) => void = () => {}) {
    this.#onLost = onLost;
  }

  /** As it is now: what either takes later is not in the other. */
  copy(onLost: (index: number, lostMs: number) => void): Attributor {
    const copy = new Attributor(onLost);
    copy.#rows = this.#rows.copy();
    copy.#judged = this.#judged;
    copy.#done = this.#done;
    copy.#result = { ...this.#result, busyWith: { ...this.#result.busyWith } };
    copy.#tookMs = this.#tookMs;
    copy.#neighboursMs = this.#neighboursMs;
    copy.#neighboursMsSquared = this.#neighboursMsSquared;
    copy.#residuals = this.#residuals.copy();
    copy.#extras = this.#extras.copy();
    copy.#quietSeen = this.#quietSeen;
    return copy;
  }

  take(point: UpdateSample): void {
    if (point.tookMs === null || !point.isCounted || point.at < TIMING_WARMUP_UPDATES) return;
    const next = this.#next;
    next.index = point.index;
    next.batch = point.batch;
    next.work = point.work;
    next.tookMs = point.tookMs;
    for (let i = 0; i < counterNames.length; i++) next[counterNames[i]!] = point[counterNames[i]!];
    this.#rows.push(next);
    if (this.#rows.length - this.#done < BLOCK + REACH) return;
    this.#judge(this.#done + BLOCK + REACH);
    this.#compare(this.#done + BLOCK);
    const past = this.#done - REACH;
    if (past < BLOCK) return;
    this.#leave(past);
    this.#rows.drop(past);
    this.#done -= past;
    this.#judged -= past;
  }

  /** What follows is of another process: nothing of it is held against what came before. */
  restart(): void {
    this.#judge(this.#rows.length);
    this.#compare(this.#rows.length);
    this.#leave(this.#rows.length);
    this.#rows = new NumberRows(kind, MOST_ROWS);
    this.#done = 0;
    this.#judged = 0;
  }

  /** The result over all points taken. Nothing more may be taken afterwards. */
  finish(): Attribution {
    this.restart();
    const result = this.#result;
    const none = { lostFraction: null, lostMs: null, ...result };
    if (result.updates === 0) return { status: 'unmeasured', ...none };
    if (result.busy === 0) return { status: 'no evidence', ...none };
    if (result.compared * 2 < result.busy || this.#residuals.values.length < 2 * LEAST_NEIGHBOURS)
      return { status: 'nothing to compare', ...none };
    const lostMs = this.#lost();
    const share = (ms: number) => ms / result.totalMs;
    return {
      ...result,
      status: lostMs.low > 0 ? 'evidence' : 'no evidence',
      lostMs,
      lostFraction: { low: share(lostMs.low), mid: share(lostMs.mid), high: share(lostMs.high) },
    };
  }

  /** Which rows are busy: refused memory, or moved a counter clearly more than is usual around them. */
  #judge(to: number): void {
    for (; this.#judged < to; this.#judged += BLOCK) {
      const rows = this.#rows;
      const [from, end] = [Math.max(0, this.#judged - REACH), this.#judged + BLOCK + REACH];
      const most = busyBeyondUsual.map(name => usualMost(rows, name, from, Math.min(rows.length, end)));
      const [allocs, frees, syncs] = most as [number, number, number];
      for (let i = this.#judged; i < Math.min(to, this.#judged + BLOCK); i++) {
        const row = rows.at(i);
        const { allocRetries, ooms, deviceAllocs, deviceFrees, syncAllStreams } = row;
        row.allocs = deviceAllocs > allocs;
        row.frees = deviceFrees > frees;
        row.syncs = syncAllStreams > syncs;
        row.isBusy = allocRetries > 0 || ooms > 0 || row.allocs || row.frees || row.syncs;
        this.#result.updates++;
        this.#result.totalMs += row.tookMs;
      }
    }
    this.#judged = Math.min(this.#judged, to);
  }

  #count({ allocRetries, ooms, allocs, frees, syncs }: Row): void {
    const { busyWith } = this.#result;
    this.#result.busy++;
    if (allocRetries > 0) busyWith.retries++;
    if (ooms > 0) busyWith.ooms++;
    if (allocs) busyWith.deviceAllocs++;
    if (frees) busyWith.deviceFrees++;
    if (syncs) busyWith.streamSyncs++;
  }

  #compare(to: number): void {
    for (; this.#done < to; this.#done++) {
      const row = this.#rows.at(this.#done);
      if (!row.isBusy && !this.#residuals.wants(this.#quietSeen++)) continue;
      const expectedMs = this.#expected(this.#done);
      if (row.isBusy) {
        if (expectedMs !== null && row.tookMs - expectedMs > explainedMs(row)) continue;
        this.#count(row);
      }
      if (expectedMs === null) continue;
      if (row.isBusy) this.#add(row, expectedMs);
      else this.#residuals.keep(row.tookMs / expectedMs - 1);
    }
  }

  #add({ index, batch, tookMs }: Row, expectedMs: number): void {
    this.#result.compared++;
    this.#tookMs += tookMs;
    this.#neighboursMs += expectedMs;
    this.#neighboursMsSquared += expectedMs ** 2;
    const extraMs = tookMs - expectedMs;
    if (this.#extras.wants(this.#result.compared)) this.#extras.keep(extraMs / expectedMs);
    this.#onLost(index, extraMs);
    const { costliest } = this.#result;
    if (costliest.length === COSTLIEST && extraMs <= costliest[COSTLIEST - 1]!.extraMs) return;
    this.#result.costliest = [...costliest, { batch, extraMs }]
      .sort((a, b) => b.extraMs - a.extraMs)
      .slice(0, COSTLIEST);
  }

  /** Median of the nearest quiet rows that did the same work, scaled to this row's; null where there are too few. */
  #expected(index: number): number | null {
    const rows = this.#rows;
    const { work, isBusy } = rows.at(index);
    const found: number[] = [];
    // One before, one after, and on to the next ones.
    for (let turn = 2; turn < 2 * REACH + 2 && found.length < NEIGHBOURS; turn++) {
      const away = turn >> 1;
      const place = turn % 2 === 0 ? index - away : index + away;
      if (place < 0 || place >= rows.length) continue;
      const row = rows.at(place);
      if (row.isBusy) continue;
      if (work === null || row.work === null) found.push(row.tookMs);
      else {
        const times = row.work / work;
        if (Math.abs(times - 1) > SAME_WORK) continue;
        found.push(row.tookMs / (times || 1));
      }
      if (isBusy) row.served = true;
    }
    return found.length < LEAST_NEIGHBOURS ? null : medianOfFew(found);
  }

  /** The first rows are about to be forgotten. */
  #leave(count: number): void {
    for (let i = 0; i < count; i++) if (this.#rows.at(i).served) this.#result.quiet++;
  }

  /** Lost time: what busy updates took beyond their neighbours, less what chance may have added. */
  #lost(): Interval {
    const seen = this.#residuals.values;
    const extras = this.#extras.values;
    // One quiet update more might have stalled about as the worst of the busy ones did: so few do not show how rare that is.
    const worst = Math.max(0, Math.max(...extras) - median(extras));
    const oneMore = [...seen, OF_WORST * worst];
    const uniform = seededRandom(seen.length);
    const normal = normalRandom(uniform);
    const usual = mean(seen);
    /** Mean of so many of the residuals, drawn. */
    const drawn = (residuals: readonly number[], count: number) => {
      const few = Math.min(count, MOST_DRAWN);
      let sum = 0;
      for (let i = 0; i < few; i++) sum += residuals[Math.floor(uniform() * residuals.length)]!;
      return usual + (sum / few - usual) * Math.sqrt(few / count);
    };
    const extraMs = this.#tookMs - this.#neighboursMs;
    const { compared, quiet } = this.#result;
    // Busy updates that are held against the same few neighbours err together.
    const spread = Math.min(robustDeviation(seen), standardDeviation(seen));
    const shared = Math.max(0, this.#neighboursMs ** 2 / quiet - this.#neighboursMsSquared / NEIGHBOURS);
    const together = 1.25 * spread * Math.sqrt(shared);
    const effective = Math.max(1, Math.min(compared, this.#neighboursMs ** 2 / this.#neighboursMsSquared));
    const lost = (residuals: readonly number[]) =>
      sorted(
        Array.from({ length: DRAWS }, () => {
          const chance = drawn(residuals, residuals.length) + drawn(residuals, effective) - usual;
          return extraMs - this.#neighboursMs * chance - together * normal();
        }),
      );
    return {
      low: quantileOf(lost(oneMore), 0.025),
      mid: extraMs - this.#neighboursMs * usual,
      high: quantileOf(lost(seen), 0.975),
    };
  }
}
