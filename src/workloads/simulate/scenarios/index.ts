/** Runs whose truth is known. */
export { type FleetOptions, playFleet } from './fleet.ts';
export { fleetScenarios } from './fleet-list.ts';
export { oddFleets } from './fleet-odd-list.ts';
export type { FleetKind, FleetScenario, FleetStep, FleetTruth } from './fleet-plan.ts';
export { scenarios } from './list.ts';
export { type PlayOptions, playScenario, type ScenarioStep } from './play.ts';
export type { Scenario, ScenarioTruth } from './script.ts';
