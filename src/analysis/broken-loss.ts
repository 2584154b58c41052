/**
 * Where a rank's loss was NaN or infinite for several updates in a row, and what else was so: the stretch that lasts until the newest
 * update, else the longest.
 */
import type { BrokenLoss } from '../contract/index.ts';
import type { Done } from './figures-of.ts';

/** One update or two may be a batch that overflowed, which mixed precision passes over. */
const LEAST = 3;

export class BrokenLosses {
  #longest: BrokenLoss | null = null;
  /** Losses that are broken now. */
  #open: BrokenLoss | null = null;
  #lastFinite: BrokenLoss['lastFinite'] = null;
  /** With the last finite loss. */
  #lossScale: BrokenLoss['lossScale'] = null;
  /** Since when the gradient's norm is not finite. */
  #gradNormFrom: number | null = null;
  #isGradNormMeasured = false;

  /** @param isStart whether it is the first update of a process */
  take(done: Done, isStart: boolean): void {
    if (isStart) {
      this.#close();
      this.#gradNormFrom = null;
    }
    this.#gradNorm(done);
    if (done.brokenLoss !== null) this.#broken(done, done.brokenLoss);
    else if (done.loss !== null) {
      this.#close();
      this.#lastFinite = { batch: done.batch, loss: done.loss };
      this.#scale(done.lossScale);
    }
  }

  report(): BrokenLoss | null {
    const open = this.#open;
    // Where no finite one came before, as in a text that begins late, it is no batch that overflowed.
    const isReported = open !== null && (open.updates >= LEAST || open.lastFinite === null);
    return isReported ? { ...open, isNewest: true } : this.#longest;
  }

  #gradNorm({ batch, gradNorm }: Done): void {
    if (gradNorm == null) return;
    this.#isGradNormMeasured = true;
    if (typeof gradNorm === 'number') this.#gradNormFrom = null;
    else this.#gradNormFrom ??= batch;
  }

  #scale(before: number | null): void {
    const highest = this.#lossScale?.highest ?? 0;
    this.#lossScale = before === null ? null : { before, highest: Math.max(before, highest) };
  }

  #broken({ batch }: Done, value: BrokenLoss['value']): void {
    this.#open ??= {
      fromBatch: batch,
      toBatch: batch,
      updates: 0,
      value,
      isNewest: false,
      lastFinite: this.#lastFinite,
      gradNormFromBatch: this.#gradNormFrom,
      isGradNormMeasured: this.#isGradNormMeasured,
      lossScale: this.#lossScale,
    };
    this.#open.toBatch = batch;
    this.#open.updates++;
  }

  /** A finite loss, or another process, ends it. */
  #close(): void {
    const open = this.#open;
    this.#open = null;
    if (open !== null && open.updates >= LEAST && open.updates > (this.#longest?.updates ?? 0))
      this.#longest = open;
  }
}
