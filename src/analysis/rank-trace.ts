/**
 * What a rank did over the run, in few blocks of consecutive updates. Blocks are counted by the trainer's own batch and are a power of
 * two long, so that those of several ranks lie side by side whatever the order in which their events came.
 */

/** One block. Sums of what was measured in it; null where nothing was. */
export interface TraceBlock {
  updates: number;
  /** Time of its newest update, ms since the epoch. */
  toMs: number;
  /** Sums of natural logarithms of durations in ms, and of how many. */
  took: Sum | null;
  rollout: Sum | null;
  /** Sums of bytes over the rank's devices: held at the end of an update, needed at its peak. */
  rest: Sum | null;
  peak: Sum | null;
  /** Highest peak / budget of any of its devices. */
  pressure: number | null;
}

export interface Sum {
  sum: number;
  of: number;
}

/** What an update of a rank adds. */
export interface TracedUpdate {
  batch: number;
  timeMs: number;
  tookMs: number | null;
  rolloutMs: number | null;
  restBytes: number | null;
  peakBytes: number | null;
  pressure: number | null;
  /** The peak is that of the whole run. */
  isPeakOfRun: boolean;
}

/** Past so many blocks two become one. */
const MOST = 128;
/** Updates of a process that count for no comparison: its warm-up. */
const WARMUP = 5;

export class RankTrace {
  /** Batches of a block. */
  span = 1;
  /** By their number, batch / span; in the order in which they began. */
  readonly blocks = new Map<number, TraceBlock>();
  /** Some of its peaks are those of the whole run: what was needed once stays in all that follow. */
  hasPeaksOfRun = false;
  #atStart = 0;

  /** A new process: it warms up again. */
  restart(): void {
    this.#atStart = 0;
  }

  take({
    batch,
    timeMs,
    tookMs,
    rolloutMs,
    restBytes,
    peakBytes,
    pressure,
    isPeakOfRun,
  }: TracedUpdate): void {
    this.hasPeaksOfRun ||= isPeakOfRun;
    const at = Math.floor(batch / this.span);
    const isWarm = this.#atStart++ >= WARMUP;
    let block = this.blocks.get(at);
    if (block === undefined) {
      block = { updates: 0, toMs: timeMs, took: null, rollout: null, rest: null, peak: null, pressure: null };
      this.blocks.set(at, block);
    }
    block.updates++;
    block.toMs = Math.max(block.toMs, timeMs);
    if (pressure !== null) block.pressure = Math.max(block.pressure ?? 0, pressure);
    if (isWarm) {
      block.took = plus(block.took, logOf(tookMs));
      block.rollout = plus(block.rollout, logOf(rolloutMs));
      block.rest = plus(block.rest, restBytes);
      block.peak = plus(block.peak, peakBytes);
    }
    while (this.blocks.size > MOST) this.#widen();
  }

  /** The blocks as they would be with blocks so long, a power of two and no shorter than they are. */
  blocksOf(span: number): Map<number, TraceBlock> {
    return span === this.span ? this.blocks : widened(this.blocks, span / this.span);
  }

  #widen(): void {
    const wider = [...widened(this.blocks, 2)];
    this.span *= 2;
    this.blocks.clear();
    for (const [at, block] of wider) this.blocks.set(at, block);
  }
}

function widened(blocks: ReadonlyMap<number, TraceBlock>, by: number): Map<number, TraceBlock> {
  const wider = new Map<number, TraceBlock>();
  for (const [at, block] of blocks) {
    const to = Math.floor(at / by);
    const known = wider.get(to);
    wider.set(to, known === undefined ? block : joined(known, block));
  }
  return wider;
}

const joined = (a: TraceBlock, b: TraceBlock): TraceBlock => ({
  updates: a.updates + b.updates,
  toMs: Math.max(a.toMs, b.toMs),
  took: both(a.took, b.took),
  rollout: both(a.rollout, b.rollout),
  rest: both(a.rest, b.rest),
  peak: both(a.peak, b.peak),
  pressure: a.pressure === null ? b.pressure : Math.max(a.pressure, b.pressure ?? 0),
});

const both = (a: Sum | null, b: Sum | null): Sum | null =>
  a === null ? b : b === null ? a : { sum: a.sum + b.sum, of: a.of + b.of };

/** The sum with one more value: changed in place. */
function plus(sum: Sum | null, value: number | null): Sum | null {
  if (value === null) return sum;
  if (sum === null) return { sum: value, of: 1 };
  sum.sum += value;
  sum.of++;
  return sum;
}

const logOf = (ms: number | null): number | null => (ms === null || !(ms > 0) ? null : Math.log(ms));
