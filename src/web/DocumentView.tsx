/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** A report's document on a page: its verdict, sentences, lists and tables, as the terminal has them. */
import type { Document, DocumentBlock, ReportTone } from '../report/index.ts';

const tones: Record<ReportTone, string> = {
  plain: '',
  dim: 'dim',
  good: 'tone-ok',
  warning: 'tone-warning',
  critical: 'tone-critical',
};

/** Words between backticks are code. */
export const withCodeParts = (text: string) =>
  text.split('`').map((part, i) => (i % 2 === 1 ? <code key={part}>{part}</code> : part));

function Block({ block }: { block: DocumentBlock }) {
  switch (block.type) {
    case 'text':
      return <p class={tones[block.tone]}>{withCodeParts(block.text)}</p>;
    case 'list':
      return (
        <ul class="plain-list">
          {block.items.map(item => (
            <li key={item}>{withCodeParts(item)}</li>
          ))}
        </ul>
      );
    case 'table':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
        <section class="wide-table" tabIndex={0} aria-label={block.caption}>
          <table class="small">
            <thead>
              <tr>
                {block.head.map((text, i) =>
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns keep their places.
                  text === '' ? <td key={i} /> : <th key={i}>{text}</th>,
                )}
              </tr>
            </thead>
            <tbody>
              {block.rows.map(({ cells: [first, ...rest], tone }, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows keep their places.
                <tr key={i} class={tones[tone]}>
                  <th scope="row">{first}</th>
                  {rest.map((text, k) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: columns keep their places.
                    <td key={k}>{text}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      );
    // Comparisons have no others.
    default:
      return null;
  }
}

export function DocumentView({ document }: { document: Document }) {
  const { verdict, sections } = document;
  return (
    <section class="panel document" aria-label={document.title}>
      <p>
        <b class={tones[verdict.tone]} data-styled="comparison">
          {verdict.label}
        </b>{' '}
        {withCodeParts(verdict.says)}
      </p>
      {sections.map(({ title, blocks }) => (
        <section key={title}>
          <h2>{title}</h2>
          {blocks.map((block, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: blocks keep their places.
            <Block key={i} block={block} />
          ))}
        </section>
      ))}
    </section>
  );
}
