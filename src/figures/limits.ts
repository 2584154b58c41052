/** Bounds of the figures that are judged, each from its declaration. */
import type { Thresholds } from './bounds.ts';
import { deviceFigures } from './device.ts';
import { hostFigures } from './host.ts';
import { policy } from './policy.ts';
import { pool } from './pool.ts';
import { pressure } from './pressure.ts';
import { telemetry } from './telemetry.ts';
import { valueFunction } from './value.ts';

export const limits = {
  /** Percent of the reserved GPU memory in use. */
  memoryUsagePercent: pool.memoryUsagePercent.bounds,
  /** Peak, as a fraction of what the process could have at most. */
  memoryPressure: pressure.pressureFraction.bounds,
  /** 1 − allocated / reserved: advice, never part of an alarm. */
  cudaMemoryFragmentation: pool.cudaMemoryFragmentation.bounds,
  /** Percent of the device's memory used by everyone. */
  deviceUsedPercent: deviceFigures.usedPercent.bounds,
  /** Percent of the host's RAM used. */
  ramUsedPercent: hostFigures.ramUsedPercent.bounds,
  /** Nats between the policy before and after the update. */
  approxKl: policy.approxKl.bounds,
  /** Share of clipped ratios. */
  clipFraction: policy.clipFraction.bounds,
  /** Below 0 the value function is worse than a constant. */
  explainedVariance: valueFunction.explainedVariance.bounds,
  /** Milliseconds since the newest event: SLOW, then STALE. */
  connectionAgeMs: telemetry.connectionAgeMs.bounds,
} as const satisfies Record<string, Thresholds>;
