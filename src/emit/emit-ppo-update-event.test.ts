import { expect, test } from 'vitest';
import { parseEvent, type TelemetryEvent, unmeasuredLearner } from '../contract/index.ts';
import { emitPpoUpdateEvent, type PpoUpdateMetrics } from './emit-ppo-update-event.ts';
import { Emitter } from './emitter.ts';

const metrics: PpoUpdateMetrics = {
  ...unmeasuredLearner(),
  batch: 3,
  totalLoss: 0.5,
  policyLoss: -0.01,
  valueLoss: 1.02,
  entropy: 0.69,
  approxKl: 0.004,
  clipFraction: 0.125,
  clipRange: 0.2,
  learningRate: 1e-3,
  epochs: 4,
  earlyStopped: false,
  explainedVariance: null,
  meanValue: 12,
  meanReturn: 13,
  gradNorm: 0.7,
  maxGradNorm: 0.5,
  steps: 1024,
  totalSteps: 3072,
  episodes: 40,
  totalEpisodes: 130,
  episodicReturn: 22.5,
  episodicLength: 23,
  rolloutMs: 9,
  updateMs: 60,
  stepsPerSecond: 14_840,
  memory: [{ device: 'sim:0', allocatedBytes: 45, reservedBytes: 100 }],
  gatheredMs: 0.25,
};

function emitted(changes: Partial<PpoUpdateMetrics> = {}) {
  const lines: string[] = [];
  const emitter = new Emitter({ run: 'r', rank: 0, sink: { append: line => lines.push(line) } });
  emitPpoUpdateEvent(emitter, { ...metrics, ...changes });
  return parseEvent(lines[0]!) as Extract<TelemetryEvent, { type: 'PPO_UPDATE_COMPLETED' }>;
}

test('every metric reaches its field', () => {
  const { type, data, telemetryMs } = emitted();
  expect(type).toBe('PPO_UPDATE_COMPLETED');
  expect(telemetryMs).toBe(0.25);
  expect(data).toMatchObject({
    batch: 3,
    loss: { total: 0.5, policy: -0.01, value: 1.02 },
    policy: {
      entropy: 0.69,
      approxKl: 0.004,
      clipFraction: 0.125,
      clipRange: 0.2,
      learningRate: 1e-3,
      epochs: 4,
      earlyStopped: false,
    },
    value: { explainedVariance: null, meanValue: 12, meanReturn: 13 },
    gradient: { norm: 0.7, maxNorm: 0.5 },
    rollout: {
      steps: 1024,
      totalSteps: 3072,
      episodes: 40,
      totalEpisodes: 130,
      episodicReturn: 22.5,
      episodicLength: 23,
    },
    timing: { rolloutMs: 9, updateMs: 60, stepsPerSecond: 14_840 },
    memory: [{ device: 'sim:0', allocatedBytes: 45, reservedBytes: 100 }],
  });
});

test('figures that diverged travel by name', () => {
  const { data } = emitted({ totalLoss: Number.NaN, gradNorm: Number.POSITIVE_INFINITY });
  expect(data.loss?.total).toBe('NaN');
  expect(data.gradient?.norm).toBe('Infinity');
});
