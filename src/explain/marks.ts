/** Text as it is copied from an issue or a chat: marks of code and of emphasis around an error. What is quoted by `>` is read as it is. */

const OPENING = /^\s{0,8}[`“*]{1,4}(?=[A-Za-z])/;
const CLOSING = /(?<=[.)\w])[`”*]{1,4}\s*$/;
/** Lines above which it is a log, around which nobody puts marks. */
const MOST_LINES = 2000;

/** A page’s title, where no comment follows it, as in a program. */
const TITLE = /^\s{0,80}#{1,3} (?=[^\n]{1,400}(?:\n(?!\s{0,80}#)|$))/;

/** The text without the marks around its lines; as it is where there are none. */
export function withoutMarks(given: string): string {
  const text = given.replace(TITLE, '');
  if (!/^\s{0,8}[`“*]/m.test(text)) return text;
  const lines = text.split('\n');
  return lines.length > MOST_LINES
    ? text
    : lines.map(line => line.replace(OPENING, '').replace(CLOSING, '')).join('\n');
}
