/**
 * What a rank did over the run, in few blocks of consecutive updates. Blocks are counted by the trainer's own batch and are a power of
 * two long, so that those of several ranks lie side by side whatever the order in which their events came.
 */
import { TraceBlocks, type Traced, traced } from './trace-blocks.ts';

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
  blocks = new TraceBlocks();
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
    const isWarm = this.#atStart++ >= WARMUP;
    const block = this.blocks.begun(Math.floor(batch / this.span), timeMs);
    this.blocks.update(block, timeMs, pressure);
    if (isWarm) {
      const values: Record<Traced, number | null> = {
        ...{ took: logOf(tookMs), rollout: logOf(rolloutMs) },
        ...{ rest: restBytes, peak: peakBytes },
      };
      for (const [i, figure] of traced.entries()) this.blocks.add(block, i, values[figure]);
    }
    while (this.blocks.length > MOST) {
      this.blocks = this.blocks.widened(2);
      this.span *= 2;
    }
  }

  /** The blocks as they would be with blocks so long, a power of two and no shorter than they are. */
  blocksOf(span: number): TraceBlocks {
    return span === this.span ? this.blocks : this.blocks.widened(span / this.span);
  }
}

/** Natural logarithm of a duration; null where nothing was measured. */
const logOf = (ms: number | null): number | null => (ms === null || !(ms > 0) ? null : Math.log(ms));
