/** Errors that are known by their words, where no traceback or ending has them. */
import { explainError } from '../analysis/index.ts';
import type { Answer } from './answer.ts';

/** Lines that a program still prints after what ended it. */
const LAST_LINES = 12;

/** The text's last lines: what ended a program stands there. */
export const lastOf = (text: string) => text.trimEnd().split('\n').slice(-LAST_LINES).join('\n');

/** Words of an error that is known, in lines that no trainer prints. */
export function readKnownError(text: string): Answer | null {
  const finding = explainError(text);
  if (finding === null) return null;
  const { says, confidence, evidence, next } = finding;
  return {
    what: 'lines of an error',
    whose: null,
    state: null,
    says,
    confidence,
    evidence: evidence.map(seen => seen.says),
    next,
  };
}
