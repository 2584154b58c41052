/**
 * Ranks that need more memory than the others. One rank beyond the scatter of the others is skew. Levels that differ from group to
 * group and stay as they are from the beginning are how the job was divided: stages of a pipeline, experts, an uneven last shard.
 */
import { amount, median, robustDeviation } from '../../base/index.ts';
import type { RankFinding } from '../../contract/index.ts';
import { judge, limits } from '../../figures/index.ts';
import { numberNamed, onHost, type RankRule, type Ranks, rankPlace, ranksNamed } from './beside.ts';
import { ENOUGH_BLOCKS, knownOf, mediansOf } from './side-by-side.ts';

/** Share of the device below which nobody cares. */
const LEAST_SHARE = 0.04;
/** Standard deviations of the ranks' own scatter; more where few ranks show it. */
const DEVIATIONS = 6;
const OF_FEW = 20;
/**
 * Peaks of the whole run keep the longest sequence that a rank ever met, by chance. How much that is, is what the others' went up
 * since their first: so many times that is no chance.
 */
const TIMES_RISEN = 4;
/** Levels that differ by so much of the device are those of stages, and constant if they move by less than so much of it. */
const STAGE_SHARE = 0.03;
const CONSTANT_SHARE = 0.01;

interface Level {
  rank: number;
  /** Bytes above the median rank: in the newest half, and in the first. */
  newest: number;
  first: number;
  /** Of the newest half: the first may hold the step. */
  scatter: number;
}

export const memorySkew: RankRule = ranks => {
  const { totalBytes, table, growing } = ranks;
  const figure = table.from('peak') === null ? 'rest' : 'peak';
  const of = settled(ranks, figure);
  if (of === null || totalBytes === null) return null;
  const levels = of.rows.flatMap((row, i): Level[] => {
    const { rank } = ranks.all[i]!;
    const known = knownOf(row);
    if (known.length < ENOUGH_BLOCKS || growing.has(rank)) return [];
    const middle = known.length >> 1;
    const [first, newest] = [known.subarray(0, middle), known.subarray(middle)];
    return [{ rank, newest: median(newest), first: median(first), scatter: robustDeviation(newest) }];
  });
  if (levels.length === 0) return null;
  const spread = robustDeviation(levels.map(({ newest }) => newest));
  const usual = median(levels.map(({ newest }) => newest));
  const least = LEAST_SHARE * totalBytes;
  const byChance = figure === 'peak' ? TIMES_RISEN * risenBytes(of.usual, ranks.all) : 0;
  const isConstant = ({ newest, first, scatter }: Level) =>
    Math.abs(newest - first) <= Math.max(CONSTANT_SHARE * totalBytes, DEVIATIONS * scatter);
  const apart = levels.filter(
    ({ newest, scatter }) => Math.abs(newest - usual) > Math.max(least, DEVIATIONS * scatter),
  );
  // A few that need less are stages as well as a few that need more.
  if (spread > STAGE_SHARE * totalBytes || apart.length > 1)
    return levels.every(isConstant) ? stages(levels, byChance, ranks) : null;
  const beyond = Math.max(byChance, (DEVIATIONS + OF_FEW / levels.length) * spread);
  const above = apart.find(({ newest }) => newest - usual > beyond);
  return above === undefined ? null : skew(above, usual, isConstant(above), ranks);
};

interface Settled {
  /** What is usual of the ranks that do not grow: one that does may be the one in the middle. By block. */
  usual: Float64Array;
  /** Distances of all ranks from that. */
  rows: readonly Float64Array[];
}

function settled({ all, table, growing }: Ranks, figure: 'peak' | 'rest'): Settled | null {
  const rows = table.from(figure);
  if (rows === null) return null;
  const others = rows.filter((_, i) => !growing.has(all[i]!.rank));
  const usual = table.usual(figure);
  if (others.length === rows.length || others.length === 0) return { usual, rows };
  const apart = mediansOf(others, usual.length);
  return {
    usual: usual.map((value, column) => value + apart[column]!),
    rows: rows.map(row => row.map((value, column) => value - apart[column]!)),
  };
}

/** How far what is usual of peaks of the whole run rose since the first block; 0 where peaks are those of updates. */
function risenBytes(usual: Float64Array, all: Ranks['all']): number {
  const known = knownOf(usual);
  if (known.length === 0 || !all.some(({ trace }) => trace.hasPeaksOfRun)) return 0;
  return Math.max(0, known.at(-1)! - known[0]!);
}

function skew(level: Level, usual: number, isConstant: boolean, ranks: Ranks): RankFinding {
  const { rank, newest, scatter } = level;
  const more = newest - usual;
  const pressure = pressureOf(rank, ranks);
  const isTight = judge(limits.memoryPressure, pressure) !== 'healthy' && pressure !== null;
  const since = isConstant ? null : sinceOf(rank, more / 2, ranks);
  return {
    kind: 'memory skew',
    level: isTight || !isConstant ? 'warning' : 'info',
    rank,
    ranks: [rank],
    ...rankPlace(rank, ranks),
    short: `rank ${rank} holds ${amount(more)} more`,
    says:
      `Rank ${rank}${onHost([rank], ranks)} needs ${amount(more)} more memory than the other ranks, which are alike` +
      `${since === null ? ', and did from the beginning' : `, since ${numberNamed(rank, since, ranks)}`}.`,
    value: { low: more - 2 * scatter, mid: more, high: more + 2 * scatter },
    unit: 'bytes',
    sinceBatch: since,
    next: [
      'what this rank alone does: evaluation, logging, gathering results, another batch size',
      'another process on its device (esper report names it where the driver does)',
    ],
  };
}

function stages(levels: readonly Level[], byChance: number, ranks: Ranks): RankFinding | null {
  const least = levels.reduce((a, b) => (b.newest < a.newest ? b : a));
  const most = levels.reduce((a, b) => (b.newest > a.newest ? b : a));
  const apart = most.newest - least.newest;
  if (apart <= byChance) return null;
  const heaviest = levels.filter(({ newest }) => most.newest - newest < apart / 4).map(({ rank }) => rank);
  return {
    kind: 'uneven stages',
    level: 'info',
    rank: most.rank,
    ranks: heaviest,
    ...rankPlace(most.rank, ranks),
    short: `uneven by ${amount(apart)}`,
    says:
      `Ranks need different amounts of memory and did so evenly from the beginning, as stages of a pipeline do: ` +
      `${ranksNamed(heaviest)} ${heaviest.length > 1 ? 'need' : 'needs'} up to ${amount(apart)} more than rank ${least.rank}. The fullest decide how much fits.`,
    value: { low: apart, mid: apart, high: apart },
    unit: 'bytes',
    sinceBatch: null,
    next: ['fewer layers for the fullest stage, where the job is a pipeline'],
  };
}

function pressureOf(rank: number, { all }: Ranks): number | null {
  const own = all.find(other => other.rank === rank)!;
  const { blocks } = own.trace;
  const pressures = Array.from({ length: blocks.length }, (_, block) => blocks.pressure(block)).filter(
    value => !Number.isNaN(value),
  );
  return pressures.length === 0 ? null : Math.max(...pressures.slice(-4));
}

/** First batch of the first block from which on the rank stays above this distance. */
function sinceOf(rank: number, distance: number, { all, table }: Ranks): number | null {
  const row = (table.from('peak') ?? table.from('rest'))?.[all.findIndex(other => other.rank === rank)];
  if (row === undefined) return null;
  const last = row.findLastIndex(value => value < distance);
  return last < 0 ? null : (table.batches[last + 1] ?? null);
}
