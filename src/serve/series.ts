/** A range of a run's figures for a chart so many pixels wide: exact minimum and maximum of every bucket. */
import type { Indexing, Series, SeriesResponse, XAxis } from './api.ts';
import { RAW_POINTS } from './limits.ts';
import { least, most, type SeriesBlocks, type Summary } from './summary.ts';

export interface SeriesQuery {
  figures: readonly string[];
  x: XAxis;
  /** Inclusive; null for the run's own beginning and end. */
  from: number | null;
  to: number | null;
  /** At most so many buckets. */
  width: number;
}

/** What is sent of a series beside its buckets: the whole of which they are a part. */
export function wholeOf(
  rank: number,
  summary: Summary,
  indexing: Indexing | null,
): Omit<SeriesResponse, keyof Series> {
  const last = summary.length - 1;
  const range = (from: ArrayLike<number>, to: ArrayLike<number>): [number, number] | null =>
    last < 0 ? null : [from[0]!, to[last]!];
  return {
    rank,
    available: [...summary.figures.keys()].sort(),
    points: summary.points,
    batchRange: range(summary.batch, summary.batchEnd),
    timeRange: range(summary.timeMs, summary.timeEndMs),
    nextSeq: last < 0 ? 0 : summary.seqEnd[last]! + 1,
    indexing,
  };
}

/** First and last block that the range touches, and one more at either side for lines that leave it; null for none. */
export function blocksIn(
  blocks: SeriesBlocks,
  { x, from, to }: SeriesQuery,
): { first: number; last: number } | null {
  const [starts, ends] = x === 'batch' ? [blocks.batch, blocks.batchEnd] : [blocks.timeMs, blocks.timeEndMs];
  if (blocks.length === 0) return null;
  // The first block that ends in or after the range, the last one that begins before its end.
  const first = from === null ? 0 : bisect(blocks.length, i => ends[i]! >= from);
  const last = to === null ? blocks.length - 1 : bisect(blocks.length, i => starts[i]! > to) - 1;
  return {
    first: Math.max(0, Math.min(first, blocks.length) - 1),
    last: Math.min(blocks.length - 1, last + 1),
  };
}

/** Whether these blocks are too coarse for the chart and few enough points to read them again one by one. */
export const wantsPoints = (range: { first: number; last: number }, span: number, width: number): boolean => {
  const blocks = range.last - range.first + 1;
  return span > 1 && blocks < width / 2 && blocks * span <= RAW_POINTS;
};

/** The buckets of a range of blocks. */
export function bucketsOf(
  blocks: SeriesBlocks,
  range: { first: number; last: number } | null,
  { figures, width }: SeriesQuery,
): Series {
  const series: Series = { batch: [], batchEnd: [], timeMs: [], timeEndMs: [], figures: {} };
  for (const name of figures) series.figures[name] = { min: [], max: [] };
  if (range === null) return series;
  const each = Math.ceil((range.last - range.first + 1) / width);
  for (let first = range.first; first <= range.last; first += each) {
    const last = Math.min(first + each - 1, range.last);
    series.batch.push(blocks.batch[first]!);
    series.batchEnd.push(blocks.batchEnd[last]!);
    series.timeMs.push(blocks.timeMs[first]!);
    series.timeEndMs.push(blocks.timeEndMs[last]!);
    for (const name of figures) {
      const column = blocks.figures.get(name);
      let min = Number.NaN;
      let max = Number.NaN;
      for (let i = first; column !== undefined && i <= last; i++) {
        min = least(min, column.min[i]!);
        max = most(max, column.max[i]!);
      }
      const out = series.figures[name]!;
      out.min.push(Number.isNaN(min) ? null : min);
      out.max.push(Number.isNaN(max) ? null : max);
    }
  }
  return series;
}

/** The first index for which the test holds, given that it holds for all after it; `length` where for none. */
function bisect(length: number, test: (i: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
