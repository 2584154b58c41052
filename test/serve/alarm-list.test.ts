/** What stands of a run's alarms depends on its whole log: the list and `/metrics` hold what the run's own page holds. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { GIB } from '../../src/base/index.ts';
import type { DeviceMemory, SanctumSnapshot } from '../../src/contract/index.ts';
import { prometheusText } from '../../src/export/index.ts';
import type { RunRow, RunsResponse } from '../../src/serve/index.ts';
import { append, writeRun } from '../log-files.ts';
import { BEGAN, event, hold, type Served, serve } from './fixture.ts';

/** A tenth of a second apart: what lasts 30 s fills far more of a log than its end. */
const update = (seq: number, memory: Partial<DeviceMemory>) => ({
  ...event(seq, 'PPO_UPDATE_COMPLETED', {
    batch: seq,
    memory: [
      {
        device: 'cuda:0',
        name: 'a device '.repeat(20),
        allocatedBytes: GIB,
        reservedBytes: 2 * GIB,
        deviceTotalBytes: 100 * GIB,
        deviceFreeBytes: 5 * GIB,
        inactiveSplitBytes: 0,
        peakActiveBytes: GIB,
        peakScope: 'update',
        ...memory,
      },
    ],
  }),
  timeMs: BEGAN + seq * 100,
});
const updates = (from: number, to: number, memory: Partial<DeviceMemory> = {}) =>
  Array.from({ length: to - from }, (_, i) => update(from + i, memory));

const live = '20260101-000000-live-aaaa';
const over = '20260101-000001-over-bbbb';
let served: Served;
let folder: string;
let writer: { close(): void };
beforeAll(async () => {
  served = await serve({ metrics: prometheusText });
  const start = event(0, 'TRAINING_STARTED', { name: 'full' });
  folder = writeRun(served.runs, live, [start, ...updates(1, 600)]);
  writer = hold(folder);
  const end = { ...event(600, 'TRAINING_COMPLETED', { reason: 'finished' }), timeMs: BEGAN + 60_000 };
  writeRun(served.runs, over, [start, ...updates(1, 600), end]);
});
afterAll(async () => {
  writer.close();
  await served.end();
});

const row = async (id: string): Promise<RunRow> => {
  const { runs } = JSON.parse((await served.get('/api/runs')).body) as RunsResponse;
  return runs.find(known => known.id === id)!;
};
const alarmOf = async (id: string) => {
  const { level, reason, hasMemoryAlarm, verdict } = await row(id);
  return verdict === null ? 'not read yet' : `${level} ${hasMemoryAlarm} ${reason}`;
};

test('a device that has been full for a minute is so in the list of a run under way and of one that has ended', async () => {
  for (const id of [live, over]) {
    await expect.poll(() => alarmOf(id), { timeout: 60_000 }).toBe('warning true cuda:0: device used 95%');
    const { vitals } = await served.ask<SanctumSnapshot>(`/api/runs/${id}/snapshot`);
    expect(vitals.memoryAlarmDevices).toMatchObject([{ rule: 'device-full', short: '95%' }]);
  }
  expect((await served.get('/metrics')).body).toMatch(/^esper_memory_alarm\{[^}]*\} 1$/m);
});

test('and it follows what comes', async () => {
  append(folder, updates(600, 1300, { deviceFreeBytes: 50 * GIB }));
  await expect.poll(() => alarmOf(live), { timeout: 60_000 }).toMatch(/^ok false/);
  expect((await served.get('/metrics')).body).toMatch(/^esper_memory_alarm\{[^}]*\} 0$/m);
}, 120_000);
