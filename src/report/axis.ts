/** Axes of plots: round numbers around the data. */
import { count, isFlat, multiplesOf, roundStep, tickFormat } from '../base/index.ts';
import type { Axis, Plot } from './document.ts';

/** Larger ones cannot be divided into steps: they are gaps, as what was not measured. */
const LARGEST = 1e300;
/** Closer ones are the same: steps between them would be no numbers. */
const SMALLEST = 1e-300;

/** Whether the value has a place on an axis. */
export const isDrawable = (value: number | null): value is number =>
  value !== null && Math.abs(value) < LARGEST;

/** Round numbers from `low` to `high`, about so many steps; within them where `isInside`, around them otherwise. */
function roundNumbers(low: number, high: number, steps: number, isInside = false): number[] {
  const rough = (high - low) / Math.max(1, steps);
  if (!(rough > 0) || !Number.isFinite(rough)) return [low];
  const step = roundStep(rough);
  // A little slack: 0.3 / 0.1 is not quite 3.
  return isInside
    ? multiplesOf(step, Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9))
    : multiplesOf(step, Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9));
}

/** Whole numbers from the first to the last that is drawn. @param unit what they count */
export function countAxis(min: number, max: number, unit: string): Axis {
  if (max <= min) return { unit, min: min - 0.5, max: min + 0.5, ticks: [min], format: count };
  const ticks = roundNumbers(min, max, 6, true).filter(tick => Number.isInteger(tick));
  return { unit, min, max, ticks, format: count };
}

/** An axis that holds all the values; from zero where `fromZero`. */
export function valueAxis(
  unit: string,
  values: Iterable<number | null>,
  options: { fromZero: boolean; steps?: number; format?: Axis['format'] },
): Axis {
  const { fromZero, steps = 4 } = options;
  let [low, high] = fromZero ? [0, 0] : [Infinity, -Infinity];
  for (const value of values) {
    if (!isDrawable(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  if (isFlat(low, high))
    [low, high] =
      Math.abs(low) < SMALLEST
        ? [0, 1]
        : fromZero
          ? [0, high]
          : [low - Math.abs(low) / 2, high + Math.abs(high) / 2];
  const ticks = roundNumbers(low, high, steps);
  const { format = tickFormat(ticks) } = options;
  return { unit, min: Math.min(low, ticks[0]!), max: Math.max(high, ticks.at(-1)!), ticks, format };
}

/** Every y of a plot's series, of its guides too. */
export function* valuesOf({ series, guides }: Pick<Plot, 'series' | 'guides'>): Generator<number | null> {
  for (const { points } of series)
    for (const { y, low } of points) {
      yield y;
      if (low !== undefined) yield low;
    }
  for (const { at } of guides) yield at;
}
