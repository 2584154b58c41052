/** Figures in words, as every screen writes them. */
export { count, gib, gibRounded, UNKNOWN } from '../base/index.ts';
export { age, duration, milliseconds, percent, scaled, short, timeOfDay } from '../present/index.ts';
