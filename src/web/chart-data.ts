/** From what the server answers to what a chart draws. */
import { type DeviceReport, ownNameOf } from '../contract/index.ts';
import type { PageView, SeriesResponse, XAxis } from '../serve/index.ts';
import type { ChartData, ChartMark, ChartSpan, Fan } from './chart-props.ts';
import type { ChartSpec } from './charts.ts';

/** Whether any of a line's values was measured. */
export const hasValues = ({ max }: SeriesResponse['figures'][string]): boolean =>
  max.some(value => value !== null);

/** The lines of a chart that were measured at all; null where none was. */
export function dataOf(
  spec: ChartSpec,
  device: string | null,
  series: SeriesResponse,
  x: XAxis,
): ChartData | null {
  const valuesOf = (figure: string) =>
    series.figures[device === null ? figure : `${device}/${figure}`] ?? { min: [], max: [] };
  const lines = spec.lines.map(({ figure, needs }) => {
    const values = valuesOf(figure);
    if (needs === undefined) return values;
    const under = valuesOf(needs).max;
    const known = (value: number | null, i: number) => ((under[i] ?? null) === null ? null : value);
    return { min: values.min.map(known), max: values.max.map(known) };
  });
  if (!lines.some(hasValues)) return null;
  return { x: x === 'time' ? series.timeMs : series.batch, lines };
}

/** The device's figures that have a value within the range, in the order in which they are sent. */
export const measuredOf = (device: string, { figures }: SeriesResponse): string[] =>
  Object.entries(figures).flatMap(([name, values]) =>
    name.startsWith(`${device}/`) && hasValues(values) ? [name.slice(device.length + 1)] : [],
  );

/** Devices that the series are of. @param available names of series */
export const devicesOf = (available: readonly string[]): string[] => [
  ...new Set(
    available
      .filter(name => name.includes('/') && ownNameOf(name) === null)
      .map(name => name.slice(0, name.indexOf('/'))),
  ),
];

/** Where a time lies on the x axis; null before the first point. */
export function xOfTime(
  { timeMs, timeEndMs, batchEnd }: SeriesResponse,
  at: number,
  x: XAxis,
): number | null {
  if (x === 'time') return at;
  const index = timeMs.findLastIndex(time => time <= at);
  return index === -1 ? null : at >= timeEndMs[index]! ? batchEnd[index]! : batchEnd[Math.max(0, index - 1)]!;
}

/** What happened once, and every refusal of the device. */
export function marksOf(
  view: PageView,
  series: SeriesResponse,
  device: string | null,
  x: XAxis,
): ChartMark[] {
  const marks: ChartMark[] = view.marks
    .filter(mark => mark.rank === series.rank && (mark.device === null || mark.device === device))
    .map(({ kind, text, batch, timeMs }) => ({
      kind,
      text,
      at: x === 'time' ? timeMs : (batch ?? series.batchRange?.[0] ?? 0),
    }));
  const refusals = device === null ? undefined : series.figures[`${device}/refusals`];
  refusals?.max.forEach((value, i) => {
    if (value !== null && value > 0)
      marks.push({
        kind: 'refusal',
        text: 'memory was refused',
        at: x === 'time' ? series.timeMs[i]! : series.batch[i]!,
      });
  });
  return marks;
}

/** While which alarms of the device, or of its rank, stood. */
export function spansOf(view: PageView, series: SeriesResponse, device: string, x: XAxis): ChartSpan[] {
  const end = x === 'time' ? series.timeRange?.[1] : series.batchRange?.[1];
  return view.alarms
    .filter(alarm => alarm.rank === series.rank && (alarm.device ?? device) === device)
    .flatMap(({ level, rule, fromMs, fromBatch, toMs, toBatch }) => {
      const from = x === 'time' ? fromMs : (fromBatch ?? series.batchRange?.[0]);
      const to = (x === 'time' ? toMs : toBatch) ?? end;
      return from == null || to == null ? [] : [{ from, to, level, text: `alarm ${rule}` }];
    });
}

/** The forecast as a fan from the newest update to where memory runs out; null unless it does, or for another chart. */
export function fanOf(
  { id }: ChartSpec,
  { forecast, headroomAtBestBytes, totalBytes }: DeviceReport,
  device: string,
  series: SeriesResponse,
  x: XAxis,
): Fan | null {
  const { status, batch, minutes } = forecast;
  const newest = (figure: string) => series.figures[`${device}/${figure}`]?.max.findLast(v => v !== null);
  const ofDevice = forecast.of === 'device';
  const peak = newest('peakAllocatedBytes') ?? newest('peakReservedBytes');
  const budget = ofDevice ? totalBytes : newest('budgetBytes');
  const left = !ofDevice ? headroomAtBestBytes : budget == null || peak == null ? null : budget - peak;
  const end = x === 'time' ? series.timeRange?.[1] : series.batchRange?.[1];
  if (status !== 'ahead' || budget == null || left === null || end == null) return null;
  const at = (from: number) => (x === 'time' ? end + from * 60_000 : from);
  const interval = x === 'time' ? minutes : batch;
  if (interval === null || (id !== 'memory' && id !== 'pressure')) return null;
  const [from, to] = id === 'memory' ? [budget - left, budget] : [(budget - left) / budget, 1];
  const { low, mid, high } = interval;
  return { x: end, from, to, low: at(low), mid: at(mid), high: at(high) };
}

/** A fan is shown beside the run's history, not instead of it. */
const LONGEST = 0.4;

/** The range of x that shows the run, and the fan as far as there is room. */
export const rangeWithFan = ([from, to]: [number, number], fan: Fan | null): [number, number] => [
  from,
  fan === null ? to : Math.max(to, Math.min(fan.high, to + LONGEST * (to - from))),
];
