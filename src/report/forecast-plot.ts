/**
 * The forecast as a picture: what was left of the budget, or of the device, since the run began, the line through what follows the last change point, with
 * what its slope leaves open, and the batches in which memory runs out.
 */
import { count, GIB } from '../base/index.ts';
import type { DeviceReport, Stretch } from '../contract/index.ts';
import { type Counted, countedNumber, interval } from '../present/index.ts';
import { countAxis, valueAxis, valuesOf } from './axis.ts';
import { shrinking } from './conclusions.ts';
import type { Guide, Plot, PlotPoint, PlotSeries } from './document.ts';

const middle = ({ fromBatch, toBatch }: Stretch): number => (fromBatch + toBatch) / 2;

function medianOf(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b);
  const half = ascending.length >> 1;
  return ascending.length % 2 === 1 ? ascending[half]! : (ascending[half - 1]! + ascending[half]!) / 2;
}

/** Null where nothing was fitted. */
export function forecastPlot({ forecast, timeline }: DeviceReport, counted: Counted): Plot | null {
  const { basis, since, until, slopeBytes, batch } = forecast;
  if (slopeBytes === null || since === null || until === null) return null;
  const process = timeline.slice(
    Math.max(
      0,
      timeline.findLastIndex(({ isStart }) => isStart),
    ),
  );
  const isRest = basis === 'rest';
  const isOfDevice = forecast.of === 'device';
  const left = ({ budgetBytes, totalBytes, peakBytes, restingBytes }: Stretch): number | null => {
    const needed = isRest ? restingBytes : peakBytes;
    const limit = isOfDevice ? totalBytes : budgetBytes;
    return limit === null || needed === null ? null : (limit - needed) / GIB;
  };
  const points = process.map((stretch): PlotPoint => ({ x: middle(stretch), y: left(stretch) }));
  const fitted = points.filter(({ x, y }) => y !== null && x >= since && x <= until);
  if (fitted.length < 2) return null;

  // Slopes are of an update; the axis counts batches, of which a trainer may make several in one.
  const updates = process.filter(s => s.toBatch >= since).reduce((sum, s) => sum + s.updates, 0);
  const perBatch = (bytes: number) => (bytes * Math.max(1, updates - 1)) / Math.max(1, until - since) / GIB;
  const level = medianOf(fitted.map(({ x, y }) => y! + perBatch(slopeBytes.mid) * (x - until)));
  const along = (x: number, slope: number) => Math.max(0, level - perBatch(slope) * (x - until));
  const end = batch?.high ?? until;
  const highest = Math.max(level, ...points.map(({ y }) => y ?? 0));

  const series: PlotSeries[] = [
    {
      name: `left at the ${isRest ? 'end' : 'peak'} of updates`,
      ink: 'peak',
      shape: 'dots',
      isMain: true,
      points,
    },
    {
      name: 'fitted line, carried on',
      ink: 'fit',
      shape: 'line',
      points: [since, until, end].map(x => ({ x, y: along(x, slopeBytes.mid) })),
    },
  ];
  if (batch !== null) {
    const open = [until, (until + end) / 2, end].map(
      (x): PlotPoint => ({ x, y: along(x, slopeBytes.low), low: along(x, slopeBytes.high) }),
    );
    const when = [batch.low, batch.high].map((x): PlotPoint => ({ x, y: highest, low: 0 }));
    series.unshift(
      {
        name: isOfDevice ? 'the device is full here (90%)' : 'memory runs out here (90%)',
        ink: 'lost',
        shape: 'band',
        points: when,
      },
      { name: 'slope, 90%', ink: 'fit', shape: 'band', points: open },
    );
  }
  const last = process.at(-1)!;
  const guides: Guide[] = [];
  if (isRest && last.peakBytes !== null && last.restingBytes !== null)
    guides.push({
      at: (last.peakBytes - last.restingBytes) / GIB,
      label: 'needed on top',
      tone: 'critical',
    });
  const meets =
    batch === null
      ? ''
      : ` ${isOfDevice ? 'The device is full' : 'Memory runs out'} in ${counted} ${interval(batch, count)}, likeliest ${count(batch.mid)}.`;
  return {
    title: 'Forecast',
    says: `What was left of the ${isOfDevice ? 'device' : 'budget'} at the ${isRest ? 'end' : 'peak'} of updates, in GiB; fitted since ${countedNumber(counted, since)}: ${shrinking(slopeBytes)}.${meets}`,
    x: countAxis(points[0]!.x, Math.max(last.toBatch, end), counted),
    y: valueAxis('GiB', valuesOf({ series, guides }), { fromZero: true }),
    series,
    guides,
    marks: [],
    height: 'whole',
  };
}
