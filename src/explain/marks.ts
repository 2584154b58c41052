/** Text as it is copied from an issue or a chat: marks of code and of emphasis around an error. What is quoted by `>` is read as it is. */

const OPENING = /^\s{0,8}[`“*]{1,4}(?=[A-Za-z])/;
const CLOSING = /(?<=[.)\w])[`”*]{1,4}\s*$/;
/** Lines above which it is a log, around which nobody puts marks. */
const MOST_LINES = 2000;

/** What a page’s source has for characters of a text that it shows. */
const ENTITIES: Readonly<Record<string, string>> = {
  quot: '"',
  '#34': '"',
  '#39': "'",
  '#x27': "'",
  apos: "'",
  lt: '<',
  gt: '>',
  nbsp: ' ',
  amp: '&',
};
const ENTITY = /&(quot|#34|#39|#x27|apos|lt|gt|nbsp|amp);/g;
const TAGS = /<\/?(?:pre|code|span|p|div|br)(?:\s[^<>\n]{0,400})?\s?\/?>/g;

const withoutEntities = (text: string): string =>
  /&(?:quot|#34|#39|#x27|lt|gt);/.test(text)
    ? text.replace(TAGS, '').replace(ENTITY, (_, name: string) => ENTITIES[name]!)
    : text;

/** A page’s title, no more indented than one may be, where no comment follows it, as in a program. */
const TITLE = /^\n{0,8} {0,3}#{1,3} (?=[^\n]{1,400}(?:\n(?!\s{0,80}#)|$))/;

/** The text without the marks around its lines; as it is where there are none. */
export function withoutMarks(given: string): string {
  const text = withoutEntities(given.replace(TITLE, ''));
  if (!/^\s{0,8}[`“*]/m.test(text)) return text;
  const lines = text.split('\n');
  return lines.length > MOST_LINES
    ? text
    : lines.map(line => line.replace(OPENING, '').replace(CLOSING, '')).join('\n');
}
