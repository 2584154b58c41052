/** All ranks over the run, as a table: a row a rank, a column a block of updates. What a heat map and a chart of their skew are drawn of. */
import { sorted } from '../../base/index.ts';
import type { RunState } from '../../contract/index.ts';
import type { RankAnalyser } from '../rank.ts';
import { type TraceBlocks, traced } from '../trace-blocks.ts';

export interface RankTable {
  /** By rank. */
  ranks: { rank: number; host: string | null; state: RunState; lastEventMs: number | null }[];
  /** First batch of each block, ascending, and the batches of a block. */
  batches: number[];
  span: number;
  /** Of each rank and block the highest peak / budget, 0–1; null where it was not measured. */
  pressure: (number | null)[][];
  /** Of each block, over the ranks: mean peaks in bytes; null where none was measured. */
  peakBytes: { low: (number | null)[]; median: (number | null)[]; high: (number | null)[] };
}

/** @param all in ascending order */
export function rankTable(all: readonly RankAnalyser[]): RankTable {
  const span = all.reduce((most, { trace }) => Math.max(most, trace.span), 1);
  const rows = all.map(({ trace }) => trace.blocksOf(span));
  const ats = atsIn(rows);
  const columns = new Map(ats.map((at, column) => [at, column]));
  const peak = traced.indexOf('peak');
  const pressure = rows.map(() => Array.from(ats, (): number | null => null));
  const known = ats.map((): number[] => []);
  rows.forEach((row, i) => {
    for (let block = 0; block < row.length; block++) {
      const column = columns.get(row.at(block))!;
      const [bytes, share] = [row.mean(block, peak), row.pressure(block)];
      if (!Number.isNaN(bytes)) known[column]!.push(bytes);
      if (!Number.isNaN(share)) pressure[i]![column] = Math.round(share * 1000) / 1000;
    }
  });
  const peaks = known.map(sorted);
  const of = (place: (values: Float64Array) => number | undefined) =>
    peaks.map(values => (values.length === 0 ? null : Math.round(place(values)!)));
  return {
    ranks: all.map(({ rank, started, state, lastEventMs }) => ({
      rank,
      host: started.hostname ?? null,
      state,
      lastEventMs,
    })),
    batches: ats.map(at => at * span),
    span,
    pressure,
    peakBytes: {
      low: of(values => values[0]),
      median: of(values => values[values.length >> 1]),
      high: of(values => values.at(-1)),
    },
  };
}

/** Numbers of the blocks that any of them has, ascending. */
function atsIn(rows: readonly TraceBlocks[]): number[] {
  const ats = new Set<number>();
  for (const row of rows) for (let block = 0; block < row.length; block++) ats.add(row.at(block));
  return [...ats].sort((a, b) => a - b);
}
