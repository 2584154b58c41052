/** Errors that are known by their words, where no traceback or ending has them. */
import { explain, explainError } from '../analysis/index.ts';
import type { Finding } from '../contract/index.ts';
import { readMemoryError } from '../texts/index.ts';
import type { Answer } from './answer.ts';

/** Lines that a program still prints after what ended it. */
const LAST_LINES = 12;

/** The text's last lines: what ended a program stands there. */
export const lastOf = (text: string) => text.trimEnd().split('\n').slice(-LAST_LINES).join('\n');

/** Words of an error that is known, in lines that no trainer prints. */
export function readKnownError(text: string): Answer | null {
  const finding = explainError(text);
  if (finding === null) return null;
  return answerOf(finding, null);
}

/** Longer than this it is no error that a terminal wrapped. */
const LONGEST = 4000;

/** The error of a few lines, none of which has the words that it is known by: a terminal cut between them. */
export function readWrappedError(text: string): Answer | null {
  if (text.length > LONGEST) return null;
  const error = readMemoryError(text, { loose: false });
  if (error === null) return null;
  const finding = explain({
    errorType: null,
    message: text.trim(),
    outOfMemory: error.outOfMemory,
    ending: null,
  });
  return finding === null
    ? null
    : answerOf(finding, error.memory === 'device' ? 'GPU' : error.memory === 'host' ? 'host' : null);
}

const answerOf = ({ says, confidence, evidence, next, kind }: Finding, whose: Answer['whose']): Answer => ({
  what: 'lines of an error',
  whose: whose ?? (kind === 'full' ? 'GPU' : kind === 'host memory' ? 'host' : null),
  state: null,
  says,
  confidence,
  evidence: evidence.map(seen => seen.says),
  next,
});
