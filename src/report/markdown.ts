/** A document as Markdown: tables and lists as GitHub knows them, plots as characters in a fence. */

import { paint, printable } from '../base/index.ts';
import { bounded } from './bounded.ts';
import type { Document, DocumentBlock, Table } from './document.ts';
import { plotWithCaption } from './terminal-plot.ts';

const PLOT_COLUMNS = 78;

/** Words of whomever on one line, nothing in them taken for markup. */
const safe = (text: string): string =>
  printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]{}#|~$@]/g, '\\$&')
    .replace(/^(\d*)([-+=.)])(?=[-=\s]|$)/, '$1\\$2')
    // An address becomes a link by itself, unless it is broken.
    .replace(/:\/\//g, ':&#8203;//');

/** The same; what stands between backticks stays code, in which nothing is markup. */
const withCode = (text: string): string =>
  text
    .split(/(`[^`]+`)/)
    .map(part => (/^`[^`]+`$/.test(part) ? printable(part) : safe(part)))
    .join('');

/** Text in a fence that it does not end itself. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

const lines = (text: string): string => text.split('\n').map(printable).join('\n');

function table({ head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map(safe).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(({ cells }) => line(cells))].join(
    '\n',
  );
}

function blockText(block: DocumentBlock): string {
  switch (block.type) {
    case 'text':
      return safe(block.text);
    case 'quote':
      return fenced(lines(block.text));
    case 'answers':
      return block.answers
        .map(({ question, answer, says }) => `**${safe(question)} ${safe(answer)}.** ${safe(says)}`)
        .join('\n\n');
    case 'list':
      return block.items.map(item => `- ${safe(item)}`).join('\n');
    case 'plot':
      return fenced(
        plotWithCaption(block.plot, PLOT_COLUMNS)
          .map(line => paint(line, false))
          .join('\n'),
      );
    case 'finding': {
      const { title, confidence, says, evidence, next } = block;
      const seen = evidence.map(
        one => `- ${withCode(one.says)}${one.where.length === 0 ? '' : ` (${safe(one.where.join(', '))})`}`,
      );
      const steps = next.map((step, i) => `${i + 1}. ${withCode(step)}`);
      return [
        `### ${safe(title)} (${safe(confidence)})`,
        safe(says),
        ...(seen.length > 0 ? [seen.join('\n')] : []),
        ...(steps.length > 0 ? ['What to try:', steps.join('\n')] : []),
      ].join('\n\n');
    }
    case 'table':
      return table(block);
  }
}

export function toMarkdown(document: Document): string {
  const { title, facts, verdict, sections, colophon } = bounded(document);
  const parts = [
    `# ${safe(title)}`,
    safe(facts.join(' · ')),
    `> **${safe(verdict.label)}** ${safe(verdict.says)}`,
    ...sections.flatMap(section => [`## ${safe(section.title)}`, ...section.blocks.map(blockText)]),
    `---\n\n${safe(colophon)}`,
  ];
  return `${parts.join('\n\n')}\n`;
}
