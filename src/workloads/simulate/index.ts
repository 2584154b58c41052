/** A simulated CUDA caching allocator, and a GPU on it that a training drives. */
export { CachingAllocator, type CachingAllocatorOptions, type SegmentInfo } from './allocator.ts';
export type { Block } from './block.ts';
export { Device, type DeviceOptions } from './device.ts';
export { OutOfMemoryError } from './out-of-memory.ts';
export { parseSimulatedDevice } from './parse-device.ts';
export {
  type PlayOptions,
  playScenario,
  type Scenario,
  type ScenarioStep,
  type ScenarioTruth,
  scenarios,
} from './scenarios/index.ts';
export { sequenceLengths } from './sequences.ts';
export { SimulatedGpu, type SimulatedGpuOptions } from './simulated-gpu.ts';
export type { MemoryStats, PooledStat, Stat } from './stats.ts';
