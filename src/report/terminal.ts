/** A document on a terminal: plain text of a width, with colours where they are wanted. */

import {
  columns,
  exactly,
  paint,
  printable,
  type Row,
  row,
  type Style,
  span,
  widthOf,
  wrap,
} from '../base/index.ts';
import { bounded } from './bounded.ts';
import type { Conclusion, Document, DocumentBlock, FindingBlock, Table } from './document.ts';
import { plotWithCaption } from './terminal-plot.ts';
import { styleOfTone } from './terminal-tones.ts';

const LEAST_WIDTH = 40;
/** Longer lines are hard to read. */
const MOST_WIDTH = 110;
const GAP = 2;

/** @param width columns of the terminal */
export function toTerminal(document: Document, { width, color }: { width: number; color: boolean }): string {
  const room = Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, width));
  const { title, facts, verdict, sections, colophon } = bounded(document);
  const label = span(
    verdict.label.toUpperCase(),
    verdict.tone === 'plain' ? 'bold' : styleOfTone[verdict.tone],
  );
  const answer = hanging([label, span('  ')], verdict.says, room);
  const lines: Row[] = [
    ...wrap(title, room).map(text => row(text, 'bold')),
    ...wrap(facts.join(' · '), room).map(text => row(text, 'dim')),
    [],
    ...answer,
    ...sections.flatMap(section => [
      [],
      ...heading(section.title, room),
      ...section.blocks.flatMap((block, i) => [
        ...(i > 0 && (isApart(block) || section.blocks[i - 1]!.type === 'table') ? [[]] : []),
        ...blockLines(block, room),
      ]),
    ]),
    [],
    ...wrap(colophon, room).map(text => row(text, 'dim')),
    // The beginning has scrolled away by now.
    [],
    ...answer,
  ];
  return `${lines.map(own => paint(own, color)).join('\n')}\n`;
}

/** `── Title ─────`; a long title goes on under itself. */
function heading(title: string, room: number): Row[] {
  const lines = hanging([span('── ', 'bold')], title, room, 'bold');
  const last = lines.at(-1)!;
  const left = room - widthOf(last);
  return left > 2 ? [...lines.slice(0, -1), [...last, span(` ${'─'.repeat(left - 1)}`, 'dim')]] : lines;
}

const isApart = ({ type }: DocumentBlock): boolean => type !== 'text' && type !== 'quote';

/** Words after a head, further lines under their first word. */
function hanging(head: Row, words: string, room: number, style: Style = 'plain'): Row[] {
  const indent = widthOf(head);
  return wrap(words, Math.max(8, room - indent)).map((text, i) => [
    ...(i === 0 ? head : [span(' '.repeat(indent))]),
    span(text, style),
  ]);
}

function blockLines(block: DocumentBlock, room: number): Row[] {
  switch (block.type) {
    case 'text':
      return wrap(block.text, room).map(text => row(text, styleOfTone[block.tone]));
    case 'quote':
      return block.text.split('\n').flatMap(text => hanging([span('│ ', 'dim')], text, room));
    case 'answers':
      return block.answers.flatMap((answer, i) => [...(i > 0 ? [[]] : []), ...answerLines(answer, room)]);
    case 'list':
      return block.items.flatMap(item => hanging([span('• ', 'dim')], item, room, 'dim'));
    case 'plot':
      return plotWithCaption(block.plot, room);
    case 'finding':
      return findingLines(block, room);
    case 'table':
      return tableLines(block, room);
  }
}

const answerLines = ({ question, answer, tone, says }: Conclusion, room: number): Row[] => [
  ...hanging([span(`${question}  `, 'bold')], answer, room, styleOfTone[tone]),
  ...hanging([span('  ')], says, room),
];

const findingLines = (
  { title, confidence, tone, says, evidence, next }: FindingBlock,
  room: number,
): Row[] => [
  [span(title, tone === 'plain' ? 'bold' : styleOfTone[tone]), span(`  ${confidence}`, 'dim')],
  ...hanging([span('  ')], says, room),
  ...evidence.flatMap(seen =>
    hanging(
      [span('  • ', 'dim')],
      seen.where.length === 0 ? seen.says : `${seen.says} (${seen.where.join(', ')})`,
      room,
    ),
  ),
  ...(next.length > 0 ? [row('  What to try', 'bold')] : []),
  ...next.flatMap((step, i) => hanging([span(`  ${i + 1}. `, 'dim')], step, room)),
];

const LEAST_COLUMN = 8;
/** Words up to this stay whole; a path may be broken. */
const LONGEST_WORD = 24;

/**
 * Columns as wide as their longest cell; where that is too much, the widest are narrowed and their words set in lines; where
 * there is no room for columns, each row is a paragraph.
 */
function tableLines({ head, rows }: Table, room: number): Row[] {
  const all = [head, ...rows.map(({ cells }) => cells)];
  const kept = head.map((_, i) => i).filter(i => all.slice(1).some(cells => cells[i] !== ''));
  const texts = kept.map(i => all.map(cells => printable(cells[i]!)));
  const widths = texts.map(column => Math.max(...column.map(columns)));
  const least = texts.map(column =>
    Math.max(
      LEAST_COLUMN,
      ...column.flatMap(text => text.split(' ')).map(word => Math.min(columns(word), LONGEST_WORD)),
    ),
  );
  let excess = widths.reduce((sum, width) => sum + width + GAP, -GAP) - room;
  for (; excess > 0; excess--) {
    const free = widths.map((width, i) => (width > least[i]! ? width : 0));
    const widest = free.indexOf(Math.max(...free));
    if (free[widest] === 0) return paragraphs({ head, rows }, kept, room);
    widths[widest]!--;
  }
  const lineOf = (cells: readonly string[], style: Style): Row[] => {
    const set = kept.map((column, i) => wrap(cells[column]!, widths[i]!));
    const height = Math.max(...set.map(({ length }) => length));
    return Array.from({ length: height }, (_, row) =>
      set.flatMap((lines, i) =>
        exactly([span(lines[row] ?? '', style)], widths[i]! + (i < set.length - 1 ? GAP : 0)),
      ),
    );
  };
  const heading = head.every(text => text === '') ? [] : lineOf(head, 'dim');
  return [...heading, ...rows.flatMap(({ cells, tone }) => lineOf(cells, styleOfTone[tone]))];
}

/** `figure: value; range …` */
function paragraphs(
  { head, rows }: Pick<Table, 'head' | 'rows'>,
  kept: readonly number[],
  room: number,
): Row[] {
  const [, ...others] = kept;
  return rows.flatMap(({ cells, tone }) => {
    const values = others
      .filter(i => cells[i] !== '')
      .map(i => (head[i] ? `${head[i]}: ${cells[i]}` : cells[i]!));
    return [
      ...wrap(cells[0]!, room).map(text => row(text, 'bold')),
      ...hanging([span('  ')], values.join('; '), room, styleOfTone[tone]),
    ];
  });
}
