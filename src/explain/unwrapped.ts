/**
 * A text that was copied from a terminal, whose rows end at its width → its lines as they were printed. A terminal breaks anywhere; Rich,
 * mail and chats break at words; a pane or a box has a border at each end of its rows. Only what fills its row goes on in the next.
 */

/** Widths that terminals have, and rows above which it is a log. */
const LEAST_WIDTH = 40;
const MOST_WIDTH = 250;
const MOST_ROWS = 3000;

/** A row that begins a line of its own, whatever stands above it. */
const BEGINS =
  /^(?:\s{2}|\s*$|Traceback |\s?File "|[│|┃╭╰┌└├+=─━#]|\*(?!\*\w)|-{2,8}> |\$ |>>> |\[(?:rank|default)?\d|\[\w{3,20}\]|\[[/<][^\]]{1,300}\]\(|\d{4}[-/]\d\d|(?:\w{1,40}\.){0,8}[A-Z]\w{0,60}(?:Error|Exception|Interrupt|Warning)\b[:(]|During handling of|The above exception|frame #\d|<ipython-input-|Cell In|(?:Epoch|epoch|step|Step)\W{0,3}\d|(?:INFO|WARNING|ERROR|DEBUG)\b)/;
/** A line that is drawn: as long as its program makes it, whatever the terminal's width. */
const DRAWN = /^[-=_*#~─━═]{20,}$/;
/** What a notebook leaves out of a traceback: `13 frames`. */
const LEFT_OUT = /^\d{1,3} frames$/;
/** A row after which any other goes on: what a launcher or a logger puts in front, and the beginning of a class’s name. */
const OPEN_ENDED = /^[[(].{0,160}[\])>]:?$|(?:^|[\s\]>:])(?:[a-z_]\w{0,40}\.){1,6}\w{0,40}$/;
const BORDERED = /^\s{0,4}[│┃] ?(.{0,600}?)\s{0,600}[│┃]\s*$/;
/** Corners and lines of a table. */
const TABLE = /^\s{0,4}[┌├└╭╰╒╞╘╔╠╚]/m;
const BOX_OF_TRACEBACK = /^\s{0,8}[╭┌].{0,200}Traceback \(most recent call last\)/m;
/** A frame’s row in a box: a path, and no name of a function behind it yet. */
const PATH = /^(?:\/|~\/|[A-Za-z]:\\)\S/;
const WHOLE_PATH = /:\d{1,7} in [\w.<>]{1,100}$/;

/** The text without the borders of a pane around its rows, and with the paths of Rich’s box whole; as it is where it has neither. */
export function withoutBorders(text: string): string {
  if (!/[│┃]/.test(text)) return text;
  const rows = text.split(/\r?\n/);
  if (rows.length > MOST_ROWS) return text;
  if (BOX_OF_TRACEBACK.test(text)) return withWholePaths(rows).join('\n');
  // A row of a table has more of them.
  const bordered = rows.filter(row => !/[│┃]/.test(BORDERED.exec(row)?.[1] ?? '│')).length;
  return 2 * bordered > rows.length && !TABLE.test(text)
    ? rows.map(row => BORDERED.exec(row)?.[1] ?? row).join('\n')
    : text;
}

/** The text with its lines joined, for each way in which it may have been broken; none where nothing shows that it was. */
export function unwrapped(text: string): string[] {
  const rows = text.split(/\r?\n/).map(row => row.trimEnd());
  if (rows.length < 2 || rows.length > MOST_ROWS) return [];
  const width = Math.max(0, ...rows.filter(row => !DRAWN.test(row)).map(lengthOf));
  return width < LEAST_WIDTH || width > MOST_WIDTH
    ? []
    : [joinedAnywhere(rows, width), joinedAtWords(rows, width)].filter(lines => lines !== null);
}

const lengthOf = (row: string): number => [...row].length;

/** Rows of one form are lines of their own: of a log, of a process whose name stands in front, of a list. */
const form = (row: string): string => row.slice(0, 8).replace(/\d/g, '0');

const joinedAnywhere = (rows: readonly string[], width: number): string | null =>
  // What a row ends with may have been a blank, which is not copied.
  joined(rows, (row, next) => {
    const length = lengthOf(row);
    return length === width ? '' : length === width - 1 && /^\S/.test(next) ? ' ' : null;
  });

const joinedAtWords = (rows: readonly string[], width: number): string | null =>
  joined(rows, (row, next) => {
    const word = /^\S+/.exec(next)?.[0];
    if (row === '' || word === undefined || lengthOf(row) + 1 + lengthOf(word) <= width) return null;
    // A word that is longer than a row is broken.
    return lengthOf(row) === width && /^\s*\S*[\w/.-]$/.test(row) ? '' : ' ';
  });

/** @param between what was lost at the end of a row; null where its line ends there */
function joined(
  rows: readonly string[],
  between: (row: string, next: string) => string | null,
): string | null {
  const forms = new Set<string>();
  let text = '';
  let isJoined = false;
  let isRest = false;
  for (const [i, row] of rows.entries()) {
    if (!isRest) forms.add(form(row));
    const next = rows[i + 1];
    if (next === undefined) return isJoined ? text + row : null;
    const isLine =
      DRAWN.test(row) !== DRAWN.test(next) ||
      LEFT_OUT.test(row) ||
      LEFT_OUT.test(next) ||
      forms.has(form(next)) ||
      (BEGINS.test(next) && !(/^\S/.test(next) && OPEN_ENDED.test(row)));
    const lost = isLine ? null : between(row, next);
    isRest = lost !== null;
    isJoined ||= isRest;
    text += row + (lost ?? '\n');
  }
  return null;
}

/** Of Rich’s box around a traceback: a path that is longer than its row stands in two. */
function withWholePaths(rows: readonly string[]): string[] {
  const lines: string[] = [];
  for (const row of rows) {
    const content = BORDERED.exec(row)?.[1];
    const before = BORDERED.exec(lines.at(-1) ?? '')?.[1];
    const isFull = before !== undefined && lengthOf(before) >= lengthOf(row.trim()) - 4;
    const isRest =
      content !== undefined &&
      before !== undefined &&
      PATH.test(before) &&
      !WHOLE_PATH.test(before) &&
      /^\S/.test(content) &&
      // A row that is full may have been broken in front of a `/`.
      (isFull || !PATH.test(content));
    // Behind the number of a line, or behind `in`, it was broken at a word.
    const isAtWord =
      /:\d{1,7} in$/.test(before ?? '') || (/:\d{1,7}$/.test(before ?? '') && /^in /.test(content ?? ''));
    if (isRest) lines[lines.length - 1] = `│ ${before}${isFull && !isAtWord ? '' : ' '}${content} │`;
    else lines.push(row);
  }
  return lines;
}
