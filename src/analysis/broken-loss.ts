/**
 * Where a rank's loss was NaN or infinite for several updates in a row, and what else was so: the stretch that lasts until the newest
 * update, else the longest.
 */
import type { BrokenLoss } from '../contract/index.ts';
import { BrokenStretches } from './broken-stretches.ts';
import type { Done } from './figures-of.ts';

export class BrokenLosses {
  #stretches = new BrokenStretches<BrokenLoss>();
  #lastFinite: BrokenLoss['lastFinite'] = null;
  /** With the last finite loss. */
  #lossScale: BrokenLoss['lossScale'] = null;
  /** Since when the gradient's norm is not finite. */
  #gradNormFrom: number | null = null;
  #isGradNormMeasured = false;

  /** @param isStart whether it is the first update of a process */
  take(done: Done, isStart: boolean): void {
    if (isStart) {
      this.#stretches.close();
      this.#gradNormFrom = null;
    }
    this.#gradNorm(done);
    const value = done.brokenLoss;
    if (value !== null)
      this.#stretches.add(done.batch, () => ({
        value,
        ...(done.brokenOf !== undefined && { of: done.brokenOf }),
        ...(done.isLeftOut === true && { isLeftOut: true }),
        lastFinite: this.#lastFinite,
        gradNormFromBatch: this.#gradNormFrom,
        isGradNormMeasured: this.#isGradNormMeasured,
        lossScale: this.#lossScale,
      }));
    else if (done.loss !== null) {
      this.#stretches.close();
      this.#lastFinite = { batch: done.batch, loss: done.loss };
      this.#scale(done.lossScale);
    } else if (done.hasFinitePart === true) this.#stretches.close();
  }

  report(): BrokenLoss | null {
    // Where no finite one came before, as in a text that begins late, it is no batch that overflowed.
    return this.#stretches.report(({ lastFinite }) => lastFinite === null);
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
}
