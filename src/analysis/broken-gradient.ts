/**
 * Where the gradient's norm was NaN or infinite for several updates in a row while the loss was finite, or is not in the log: the stretch that lasts
 * until the newest update, else the longest. Where the loss broke as well, that is what became of the training.
 */
import type { BrokenGradient } from '../contract/index.ts';
import { broken, type Done } from './figures-of.ts';

/** One update or two may have overflowed in float16: they are skipped, and the loss scale falls. */
const LEAST = 3;

export class BrokenGradients {
  #longest: BrokenGradient | null = null;
  #open: BrokenGradient | null = null;

  /** @param isStart whether it is the first update of a process */
  take({ batch, gradNorm, loss, brokenLoss }: Done, isStart: boolean): void {
    if (isStart) this.#close();
    const value = broken(gradNorm);
    if (brokenLoss !== null) this.#open = null;
    else if (typeof gradNorm === 'number') this.#close();
    else if (value !== null) {
      this.#open ??= { fromBatch: batch, toBatch: batch, updates: 0, value, isNewest: false, losses: 0 };
      this.#open.toBatch = batch;
      this.#open.updates++;
      if (loss !== null) this.#open.losses++;
    }
  }

  report(): BrokenGradient | null {
    const open = this.#open;
    return open !== null && open.updates >= LEAST ? { ...open, isNewest: true } : this.#longest;
  }

  /** A finite one, or another process, ends it. */
  #close(): void {
    const open = this.#open;
    this.#open = null;
    if (open !== null && open.updates >= LEAST && open.updates > (this.#longest?.updates ?? 0))
      this.#longest = open;
  }
}
