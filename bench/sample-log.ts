/** A log as a real run writes it, for benchmarks: PPO updates with one device, host samples between. */

import { closeSync, mkdtempSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GIB } from '../src/base/index.ts';
import { CONTRACT_VERSION, type Payload } from '../src/contract/index.ts';

/** The update that carries every field the built-in agent measures: 45 figures. */
export const update = (batch: number): Payload<'PPO_UPDATE_COMPLETED'> => ({
  batch,
  loss: { total: 12.03271484375 + batch / 7, policy: -0.0123291015625, value: 24.1012268066 },
  policy: {
    entropy: 0.5441284179,
    approxKl: 0.0110931396,
    clipFraction: 0.0923828125,
    clipRange: 0.2,
    learningRate: 0.00021 - batch * 1e-10,
    epochs: 4,
    earlyStopped: false,
  },
  value: { explainedVariance: 0.8732299804, meanValue: 41.2049560546, meanReturn: 42.9111328125 },
  gradient: { norm: 0.4311523437, maxNorm: 0.5 },
  rollout: {
    steps: 1024,
    totalSteps: batch * 1024,
    episodes: 3,
    totalEpisodes: batch * 3,
    episodicReturn: 312.41,
    episodicLength: 312.41,
  },
  timing: { rolloutMs: 31.2207, updateMs: 47.0312, stepsPerSecond: 21403.1 },
  memory: [
    {
      device: 'cuda:0',
      uuid: 'GPU-5e1f7c2a-1b2c-4d3e-8f90-a1b2c3d4e5f6',
      pciBusId: '00000000:65:00.0',
      name: 'NVIDIA H100 80GB HBM3',
      allocatedBytes: Math.round(4.5 * GIB) + batch,
      reservedBytes: 10 * GIB,
      activeBytes: Math.round(4.6 * GIB) + batch,
      requestedBytes: Math.round(4.4 * GIB),
      inactiveSplitBytes: 211812352,
      peakAllocatedBytes: Math.round(5.1 * GIB),
      peakReservedBytes: 10 * GIB,
      peakActiveBytes: Math.round(5.2 * GIB),
      peakScope: 'update',
      allocRetries: 0,
      ooms: 0,
      deviceAllocs: 14,
      deviceFrees: 0,
      syncAllStreams: 0,
      segments: 14,
      deviceFreeBytes: 60 * GIB,
      deviceTotalBytes: 80 * GIB,
      processFraction: 1,
      readMs: 0.0421,
    },
  ],
});

/** Writes `events` lines to a folder of its own and returns the run's folder. */
export function writeLog(events: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'esper-bench-'));
  const fd = openSync(join(folder, 'events-0.jsonl'), 'w');
  let block = '';
  for (let seq = 0; seq < events; seq++) {
    const sample = seq % 20 === 19;
    const event = {
      v: CONTRACT_VERSION,
      seq,
      timeMs: 1.7e12 + seq * 80,
      run: '20261123-153012-bench-4f2a',
      rank: 0,
      type: sample ? 'HOST_SAMPLED' : 'PPO_UPDATE_COMPLETED',
      data: sample
        ? { ramUsedBytes: 7 * GIB, ramTotalBytes: 24 * GIB, cpuPercent: 51.2, processRssBytes: 2e8 }
        : update(seq),
      telemetryMs: 0.0213,
    };
    block += `${JSON.stringify(event)}\n`;
    if (block.length > 1 << 20 || seq === events - 1) {
      writeSync(fd, block);
      block = '';
    }
  }
  closeSync(fd);
  return folder;
}
