/**
 * Where the gradient's norm was NaN or infinite for several updates in a row while the loss was finite, or is not in the log: the stretch that lasts
 * until the newest update, else the longest. Where the loss broke as well, that is what became of the training.
 */
import type { BrokenGradient } from '../contract/index.ts';
import { BrokenStretches } from './broken-stretches.ts';
import { broken, type Done } from './figures-of.ts';

/** Between two reports. */
const STEPS_APART = 5;

export class BrokenGradients {
  #stretches = new BrokenStretches<BrokenGradient>();

  /** @param isStart whether it is the first update of a process */
  take({ batch, gradNorm, loss, brokenLoss }: Done, isStart: boolean): void {
    if (isStart) this.#stretches.close();
    const value = broken(gradNorm);
    if (brokenLoss !== null) this.#stretches.drop();
    else if (typeof gradNorm === 'number') this.#stretches.close();
    else if (value !== null) {
      const stretch = this.#stretches.add(batch, () => ({ value, losses: 0 }));
      if (loss !== null) stretch.losses++;
    }
  }

  report(): BrokenGradient | null {
    // Reports that are many steps apart hardly meet one batch each that overflowed.
    return this.#stretches.report(
      ({ fromBatch, toBatch, updates }) => updates > 1 && toBatch - fromBatch >= STEPS_APART,
    );
  }
}
