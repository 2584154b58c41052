/** Runs whose truth is known. */
export { scenarios } from './list.ts';
export { type PlayOptions, playScenario, type ScenarioStep } from './play.ts';
export type { Scenario, ScenarioTruth } from './script.ts';
