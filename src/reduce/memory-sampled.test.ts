import { describe, expect, test } from 'vitest';
import { event, reading, update } from '../../test/events.ts';
import { GIB } from '../base/index.ts';
import { type DeviceMemory, PHASES_LENGTH, type TelemetryEvent } from '../contract/index.ts';
import { emptySnapshot, reduceAll } from './index.ts';

const of = (...events: TelemetryEvent[]) => reduceAll(emptySnapshot(), events);
const sampled = (
  seq: number,
  phase: string,
  when: 'before' | 'after' | null,
  memory: DeviceMemory,
  worker: string | null = 'w1',
) => event('MEMORY_SAMPLED', { phase, when, worker, memory: [memory] }, seq);

describe('memory at the edges of phases', () => {
  test('is kept by phase, worker and device, the newest of each edge, with the largest seen', () => {
    const { ranks, devices } = of(
      sampled(0, 'update_actor', 'before', reading(10, 20)),
      sampled(
        1,
        'update_actor',
        'after',
        reading(15, 30, { deviceTotalBytes: 64 * GIB, deviceFreeBytes: 24 * GIB }),
      ),
      sampled(2, 'update_actor', 'before', reading(11, 30)),
      sampled(3, 'update_actor', 'before', reading(9, 20), 'w2'),
      sampled(4, 'rollout', null, reading(1, 2)),
    );
    expect(ranks[0]!.phases.map(({ phase, worker, readings }) => [phase, worker, readings])).toEqual([
      ['update_actor', 'w1', 3],
      ['update_actor', 'w2', 1],
      ['rollout', 'w1', 1],
    ]);
    expect(ranks[0]!.phases[0]).toMatchObject({
      before: { allocatedBytes: 11 * GIB, usedBytes: null },
      after: { allocatedBytes: 15 * GIB, reservedBytes: 30 * GIB, usedBytes: 40 * GIB },
      largestAllocatedBytes: 15 * GIB,
    });
    expect(ranks[0]!.phases[2]).toMatchObject({ before: null, after: { allocatedBytes: GIB } });
    expect(devices[0]!.infrastructure.memoryUsagePercent).toBe(50);
  });

  test('readings of a log that rounds are marked', () => {
    const resolutionBytes = Math.round(GIB / 100);
    const { ranks, devices } = of(sampled(0, 'a', 'after', reading(41.21, 41.39, { resolutionBytes })));
    expect(ranks[0]!.phases[0]!.resolutionBytes).toBe(resolutionBytes);
    expect(devices[0]!.reading!.resolutionBytes).toBe(resolutionBytes);
  });

  test('phases without end do not grow the snapshot; the one not heard of longest goes', () => {
    const events = Array.from({ length: 500 }, (_, i) => sampled(i, `phase ${i}`, 'after', reading(1, 2)));
    const { phases } = of(...events, sampled(500, 'phase 450', 'before', reading(3, 4))).ranks[0]!;
    expect(phases).toHaveLength(PHASES_LENGTH);
    expect(phases[0]!.phase).toBe('phase 436');
    expect(phases.at(-1)).toMatchObject({ phase: 'phase 450', readings: 2 });
  });

  test('a peak of a step is no current value, and makes no percentage', () => {
    const peak = {
      device: 'workers',
      peakAllocatedBytes: 67 * GIB,
      peakReservedBytes: 75 * GIB,
      peakScope: 'run' as const,
    };
    const { tamiyo, devices } = of(update(0, [peak]));
    expect(tamiyo.infrastructure).toMatchObject({
      memoryUsagePercent: 0,
      memoryStatus: 'unmeasured',
      cudaMemoryAllocatedGb: null,
      cudaMemoryReservedGb: null,
    });
    expect(devices[0]!.history.memoryUsagePercent).toEqual([null]);
    expect(tamiyo.infrastructure.cudaMemoryPeakGb).toBe(67);
  });
});
