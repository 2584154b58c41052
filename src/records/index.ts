/** Telemetry records and the thresholds they hold. Data only. */
export { limits } from './limits.ts';
export type * from './record.ts';
export { TELE_770 } from './TELE-770.ts';
export * from './thresholds.ts';
