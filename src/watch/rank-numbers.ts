/** Numbers of the steps of a loop, apart for each rank that lines print: each has its own count, under the same lines of epochs. */
import { StepNumbers } from './step-numbers.ts';

export class RankNumbers {
  /** Of lines that print no rank. */
  all = new StepNumbers();
  #ofRank = new Map<number, StepNumbers>();

  of(rank: number | null): StepNumbers {
    if (rank === null) return this.all;
    const own = this.#ofRank.get(rank) ?? new StepNumbers();
    own.heading = this.all.heading;
    own.each ??= this.all.each;
    this.#ofRank.set(rank, own);
    return own;
  }

  startAgain(): void {
    this.all = new StepNumbers();
    this.#ofRank.clear();
  }
}
