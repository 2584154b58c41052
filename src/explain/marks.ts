/** Text as it is copied from an issue or a chat: marks of code and of emphasis around an error. What is quoted by `>` is read as it is. */
import { withoutEntities } from '../texts/index.ts';

const OPENING = /^\s{0,8}[`“*]{1,4}(?=[A-Za-z])/;
const CLOSING = /(?<=[.)\w])[`”*]{1,4}\s*$/;
/** Lines above which it is a log, around which nobody puts marks. */
const MOST_LINES = 2000;

/** Tags that stand in a page’s source around a text. */
const TAGS = /<\/?(?:pre|code|span|p|div|br)(?:\s[^<>\n]{0,400})?\s?\/?>/g;

const asShown = (text: string): string =>
  /&(?:quot|#34|#39|#x27|lt|gt);/.test(text) ? withoutEntities(text.replace(TAGS, '')) : text;

/** A page’s title, no more indented than one may be, where no comment follows it, as in a program. */
const TITLE = /^\n{0,8} {0,3}#{1,3} (?=[^\n]{1,400}(?:\n(?!\s{0,80}#)|$))/;

/** The text without the marks around its lines; as it is where there are none. */
export function withoutMarks(given: string): string {
  const text = asShown(given.replace(TITLE, ''));
  if (!/^\s{0,8}[`“*]/m.test(text)) return text;
  const lines = text.split('\n');
  return lines.length > MOST_LINES
    ? text
    : lines.map(line => line.replace(OPENING, '').replace(CLOSING, '')).join('\n');
}
