/**
 * What someone gives → its bytes, for the reader of logs, and its text, for those that look for words around an error. A log may be
 * of any length: of a very long one the words are looked for in its end, where the error stands.
 */
import { Utf16Reader } from '../watch/index.ts';
import { withoutMarks } from './marks.ts';
import { stateAsLines } from './state-document.ts';
import { withoutBorders } from './unwrapped.ts';

/** Bytes above which nobody pasted it. */
const LONGEST = 32 * 1024 * 1024;

export interface GivenText {
  bytes: Uint8Array;
  text: string;
}

export function givenText(given: string | Uint8Array): GivenText {
  if (given.length > LONGEST) {
    const bytes = typeof given === 'string' ? Buffer.from(given) : given;
    return { bytes, text: endOf(bytes) };
  }
  const whole = typeof given === 'string' ? given : decoded(given, new Utf16Reader());
  const text = stateAsLines(withoutBorders(withoutMarks(whole)));
  return { bytes: text === whole && typeof given !== 'string' ? given : Buffer.from(text), text };
}

const decoded = (bytes: Uint8Array, reader: Utf16Reader): string =>
  Buffer.from(reader.utf8(bytes)).toString('utf8');

/** The last lines, as text. */
function endOf(bytes: Uint8Array): string {
  const reader = new Utf16Reader();
  // Its beginning shows the encoding.
  reader.utf8(bytes.subarray(0, 1024));
  const text = decoded(bytes.subarray((bytes.length - LONGEST) & ~1), reader);
  return text.slice(text.indexOf('\n') + 1);
}
