/** A device's memory over time: what was needed beside what there was, how near the end, and where the bytes were. */
import { amount, GIB } from '../base/index.ts';
import type { DeviceReport, RunReport, Stretch } from '../contract/index.ts';
import { edge, limits } from '../figures/index.ts';
import { countedNumber, countedRange, many, percent, share } from '../present/index.ts';
import { valueAxis, valuesOf } from './axis.ts';
import type { Guide, Plot, PlotMark, PlotPoint, PlotSeries } from './document.ts';
import type { ReportTimeline } from './timeline.ts';

type Figure = (stretch: Stretch) => number | null;

const inGib = (bytes: number | null): number | null => (bytes === null ? null : bytes / GIB);

/** One point a stretch; what one process did is not joined to what the next one did. */
function pointsOf(
  scale: ReportTimeline,
  stretches: readonly Stretch[],
  point: (stretch: Stretch, i: number) => Omit<PlotPoint, 'x'>,
): PlotPoint[] {
  return stretches.flatMap((stretch, i): PlotPoint[] => {
    const own = { x: scale.middle(stretch), ...point(stretch, i) };
    return stretch.isStart && i > 0 ? [{ x: scale.edges(stretch)[0], y: null }, own] : [own];
  });
}

const line = (scale: ReportTimeline, stretches: readonly Stretch[], figure: Figure): PlotPoint[] =>
  pointsOf(scale, stretches, stretch => ({ y: figure(stretch) }));

const isKnown = ({ points }: PlotSeries): boolean => points.some(({ y }) => y !== null);
const highestOf = (stretches: readonly Stretch[], figure: Figure): number =>
  Math.max(...stretches.map(stretch => figure(stretch) ?? Number.NEGATIVE_INFINITY));

/** Refusals, restarts, spikes and the failure. */
function marksOf(device: DeviceReport, { failure }: RunReport, scale: ReportTimeline): PlotMark[] {
  const { timeline, spikes } = device;
  const where = (stretch: Stretch) => countedRange(scale.counted, stretch.fromBatch, stretch.toBatch);
  const refused = timeline
    .filter(({ retries }) => retries > 0)
    .map(
      (s): PlotMark => ({
        x: scale.middle(s),
        y: null,
        kind: 'refused',
        says: `${where(s)}: ${many(s.retries, 'allocation')} retried`,
      }),
    );
  const restarts = timeline
    .filter(({ isStart }, i) => isStart && i > 0)
    .map(
      (s): PlotMark => ({
        x: scale.edges(s)[0],
        y: null,
        kind: 'restart',
        says: `${where(s)}: a new process starts`,
      }),
    );
  const found = spikes.highest.flatMap(({ batch, peakBytes, heightBytes }): PlotMark[] => {
    const x = scale.ofBatch(batch, timeline);
    const says = `${countedNumber(scale.counted, batch)}: a spike of ${amount(heightBytes)} above what is usual`;
    return x === null ? [] : [{ x, y: peakBytes / GIB, kind: 'spike', says }];
  });
  const last = timeline.at(-1);
  const failed: PlotMark[] =
    failure !== null && failure.rank === device.rank && last !== undefined
      ? [{ x: scale.edges(last)[1], y: null, kind: 'failed', says: `the run failed: ${failure.errorType}` }]
      : [];
  return [...refused, ...restarts, ...found, ...failed];
}

/** What updates needed, beside what they could have; null where neither is measured. */
export function memoryPlot(device: DeviceReport, report: RunReport, scale: ReportTimeline): Plot | null {
  const { timeline, isUpperBound, highestPressure } = device;
  const peak = isUpperBound ? 'peak of the run' : 'peak';
  const series: PlotSeries[] = [
    {
      name: 'held at the end',
      ink: 'held',
      shape: 'area',
      points: line(scale, timeline, s => inGib(s.restingBytes)),
    },
    { name: 'device', ink: 'total', shape: 'line', points: line(scale, timeline, s => inGib(s.totalBytes)) },
    {
      name: 'budget',
      ink: 'budget',
      shape: 'line',
      points: line(scale, timeline, s => inGib(s.budgetBytes)),
    },
    {
      name: 'reserved',
      ink: 'reserved',
      shape: 'line',
      points: line(scale, timeline, s => inGib(s.reservedBytes)),
    },
    {
      name: peak,
      ink: 'peak',
      shape: 'line',
      isMain: true,
      points: line(scale, timeline, s => inGib(s.peakBytes)),
    },
  ];
  const known = series.filter(isKnown);
  if (known.length === 0) return null;
  const nearest =
    highestPressure === null
      ? ''
      : ` Nearest the budget in ${countedNumber(scale.counted, highestPressure.batch)}: ${amount(highestPressure.peakBytes)} of ${amount(highestPressure.budgetBytes)}.`;
  return {
    title: 'Need and budget',
    says: `Peak of each update, and its budget: the most that it could have had, in GiB.${nearest}`,
    x: scale.axis(timeline),
    y: valueAxis('GiB', valuesOf({ series: known, guides: [] }), { fromZero: true }),
    series: known,
    guides: [],
    marks: marksOf(device, report, scale),
    height: 'whole',
  };
}

const bounds = (
  { warning, critical }: (typeof limits)['memoryPressure' | 'memoryUsagePercent'],
  format: (value: number) => string,
): Guide[] => [
  { at: edge(warning), label: `warning ${format(edge(warning))}`, tone: 'warning' },
  { at: edge(critical), label: `critical ${format(edge(critical))}`, tone: 'critical' },
];

/** Peak over budget, with its thresholds; null where it is not measured. */
export function pressurePlot({ timeline, isUpperBound }: DeviceReport, scale: ReportTimeline): Plot | null {
  const points = line(scale, timeline, s => s.pressureFraction);
  const name = isUpperBound ? 'pressure, at most' : 'pressure';
  const series: PlotSeries[] = [{ name, ink: 'peak', shape: 'line', isMain: true, points }];
  if (!isKnown(series[0]!)) return null;
  const guides = bounds(limits.memoryPressure, String);
  const highest = highestOf(timeline, s => s.pressureFraction);
  return {
    title: 'Memory pressure',
    says: `Peak over budget; at 1 nothing is left. Highest ${highest.toFixed(2)}.`,
    x: scale.axis(timeline),
    y: valueAxis('of the budget', [...valuesOf({ series, guides }), 1], {
      fromZero: true,
      steps: 2,
      format: v => v.toFixed(1),
    }),
    series,
    guides,
    marks: [],
    height: 'half',
  };
}

/** Allocated over reserved: how full the pool is, which is not how full the device is. */
export function poolPlot({ timeline }: DeviceReport, scale: ReportTimeline): Plot | null {
  const points = line(scale, timeline, s => s.memoryUsagePercent);
  const series: PlotSeries[] = [{ name: 'pool use', ink: 'reserved', shape: 'line', isMain: true, points }];
  if (!isKnown(series[0]!)) return null;
  const guides = bounds(limits.memoryUsagePercent, percent);
  return {
    title: 'Use of the reserved pool',
    says: `Allocated over reserved at the end of updates (TELE-770). A full pool may grow: only pressure shows how close the end is.`,
    x: scale.axis(timeline),
    y: valueAxis('% of the pool', [...valuesOf({ series, guides }), 100], {
      fromZero: true,
      steps: 2,
      format: percent,
    }),
    series,
    guides,
    marks: [],
    height: 'half',
  };
}

/** Parts of the device from the bottom up; a part that is not measured is left out, and what lies above it is not moved. */
export function ledgerPlot({ timeline }: DeviceReport, scale: ReportTimeline): Plot | null {
  const cache: Figure = ({ reservedBytes, restingBytes, strandedBytes }) =>
    reservedBytes === null || restingBytes === null
      ? null
      : Math.max(0, reservedBytes - restingBytes - (strandedBytes ?? 0));
  const parts: [string, PlotSeries['ink'], Figure][] = [
    ['held by tensors', 'held', s => s.restingBytes],
    ['cache, can be released', 'cache', cache],
    ['stranded', 'stranded', s => s.strandedBytes],
    ['others on the device', 'others', s => s.othersBytes],
    ['free', 'free', s => s.freeBytes],
  ];
  const floors = timeline.map(() => 0);
  const series = parts.map(([name, ink, figure]): PlotSeries => {
    const points = pointsOf(scale, timeline, (stretch, i) => {
      const bytes = figure(stretch);
      const low = floors[i]! / GIB;
      if (bytes !== null) floors[i]! += Math.max(0, bytes);
      return { low, y: bytes === null ? null : floors[i]! / GIB };
    });
    return { name, ink, shape: 'area', points };
  });
  const known = series.filter(isKnown);
  if (!known.some(({ ink }) => ink === 'held' || ink === 'cache')) return null;
  const unknown = series.filter(part => !isKnown(part)).map(({ name }) => name);
  return {
    title: 'Where the bytes were',
    says: `Parts of the device at the end of updates, in GiB.${unknown.length > 0 ? ` Not measured: ${unknown.join(', ')}.` : ''}`,
    x: scale.axis(timeline),
    y: valueAxis('GiB', valuesOf({ series: known, guides: [] }), { fromZero: true }),
    series: known,
    guides: [],
    marks: [],
    height: 'whole',
  };
}

/** Time that busy updates took beyond their neighbours, as a share of all time; null where nothing was compared. */
export function lostPlot({ timeline, attribution }: DeviceReport, scale: ReportTimeline): Plot | null {
  if (attribution.compared === 0) return null;
  const points = timeline.map((stretch): PlotPoint => {
    const [x, to] = scale.edges(stretch);
    return { x, to, y: stretch.tookMs > 0 ? (100 * stretch.lostMs) / stretch.tookMs : null };
  });
  const series: PlotSeries[] = [
    { name: 'beyond quiet neighbours', ink: 'lost', shape: 'bars', isMain: true, points },
  ];
  const { status, lostFraction } = attribution;
  const whole =
    status === 'evidence' && lostFraction !== null
      ? `Over the run ${share(lostFraction.mid)}.`
      : 'Over the run no evidence of a loss: single bars may be chance.';
  return {
    title: 'Lost time',
    says: `Extra time of updates in which the allocator was busy, compared with quiet ones near them, in % of the time. ${whole}`,
    x: scale.axis(timeline),
    y: valueAxis('% of the time', valuesOf({ series, guides: [] }), { fromZero: true, steps: 3 }),
    series,
    guides: [],
    marks: [],
    height: 'half',
  };
}
