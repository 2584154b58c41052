/** Figures for other systems. */
export { prometheusText } from './prometheus.ts';
