/** Thresholds of the figures that are judged, by figure. */
import { TELE_770 } from './TELE-770.ts';
import type { Thresholds } from './thresholds.ts';

export const limits = {
  /** Percent of the reserved GPU memory in use. */
  memoryUsagePercent: TELE_770.thresholds,
  /** 1 − allocated/reserved. A cache, not a risk: never part of an alarm. */
  cudaMemoryFragmentation: { warning: { above: 0.3 }, critical: null },
  /** Percent of the device's memory used by everyone. */
  deviceUsedPercent: { warning: null, critical: { above: 90 } },
  /** Percent of the host's RAM used. */
  ramUsedPercent: { warning: null, critical: { above: 90 } },
  /** Nats between the policy before and after the update. */
  approxKl: { warning: { above: 0.03 }, critical: { above: 0.1 } },
  /** Share of clipped ratios. */
  clipFraction: { warning: { above: 0.3 }, critical: null },
  /** Below 0 the value function is worse than a constant. */
  explainedVariance: { warning: { below: 0 }, critical: null },
  /** Milliseconds since the newest event: SLOW, then STALE. */
  connectionAgeMs: { warning: { atLeast: 2000 }, critical: { atLeast: 5000 } },
} as const satisfies Record<string, Thresholds>;
