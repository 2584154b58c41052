/** LLaMA-Factory's callback reports each step once more, rounded, before the trainer does. */
import type { EarlyReport } from './early-reports.ts';
import type { Figures } from './figures.ts';
import { decimals, type Printed } from './printed.ts';

/** `[INFO|…] llamafactory.train.callbacks:157 >> {'loss': 1.13, …`. */
const CALLBACK = /\bcallbacks(?:\.py)?:\d{1,6} {1,4}>> $/;
/** @param before what stands in front of the dictionary. */
export const isOfCallback = (before: string): boolean => CALLBACK.test(before);

/** What a callback has reported of the step whose own report comes next. */
export class CallbackCopy {
  readonly #take: (report: EarlyReport) => void;
  #copy: EarlyReport | null = null;

  /** @param take is given a copy that no report of its own has followed */
  constructor(take: (report: EarlyReport) => void) {
    this.#take = take;
  }

  hold(copy: EarlyReport): void {
    this.settle();
    this.#copy = copy;
  }

  /** What it reported of the step of these figures, and they have not, is theirs; of another, it is a report of its own. */
  giveTo(figures: Figures): void {
    const copied = this.#copy?.figures;
    if (copied === undefined) return;
    const isSame = ['epoch', 'loss'].every(key => isRounded(copied.get(key), figures.get(key)));
    if (!isSame) this.settle();
    else for (const [key, figure] of copied) if (!figures.has(key)) figures.set(key, figure);
    this.#copy = null;
  }

  settle(): void {
    const copy = this.#copy;
    this.#copy = null;
    if (copy !== null) this.#take(copy);
  }
}

/** Whether one figure is the other, rounded. */
function isRounded(copied: Printed | undefined, whole: Printed | undefined): boolean {
  if (typeof copied?.value !== 'number' || typeof whole?.value !== 'number')
    return copied?.value === whole?.value;
  const step = 10 ** -(decimals(copied.text) ?? 15);
  return Math.abs(copied.value - whole.value) <= step * 0.51;
}
