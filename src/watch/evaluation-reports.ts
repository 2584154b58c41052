/**
 * Evaluations that the Hugging Face Trainer and its like report by themselves, `{'eval_loss': 2.98, 'eval_runtime': 0.06, 'epoch': 0.74}`: figures of their
 * own, at the newest report's step or at the one that the bar shows. One in front of the first report waits for it: with it comes the training's total.
 */
import type { Payload } from '../contract/index.ts';
import type { Figures } from './figures.ts';
import type { Outlet } from './format.ts';

export type EvaluationFigures = Payload<'FIGURES_LOGGED'>['figures'];

/** How long it took is none of its results. */
const TIME = /(?:^|_)(?:runtime|(?:samples|steps|tokens)_per_second|(?:model_)?preparation_time)$/;

/** What an evaluation gave, where a report has no more than that; null for any other. Empty where it gave nothing but its times. */
export function evaluationIn(figures: Figures): EvaluationFigures | null {
  const keys = [...figures.keys()].filter(key => key.startsWith('eval_'));
  if (!keys.some(key => /(?:loss|runtime)$/.test(key))) return null;
  const own = keys.filter(key => !TIME.test(key) && figures.get(key)!.unit === undefined);
  return Object.fromEntries(own.map(key => [key, figures.get(key)!.value]));
}

export class EvaluationReports {
  /** One that the next drawing of the bar may show the step of. */
  #newest: {
    figures: EvaluationFigures;
    out: Outlet;
    shown: number | null;
    beside: (() => void)[];
  } | null = null;
  /** What waits for the first report; null once there was one. */
  #first: (() => void)[] | null = [];

  /** @param shown step of the newest report, or the one that the bar shows beyond it; null where nothing shows any */
  take(figures: EvaluationFigures, shown: number | null, out: Outlet): void {
    this.settle();
    this.#newest = { figures, out, shown, beside: [] };
  }

  /** What it took of the device's memory, and the like. */
  beside(emit: () => void): void {
    if (this.#newest !== null) this.#newest.beside.push(emit);
    else this.#emit(emit);
  }

  #emit(emit: () => void): void {
    if (this.#first === null) emit();
    else this.#first.push(emit);
  }

  /** Nothing more of it comes. @param drawn what the bar shows, drawn again right behind it; null where it was not */
  settle(drawn: number | null = null): void {
    if (this.#newest === null) return;
    const { figures, out, shown, beside } = this.#newest;
    this.#newest = null;
    this.#emit(() => out.figures({ batch: drawn ?? shown, figures }));
    for (const emit of beside) this.#emit(emit);
  }

  /** The first report is next, its total known; or no report comes. */
  settleFirst(): void {
    const first = this.#first ?? [];
    this.#first = null;
    for (const emit of first) emit();
  }

  end(): void {
    this.settle();
    this.settleFirst();
  }
}
