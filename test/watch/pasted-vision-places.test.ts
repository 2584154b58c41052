/** Where a training of vision is, as people paste it, values invented: places among so many, epochs in front of bars, folds, samples of one device. */
import { describe, expect, test } from 'vitest';
import { watched } from './report-of-log.ts';

describe('rows of nvidia-smi whose columns name no device', () => {
  const head = 'timestamp, memory.used [MiB], memory.total [MiB], utilization.gpu [%]';
  const row = (second: number, used: number, ms = 361) =>
    `2026/03/01 10:00:${String(second).padStart(2, '0')}.${ms}, ${used} MiB, 11264 MiB, 60 %`;
  const samples = (...lines: string[]) =>
    watched(...lines).events.flatMap(({ type, data }) =>
      type === 'DEVICE_SAMPLED' ? [(data as { devices: object[] }).devices.length] : [],
    );
  test('a second apart are of one device, some milliseconds apart of several', () => {
    expect(samples(head, row(1, 9000), row(2, 1700), row(3, 9100))).toEqual([1, 1, 1]);
    expect(
      samples(head, row(1, 9000), row(1, 500, 364), row(2, 9000), row(2, 500, 365), row(3, 9000)),
    ).toEqual([2, 2, 1]);
    const { report } = watched(head, ...Array.from({ length: 20 }, (_, i) => row(i, 9000 + (i % 3))));
    expect(report.verdict.says).not.toMatch(/neighbours/);
  });
});
