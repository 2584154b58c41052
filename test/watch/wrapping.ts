/** A text as a terminal of some width shows it, and as it is copied from there. */

/** Broken anywhere, as terminals do. */
const anywhere = (text: string, width: number): string =>
  text
    .split('\n')
    .flatMap(line => {
      const rows: string[] = [];
      for (let at = 0; at < line.length; at += width) rows.push(line.slice(at, at + width));
      return rows.length === 0 ? [''] : rows;
    })
    .join('\n');

/** Broken at words, as Rich and chats do. */
const atWords = (text: string, width: number): string =>
  text
    .split('\n')
    .flatMap(line => {
      const rows: string[] = [];
      let rest = line;
      while (rest.length > width) {
        const space = rest.lastIndexOf(' ', width);
        const isWord = space <= (/^\s*/.exec(rest)?.[0].length ?? 0);
        rows.push(isWord ? rest.slice(0, width) : rest.slice(0, space));
        rest = isWord ? rest.slice(width) : rest.slice(space + 1);
      }
      return [...rows, rest];
    })
    .join('\n');

/** In a pane with a border at each end of its rows. */
const bordered = (text: string, width: number): string =>
  anywhere(text, width - 4)
    .split('\n')
    .map(row => `│ ${row.padEnd(width - 4)} │`)
    .join('\n');

const FRAME = /^ {2}File "([^"]+)", line (\d+), in (.+)$/;

/** With its traceback in Rich’s box, and its error behind it, broken at words. */
function boxed(text: string, width: number): string {
  const [head, ...lines] = text.split('\n');
  if (head !== 'Traceback (most recent call last):') return atWords(text, width);
  const end = lines.findIndex(line => /^\S/.test(line));
  const inner = width - 4;
  const rows = lines.slice(0, end).flatMap(line => {
    const frame = FRAME.exec(line);
    const shown =
      frame === null ? `❱ 30 │   ${line.trim()}`.slice(0, inner) : `${frame[1]}:${frame[2]} in ${frame[3]}`;
    return atWords(shown, inner).split('\n');
  });
  const title = ' Traceback (most recent call last) ';
  return [
    `╭${title.padStart((width + title.length) >> 1, '─').padEnd(width - 2, '─')}╮`,
    ...rows.map(row => `│ ${row.padEnd(inner)} │`),
    `╰${'─'.repeat(width - 2)}╯`,
    atWords(lines.slice(end).join('\n'), width),
  ].join('\n');
}

/** Every way in which a text is wrapped that has rows beyond that width. */
export const wrapped = (text: string, width: number): [way: string, text: string][] =>
  Object.entries({ anywhere, atWords, bordered, boxed }).map(([way, wrap]) => [
    `${way}, ${width}`,
    wrap(text, width),
  ]);

/** Of an answer, what a wrapped text loses first: figures, rank, place. */
export const factsIn = (evidence: readonly string[]): string[] =>
  evidence.filter(says => /^(?:The text: |It was rank|Raised at)/.test(says));
