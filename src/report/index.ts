/** Reports: what a run's memory was, or what changed between two runs, for a terminal, Markdown and HTML. */

export { type TorchAdvice, torchAdvice } from './aftermath.ts';
export { checkDocument } from './check-document.ts';
export { comparisonDocument } from './comparison-document.ts';
export { cost, doubt, findingTones, hasOutlook, outlook } from './conclusions.ts';
export type { Conclusion, Document, DocumentBlock, ReportTone } from './document.ts';
export { configText, groupsDocument } from './groups-document.ts';
export { type HeldBar, heldBars, heldTable, heldWords } from './held-lines.ts';
export { toHtml } from './html.ts';
export { toMarkdown } from './markdown.ts';
export { nearness } from './nearness.ts';
export { type ReportContext, runDocument, stateText } from './run-document.ts';
export { type SnapshotPage, snapshotDocument } from './snapshot-document.ts';
export { toTerminal } from './terminal.ts';
