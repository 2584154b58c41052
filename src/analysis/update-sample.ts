/** What one update reports of one device, as the analysis needs it. Bytes, ms; null: not measured. */
import type { PoolPeaks } from '../contract/index.ts';
import { type CounterValues, counterNames, type MemoryNeed } from '../figures/index.ts';
import { rowKind } from './number-rows.ts';

/** What is kept of it for long: numbers alone. Counters: their growth since the update before; 0 where not read. */
export interface PastUpdate extends CounterValues, MemoryNeed {
  /** Updates of the run before it, those of earlier processes included. */
  index: number;
  /** Updates of this process before it. */
  at: number;
  /** Number that the trainer gave the update, or the step. */
  batch: number;
  timeMs: number;
  /** What the update took, rollout and optimisation together. */
  tookMs: number | null;
  /** Work done: samples, or steps times epochs. In no unit: only ratios matter. */
  work: number | null;
  /** The peak is that of the whole run: at most so much in this update. */
  isPeakOfRun: boolean;
  /** Reserved and not in use at the peak, at most. */
  unusedAtPeakBytes: number | null;
  /** Held by tensors at the end of the update. */
  restingBytes: number | null;
  allocatedBytes: number | null;
  reservedBytes: number | null;
  totalBytes: number | null;
  freeBytes: number | null;
  /** Share of the device that the process may have, 0–1. */
  processFraction: number | null;
  /** Whether the reading held any of the allocator's counters. */
  isCounted: boolean;
}

export interface UpdateSample extends PastUpdate {
  /** Most that was active and reserved, with the scope of the peak; null where one was not read. */
  poolPeaks: PoolPeaks | null;
  /** Why the reading's figures cannot all be true; null where they can. */
  contradiction: string | null;
}

export const pastUpdates = rowKind<PastUpdate>(
  [
    ...(['index', 'at', 'batch', 'timeMs', 'tookMs', 'work', 'budgetBytes', 'strandedBytes'] as const),
    ...(['peakBytes', 'unusedAtPeakBytes', 'restingBytes', 'allocatedBytes', 'reservedBytes'] as const),
    ...(['totalBytes', 'freeBytes', 'processFraction'] as const),
    ...counterNames,
  ],
  ['isPeakOfRun', 'isCounted'],
);

/** Used on the device and not by this process's allocator. */
export const othersOf = ({ totalBytes, freeBytes, reservedBytes }: PastUpdate): number | null =>
  totalBytes === null || freeBytes === null || reservedBytes === null
    ? null
    : totalBytes - freeBytes - reservedBytes;
