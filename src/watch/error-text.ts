/** The text of an error that goes on for several lines: which of them are part of it, and what they add. */
import { isRepeat } from '../texts/index.ts';
import { type HeldError, memoryOf, reportsMore } from './held-error.ts';
import type { OpenError } from './open-errors.ts';

/** Lines that say what an error's first line does not: keys and sizes of a checkpoint, the place in a file of configuration. */
const DETAIL = /^\s{1,8}(?:in "[^"]{1,200}", line \d|size mismatch for |(?:Missing|Unexpected) key\(s\) in )/;
/** A line of rules, as launchers and boxes draw them. */
const RULE = /^[\s=\-─━_*+|╭╮╰╯│]{3,200}$/;
const GGML_PART =
  /^(?:[\w.]{1,60}: )?(?:failed to allocate (?:compute (?:\w{1,4} )?buffers|buffer for (?:kv|rs) cache)|failed to allocate \w{1,12} buffer of size|unable to allocate \w{1,12} buffer)|gallocr_reserve_n: |alloc_tensor_range: /;
/** A shell's prompt: the program has ended. */
const PROMPT =
  /^(?:\([\w.-]{1,60}\) ?){0,2}(?:[\w.-]{1,40}@[\w.-]{1,80}:\S{0,200}[$#%](?: |$)|\[[\w.-]{1,40}@[\w.-]{1,80} [^\]]{1,200}\][$#%](?: |$)|(?:PS )?[A-Z]:\\[^<>"|?*]{0,200}>)/;
/** Lines that the text of an error may go on for, and characters of it that are kept. */
const MOST_LINES = 12;
export const LONGEST_MESSAGE = 2000;

/** Whether the next line may be part of it. */
export const mayGoOn = ({ error, lines }: OpenError): boolean => error !== null && lines.length < MOST_LINES;

const messageOf = ({ lines }: OpenError): string => lines.join('\n').trim().slice(0, LONGEST_MESSAGE);

/**
 * One line more. It stays with the text, whether it is part of it or not.
 * @returns null for a line that is none of it, `more` where it explains more than the lines before it.
 */
export function addLine(open: OpenError, text: string): 'part' | 'more' | null {
  const { error, lines } = open;
  if (error === null || lines.length >= MOST_LINES || PROMPT.test(text)) return null;
  if (RULE.test(text)) return 'part';
  const before = lines.at(-1) ?? '';
  // A line with a time in front is the log's: it announces nothing.
  const isAnnounced =
    error.memory?.outOfMemory == null && /[:(]\s*$/.test(before) && !/^\[?\d{4}-\d\d-\d\d/.test(before);
  const isFigures = error.memory?.memory === 'on-chip' && /^Required: \d/.test(text);
  // XLA's plan for the program that was refused.
  const isPlan = error.memory?.by === 'jax' && /^total allocation: {1,12}[\d.]/.test(text);
  // Which of its buffers ggml had no room for.
  const isPart = error.memory?.by === 'ggml' && GGML_PART.test(text);
  lines.push(text);
  const message = messageOf(open);
  const read = memoryOf(error.errorType, message);
  if (!reportsMore(read, error) && error.message !== '' && !isAnnounced && !isFigures && !isPlan && !isPart)
    return null;
  // An error by its name, of which the lines behind it show that memory was refused, is no warning.
  const isLoose = error.isLoose && !(error.memory === null && read.outOfMemory !== null);
  Object.assign(error, { message, ...read, isLoose, isLauncher: isRepeat(error.errorType, message) });
  return 'more';
}

/** A line of details of an error that is not of memory. */
export function addDetail(error: HeldError, open: OpenError, text: string): void {
  if (DETAIL.test(text)) error.message = messageOf(open);
}
