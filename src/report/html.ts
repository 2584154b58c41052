/** A document as one file of HTML: styles and plots inside, no script, and nothing is loaded from anywhere. */
import { bounded } from './bounded.ts';
import type { Conclusion, Document, DocumentBlock, FindingBlock, Section, Table } from './document.ts';
import { style } from './html-style.ts';
import { escaped, escapedText, withCode } from './markup.ts';
import { svgPlot } from './svg-plot.ts';

/** Text of others may hold anything; the browser's policy allows it nothing. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const answerHtml = ({ question, answer, tone, says }: Conclusion): string =>
  `<div><h3>${escaped(question)}</h3><b class="${tone}">${escaped(answer)}</b><p>${escapedText(says)}</p></div>`;

const whereHtml = (where: readonly string[]): string =>
  where.length === 0 ? '' : ` <small>${where.map(one => `<span>${escaped(one)}</span>`).join('')}</small>`;

function findingHtml({ title, confidence, tone, says, evidence, next }: FindingBlock): string {
  const seen = evidence.map(one => `<li>${withCode(one.says)}${whereHtml(one.where)}</li>`);
  const steps = next.map(step => `<li>${withCode(step)}</li>`);
  return `<article><h3><b class="${tone}">${escaped(title)}</b> <span>${escaped(confidence)}</span></h3>
<p>${withCode(says)}</p>
${seen.length > 0 ? `<ul>${seen.join('')}</ul>` : ''}
${steps.length > 0 ? `<p>What to try:</p><ol>${steps.join('')}</ol>` : ''}</article>`;
}

/** Characters of a cell that is not broken into lines where it is its row's last: a record's number. */
const SHORT = 24;
const cell = (text: string) => `<td${text.length > SHORT ? ' class="long"' : ''}>${escapedText(text)}</td>`;

function tableHtml({ caption, head, rows }: Table): string {
  const heads = head.every(text => text === '')
    ? ''
    : `<thead><tr>${head.map(text => (text === '' ? '<td></td>' : `<th scope="col">${escaped(text)}</th>`)).join('')}</tr></thead>`;
  const body = rows.map(
    ({ cells: [first = '', ...rest], tone }) =>
      `<tr class="${tone}"><th scope="row">${escaped(first)}</th>${rest.map(cell).join('')}</tr>`,
  );
  return `<div class="table" tabindex="0" role="group" aria-label="${escaped(caption)}"><table>${heads}<tbody>${body.join('')}</tbody></table></div>`;
}

function blockHtml(block: DocumentBlock, id: string): string {
  switch (block.type) {
    case 'text':
      return `<p class="${block.tone}">${escapedText(block.text)}</p>`;
    case 'quote':
      return `<blockquote dir="auto">${escaped(block.text)}</blockquote>`;
    case 'answers':
      return `<div class="answers">${block.answers.map(answerHtml).join('')}</div>`;
    case 'list':
      return `<ul class="list">${block.items.map(item => `<li>${withCode(item)}</li>`).join('')}</ul>`;
    case 'plot':
      return svgPlot(block.plot, id);
    case 'finding':
      return findingHtml(block);
    case 'table':
      return tableHtml(block);
  }
}

function sectionHtml({ title, blocks }: Section, at: number): string {
  const id = `s${at}`;
  return `<section aria-labelledby="${id}"><h2 id="${id}"><bdi>${escaped(title)}</bdi></h2>
${blocks.map((block, i) => blockHtml(block, `${id}-${i}`)).join('\n')}
</section>`;
}

export function toHtml(document: Document): string {
  const { title, facts, verdict, sections, colophon } = bounded(document);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<h1><bdi>${escaped(title)}</bdi></h1>
<p class="facts">${facts.map(fact => `<span><bdi>${escaped(fact)}</bdi></span>`).join('')}</p>
<p class="verdict ${verdict.tone}"><b>${escaped(verdict.label)}</b>${withCode(verdict.says)}</p>
</header>
${sections.map(sectionHtml).join('\n')}
<footer>${escaped(colophon)}</footer>
</main>
</body>
</html>
`;
}
