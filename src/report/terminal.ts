/** A document on a terminal: plain text of a width, with colours where they are wanted. */
import { columns, printable } from '../present/index.ts';
import type { Conclusion, Document, DocumentBlock, FindingBlock, Table } from './document.ts';
import { plotWithCaption } from './terminal-plot.ts';
import { type Look, line, padded, paint, span, type TextLine, wrap } from './terminal-text.ts';

const LEAST_WIDTH = 40;
/** Longer lines are hard to read. */
const MOST_WIDTH = 110;
const GAP = 2;

/** @param width columns of the terminal */
export function toTerminal(document: Document, { width, color }: { width: number; color: boolean }): string {
  const room = Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, width));
  const { title, facts, verdict, sections, colophon } = document;
  const label = span(verdict.label.toUpperCase(), verdict.tone === 'plain' ? 'bold' : verdict.tone);
  const answer = hanging([label, span('  ')], verdict.says, room);
  const lines: TextLine[] = [
    ...wrap(title, room).map(text => line(text, 'bold')),
    ...wrap(facts.join(' · '), room).map(text => line(text, 'dim')),
    [],
    ...answer,
    ...sections.flatMap(section => [
      [],
      ...heading(section.title, room),
      ...section.blocks.flatMap((block, i) => [
        ...(i > 0 && isApart(block) ? [[]] : []),
        ...blockLines(block, room),
      ]),
    ]),
    [],
    ...wrap(colophon, room).map(text => line(text, 'dim')),
    // The beginning has scrolled away by now.
    [],
    ...answer,
  ];
  return `${lines.map(own => paint(own, color)).join('\n')}\n`;
}

/** `── Title ─────`; a long title goes on under itself. */
function heading(title: string, room: number): TextLine[] {
  const lines = hanging([span('── ', 'bold')], title, room, 'bold');
  const last = lines.at(-1)!;
  const used = last.reduce((sum, { text }) => sum + columns(text), 0);
  if (room - used > 2) last.push(span(` ${'─'.repeat(room - used - 1)}`, 'dim'));
  return lines;
}

const isApart = ({ type }: DocumentBlock): boolean => type !== 'text' && type !== 'quote';

/** Words after a head, further lines under their first word. */
function hanging(head: TextLine, words: string, room: number, look: Look = 'plain'): TextLine[] {
  const indent = head.reduce((sum, { text }) => sum + columns(text), 0);
  return wrap(words, Math.max(8, room - indent)).map((text, i) => [
    ...(i === 0 ? head : [span(' '.repeat(indent))]),
    span(text, look),
  ]);
}

function blockLines(block: DocumentBlock, room: number): TextLine[] {
  switch (block.type) {
    case 'text':
      return wrap(block.text, room).map(text => line(text, block.tone));
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

const answerLines = ({ question, answer, tone, says }: Conclusion, room: number): TextLine[] => [
  ...hanging([span(`${question}  `, 'bold')], answer, room, tone),
  ...hanging([span('  ')], says, room),
];

const findingLines = (
  { title, confidence, tone, says, evidence, next }: FindingBlock,
  room: number,
): TextLine[] => [
  [span(title, tone === 'plain' ? 'bold' : tone), span(`  ${confidence}`, 'dim')],
  ...hanging([span('  ')], says, room),
  ...evidence.flatMap(seen =>
    hanging(
      [span('  • ', 'dim')],
      seen.where.length === 0 ? seen.says : `${seen.says} (${seen.where.join(', ')})`,
      room,
    ),
  ),
  ...(next.length > 0 ? [line('  What to try', 'bold')] : []),
  ...next.flatMap((step, i) => hanging([span(`  ${i + 1}. `, 'dim')], step, room)),
];

const LEAST_COLUMN = 8;

/**
 * Columns as wide as their longest cell; where that is too much, the widest is narrowed and its words set in lines; where
 * there is no room for columns, each row is a paragraph.
 */
function tableLines({ head, rows }: Table, room: number): TextLine[] {
  const all = [head, ...rows.map(({ cells }) => cells)];
  const kept = head.map((_, i) => i).filter(i => all.slice(1).some(cells => cells[i] !== ''));
  const widths = kept.map(i => Math.max(...all.map(cells => columns(printable(cells[i]!)))));
  const excess = () => widths.reduce((sum, width) => sum + width + GAP, -GAP) - room;
  while (excess() > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= LEAST_COLUMN) return paragraphs({ head, rows }, kept, room);
    widths[widest] = Math.max(LEAST_COLUMN, widths[widest]! - excess());
  }
  const lineOf = (cells: readonly string[], look: Look): TextLine[] => {
    const set = kept.map((column, i) => wrap(cells[column]!, widths[i]!));
    const height = Math.max(...set.map(({ length }) => length));
    return Array.from({ length: height }, (_, row) =>
      set.map((lines, i) =>
        span(padded(lines[row] ?? '', widths[i]! + (i < set.length - 1 ? GAP : 0)), look),
      ),
    );
  };
  const heading = head.every(text => text === '') ? [] : lineOf(head, 'dim');
  return [...heading, ...rows.flatMap(({ cells, tone }) => lineOf(cells, tone))];
}

/** `figure: value; range …` */
function paragraphs(
  { head, rows }: Pick<Table, 'head' | 'rows'>,
  kept: readonly number[],
  room: number,
): TextLine[] {
  const [, ...others] = kept;
  return rows.flatMap(({ cells, tone }) => {
    const values = others
      .filter(i => cells[i] !== '')
      .map(i => (head[i] ? `${head[i]}: ${cells[i]}` : cells[i]!));
    return [
      ...wrap(cells[0]!, room).map(text => line(text, 'bold')),
      ...hanging([span('  ')], values.join('; '), room, tone),
    ];
  });
}
