/** The table that Overwatch's heat map is drawn of, as the server answers it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RanksResponse } from '../../src/serve/index.ts';
import { writeRun } from '../log-files.ts';
import { type Served, serve } from '../serve/fixture.ts';
import { playedFleet } from './fleet.ts';

const id = '20260101-000000-fleet-aaaa';
let served: Served;
beforeAll(async () => {
  served = await serve();
  const { events } = playedFleet('fleet', { seed: 1, ranks: 16, nodes: 2, updates: 150 });
  writeRun(served.runs, id, events);
});
afterAll(() => served.end());

test('a row a rank, a column a block: pressures, nodes, and how far the peaks are apart', async () => {
  await served.ask(`/api/runs/${id}`);
  const table = await served.ask<RanksResponse>(`/api/runs/${id}/ranks`);
  expect(table.ranks.map(({ rank }) => rank)).toEqual(Array.from({ length: 16 }, (_, rank) => rank));
  expect([...new Set(table.ranks.map(({ host }) => host))]).toEqual(['node0', 'node1']);
  expect(table.pressure).toHaveLength(16);
  for (const row of table.pressure) expect(row).toHaveLength(table.batches.length);
  // Rank 37 modulo 16 leaks; rank 50 modulo 16 falls silent after 60 updates: what is not measured is null.
  const newest = table.pressure.map(row => row.at(-1));
  expect(Math.max(...newest.map(value => value ?? 0))).toBe(newest[5]);
  expect(newest[2]).toBeNull();
  const { low, median, high } = table.peakBytes;
  table.batches.forEach((_, i) => {
    if (median[i] === null) return;
    expect(low[i]).toBeLessThanOrEqual(median[i]!);
    expect(high[i]).toBeGreaterThanOrEqual(median[i]!);
  });
});
