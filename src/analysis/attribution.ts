/**
 * What the allocator's stalls cost. An update in which it was busier than usual (a refused request, device allocations
 * and frees, synchronised streams) is held against the nearest quiet updates that did the same work: what it took
 * longer than their median may be lost time. Quiet updates held against each other in the same way say how much of that
 * is chance; the interval is made of their residuals. What is attributed is the time of these very updates, so a few
 * suffice where the stall is long.
 */
import type { Counter, Point } from './point.ts';
import { Sample } from './sample.ts';
import {
  drawing,
  drawingNormal,
  type Interval,
  mean,
  median,
  quantileOf,
  robustDeviation,
  sorted,
  standardDeviation,
} from './statistics.ts';

export interface Attribution {
  /**
   * evidence: the interval of the lost time lies above zero. no evidence: it does not, or no update was busy.
   * nothing to compare: updates were busy, and too few quiet ones did the same work near them.
   * unmeasured: no durations or no counters are told.
   */
  status: 'evidence' | 'no evidence' | 'nothing to compare' | 'unmeasured';
  /** Share of the time of all updates, 95% interval; null unless enough was compared. */
  lostFraction: Interval | null;
  lostMs: Interval | null;
  /** Updates looked at (the warm-up of each process is not), their time, and how many of them were busy. */
  updates: number;
  totalMs: number;
  busy: number;
  /** Busy updates that found quiet ones to be held against, and how many quiet ones served. */
  compared: number;
  quiet: number;
  /** Busy updates by what they were busy with; one may count in several. */
  busyWith: Record<Counter, number>;
  /** The busiest stretch: batches of the busy updates that took longest beyond their neighbours, at most five. */
  costliest: { batch: number; extraMs: number }[];
}

/** Updates of a process that are left out: compiling, warming up caches. */
const WARMUP = 10;
/** Updates on each side among which quiet ones are looked for, and how many of those are taken. */
const REACH = 256;
const NEIGHBOURS = 15;
const LEAST_NEIGHBOURS = 5;
/** Work counts as the same within this share. */
const SAME_WORK = 0.05;
/** Rows judged at once by what is usual around them. */
const BLOCK = 64;
/** Residuals of quiet updates that are kept. */
const KEPT = 4096;
const DRAWS = 1000;
/** Numbers drawn for one draw: more only narrow what the spread of these tells already. */
const MOST_DRAWN = 400;

interface Row {
  index: number;
  batch: number;
  tookMs: number;
  work: number | null;
  counts: Record<Counter, number>;
  isBusy: boolean;
  served: boolean;
}

const alwaysBusy = ['retries', 'ooms'] as const;
const busyBeyondUsual = ['deviceAllocs', 'deviceFrees', 'streamSyncs'] as const;

export class Attributor {
  #rows: Row[] = [];
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
  readonly #onLost: (index: number, lostMs: number) => void;

  /** @param onLost told of every compared busy update, by its index, what it took beyond its neighbours, ms */
  constructor(onLost: (index: number, lostMs: number) => void = () => {}) {
    this.#onLost = onLost;
  }

  take(point: Point): void {
    if (point.tookMs === null || point.at < WARMUP) return;
    const { retries, ooms, deviceAllocs, deviceFrees, streamSyncs } = point;
    this.#rows.push({
      index: point.index,
      batch: point.batch,
      tookMs: point.tookMs,
      work: point.work,
      counts: { retries, ooms, deviceAllocs, deviceFrees, streamSyncs },
      isBusy: false,
      served: false,
    });
    if (this.#rows.length - this.#done < BLOCK + REACH) return;
    this.#judge(this.#done + BLOCK + REACH);
    this.#compare(this.#done + BLOCK);
    const past = this.#done - REACH;
    if (past < BLOCK) return;
    this.#leave(past);
    this.#rows.splice(0, past);
    this.#done -= past;
    this.#judged -= past;
  }

  /** What follows is of another process: nothing of it is held against what came before. */
  restart(): void {
    this.#judge(this.#rows.length);
    this.#compare(this.#rows.length);
    this.#leave(this.#rows.length);
    this.#rows = [];
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
      const block = this.#rows.slice(this.#judged, Math.min(to, this.#judged + BLOCK));
      const around = this.#rows.slice(Math.max(0, this.#judged - REACH), this.#judged + BLOCK + REACH);
      const most = busyBeyondUsual.map(name => {
        const counts = around.map(row => row.counts[name]);
        if (counts.every(count => count === counts[0])) return counts[0]!;
        return median(counts) + 3 * robustDeviation(counts);
      });
      for (const row of block) {
        const { counts } = row;
        row.isBusy =
          alwaysBusy.some(name => counts[name] > 0) ||
          busyBeyondUsual.some((name, i) => counts[name] > most[i]!);
        this.#count(row, most);
      }
    }
    this.#judged = Math.min(this.#judged, to);
  }

  #count(row: Row, most: readonly number[]): void {
    const result = this.#result;
    result.updates++;
    result.totalMs += row.tookMs;
    if (!row.isBusy) return;
    result.busy++;
    for (const name of alwaysBusy) if (row.counts[name] > 0) result.busyWith[name]++;
    busyBeyondUsual.forEach((name, i) => {
      if (row.counts[name] > most[i]!) result.busyWith[name]++;
    });
  }

  #compare(to: number): void {
    for (; this.#done < to; this.#done++) {
      const row = this.#rows[this.#done]!;
      if (!row.isBusy && !this.#residuals.wants(this.#quietSeen++)) continue;
      const expectedMs = this.#expected(this.#done);
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
    this.#result.costliest = [...this.#result.costliest, { batch, extraMs }]
      .sort((a, b) => b.extraMs - a.extraMs)
      .slice(0, 5);
  }

  /** Median of the nearest quiet rows that did the same work, scaled to this row's; null where there are too few. */
  #expected(index: number): number | null {
    const { work, isBusy } = this.#rows[index]!;
    const found: number[] = [];
    const look = (at: number) => {
      const row = this.#rows[at];
      if (row === undefined || row.isBusy) return;
      if (work !== null && row.work !== null && Math.abs(row.work / work - 1) > SAME_WORK) return;
      found.push(work && row.work ? (row.tookMs * work) / row.work : row.tookMs);
      if (isBusy) row.served = true;
    };
    for (let away = 1; away <= REACH && found.length < NEIGHBOURS; away++) {
      look(index - away);
      look(index + away);
    }
    return found.length < LEAST_NEIGHBOURS ? null : median(found);
  }

  /** The first rows are about to be forgotten. */
  #leave(count: number): void {
    for (let i = 0; i < count; i++) if (this.#rows[i]!.served) this.#result.quiet++;
  }

  /** Lost time: what busy updates took beyond their neighbours, less what chance may have added. */
  #lost(): Interval {
    const seen = this.#residuals.values;
    const extras = this.#extras.values;
    // One quiet update more might have stalled as the worst of the busy ones did: so few do not tell how rare that is.
    const residuals = [...seen, Math.max(0, Math.max(...extras) - median(extras))];
    const uniform = drawing(residuals.length);
    const normal = drawingNormal(uniform);
    const usual = mean(seen);
    /** Mean of so many residuals, drawn. */
    const drawn = (count: number) => {
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
    const effective = Math.max(1, this.#neighboursMs ** 2 / this.#neighboursMsSquared);
    const lost = Array.from({ length: DRAWS }, () => {
      const chance = drawn(residuals.length) + drawn(Math.min(compared, effective)) - usual;
      return extraMs - this.#neighboursMs * chance - together * normal();
    });
    const ascending = sorted(lost);
    return {
      low: quantileOf(ascending, 0.025),
      mid: extraMs - this.#neighboursMs * usual,
      high: quantileOf(ascending, 0.975),
    };
  }
}
