/**
 * Whether numbers in front of lines are ranks, as `srun --label` puts them there. A loop may number its rounds so, `3: loss 0.5`; two lines one after the other
 * that have the same behind different numbers are two processes'.
 */
import { isRound, type LogLine } from './log-line.ts';

const LABELLED = /^ {0,6}\d{1,4}: /;

export class RankLabels {
  areRanks = false;
  #before: { rank: number; text: string } | null = null;

  see({ raw, text, source }: LogLine): void {
    if (this.areRanks) return;
    const rank = source?.rank ?? null;
    const isLabelled = rank !== null && LABELLED.test(raw) && !isRound(raw) && /[A-Za-z]{2}/.test(text);
    const before = this.#before;
    this.#before = isLabelled ? { rank, text } : null;
    if (isLabelled && before !== null) this.areRanks = before.text === text && before.rank !== rank;
  }
}
