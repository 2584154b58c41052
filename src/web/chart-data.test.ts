import { expect, test } from 'vitest';
import type { DeviceReport } from '../contract/index.ts';
import type { SeriesResponse } from '../serve/index.ts';
import { dataOf, fanOf, measuredOf } from './chart-data.ts';
import { deviceCharts, measuredChart } from './charts.ts';

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

const measuredIn = (figures: Record<string, (number | null)[]>, totalBytes: number | null, id = 'memory') => {
  const { lines, guides, reach } = measuredChart(
    spec(id),
    new Set(measuredOf('cuda', seriesOf(figures))),
    totalBytes,
  );
  return { lines: lines.map(({ figure }) => figure), guides: guides?.map(({ at }) => at), reach };
};

test('only what was measured has a line, and the device stands for a budget that was not', () => {
  const peakReservedBytes = [40, 41, 42];
  const alone = { peakReservedBytes, allocatedBytes: [null, null, null] };
  expect(measuredIn(alone, 80)).toEqual({ lines: ['peakReservedBytes'], guides: [80], reach: 88 });
  expect(measuredIn(alone, null)).toEqual({
    lines: ['peakReservedBytes'],
    guides: undefined,
    reach: undefined,
  });
  expect(measuredIn({ peakReservedBytes, budgetBytes: [70, 70, 70] }, 80)).toEqual({
    lines: ['peakReservedBytes', 'budgetBytes'],
    guides: undefined,
    reach: undefined,
  });
  // What is stacked keeps what it lies on.
  expect(measuredIn({ activeBytes: [1, 2, 3] }, 80, 'ledger').lines).toHaveLength(5);
});

test('the forecast of a full device is drawn from the newest peak to the total', () => {
  const range = { low: 10, mid: 12, high: 15 };
  const forecast = { status: 'ahead', of: 'device', batch: range, minutes: null };
  const device = { forecast, headroomAtBestBytes: null, totalBytes: 80 } as unknown as DeviceReport;
  const series = { ...seriesOf({ peakReservedBytes: [40, 41, 42] }), batchRange: [1, 3] } as SeriesResponse;
  expect(fanOf(spec('memory'), device, 'cuda', series, 'batch')).toEqual({
    x: 3,
    from: 42,
    to: 80,
    ...range,
  });
  expect(fanOf(spec('memory'), { ...device, totalBytes: null }, 'cuda', series, 'batch')).toBeNull();
  const { of: _, ...ofBudget } = forecast;
  expect(
    fanOf(spec('memory'), { ...device, forecast: ofBudget as never }, 'cuda', series, 'batch'),
  ).toBeNull();
});
