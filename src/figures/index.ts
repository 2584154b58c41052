/** What each figure is: its declaration, formula, bounds and record. */
export { beyondDevice } from './beyond-device.ts';
export * from './bounds.ts';
export { type Category, categoryOf } from './category.ts';
export { clientTable } from './client-table.ts';
export { type Counted, countedIn, countedOf, isStepLoop, numberedOf, stepsPerEpochOf } from './counted.ts';
export * from './counters.ts';
export type {
  Figure,
  Metric,
  Moment,
  Reader,
  RecordId,
  ReportPath,
  SnapshotPath,
} from './figure.ts';
export { limits } from './limits.ts';
export * from './memory-reading.ts';
export { doubtedFigures, oomContradictions } from './oom-contradiction.ts';
export * from './path.ts';
export * from './read-figure.ts';
export type { Consumer, TelemetryRecord, TestReference } from './record.ts';
export { indexPage, pageOf, recordPage } from './record-page.ts';
export { allRecords, figures, recordFor } from './records.ts';
export type { Dependency, Measured, Reference, Source, Transport } from './sources.ts';
export { stagesOf, type TransportStage } from './stages.ts';
export type { SourceTree } from './symbols.ts';
export { stepTrends, type TrendFigure, titleOf, updateTrends } from './trends.ts';
export type { Unit } from './units.ts';
