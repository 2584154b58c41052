/** The contract: what crosses every wire of Esper. Plain JSON, its schemas and units. */
export * from './allocator-conf.ts';
export * from './check.ts';
export * from './comparison.ts';
export { eachOwnFigure } from './each-own-figure.ts';
export * from './event.ts';
export * from './groups.ts';
export * from './intervention.ts';
export * from './learner.ts';
export * from './memory.ts';
export * from './memory-attributed.ts';
export * from './memory-sampled.ts';
export * from './number-bounds.ts';
export {
  FiguresLogged,
  OWN_FIGURES,
  type OwnValue,
  ownNameOf,
  ownSeries,
} from './own-figures.ts';
export * from './parse.ts';
export * from './ppo-update.ts';
export * from './rank-finding.ts';
export * from './report.ts';
export * from './run.ts';
export * from './run-state.ts';
export * from './samples.ts';
export * from './seq.ts';
export type * from './sink.ts';
export * from './snapshot.ts';
export * from './training.ts';
export { figure, MAX_COUNT, type NonFinite } from './units.ts';
export * from './updates.ts';
export * from './verdict.ts';
