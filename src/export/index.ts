/** Figures for other systems. */
export { gaugeNames, prometheusText } from './prometheus.ts';
