/** A GPU for machines that have none: a training drives a simulated allocator on it, or a scenario does. */
export { parseSimulatedDevice } from './parse-device.ts';
export {
  type FleetKind,
  type FleetOptions,
  type FleetScenario,
  type FleetStep,
  type FleetTruth,
  fleetScenarios,
  oddFleets,
  type PlayOptions,
  playFleet,
  playScenario,
  type Scenario,
  type ScenarioStep,
  type ScenarioTruth,
  scenarios,
} from './scenarios/index.ts';
export { sequenceLengths } from './sequences.ts';
export { SimulatedGpu, type SimulatedGpuOptions } from './simulated-gpu.ts';
