/**
 * The learner's figures, each as it was reported last: many trainers report some of them less often than others, and a text may end within
 * a report.
 */
import type { LearningReport } from '../contract/index.ts';
import type { Done } from './figures-of.ts';

/** Updates that are looked through: what none of them reported is no figure of the run's end. */
const KEPT = 256;

type Kept = Pick<Done, 'batch' | 'learner'>;

export class NewestFigures {
  /** Its figures are made where they are asked for: a log has a million updates. */
  #kept: Kept[] = [];
  #seen = 0;

  /** @param isStart whether it is the first update of a process: figures of the one before it are none of this one's */
  take(done: Done, isStart: boolean): void {
    if (isStart) {
      this.#kept = [];
      this.#seen = 0;
    }
    this.#kept[this.#seen++ % KEPT] = done;
  }

  report(): Required<Pick<LearningReport, 'newest' | 'newestAt'>> {
    const newest: Record<string, number | null> = {};
    const newestAt: Record<string, number> = {};
    for (let back = 1; back <= this.#kept.length; back++) {
      const { batch, learner } = this.#kept[(this.#seen - back) % KEPT]!;
      for (const [name, value] of Object.entries(learner())) {
        if (newest[name] != null) continue;
        newest[name] = value;
        if (value !== null && back > 1) newestAt[name] = batch;
      }
    }
    return { newest, newestAt };
  }
}
