/** What an update did and how long it took, and what a reading says: the payloads in the analysis's terms. */
import type { DeviceMemory, PPOUpdatePayload, StepPayload } from '../contract/index.ts';
import { pressureOf } from '../reduce/index.ts';
import type { Counter, Point } from './point.ts';

export interface Done {
  batch: number;
  tookMs: number | null;
  work: number | null;
}

export function updateDone({ batch, rollout, policy, timing }: PPOUpdatePayload): Done {
  const updateMs = timing?.updateMs ?? null;
  const steps = rollout?.steps ?? null;
  return {
    batch,
    tookMs: updateMs === null ? null : updateMs + (timing?.rolloutMs ?? 0),
    work: steps === null ? null : steps * (policy?.epochs ?? 1),
  };
}

export function stepDone({ step, stepMs = null, tokensPerSecond, samplesPerSecond }: StepPayload): Done {
  const rate = tokensPerSecond ?? samplesPerSecond ?? null;
  return { batch: step, tookMs: stepMs, work: rate === null || stepMs === null ? null : rate * stepMs };
}

/** The reading's part of a point. */
export function figuresOf(
  reading: DeviceMemory,
): Omit<Point, 'index' | 'at' | 'timeMs' | keyof Done | Counter> {
  const { peakBytes, budgetBytes, isUpperBound } = pressureOf(reading);
  return {
    peakBytes,
    isPeakOfRun: isUpperBound,
    restingBytes: reading.activeBytes ?? reading.allocatedBytes ?? null,
    allocatedBytes: reading.allocatedBytes ?? null,
    requestedBytes: reading.requestedBytes ?? null,
    reservedBytes: reading.reservedBytes ?? null,
    strandedBytes: reading.inactiveSplitBytes ?? null,
    budgetBytes,
    totalBytes: reading.deviceTotalBytes ?? null,
    freeBytes: reading.deviceFreeBytes ?? null,
  };
}
