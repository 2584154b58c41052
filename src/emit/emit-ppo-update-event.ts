/** The figures of one PPO update → its event. */
import { type DeviceMemory, type LearnerFigures, updatePayload } from '../contract/index.ts';
import type { Emitter } from './emitter.ts';

/** What a PPO trainer measures in one update. Learning figures may be NaN or infinite; null: not measured. */
export interface PpoUpdateMetrics extends LearnerFigures {
  /** Number of this update, counted from 1. */
  batch: number;
  /** One entry a device; empty on the CPU. */
  memory: DeviceMemory[];
  /** What reading the memory took, ms. */
  gatheredMs: number;
}

/** Emits `PPO_UPDATE_COMPLETED`. Never throws. */
export function emitPpoUpdateEvent(emitter: Emitter, metrics: PpoUpdateMetrics): void {
  const { batch, memory, gatheredMs } = metrics;
  emitter.emit('PPO_UPDATE_COMPLETED', updatePayload(batch, metrics, memory), gatheredMs);
}
