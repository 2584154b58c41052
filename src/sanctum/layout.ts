/** Rows put together: boxes, columns, and lists that lose their least important part first. */

import { exactly, type Row, row, type Span, type Style, span, widthOf } from '../base/index.ts';
export interface Box {
  title: Row;
  /** At the right end of the top border; dropped where it does not fit. */
  aside?: Row;
  width: number;
  /** Rows, borders included; without it as many as the body needs. */
  height?: number;
  border?: Style;
  /** Share of the bottom border drawn heavy, 0–1. */
  progress?: number | null;
}

/** The body in a frame, cut or padded to the box's size. */
export function box(
  { title, aside = [], width, height, border = 'dim', progress = null }: Box,
  body: readonly Row[],
): Row[] {
  const inner = width - 4;
  const rows = height === undefined ? body.length : Math.max(0, height - 2);
  const edge = (text: string) => span(text, border);
  const named: Row = widthOf(title) > 0 ? [edge('╭ '), ...atMost(title, inner - 1), edge(' ')] : [edge('╭')];
  const withAside: Row = widthOf(aside) > 0 ? [edge(' '), ...aside, edge(' ╮')] : [edge('╮')];
  const fits = widthOf(named) + widthOf(withAside) <= width;
  const end = fits ? withAside : [edge('╮')];
  const done = progress === null ? 0 : Math.round(Math.min(1, Math.max(0, progress)) * (width - 2));
  return [
    [...named, edge('─'.repeat(Math.max(0, width - widthOf(named) - widthOf(end)))), ...end],
    ...Array.from({ length: rows }, (_, i) => [edge('│ '), ...exactly(body[i] ?? [], inner), edge(' │')]),
    [edge('╰'), span('━'.repeat(done), 'cyan'), edge('─'.repeat(width - 2 - done)), edge('╯')],
  ];
}

const atMost = (part: Row, width: number): Row => (widthOf(part) > width ? exactly(part, width) : part);

/** Two columns of rows side by side; the shorter one is padded. */
export function beside(left: readonly Row[], right: readonly Row[]): Row[] {
  const width = Math.max(0, ...left.map(widthOf));
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => [
    ...exactly(left[i] ?? [], width),
    ...(right[i] ?? []),
  ]);
}

/** A part of a row; of parts that do not all fit, those of the highest `rank` are left out first. */
export interface Part {
  row: Row;
  rank: number;
  /** Columns that the part may be cut to before another is left out for it. */
  least?: number;
}

/** The parts in their order, `gap` columns between, without those that do not fit. */
export function joinByRank(parts: readonly Part[], width: number, gap = 2): Row {
  const kept = new Set(parts.filter(part => widthOf(part.row) > 0));
  const least = (part: Part) => Math.min(part.least ?? Infinity, widthOf(part.row));
  const spare = () =>
    width - [...kept].reduce((sum, part) => sum + least(part), 0) - gap * Math.max(0, kept.size - 1);
  while (kept.size > 1 && spare() < 0)
    kept.delete([...kept].reduce((worst, part) => (part.rank >= worst.rank ? part : worst)));
  let left = Math.max(0, spare());
  const rows = [...kept].map(part => {
    const given = Math.min(widthOf(part.row), least(part) + left);
    left -= given - least(part);
    return exactly(part.row, given);
  });
  return join(rows, ' '.repeat(gap));
}

/** Rows one after the other in a row, a separator between. */
export const join = (rows: readonly Row[], separator: string): Row =>
  rows.flatMap((part, i) => (i === 0 ? part : [span(separator, 'dim'), ...part]));

/** Parts set like words: as many to a row as fit, at most `maxRows` rows. */
export function flow(parts: readonly Row[], width: number, separator: string, maxRows = Infinity): Row[] {
  const rows: Span[][] = [];
  const gap = span(separator, 'dim');
  let used = 0;
  for (const part of parts) {
    const own = widthOf(part);
    const last = rows.at(-1);
    if (last !== undefined && used + gap.width + own <= width) {
      last.push(gap, ...part);
      used += gap.width + own;
    } else if (rows.length < maxRows) {
      rows.push([...part]);
      used = own;
    } else break;
  }
  return rows;
}

/** A paragraph broken at spaces. */
export function paragraph(text: string, width: number, style: Style = 'plain'): Row[] {
  const words = text.split(' ').map(word => row(word, style));
  return flow(words, width, ' ');
}

/** Rows that stand together or not at all. */
export interface FixedBlock {
  rows: readonly Row[];
  rank: number;
}

/** A block that can be drawn in any height from `least` on, and would like `wish`. */
export interface GrowingBlock {
  rank: number;
  least: number;
  wish: number;
  grow: (height: number) => Row[];
}

/**
 * The blocks in their order, in at most `height` rows: chosen by `rank`, lowest first, as long as they fit; what is
 * left goes to the first of those that grow.
 */
export function stackByRank(blocks: readonly (FixedBlock | GrowingBlock)[], height: number): Row[] {
  const given = new Map<FixedBlock | GrowingBlock, number>();
  let left = height;
  for (const block of [...blocks].sort((a, b) => a.rank - b.rank)) {
    const [least, wish] =
      'grow' in block ? [block.least, block.wish] : [block.rows.length, block.rows.length];
    if (least > left) continue;
    given.set(block, Math.min(wish, left));
    left -= Math.min(wish, left);
  }
  const growing = blocks.filter(block => 'grow' in block && given.has(block));
  const first = growing.reduce((a, b) => (b.rank < a.rank ? b : a), growing[0]!);
  return blocks
    .filter(block => given.has(block))
    .flatMap(block =>
      'grow' in block ? block.grow(given.get(block)! + (block === first ? left : 0)) : block.rows,
    );
}
