/**
 * Text that others wrote (run names, messages) on a terminal: one line, printable, of a width that terminals agree
 * on. Joined and flag emoji are taken apart, because terminals disagree on how wide they are.
 */
import { eastAsianWidth } from 'get-east-asian-width';

/** One column a character in every terminal: ASCII, Latin, and the arrows, boxes, blocks and braille drawn here. */
const NARROW =
  /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2200-\u22ff\u2500-\u25fc\u26a0\u2713\u2717\u2800-\u28ff]*$/;

const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?/g;
const SPACES = /[\p{Cc}\p{Zl}\p{Zp}\xa0]+/gu;
const INVISIBLE = /\p{Cf}|\p{Default_Ignorable_Code_Point}|\u20e3|[\u{1f3fb}-\u{1f3ff}]/gu;
const UNASSIGNED = /[\p{Cn}\p{Cs}]/gu;
const FLAG_LETTERS = /[\u{1f1e6}-\u{1f1ff}]/gu;

/** One line without escape sequences, control characters or characters that change the direction of others. */
export function printable(text: string): string {
  if (NARROW.test(text)) return text;
  return text
    .replace(ESCAPES, '')
    .replace(SPACES, ' ')
    .replace(INVISIBLE, '')
    .replace(UNASSIGNED, '\ufffd')
    .replace(FLAG_LETTERS, letter => String.fromCharCode(65 + letter.codePointAt(0)! - 0x1f1e6))
    .normalize('NFC');
}

const COMBINING = /[\p{Mn}\p{Me}]/u;

/** Columns that a printable text takes, counted as terminals do: character by character. */
export function columns(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const character of text)
    if (!COMBINING.test(character)) width += eastAsianWidth(character.codePointAt(0)!);
  return width;
}

let graphemes: Intl.Segmenter | undefined;

/** The longest beginning of a printable text that fits; what was cut ends in `…`. */
export function cut(text: string, width: number): string {
  if (columns(text) <= width) return text;
  if (width < 1) return '';
  if (NARROW.test(text)) return `${text.slice(0, width - 1)}…`;
  let kept = '';
  let used = 0;
  graphemes ??= new Intl.Segmenter();
  for (const { segment } of graphemes.segment(text)) {
    used += columns(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
