/** A device's charts: each figure of a reading, as the series answer it. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { GIB } from '../../src/base/index.ts';
import type { DeviceMemory } from '../../src/contract/index.ts';
import { writeRun } from '../log-files.ts';
import { event, type Served, serve } from './fixture.ts';

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.end());

const reading: DeviceMemory = {
  device: 'cuda:0',
  allocatedBytes: 3 * GIB,
  activeBytes: 4 * GIB,
  inactiveSplitBytes: 0.5 * GIB,
  reservedBytes: 6 * GIB,
  peakAllocatedBytes: 5 * GIB,
  peakActiveBytes: 7 * GIB,
  peakScope: 'update',
  deviceTotalBytes: 16 * GIB,
  deviceFreeBytes: 8 * GIB,
  processFraction: 1,
  allocRetries: 0,
  ooms: 0,
};
/** Reserved, and what is free beside it: 6 + min(8, 16 − 6). */
const BUDGET = 14 * GIB;

async function lines(name: string, readings: DeviceMemory[], figures: string[]) {
  const id = `20260101-000000-${name}-aaaa`;
  const updates = readings.map((memory, i) =>
    event(i + 1, 'PPO_UPDATE_COMPLETED', { batch: i + 1, memory: [memory] }),
  );
  writeRun(served.runs, id, [event(0, 'TRAINING_STARTED', {}), ...updates]);
  const asked = figures.map(figure => `cuda:0/${figure}`);
  const answer = await served.ask<{ figures: Record<string, { min: (number | null)[] }> }>(
    `/api/runs/${id}/series?figures=${asked.join(',')}`,
  );
  return Object.fromEntries(figures.map((figure, i) => [figure, answer.figures[asked[i]!]?.min]));
}

test.each<[string, number]>([
  ['allocatedBytes', 3 * GIB],
  ['activeBytes', 4 * GIB],
  ['strandedEdgeBytes', 4.5 * GIB],
  ['reservedBytes', 6 * GIB],
  ['peakAllocatedBytes', 5 * GIB],
  ['budgetBytes', BUDGET],
  ['pressureFraction', 7 / 14],
  ['deviceUsedBytes', 8 * GIB],
  ['deviceTotalBytes', 16 * GIB],
  ['memoryUsagePercent', 50],
])('%s', async (figure, value) => {
  const charts = await lines(`is-${figure}`, [reading, { ...reading }], [figure]);
  expect(charts[figure]).toEqual([value, value]);
});

test('what was not measured is a gap, and no 0', async () => {
  const bare: DeviceMemory = { device: 'cuda:0' };
  const figures = [
    'allocatedBytes',
    'pressureFraction',
    'budgetBytes',
    'memoryUsagePercent',
    'deviceUsedBytes',
  ];
  const charts = await lines('gap', [reading, bare, reading], figures);
  for (const figure of figures) expect(charts[figure]?.[1], figure).toBeNull();
});
