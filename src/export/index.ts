/** Figures for other systems. */
export { eventFileHead, scalarRecord } from './event-file.ts';
export { gaugeNames, prometheusText } from './prometheus.ts';
