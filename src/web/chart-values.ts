/** A chart's figures in words: where the cursor is, or the newest. */
import { GIB, tickFormat, UNKNOWN } from '../base/index.ts';
import type { ChartData, ChartProps } from './chart-props.ts';
import type { ChartSpec } from './charts.ts';

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** A place on the x axis in words. */
export function xText(value: number, x: ChartProps['x']): string {
  if (x === 'batch') return Math.round(value).toLocaleString('en-US');
  if (x === 'time') return clock.format(value);
  const seconds = Math.round(value / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Places on the x axis in words, no two alike; the first names what is counted. */
export function xTexts(
  values: readonly number[],
  x: ChartProps['x'],
  counted: ChartProps['counted'],
): string[] {
  const isFine = values.some((value, i) => i > 0 && value - values[i - 1]! < 1000);
  if (x === 'batch')
    return values.map((value, i) => `${i === 0 ? `${counted} ` : ''}${value.toLocaleString('en-US')}`);
  if (!isFine) return values.map(value => xText(value, x));
  if (x === 'time')
    return values.map(value => `${clock.format(value)}.${String(Math.floor(value % 1000)).padStart(3, '0')}`);
  const write = tickFormat(values.map(value => value / 1000));
  return values.map(value => `${write(value / 1000)} s`);
}

/** Numbers on the y axis, no two alike, with their unit where the heading does not have it. */
export function yTexts({ unit, isPercent, history }: ChartSpec, values: readonly number[]): string[] {
  const inUnit = (divisor: number, suffix: string) => {
    const write = tickFormat(values.map(value => value / divisor));
    return values.map(value => `${write(value / divisor)}${suffix}`);
  };
  if (unit === 'GiB') return inUnit(GIB, '');
  if (isPercent) return inUnit(1, '%');
  if (history?.form !== 'milliseconds') return inUnit(1, '');
  return values.some(value => Math.abs(value) >= 1000) ? inUnit(1000, ' s') : inUnit(1, ' ms');
}

/** The newest value of a line. */
export function newestText({ spec, data, newest }: ChartProps, i: number): string {
  if (newest) return newest.text;
  const last = lastKnown(data, i);
  return last === null ? UNKNOWN : valueText(spec, data, i, last);
}

/** Where a line ends: of runs that are compared, one may be shorter than the other. */
function lastKnown({ lines }: ChartData, i: number): number | null {
  const index = lines[i]!.max.findLastIndex(value => value != null);
  return index === -1 ? null : index;
}

/** The value of a line's bucket; both its extremes where they differ. */
export function valueText(spec: ChartSpec, { lines }: ChartData, i: number, at: number): string {
  const max = lines[i]!.max[at] ?? null;
  if (spec.stacked && i > 0 && max !== null) return spec.format(max - below(lines, i, at));
  const min = lines[i]!.min[at] ?? null;
  const [low, high] = [spec.format(min), spec.format(max)];
  return low === high || spec.stacked ? high : `${low} … ${high}`;
}

/** The nearest line below that was measured there: a part that is unknown belongs to the one above it. */
export function below(lines: ChartData['lines'], i: number, at: number): number {
  for (let j = i - 1; j >= 0; j--) {
    const value = lines[j]!.max[at];
    if (value != null) return value;
  }
  return 0;
}
