/** Thresholds of the figures that are judged, each from its record. */
import { TELE_110 } from './TELE-110.ts';
import { TELE_135 } from './TELE-135.ts';
import { TELE_200 } from './TELE-200.ts';
import { TELE_701 } from './TELE-701.ts';
import { TELE_723 } from './TELE-723.ts';
import { TELE_730 } from './TELE-730.ts';
import { TELE_760 } from './TELE-760.ts';
import { TELE_770 } from './TELE-770.ts';
import { TELE_774 } from './TELE-774.ts';
import type { Thresholds } from './thresholds.ts';

export const limits = {
  /** Percent of the reserved GPU memory in use. */
  memoryUsagePercent: TELE_770.thresholds,
  /** Peak, as a fraction of what the process could have at most. */
  memoryPressure: TELE_760.thresholds,
  /** 1 − allocated / reserved: advice, never part of an alarm. */
  cudaMemoryFragmentation: TELE_774.thresholds,
  /** Percent of the device's memory used by everyone. */
  deviceUsedPercent: TELE_730.thresholds,
  /** Percent of the host's RAM used. */
  ramUsedPercent: TELE_723.thresholds,
  /** Nats between the policy before and after the update. */
  approxKl: TELE_110.thresholds,
  /** Share of clipped ratios. */
  clipFraction: TELE_135.thresholds,
  /** Below 0 the value function is worse than a constant. */
  explainedVariance: TELE_200.thresholds,
  /** Milliseconds since the newest event: SLOW, then STALE. */
  connectionAgeMs: TELE_701.thresholds,
} as const satisfies Record<string, Thresholds>;
