import { expect, test } from 'vitest';
import type { SeriesResponse } from '../serve/index.ts';
import { dataOf } from './chart-data.ts';
import { deviceCharts } from './charts.ts';

const spec = (id: string) => deviceCharts.find(chart => chart.id === id)!;
/** Three updates of a device, with these figures of it. */
const seriesOf = (figures: Record<string, (number | null)[]>) =>
  ({
    batch: [1, 2, 3],
    figures: Object.fromEntries(
      Object.entries(figures).map(([name, values]) => [`cuda/${name}`, { min: values, max: values }]),
    ),
  }) as unknown as SeriesResponse;
const free = (figures: Record<string, (number | null)[]>) =>
  dataOf(spec('ledger'), 'cuda', seriesOf(figures), 'batch')?.lines.at(-1)?.max ?? null;

test('what is free is not known where what is used was not measured', () => {
  const deviceTotalBytes = [80, 80, 80];
  expect(free({ deviceTotalBytes })).toBeNull();
  expect(free({ deviceTotalBytes, deviceUsedBytes: [30, null, 40] })).toEqual([80, null, 80]);
});

test('the peak of what was reserved is drawn where a log has it alone', () => {
  const peakReservedBytes = [40, 41, 42];
  const { lines } = dataOf(spec('memory'), 'cuda', seriesOf({ peakReservedBytes }), 'batch')!;
  expect(lines.map(({ max }) => max).filter(max => max.length > 0)).toEqual([peakReservedBytes]);
});
