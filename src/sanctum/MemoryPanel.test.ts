import { expect, test } from 'vitest';
import { device, NOW, rank, snapshot } from '../../test/sanctum/snapshots.ts';
import { GIB, paint } from '../base/index.ts';
import type { DeviceMemory } from '../contract/index.ts';
import { memoryRows } from './MemoryPanel.ts';
import { initialView } from './view.ts';

test('a peak of reserved memory stands for the peak where it is all there is', () => {
  const counted = (reading: Partial<DeviceMemory>, peakAllocatedBytes: number | null): string => {
    const own = device(68, {
      reading: { device: 'sim:0', ...reading },
      peakAllocatedBytes,
      peakScope: 'update',
    });
    const view = initialView({ width: 120, height: 40, nowMs: NOW });
    const rows = memoryRows(snapshot({ ranks: [rank()], devices: [own] }), view, 110, 30);
    return rows.map(row => paint(row, false)).find(text => text.includes('retries'))!;
  };
  const printed = { peakReservedBytes: Math.round(1.5 * GIB), resolutionBytes: Math.round(GIB / 10) };
  expect(counted(printed, null)).toMatch(/^peak reserved 1\.5 GiB this update · retries/);
  expect(counted({ peakReservedBytes: 3 * GIB }, 2 * GIB)).toMatch(
    /^peak 2\.00 GiB this update · retries.* · peak reserved 3\.00 GiB this update/,
  );
  expect(counted({}, null)).toMatch(/^peak – · retries/);
  expect(counted({}, null)).not.toContain('reserved');
});
