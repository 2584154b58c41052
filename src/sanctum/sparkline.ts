/** A series in one row of blocks, and the direction in which it goes. No block is full, so that rows stay apart. */
import { isFlat } from '../base/index.ts';

const BLOCKS = '▁▂▃▄▅▆▇';

/**
 * At most `width` characters, oldest first, from the series’ own lowest to its highest value; a longer series is
 * averaged, null is a space. A constant is a line.
 */
export function sparkline(series: readonly (number | null)[], width: number): string {
  const cells = Math.min(width, series.length);
  const means = Array.from({ length: cells }, (_, i) =>
    mean(
      series.slice(Math.floor((i * series.length) / cells), Math.floor(((i + 1) * series.length) / cells)),
    ),
  );
  const known = means.filter(value => value !== null);
  const low = Math.min(...known);
  const high = Math.max(...known);
  const flat = isFlat(low, high);
  return means
    .map(value => {
      if (value === null) return ' ';
      return BLOCKS[flat ? 3 : Math.min(6, Math.floor(((value - low) / (high - low)) * 7))];
    })
    .join('');
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter(value => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Newest points that a trend looks at, and the fewest it needs. */
const WINDOW = 60;
const FEWEST = 8;
/** Standard errors between the window’s halves that are more than scatter. */
const CLEAR = 3;

/** `↑` or `↓` where the newer half of the window clearly differs from the older, `→` where not, ` ` where unknown. */
export function trend(series: readonly (number | null)[]): '↑' | '↓' | '→' | ' ' {
  const known = series.slice(-WINDOW).filter(value => value !== null);
  if (known.length < FEWEST) return ' ';
  const half = known.length >> 1;
  const older = known.slice(0, half);
  const newer = known.slice(-half);
  const difference = mean(newer)! - mean(older)!;
  const error = Math.sqrt((variance(older) + variance(newer)) / half);
  if (Math.abs(difference) <= CLEAR * error || difference === 0) return '→';
  return difference > 0 ? '↑' : '↓';
}

function variance(values: readonly number[]): number {
  const centre = mean(values)!;
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / Math.max(1, values.length - 1);
}
