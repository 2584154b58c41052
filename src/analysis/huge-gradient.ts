/**
 * Where the gradient's norm was finite and orders of magnitude above what this run's own norms usually were before, for several updates in a row.
 * No norm is huge by itself: one that is printed before the loss scale of float16 is divided out is 65,536 times as large in each update, the
 * first steps of a fine-tuning have large ones, and a GAN's swing by hundreds. Only this run's own, past its start, show what is not usual.
 */
import { quantileOf, sorted } from '../base/index.ts';
import type { HugeGradient } from '../contract/index.ts';
import { BrokenStretches } from './broken-stretches.ts';
import type { Done } from './figures-of.ts';
import { Sample } from './sample.ts';

/** Norms before which nothing is usual. */
const LEAST = 10;
const KEPT = 256;
/** Times what is usual; and at least so much: what is usual while a memory of experience fills is next to nothing. */
const TIMES = 1e4;
const LARGE = 1e6;
/** New norms after which what is usual is taken again. */
const RENEWED = 32;

export class HugeGradients {
  #stretches = new BrokenStretches<HugeGradient>();
  #usual = new Sample<number>(KEPT);
  #seen = 0;
  #median: number | null = null;

  /** @param isStart whether it is the first update of a process: another one may print another norm */
  take(
    { batch, gradNorm, brokenLoss }: Pick<Done, 'batch' | 'gradNorm' | 'brokenLoss'>,
    isStart: boolean,
  ): void {
    if (isStart) {
      this.#stretches.close();
      this.#usual = new Sample(KEPT);
      this.#seen = 0;
      this.#median = null;
    }
    // What breaks altogether is a finding of the loss, or of the norm that is no number.
    if (brokenLoss !== null || typeof gradNorm === 'string') this.#stretches.drop();
    else if (typeof gradNorm === 'number') this.#judge(batch, gradNorm);
  }

  #judge(batch: number, gradNorm: number): void {
    const usual = this.#median;
    if (usual === null || gradNorm < LARGE || gradNorm < TIMES * usual) {
      this.#stretches.close();
      this.#keep(gradNorm);
      return;
    }
    const stretch = this.#stretches.add(batch, () => ({ usual, highest: gradNorm, lowest: gradNorm }));
    stretch.highest = Math.max(stretch.highest, gradNorm);
    stretch.lowest = Math.min(stretch.lowest, gradNorm);
  }

  #keep(norm: number): void {
    if (this.#usual.wants(this.#seen++)) this.#usual.keep(norm);
    if (this.#seen < LEAST || (this.#median !== null && this.#seen % RENEWED !== 0)) return;
    const median = quantileOf(sorted(this.#usual.values), 0.5);
    this.#median = median > 0 ? median : null;
  }

  report(): HugeGradient | null {
    return this.#stretches.report();
  }
}
