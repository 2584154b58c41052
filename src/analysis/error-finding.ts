/** An error that is known by its words, or by nothing but its name: what it was, whether memory had a part in it, what to try. */
import { CUT, isRepeat } from '../texts/index.ts';
import { knownErrors, notices, programErrors } from './known-errors/index.ts';
import { type Known, ofDriver } from './known-errors/known-error.ts';
import { asEvidence, type TextFinding, textFinding } from './text-finding.ts';

/** Words of a shortage that no table has. */
const NAMES_MEMORY =
  /\b(?:out of|not enough|insufficient|too little|no more|exhausted|lack of) (?:\w{1,20} ){0,2}memory\b|\bmemory (?:is )?(?:exhausted|full)\b|\bOOM\b/i;
/** Of a run whose error has no class. */
const UNNAMED = 'error';
/** Characters of an error’s text that are quoted. */
const LONGEST = 400;

/** null for an error that is none of these. @param message an error’s text, or lines in which one may stand. */
export const explainError = (message: string): TextFinding | null => findingOf(knownErrors, message);

/** null for lines that have no warning that is known. */
export const explainNotice = (lines: string): TextFinding | null => findingOf(notices, lines);

/** An error that reports nothing of memory, by its own text. @param errorType its class. */
export function explainNamed(errorType: string | null, message: string): TextFinding {
  const name = errorType === UNNAMED ? null : errorType;
  const text = [name, message].filter(part => part !== null && part !== '').join(': ');
  const [first = '', second = ''] = text.split('\n').map(part => part.trim());
  // One that only announces its text, or opens a list, is quoted with the next.
  const line = /[:(]$/.test(first) ? `${first} ${second}`.trimEnd() : first;
  const quoted = line.length > LONGEST ? `${line.slice(0, LONGEST)} …` : line;
  if (message.endsWith(CUT))
    return textFinding({
      kind: 'unmeasured',
      confidence: 'possible',
      says: `The text ends within a traceback${name === null ? '' : ` (${name})`}, before its error: what went wrong is not in it.`,
      next: ['The last line of the traceback has the cause: give esper explain the whole of it.'],
    });
  if (isRepeat(errorType, message))
    return textFinding({
      kind: 'unmeasured',
      confidence: 'possible',
      says: `The cause is not in this text: “${quoted}” only repeats that something failed before.`,
      next: [
        'Look above, and in the output of the other processes (stderr included), for the first traceback: its last line is the cause. Give that to esper explain.',
      ],
    });
  const known = findingOf([...knownErrors, ...programErrors], text);
  if (known === null && NAMES_MEMORY.test(text))
    return textFinding({
      kind: 'unmeasured',
      confidence: 'possible',
      says: `An error that names memory, and not whose: ${quoted}`,
      next: [
        'Look at nvidia-smi and free -h while it runs: which of the two is full? The whole output, stderr included, shows more.',
      ],
    });
  if (known === null)
    return textFinding({
      kind: 'not memory',
      confidence: 'likely',
      says: `Not about memory, as far as the text shows: ${quoted}`,
      next: [
        'Look at the place that raised it, in the last frames of its traceback, and at what reached it; the whole output, stderr included, shows more.',
      ],
    });
  return {
    ...known,
    evidence: [asEvidence(`The error: ${quoted}`), ...known.evidence],
  };
}

function findingOf(table: readonly Known[], message: string): TextFinding | null {
  const lower = message.toLowerCase();
  const known = table.find(({ words }) => words.every(word => lower.includes(word)));
  if (known === undefined) return null;
  const { says, next, confidence = 'certain', named, kind = 'not memory', mark } = known;
  const found = named?.pattern.exec(message);
  const name = found?.slice(1).find(group => group !== undefined);
  const evidence = named === undefined || name === undefined ? [] : [`${named.says} ${name}.`];
  return textFinding({
    kind,
    says,
    next: next.map(advice => ofDriver(advice, message)),
    evidence,
    confidence,
    ...(mark && { mark }),
  });
}
