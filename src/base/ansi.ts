/**
 * Styled text: a Row is one line of the screen, a list of Spans. Only the 16 ANSI colours, bold and dim are used, and
 * never a background, so that dark and light terminals both keep their own palette.
 */
import { shortened } from './outside-text.ts';
import { columns, cut, printable } from './printable-text.ts';

const sgr = {
  plain: '',
  dim: '2',
  bold: '1',
  inverse: '7',
  green: '32',
  yellow: '33',
  red: '31',
  cyan: '36',
  magenta: '35',
  blue: '34',
  'bold green': '1;32',
  'bold yellow': '1;33',
  'bold red': '1;31',
  'bold cyan': '1;36',
  'dim yellow': '2;33',
  'dim red': '2;31',
  'dim cyan': '2;36',
} as const;

export type Style = keyof typeof sgr;

export interface Span {
  text: string;
  style: Style;
  /** Columns. */
  width: number;
}
export type Row = readonly Span[];

/** A piece of a row; the text is made printable, whatever its source. */
export function span(text: string, style: Style = 'plain'): Span {
  const safe = printable(shortened(text));
  return { text: safe, style, width: columns(safe) };
}

/** A row of one span. */
export const row = (text: string, style: Style = 'plain'): Row => [span(text, style)];

export const widthOf = (row: Row): number => row.reduce((sum, { width }) => sum + width, 0);

const blank = (width: number): Span => ({ text: ' '.repeat(width), style: 'plain', width });

/** The row in exactly `width` columns: padded with spaces, or cut with `…`. */
export function exactly(row: Row, width: number): Row {
  const missing = width - widthOf(row);
  if (missing === 0) return row;
  if (missing > 0) return [...row, blank(missing)];
  const kept: Span[] = [];
  let left = width;
  for (const piece of row) {
    if (piece.width < left) {
      kept.push(piece);
      left -= piece.width;
      continue;
    }
    // The ellipsis of a piece that just fits shows that others follow.
    const text = piece.width === left ? cut(`${piece.text}  `, left) : cut(piece.text, left);
    kept.push({ text, style: piece.style, width: columns(text) });
    left -= columns(text);
    break;
  }
  return left > 0 ? [...kept, blank(left)] : kept;
}

/** Characters as spans, one for each run of one style. */
export function inRuns(width: number, cell: (x: number) => [string, Style]): Row {
  const runs: Span[] = [];
  let text = '';
  let style: Style = 'plain';
  for (let x = 0; x < width; x++) {
    const [character, next] = cell(x);
    if (next !== style && text !== '') {
      runs.push(span(text, style));
      text = '';
    }
    style = next;
    text += character;
  }
  return [...runs, span(text, style)];
}

/** `left` and `right` at the two ends of `width` columns; where both do not fit, `left` is cut. */
export function spread(left: Row, right: Row, width: number): Row {
  const room = width - widthOf(right);
  return room > 0 ? [...exactly(left, room), ...right] : exactly(left, width);
}

/** The row as a string of the terminal, without trailing spaces; escape sequences only where `color`. */
export function paint(row: Row, color: boolean): string {
  let painted = '';
  let style: Style = 'plain' as Style;
  const end = row.findLastIndex(piece => piece.style === 'inverse' || piece.text.trimEnd() !== '');
  for (let i = 0; i <= end; i++) {
    const piece = row[i]!;
    const text = i === end && piece.style !== 'inverse' ? piece.text.trimEnd() : piece.text;
    // Spaces look alike in every style but one: changing for them would only cost bytes.
    const invisible = text.trim() === '' && piece.style !== 'inverse' && style !== 'inverse';
    if (color && !invisible && piece.style !== style) {
      if (style !== 'plain') painted += '\x1b[0m';
      if (piece.style !== 'plain') painted += `\x1b[${sgr[piece.style]}m`;
      style = piece.style;
    }
    painted += text;
  }
  return color && style !== 'plain' ? `${painted}\x1b[0m` : painted;
}
