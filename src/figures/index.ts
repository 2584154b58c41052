/** What each figure is: its formula, its bounds, its name. */
export * from './counters.ts';
export * from './memory-reading.ts';
