/** Text from outside (names, messages, paths) as commands print it: no screen takes a megabyte, and none an escape sequence. */
import { printable } from './printable-text.ts';

/** Characters of one text on a screen. */
const LONGEST = 2000;

/** At most so many characters; what was cut ends in `…`. */
export const shortened = (text: string, most = LONGEST): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;

/** Lines stay lines; each is {@link printable}, and all together at most so long. */
export const outsideText = (text: string, most = LONGEST): string =>
  shortened(text, most).split('\n').map(printable).join('\n');

/** What a terminal would act on or hide: C1, DEL, what changes direction or has no width, line separators. */
const UNSAFE = /[\x7f-\x9f]|\p{Cf}|[\u2028\u2029]/gu;

/** JSON that means the same and that a terminal shows as it is: what it would act on is escaped. */
export const terminalJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(UNSAFE, text =>
    [...Array(text.length).keys()]
      .map(i => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  );
