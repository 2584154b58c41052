/**
 * A rank that takes longer than the others: its times against the median of all, block by block. Where ranks wait for each other all
 * updates take the same time, and only the part before the wait shows who is slow.
 */
import { mean, median, quantileOf, robustDeviation, sorted, standardDeviation } from '../../base/index.ts';
import type { Interval, RankFinding } from '../../contract/index.ts';
import { numberNamed, onHost, type RankRule, rankPlace, ranksNamed } from './beside.ts';
import { ENOUGH_BLOCKS, knownOf } from './side-by-side.ts';

/** Slower by less is within what devices differ by. */
const LEAST = Math.log(1.05);
/** Standard deviations of the ranks' own scatter; more where few ranks show it. */
const DEVIATIONS = 5;
const OF_FEW = 20;
/** A rank that became slow is found in the newest part of the run. */
const NEWEST = 1 / 3;

/** A rank that is slow now and then is so in each of so many parts of the run. */
const PARTS = 4;
/** Standard errors of the mean by which it must be slow then: of one update in ten that is some hundred updates. */
const SURE_OF_MEAN = 3.5;

interface Slowness {
  rank: number;
  figure: 'took' | 'rollout';
  times: Interval;
  sinceBatch: number | null;
  /** By single updates of it. */
  isNowAndThen: boolean;
}

export const slowRank: RankRule = ranks => {
  const found: Slowness[] = [];
  for (const figure of ['took', 'rollout'] as const) {
    const table = ranks.table.from(figure);
    if (table === null) continue;
    const { batches } = ranks.table;
    const newest = Math.max(ENOUGH_BLOCKS, Math.ceil(batches.length * NEWEST));
    for (const from of new Set([0, Math.max(0, batches.length - newest)])) {
      const rows = table.map(row => knownOf(row.subarray(from)));
      // What a rank does in a part of the run it may have done in others by turns, as where work wanders from rank to rank.
      const earlier = table.flatMap(row => levelsOf(row, from, newest));
      for (const { row, times } of slowIn(rows, earlier)) {
        const { rank } = ranks.all[row]!;
        if (found.some(slow => slow.rank === rank)) continue;
        found.push({
          rank,
          figure,
          times,
          sinceBatch: from === 0 ? null : batches[from]!,
          isNowAndThen: false,
        });
      }
    }
    for (const { row, times } of slowNowAndThenIn(table.map(knownOf))) {
      const { rank } = ranks.all[row]!;
      if (found.some(slow => slow.rank === rank)) continue;
      found.push({ rank, figure, times, sinceBatch: null, isNowAndThen: true });
    }
  }
  found.sort((a, b) => b.times.mid - a.times.mid);
  const [worst] = found;
  if (worst === undefined) return null;
  const names = found.map(({ rank }) => rank);
  const { low, mid, high } = worst.times;
  const more = found.length > 1 ? ` (rank ${worst.rank}, the slowest)` : '';
  const what = worst.figure === 'took' ? 'updates' : 'rollouts';
  const onAverage = worst.isNowAndThen
    ? ', on average: some of them take much longer, the others as long as elsewhere'
    : '';
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
      `${onAverage}${worst.sinceBatch === null ? '' : `, since ${numberNamed(worst.rank, worst.sinceBatch, ranks)} or later`}.${waits}`,
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

/** The levels of a row in parts so long before this column. */
function levelsOf(row: Float64Array, before: number, each: number): number[] {
  const levels: number[] = [];
  for (let to = before; to >= each; to -= each) {
    const known = knownOf(row.subarray(to - each, to));
    if (known.length >= ENOUGH_BLOCKS) levels.push(median(known));
  }
  return levels;
}

/**
 * The rows that lie above the others by more than those scatter, surely.
 * @param earlier levels of the ranks in earlier parts as long
 */
function slowIn(
  rows: readonly Float64Array[],
  earlier: readonly number[],
): { row: number; times: Interval }[] {
  const levels = rows.map(row => (row.length < ENOUGH_BLOCKS ? Number.NaN : median(row)));
  const known = levels.filter(level => !Number.isNaN(level));
  if (known.length === 0) return [];
  const scatter = Math.max(robustDeviation(known), earlier.length === 0 ? 0 : robustDeviation(earlier));
  const beyond = Math.max(LEAST, (DEVIATIONS + OF_FEW / known.length) * scatter);
  return levels.flatMap((level, row) => {
    if (!(level > beyond)) return [];
    const values = sorted(rows[row]!);
    // The median's interval by the order of the values: no assumption about how they are spread.
    const at = (errors: number) =>
      quantileOf(values, Math.min(1, Math.max(0, 0.5 + errors / (2 * Math.sqrt(values.length)))));
    if (at(-SURE) <= LEAST || level < SURE * errorOf(rows[row]!)) return [];
    return [{ row, times: { low: Math.exp(at(-1.96)), mid: Math.exp(level), high: Math.exp(at(1.96)) } }];
  });
}
/**
 * Standard error of a level whose neighbouring values are alike, as where work wanders slowly from rank to rank: so many values are worth
 * fewer. How alike they are is known the less the fewer there are.
 */
function errorOf(values: Float64Array): number {
  const n = values.length;
  const middle = mean(values);
  let own = 0;
  let together = 0;
  for (let i = 0; i < n; i++) {
    own += (values[i]! - middle) ** 2;
    if (i > 0) together += (values[i]! - middle) * (values[i - 1]! - middle);
  }
  if (own === 0) return 0;
  const alike = Math.min(0.99, Math.max(0, together / own) + 1 / Math.sqrt(n));
  return Math.sqrt(own / (n - 1) / ((n * (1 - alike)) / (1 + alike)));
}

/**
 * The rows that lie above the others on average though most of their updates do not: again and again some of them take long. One stall,
 * however long, is none of them.
 */
function slowNowAndThenIn(rows: readonly Float64Array[]): { row: number; times: Interval }[] {
  const levels = rows.map(row => (row.length < PARTS * ENOUGH_BLOCKS ? Number.NaN : mean(row)));
  const known = levels.filter(level => !Number.isNaN(level));
  if (known.length === 0) return [];
  const beyond = Math.max(LEAST, (DEVIATIONS + OF_FEW / known.length) * robustDeviation(known));
  return levels.flatMap((level, row) => {
    if (!(level > beyond)) return [];
    const values = rows[row]!;
    const each = values.length / PARTS;
    const parts = Array.from({ length: PARTS }, (_, i) =>
      mean(values.subarray(Math.floor(i * each), Math.floor((i + 1) * each))),
    );
    const deviation = standardDeviation(values) / Math.sqrt(values.length);
    if (parts.some(part => part < LEAST / 2) || level < SURE_OF_MEAN * deviation) return [];
    const error = 1.96 * deviation;
    return [
      { row, times: { low: Math.exp(level - error), mid: Math.exp(level), high: Math.exp(level + error) } },
    ];
  });
}
/** Standard errors of the sign test by which a rank must be slow: one in thirty thousand by chance. */
const SURE = 4;
