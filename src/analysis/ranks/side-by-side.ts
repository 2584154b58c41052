/** The traces of several ranks in one table: a column a block, a row a rank; what is usual of a block is the median of its ranks. */
import { median } from '../../base/index.ts';
import type { RankTrace, Sum, TraceBlock } from '../rank-trace.ts';

/** What is compared of a block. */
export type Traced = 'took' | 'rollout' | 'rest' | 'peak';

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

export function sideBySide(traces: readonly RankTrace[]): SideBySide {
  const span = traces.reduce((most, trace) => Math.max(most, trace.span), 1);
  const rows = traces.map(trace => trace.blocksOf(span));
  const held = new Map<number, number>();
  for (const row of rows) for (const at of row.keys()) held.set(at, (held.get(at) ?? 0) + 1);
  // A block that few ranks have reached is no basis yet.
  const ats = [...held]
    .filter(([, ranks]) => ranks >= Math.max(ENOUGH_RANKS, traces.length / 2))
    .map(([at]) => at)
    .sort((a, b) => a - b);
  const made = new Map<Traced, Distances>();
  const of = (figure: Traced): Distances => {
    let table = made.get(figure);
    if (table === undefined) {
      table = distances(rows, ats, figure);
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

function distances(
  rows: readonly ReadonlyMap<number, TraceBlock>[],
  ats: readonly number[],
  figure: Traced,
): Distances {
  const all = new Float64Array(ats.length).fill(Number.NaN);
  const table = rows.map(() => new Float64Array(ats.length).fill(Number.NaN));
  let isMeasured = false;
  // Thousands of ranks: one array serves all blocks.
  const values = new Float64Array(rows.length);
  const known = new Float64Array(rows.length);
  ats.forEach((at, column) => {
    let count = 0;
    for (let row = 0; row < rows.length; row++) {
      const value = meanOf(rows[row]!.get(at)?.[figure] ?? null);
      values[row] = value;
      if (!Number.isNaN(value)) known[count++] = value;
    }
    if (count < ENOUGH_RANKS) return;
    isMeasured = true;
    const usual = median(known.subarray(0, count));
    all[column] = usual;
    for (let row = 0; row < rows.length; row++) table[row]![column] = values[row]! - usual;
  });
  return { usual: all, rows: isMeasured ? table : null };
}

const meanOf = (sum: Sum | null): number => (sum === null ? Number.NaN : sum.sum / sum.of);

/** The values that are numbers. */
export function knownOf(values: Float64Array): Float64Array {
  const known = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) known[count++] = values[i]!;
  return known.subarray(0, count);
}
