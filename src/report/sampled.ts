/** A series at the columns of a screen: the lowest and highest value in each, so that no peak is lost; null is a gap. */
import { isDrawable } from './axis.ts';
import type { PlotPoint } from './document.ts';

export interface Extent {
  low: number;
  high: number;
}

/**
 * @param points by ascending x
 * @param from left edge of the first column
 * @param to right edge of the last
 */
export function sampled(
  points: readonly PlotPoint[],
  from: number,
  to: number,
  columns: number,
): (Extent | null)[] {
  const each = (to - from) / columns;
  const extents = new Array<Extent | null>(columns).fill(null);
  const columnOf = (x: number) => Math.min(columns - 1, Math.max(0, Math.floor((x - from) / each)));
  const add = (column: number, value: number) => {
    const extent = extents[column];
    if (extent == null) extents[column] = { low: value, high: value };
    else {
      extent.low = Math.min(extent.low, value);
      extent.high = Math.max(extent.high, value);
    }
  };
  points.forEach(({ x, y }, i) => {
    if (!isDrawable(y)) return;
    add(columnOf(x), y);
    const next = points[i + 1];
    if (next === undefined || !isDrawable(next.y) || next.x <= x) return;
    // What lies between two measured points is drawn through.
    for (let column = columnOf(x) + 1; column < columnOf(next.x); column++) {
      const at = from + (column + 0.5) * each;
      add(column, y + ((next.y - y) * (at - x)) / (next.x - x));
    }
  });
  return extents;
}
