/**
 * A rank that takes longer than the others: its times against the median of all, block by block. Where ranks wait for each other all
 * updates take the same time, and only the part before the wait shows who is slow.
 */
import { median, quantileOf, robustDeviation, sorted } from '../../base/index.ts';
import type { Interval, RankFinding } from '../../contract/index.ts';
import { onHost, type RankRule, rankPlace, ranksNamed } from './beside.ts';
import { ENOUGH_BLOCKS, knownOf } from './side-by-side.ts';

/** Slower by less is within what devices differ by. */
const LEAST = Math.log(1.05);
/** Standard deviations of the ranks' own scatter; more where few ranks show it. */
const DEVIATIONS = 5;
const OF_FEW = 20;
/** A rank that became slow is found in the newest part of the run. */
const NEWEST = 1 / 3;

interface Slowness {
  rank: number;
  figure: 'took' | 'rollout';
  times: Interval;
  sinceBatch: number | null;
}

export const slowRank: RankRule = ranks => {
  const found: Slowness[] = [];
  for (const figure of ['took', 'rollout'] as const) {
    const table = ranks.table.from(figure);
    if (table === null) continue;
    const { batches } = ranks.table;
    const newest = Math.max(ENOUGH_BLOCKS, Math.ceil(batches.length * NEWEST));
    for (const from of new Set([0, Math.max(0, batches.length - newest)]))
      for (const { row, times } of slowIn(table.map(row => knownOf(row.subarray(from))))) {
        const { rank } = ranks.all[row]!;
        if (found.some(slow => slow.rank === rank)) continue;
        found.push({ rank, figure, times, sinceBatch: from === 0 ? null : batches[from]! });
      }
  }
  found.sort((a, b) => b.times.mid - a.times.mid);
  const [worst] = found;
  if (worst === undefined) return null;
  const names = found.map(({ rank }) => rank);
  const { low, mid, high } = worst.times;
  const more = found.length > 1 ? ` (rank ${worst.rank}, the slowest)` : '';
  const what = worst.figure === 'took' ? 'updates' : 'rollouts';
  const waits =
    worst.figure === 'took'
      ? ''
      : ' The others wait for it, so that the whole update takes as long on every rank.';
  return {
    kind: 'slow rank',
    level: 'warning',
    rank: worst.rank,
    ranks: names,
    ...rankPlace(worst.rank, ranks),
    device: null,
    short: `${ranksNamed(names.slice(0, 3))} slow ${mid.toFixed(2)}×`,
    says:
      `${ranksNamed(names, true)}${onHost(names, ranks)} ${found.length > 1 ? 'are' : 'is'} slow: ${found.length > 1 ? 'their' : 'its'} ${what} take ` +
      `${mid.toFixed(2)} times as long as those of the other ranks${more}, ${low.toFixed(2)} to ${high.toFixed(2)} (95%)` +
      `${worst.sinceBatch === null ? '' : `, since batch ${worst.sinceBatch} or later`}.${waits}`,
    value: worst.times,
    unit: 'times',
    sinceBatch: worst.sinceBatch,
    next: [
      'nvidia-smi -q -d PERFORMANCE,TEMPERATURE on that node: clocks that are throttled',
      'compare its input pipeline and its share of the data with another rank’s',
      'run the same on another node: whether slowness follows the rank or the hardware',
    ],
  } satisfies RankFinding;
};

/** The rows that lie above the others by more than those scatter, surely. */
function slowIn(rows: readonly Float64Array[]): { row: number; times: Interval }[] {
  const levels = rows.map(row => (row.length < ENOUGH_BLOCKS ? Number.NaN : median(row)));
  const known = levels.filter(level => !Number.isNaN(level));
  if (known.length === 0) return [];
  const beyond = Math.max(LEAST, (DEVIATIONS + OF_FEW / known.length) * robustDeviation(known));
  return levels.flatMap((level, row) => {
    if (!(level > beyond)) return [];
    const values = sorted(rows[row]!);
    // The median's interval by the order of the values: no assumption about how they are spread.
    const at = (errors: number) =>
      quantileOf(values, Math.min(1, Math.max(0, 0.5 + errors / (2 * Math.sqrt(values.length)))));
    if (at(-SURE) <= LEAST) return [];
    return [{ row, times: { low: Math.exp(at(-1.96)), mid: Math.exp(level), high: Math.exp(at(1.96)) } }];
  });
}
/** Standard errors of the sign test by which a rank must be slow: one in thirty thousand by chance. */
const SURE = 4;
