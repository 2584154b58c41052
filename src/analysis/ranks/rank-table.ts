/** All ranks over the run, as a table: a row a rank, a column a block of updates. What a heat map and a chart of their skew are drawn of. */
import { sorted } from '../../base/index.ts';
import type { RunState } from '../../contract/index.ts';
import type { RankAnalyser } from '../rank.ts';

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
  const ats = [...new Set(rows.flatMap(row => [...row.keys()]))].sort((a, b) => a - b);
  const peaks = ats.map(at =>
    sorted(
      rows.flatMap(row => {
        const peak = row.get(at)?.peak;
        return peak == null ? [] : [peak.sum / peak.of];
      }),
    ),
  );
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
    pressure: rows.map(row =>
      ats.map(at => {
        const pressure = row.get(at)?.pressure ?? null;
        return pressure === null ? null : Math.round(pressure * 1000) / 1000;
      }),
    ),
    peakBytes: {
      low: of(values => values[0]),
      median: of(values => values[values.length >> 1]),
      high: of(values => values.at(-1)),
    },
  };
}
