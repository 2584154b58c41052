/** Reports: what a run's memory was, or what changed between two runs, for a terminal, Markdown and HTML. */
export { cost, findingTones, nearness, outlook } from './answers.ts';
export { comparisonDocument } from './comparison-document.ts';
export type { Answer, Document, Tone } from './document.ts';
export { toHtml } from './html.ts';
export { toMarkdown } from './markdown.ts';
export { type ReportContext, runDocument } from './run-document.ts';
export { toTerminal } from './terminal.ts';
