/** An error that is known by its words, or by nothing but its name: what it was, whether memory had a part in it, what to try. */
import { isCut, isInSource, isRepeat, isSpokenOf } from '../texts/index.ts';
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
export const explainError = (message: string): TextFinding | null => findingOf(knownErrors, message, ofLines);

/** null for lines that have no warning that is known. */
export const explainNotice = (lines: string): TextFinding | null => findingOf(notices, lines, () => 'own');

/** An error that reports nothing of memory, by its own text. @param errorType its class. */
export function explainNamed(errorType: string | null, message: string): TextFinding {
  const name = errorType === UNNAMED ? null : errorType;
  const text = [name, message].filter(part => part !== null && part !== '').join(': ');
  const [first = '', second = ''] = text.split('\n').map(part => part.trim());
  // One that only announces its text, or opens a list, is quoted with the next.
  const line = /[:(]$/.test(first) ? `${first} ${second}`.trimEnd() : first;
  const quoted = line.length > LONGEST ? `${line.slice(0, LONGEST)} …` : line;
  if (isCut(message))
    return textFinding({
      kind: 'unmeasured',
      confidence: 'possible',
      says: `The text ends within a traceback${name === null ? '' : ` (${name})`}, before its error: what went wrong is not in it.${name === 'ResourceExhaustedError' ? ' By its class something ran out, in TensorFlow mostly the GPU’s memory.' : ''}`,
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
  const known = findingOf([...knownErrors, ...programErrors], text, ofMessage);
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

/** How far words are an error’s own; null where they are none’s at all. @param line in which the words begin, at `at` */
type Standing = (line: string, at: number, word: string) => 'own' | 'aside' | null;

/** Lines may be a program’s source, or a sentence about the error. */
const ofLines: Standing = (line, at, word) =>
  isInSource(line, at, word.length) ? null : isSpokenOf(line, at, word.length) ? 'aside' : 'own';

/** What an error is stands in the first sentence of its line: what follows is advice, mostly. */
const ofMessage: Standing = (line, at) => (/[a-z)\]"'`][.;?!]\s/.test(line.slice(0, at)) ? 'aside' : 'own');

const AT_MOST = 2000;

function standingOf({ words }: Known, message: string, lower: string, standing: Standing) {
  const [word = ''] = words;
  const at = words.every(other => lower.includes(other)) ? lower.indexOf(word) : -1;
  if (at === -1) return null;
  // Some words begin with the end of the line before.
  const first = at + word.length - word.trimStart().length;
  const from = Math.max(message.lastIndexOf('\n', first - 1) + 1, first - AT_MOST);
  const end = message.indexOf('\n', first);
  const line = message.slice(from, Math.min(end === -1 ? message.length : end, first + AT_MOST));
  return standing(line, first - from, word.trimStart());
}

function findingOf(table: readonly Known[], message: string, standing: Standing): TextFinding | null {
  const lower = message.toLowerCase();
  let aside: Known | undefined;
  const own = table.find(known => {
    const stands = standingOf(known, message, lower, standing);
    if (stands === 'aside') aside ??= known;
    return stands === 'own';
  });
  if (own !== undefined) return madeOf(own, message);
  return aside === undefined
    ? null
    : madeOf(
        {
          ...aside,
          says: `Possibly, by words beside the error’s own: ${aside.says}`,
          confidence: 'possible',
        },
        message,
      );
}

function madeOf(known: Known, message: string): TextFinding {
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
