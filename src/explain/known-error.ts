/** Errors that are known by their words, where no traceback or ending has them. */
import { readMemoryError } from '../texts/index.ts';
import { type Answer, answerOf } from './answer.ts';
import type { Around } from './around.ts';

/** Lines that a program still prints after what ended it. */
const LAST_LINES = 12;

/** The text's last lines: what ended a program stands there. */
export const lastOf = (text: string) => text.trimEnd().split('\n').slice(-LAST_LINES).join('\n');

const WHAT = 'lines of an error';

/** Words of an error that is known, in lines that no trainer prints. */
export function readKnownError(text: string, around: Around): Answer | null {
  const known = around.knownIn(text);
  if (known === null) return null;
  const whose = known.kind === 'full' ? 'GPU' : known.kind === 'host memory' ? 'host' : null;
  return answerOf(known, { what: WHAT, whose });
}

/** Longer than this it is no error that a terminal wrapped. */
const LONGEST = 4000;

/** The error of a few lines, none of which has the words that it is known by: a terminal cut between them. */
export function readWrappedError(text: string, around: Around): Answer | null {
  if (text.length > LONGEST) return null;
  const error = readMemoryError(text, { loose: false });
  if (error === null) return null;
  const { outOfMemory, memory } = error;
  const finding = around.explain({ errorType: null, message: text.trim(), outOfMemory, ending: null });
  if (finding === null) return null;
  const whose =
    memory === 'device' ? 'GPU' : memory === 'host' || finding.kind === 'host memory' ? 'host' : null;
  return answerOf(finding, { what: WHAT, whose });
}
