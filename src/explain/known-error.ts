/** Errors that are known by their words, where no traceback or ending has them. */
import { explainNotice, finished } from '../analysis/index.ts';
import { CUT, mentionsMemoryError, oomKilledIn, readMemoryError } from '../texts/index.ts';
import { placeIn } from '../watch/index.ts';
import { type Answer, answerOf } from './answer.ts';
import type { Around } from './around.ts';

const WHAT = 'lines of an error';

/** Words of an error that is known, in lines that no trainer prints. */
export function readKnownError(text: string, around: Around): Answer | null {
  const known = around.knownIn(text);
  if (known === null) return null;
  const whose = known.kind === 'full' ? 'GPU' : known.kind === 'host memory' ? 'host' : null;
  return answerOf(known, { what: WHAT, whose });
}

/** A warning, or a program that did not start, where nothing else in the text is known. */
export function readNotice(text: string): Answer | null {
  const notice = explainNotice(text);
  return notice && answerOf(finished(notice), { what: 'lines of a program', whose: null });
}

/** Longer than this it is no error that a terminal wrapped. */
const LONGEST = 4000;

/** The error of a few lines, none of which has the words that it is known by: a terminal cut between them. */
export function readWrappedError(text: string, around: Around): Answer | null {
  if (text.length > LONGEST || mentionIn(text) !== undefined) return null;
  // A container whose end was another.
  if (oomKilledIn(text) === false) return null;
  const error = readMemoryError(text, { loose: false });
  if (error === null) return null;
  const { outOfMemory, memory } = error;
  const finding = around.explain({ errorType: null, message: text.trim(), outOfMemory, ending: null });
  if (finding === null) return null;
  const whose =
    memory === 'device' ? 'GPU' : memory === 'host' || finding.kind === 'host memory' ? 'host' : null;
  return answerOf(finding, { what: WHAT, whose });
}

/** The line of a text that only mentions an error of memory. */
const mentionIn = (text: string): string | undefined => text.split('\n').find(mentionsMemoryError);

/** A program’s source, a commit, a sentence: it has the words of an error of memory, and none that happened. */
export function readMention(text: string): Answer | null {
  const line = mentionIn(text);
  return line === undefined
    ? null
    : {
        what: 'a text that mentions an error',
        whose: null,
        state: null,
        says: 'The text mentions an error of memory, in a sentence or in a program’s source: none that happened is in it.',
        confidence: 'possible',
        evidence: [`The line: ${line.trim().slice(0, 200)}`],
        next: [
          'Where one did happen, give esper explain what the program printed: the error’s own lines have who held how much.',
        ],
      };
}

/** The class of an error and its text, wherever in a line: in a sentence, a list, the lines of a test. */
const NAMED = /\b((?:[A-Za-z_]\w{0,60}\.){0,6}[A-Z]\w{0,60}(?:Error|Exception)): {1,4}([^\n]{3,600})/g;

/** The last error that a text names, where it is no more than a sentence about it. */
export function readNamedError(text: string, around: Around): Answer | null {
  const [, errorType, message] = [...text.matchAll(NAMED)].at(-1) ?? [];
  if (errorType === undefined) return null;
  const finding = around.explain({
    errorType: errorType.slice(errorType.lastIndexOf('.') + 1),
    message: message!.replace(/[`”*\s]{1,20}\.?$/, ''),
    outOfMemory: null,
    ending: null,
  });
  return finding && answerOf(finding, { what: WHAT, whose: null });
}

/** Python’s report of an error while an object was thrown away. */
const IGNORED = /^Exception ignored in/gm;
const TRACEBACKS = /^Traceback \(most recent call last\)/gm;
const RAISED =
  /^(?:\w{1,60}\.){0,8}(\w{0,60}(?:Error|Exception)(?:: [^\n]{1,200}(?:(?<=\()\n\s{1,8}[^\n]{1,100})?)?)/gm;

/** null where the text has any other traceback. */
export function readIgnored(text: string): Answer | null {
  const ignored = text.match(IGNORED)?.length ?? 0;
  if (ignored === 0 || (text.match(TRACEBACKS)?.length ?? 0) > ignored) return null;
  const error = [...text.matchAll(RAISED)].at(-1)?.[1];
  return {
    what: WHAT,
    whose: null,
    state: null,
    says: 'No failure of its own: Python reports an error while it threw an object away, mostly because the process or a worker of it was ending, and goes on.',
    confidence: 'likely',
    evidence: error === undefined ? [] : [`The error that it ignored: ${error.replace(/\s+/g, ' ')}`],
    next: ['Where the program ended all the same, look above it for the first error.'],
  };
}

/** Frames of an error in C++, whose text stands before them. */
const CPP_FRAMES = /^frame #\d{1,3}: /m;

/** A traceback without its error, in lines of any form. */
export function readBareFrames(text: string, around: Around): Answer | null {
  const place = placeIn(text);
  if (place === null && !CPP_FRAMES.test(text)) return null;
  if (place === null)
    return {
      what: 'frames of an error in C++',
      whose: null,
      state: null,
      says: 'The text has the frames of an error in C++, not the error: what went wrong stands in front of them, as “terminate called”, “what():” or the line of a logger.',
      confidence: 'possible',
      evidence: [],
      next: ['Give esper explain the lines above the frames too.'],
    };
  if (/\(most recent call first\)/.test(text))
    return {
      what: 'the stacks of a process',
      whose: null,
      state: null,
      says: 'The text has the stacks of a process’s threads: it crashed in native code, or somebody asked for them (faulthandler, py-spy). Why is not in it.',
      confidence: 'possible',
      evidence: [`The thread that was running: ${place}.`],
      next: ['Look in front of the stacks for “Fatal Python error”, a signal or an assertion.'],
    };
  const ending = { kind: 'error', evidence: place };
  const finding = around.explain({ errorType: null, message: CUT, outOfMemory: null, ending });
  return finding && answerOf(finding, { what: WHAT, whose: null });
}
