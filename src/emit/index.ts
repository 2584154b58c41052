/** Measurements → events: the emitter of a rank's log, and samplers of what the host and the driver report. */
export { parseOutOfMemory } from '../texts/index.ts';
export { DeviceSampler, type DeviceSamplerOptions } from './device-sampler.ts';
export { emitPpoUpdateEvent, type PpoUpdateMetrics } from './emit-ppo-update-event.ts';
export { Emitter, type EmitterOptions } from './emitter.ts';
export { EventLines } from './event-lines.ts';
export { type HostMemory, readHostMemory } from './host-memory.ts';
export { HostSampler, type HostSamplerOptions } from './host-sampler.ts';
export { DEVICE_QUERY, PROCESS_QUERY, parseDevice, parseProcesses, rowFields } from './nvidia-smi-rows.ts';
export type { StepFigures } from './own-payloads.ts';
export { type DevicePressure, PressureWatch, type PressureWatchOptions } from './pressure-watch.ts';
