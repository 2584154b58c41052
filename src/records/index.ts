/** Telemetry records, the thresholds they hold, and their figures in words: the same on every screen. */
export { type Category, categoryOf } from './category.ts';
export { limits } from './limits.ts';
export * from './path.ts';
export type * from './record.ts';
export { recordFor, records } from './records.ts';
export { schemaFile, stagesOf, type TransportStage } from './stages.ts';
export { TELE_770 } from './TELE-770.ts';
export * from './thresholds.ts';
