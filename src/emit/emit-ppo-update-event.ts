/** The figures of one PPO update → its event. */
import { type DeviceMemory, figure } from '../contract/index.ts';
import type { Emitter } from './emitter.ts';

/** What a PPO trainer measures in one update. Learning figures may be NaN or infinite; null: not measured. */
export interface PpoUpdateMetrics {
  /** Number of this update, counted from 1. */
  batch: number;
  totalLoss: number | null;
  policyLoss: number | null;
  valueLoss: number | null;
  /** Nats, as is the KL. */
  entropy: number | null;
  approxKl: number | null;
  clipFraction: number | null;
  clipRange: number | null;
  learningRate: number | null;
  epochs: number | null;
  earlyStopped: boolean | null;
  explainedVariance: number | null;
  meanValue: number | null;
  meanReturn: number | null;
  /** Before clipping. */
  gradNorm: number | null;
  maxGradNorm: number | null;
  /** Steps and episodes of this rollout, and since the run began. */
  steps: number | null;
  totalSteps: number | null;
  episodes: number | null;
  totalEpisodes: number | null;
  /** Means over the last 100 finished episodes; null before the first. */
  episodicReturn: number | null;
  episodicLength: number | null;
  rolloutMs: number | null;
  updateMs: number | null;
  stepsPerSecond: number | null;
  /** One entry a device; empty on the CPU. */
  memory: DeviceMemory[];
  /** What reading the memory took, ms. */
  gatheredMs: number;
}

/** Emits `PPO_UPDATE_COMPLETED`. Never throws. */
export function emitPpoUpdateEvent(emitter: Emitter, metrics: PpoUpdateMetrics): void {
  const m = metrics;
  emitter.emit(
    'PPO_UPDATE_COMPLETED',
    {
      batch: m.batch,
      loss: { total: figure(m.totalLoss), policy: figure(m.policyLoss), value: figure(m.valueLoss) },
      policy: {
        entropy: figure(m.entropy),
        approxKl: figure(m.approxKl),
        clipFraction: m.clipFraction,
        clipRange: m.clipRange,
        learningRate: m.learningRate,
        epochs: m.epochs,
        earlyStopped: m.earlyStopped,
      },
      value: {
        explainedVariance: figure(m.explainedVariance),
        meanValue: figure(m.meanValue),
        meanReturn: figure(m.meanReturn),
      },
      gradient: { norm: figure(m.gradNorm), maxNorm: m.maxGradNorm },
      rollout: {
        steps: m.steps,
        totalSteps: m.totalSteps,
        episodes: m.episodes,
        totalEpisodes: m.totalEpisodes,
        episodicReturn: figure(m.episodicReturn),
        episodicLength: m.episodicLength,
      },
      timing: { rolloutMs: m.rolloutMs, updateMs: m.updateMs, stepsPerSecond: m.stepsPerSecond },
      memory: m.memory,
    },
    m.gatheredMs,
  );
}
