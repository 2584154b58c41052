/** Figures for other systems. */
export { eventFileHead, scalarRecord } from './event-file.ts';
export type { ExportedRun } from './metrics.ts';
export { OTLP_VERSION, OtlpPush, SDK_VERSION } from './otlp.ts';
export { type OtlpTarget, otlpTarget } from './otlp-target.ts';
export { gaugeNames, prometheusText } from './prometheus.ts';
