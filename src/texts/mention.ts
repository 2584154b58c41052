/**
 * Words of an error that stand in a line as a program’s source, a commit’s subject or a sentence about it: nothing happened there.
 * What an error is stands at the beginning of its line, behind a colon, a bracket or a level; or behind a word for what happened.
 */

/** Words by which errors of memory are known wherever they stand. */
const MEMORY =
  /\b(?:(?:CUDA|HIP|XPU|NPU|HPU|MLU|MUSA)(?: error:| driver error:)? out of memory|(?:[A-Za-z_]\w{0,40}\.){0,6}\w{0,40}OutOfMemoryError|(?:CUDA|HIP)_ERROR_OUT_?OF_?MEMORY|cudaErrorMemoryAllocation|std::bad_alloc|cannot allocate memory|no space left on device|CUBLAS_STATUS_ALLOC_FAILED)/i;
/** An amount beside them is of an error that happened. */
const AMOUNT = /\d ?(?:bytes|[KMGT]i?B)\b/;

/** A comment in C goes on one column behind its `/*`; a list of a page has its `* ` in an even one. */
const COMMENT = /^(?:\s{0,80}(?:#|\/\/|\/\*{1,2}\s|<!--|"""|''')|\s(?: {2}){0,40}\*{1,2}\s)/;
/** An item of a list whose first words are the error, and no sentence that goes on. */
const isItem = (line: string, at: number, length: number): boolean =>
  /^ {1,3}\* {1,3}$/.test(line.slice(0, at)) && !/^ [a-z]/.test(line.slice(at + length));
const STATEMENT =
  /^\s{0,80}(?:(?:el)?if|except|raise|assert|return(?! code)|while(?= ?\()|catch|throw|def|class)\b.{0,400}[:({;"'=]/;
/** An open quotation in a call, a comparison or an assignment. */
const IN_CODE = /(?:([\w\])]?)\(|\s=|==|,|= \[|\bin)\s{0,4}[frbuFRBU]{0,2}["'][^"']{0,120}$/;
/** The text of an exception as Python represents it. */
const REPRESENTED = /(?:Error|Exception)\(\s{0,2}["'][^"']{0,120}$/;
const LOOKED_FOR = /^[^"']{0,80}["']\)?\s{1,4}(?:not )?in\b/;

const LEVEL = /\b(?:ERROR|FATAL|CRITICAL|WARN|WARNING|SEVERE|[Ee]rror|[Ff]atal|[Ww]arning)\b/;
/** What a commit or a change is of: `fix(eval): `, `* Fix: `. */
const CHANGE =
  /^\s{0,8}(?:[0-9a-f]{7,40}\s{1,4})?(?:[*-]\s{1,4})?(?:fix|fixes|fixed|feat|docs|perf|refactor|test|chore|revert|build|ci|style)(?:\([^()]{1,60}\))?!?:\s{0,4}$/i;
const LAST_WORD =
  /(?<![\w.])([a-z][\w’'-]{0,40}) {1,4}(?:(?:an?|the|this|of|some|any) {1,4}){0,2}["'`“(*]{0,3}$/;
/** Words in front of an error that happened. */
const HAPPENED =
  /^(?:error|exception|failed|failure|got|get|gets|getting|hit|hits|hitting|met|saw|detected|triggered|triggers|experienced|after|still|again|then|reported|reports|raised|raises|threw|throws|thrown|caught|encountered|received|returned|returns|message|problem|reason|cause|oom|gives|gave|shows|show|showing|is|was|following|instance|because|as|since)$/i;
/** An error’s own name, right in front of them, wherever the line stands. */
const NAMED = /(?:Error|Exception|\berror|\bERROR)\b[:\s]{1,3}$/;
/** Words that are a sentence of their own: what stands in front is who met it. */
const SENTENCE = /^(?:cannot allocate|no space left)/i;
const ENDED_SO =
  /\b(?:fail|crash|die|exit|end|stop|abort|kill|terminat|interrupt|recover|ran|runs?|running|due|because|caused)\w{0,6} {1,4}(?:\w{1,12} {1,4}){0,1}(?:with|to|of|by|on|from|for|into|in) {1,4}(?:(?:an?|the) {1,4})?["'`“(*]{0,3}$/i;
/** What stands behind an error that is written of in general. */
const IN_GENERAL =
  /^["'`”)*]{0,3}\s{1,4}(?:(?:errors|issues|problems|exceptions|failures)\b|(?:(?:error|issue|problem|exception) )?(?:is|are|can|may|might|could|would|will|should|happens|occurs|means|usually|often)\b)/i;

/** What somebody does against an error, or writes of one that may come. */
const AIMED =
  /\b(?:avoid|prevent|fix|handle|against|without|in case of|such as|if you (?:see|get|have|hit|run into)|when you (?:see|get|hit)|known as|about|means?)\w{0,4} {1,4}(?:(?:an?|the|this|any) {1,4})?["'`“(*]{0,3}$/i;

/** Whether the words from `at` on, `length` characters, stand in a program’s source. */
export function isInSource(line: string, at: number, length: number): boolean {
  const before = line.slice(0, at);
  if (isItem(line, at, length)) return false;
  if (COMMENT.test(line) || STATEMENT.test(line) || LOOKED_FOR.test(line.slice(at + length))) return true;
  return IN_CODE.test(before) && !REPRESENTED.test(before);
}

/** Whether they are spoken of: in general, as what somebody does against them, or as the subject of a change. */
export const isSpokenOf = (line: string, at: number, length: number): boolean =>
  IN_GENERAL.test(line.slice(at + length)) || CHANGE.test(line.slice(0, at)) || AIMED.test(line.slice(0, at));

/** Whether a line has the words of an error of memory, and only mentions it. */
export function mentionsMemoryError(line: string): boolean {
  const words = AMOUNT.test(line) ? null : MEMORY.exec(line);
  if (words === null) return false;
  const { index, 0: found } = words;
  const before = line.slice(0, index);
  if (NAMED.test(before)) return false;
  if (isInSource(line, index, found.length) || isSpokenOf(line, index, found.length)) return true;
  const last = SENTENCE.test(found) ? undefined : LAST_WORD.exec(before)?.[1];
  return last !== undefined && !HAPPENED.test(last) && !ENDED_SO.test(before) && !LEVEL.test(before);
}
