/** The traces of several ranks in one table: a column a block, a row a rank; what is usual of a block is the median of its ranks. */
import { median } from '../../base/index.ts';
import type { RankTrace } from '../rank-trace.ts';
import { type TraceBlocks, type Traced, traced } from '../trace-blocks.ts';

export interface SideBySide {
  /** Batches of a block. */
  span: number;
  /** First batch of each block, ascending. */
  batches: readonly number[];
  /** Median of the ranks in each block; NaN where too few have it. */
  usual: (figure: Traced) => Float64Array;
  /** Distance of each rank's mean from the block's median; NaN where the rank has none in it. By rank, then by block. */
  from: (figure: Traced) => readonly Float64Array[] | null;
}

/** Ranks from which one can be held against the others. */
export const ENOUGH_RANKS = 4;
/** Blocks of which less cannot be concluded from. */
export const ENOUGH_BLOCKS = 8;

/** Holds until the next call: the arrays of figures are used again. */
export function sideBySide(traces: readonly RankTrace[]): SideBySide {
  const span = traces.reduce((most, trace) => Math.max(most, trace.span), 1);
  const rows = traces.map(trace => trace.blocksOf(span));
  const held = new Map<number, number>();
  for (const row of rows)
    for (let block = 0; block < row.length; block++) {
      const at = row.at(block);
      held.set(at, (held.get(at) ?? 0) + 1);
    }
  // A block that few ranks have reached is no basis yet.
  const ats = [...held]
    .filter(([, ranks]) => ranks >= Math.max(ENOUGH_RANKS, traces.length / 2))
    .map(([at]) => at)
    .sort((a, b) => a - b);
  const made = new Map<Traced, Distances>();
  let levels: Levels | null = null;
  const of = (figure: Traced): Distances => {
    let table = made.get(figure);
    if (table === undefined) {
      levels ??= levelsOf(rows, ats);
      table = distances(levels[figure], rows.length, ats.length);
      made.set(figure, table);
    }
    return table;
  };
  return {
    span,
    batches: ats.map(at => at * span),
    usual: figure => of(figure).usual,
    from: figure => of(figure).rows,
  };
}

interface Distances {
  usual: Float64Array;
  /** Null where too few ranks measure it. */
  rows: readonly Float64Array[] | null;
}

/** Of each figure the ranks' means, rank by rank and in each block by block; NaN where the rank has none. */
type Levels = Record<Traced, Float64Array>;

/** Megabytes for thousands of ranks, every few seconds: they are used again. */
const room: Levels = {
  took: new Float64Array(0),
  rollout: new Float64Array(0),
  rest: new Float64Array(0),
  peak: new Float64Array(0),
};

function emptied(figure: Traced, length: number): Float64Array {
  if (room[figure].length < length) room[figure] = new Float64Array(length);
  return room[figure].subarray(0, length).fill(Number.NaN);
}

/** Each rank is walked through once. */
function levelsOf(rows: readonly TraceBlocks[], ats: readonly number[]): Levels {
  const columns = new Map(ats.map((at, column) => [at, column]));
  const levels = traced.map(figure => emptied(figure, rows.length * ats.length));
  rows.forEach((row, i) => {
    for (let block = 0; block < row.length; block++) {
      const column = columns.get(row.at(block));
      if (column === undefined) continue;
      const place = i * ats.length + column;
      for (let figure = 0; figure < levels.length; figure++) levels[figure]![place] = row.mean(block, figure);
    }
  });
  return Object.fromEntries(traced.map((figure, i) => [figure, levels[i]!])) as Levels;
}

/** @param levels are changed in place, and kept */
function distances(levels: Float64Array, ranks: number, blocks: number): Distances {
  const all = new Float64Array(blocks).fill(Number.NaN);
  const known = new Float64Array(ranks);
  let isMeasured = false;
  for (let column = 0; column < blocks; column++) {
    let count = 0;
    for (let place = column; place < levels.length; place += blocks) {
      const value = levels[place]!;
      if (!Number.isNaN(value)) known[count++] = value;
    }
    const usual = count < ENOUGH_RANKS ? Number.NaN : median(known.subarray(0, count));
    isMeasured ||= count >= ENOUGH_RANKS;
    all[column] = usual;
    for (let place = column; place < levels.length; place += blocks) levels[place]! -= usual;
  }
  const rows = Array.from({ length: ranks }, (_, i) => levels.subarray(i * blocks, (i + 1) * blocks));
  return { usual: all, rows: isMeasured ? rows : null };
}

/** The values that are numbers: a part of the same array where those that are none lie before and after them. */
export function knownOf(values: Float64Array): Float64Array {
  let [from, to] = [0, values.length];
  while (from < to && Number.isNaN(values[from])) from++;
  while (to > from && Number.isNaN(values[to - 1])) to--;
  let holes = 0;
  for (let i = from; i < to; i++) if (Number.isNaN(values[i])) holes++;
  if (holes === 0) return values.subarray(from, to);
  const known = new Float64Array(to - from - holes);
  for (let i = from, count = 0; i < to; i++) if (!Number.isNaN(values[i])) known[count++] = values[i]!;
  return known;
}

/** Of each column the median of the rows that have it; NaN for none. */
export function mediansOf(rows: readonly Float64Array[], columns: number): Float64Array {
  const values = new Float64Array(rows.length);
  return Float64Array.from({ length: columns }, (_, column) => {
    let count = 0;
    for (const row of rows) if (!Number.isNaN(row[column])) values[count++] = row[column]!;
    return median(values.subarray(0, count));
  });
}
