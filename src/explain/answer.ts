/** The answer of `explain` to any input. */
import type { Finding } from '../contract/index.ts';

export interface Answer {
  /** What the text was recognised as: `an error text`, `a log of Stable-Baselines3`, `the table of nvidia-smi`. */
  what: string;
  /** Whose memory it is about; null where memory had no part in it, or it is unknown. */
  whose: 'GPU' | 'host' | null;
  /** How it ended, where it did: completed, failed, unknown, …; null for a text that is of no run. */
  state: string | null;
  /** What it was, in a sentence or two. */
  says: string;
  /** Where in the program it was raised, one of the evidence; null where that is not known. */
  place?: string | null;
  /** How sure that is. */
  confidence: Finding['confidence'];
  evidence: string[];
  /** What to try, the first thing first. */
  next: string[];
}

/** A finding of a text that is of no run. */
export const answerOf = (
  { says, confidence, evidence, next }: Finding,
  { what, whose }: Pick<Answer, 'what' | 'whose'>,
): Answer => ({
  what,
  whose,
  state: null,
  says,
  confidence,
  evidence: evidence.map(seen => seen.says),
  next,
});
