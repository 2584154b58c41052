/** A rank that nothing is heard of while the others go on. By the events alone: no clock is asked, so a replay finds the same. */
import { count, median } from '../../base/index.ts';
import { isOver } from '../../contract/index.ts';
import { minutes } from '../../present/index.ts';
import type { RankAnalyser } from '../rank.ts';
import { onHost, type RankRule, type Ranks, rankPlace, ranksNamed } from './beside.ts';
import { ENOUGH_RANKS } from './side-by-side.ts';

/** Shorter silences may be a checkpoint, a slow disk, clocks of nodes that differ. */
const LEAST_MS = 10_000;
/** Of the rank's own usual time from one event to the next. */
const TIMES = 10;
/** Updates that the others made meanwhile. */
const LEAST_UPDATES = 5;
/** Where fewer of the job's ranks write at all, the others were never meant to. */
const WRITING = 0.75;
/** Ranks that never wrote are missed once the others have for so long. */
const START_MS = 30_000;

interface Silence {
  rank: number;
  /** Null of one that was never heard of. */
  forMs: number | null;
  batch: number | null;
}

export const silentRank: RankRule = ranks => {
  const found = [...silences(ranks), ...missing(ranks)];
  const [worst] = found;
  if (worst === undefined) return null;
  const names = found.map(({ rank }) => rank);
  const heard = found.filter(({ forMs }) => forMs !== null);
  const never = found.filter(({ forMs }) => forMs === null);
  const are = (list: readonly unknown[]) => (list.length > 1 ? 'are' : 'is');
  const sentences = [
    heard.length === 0
      ? ''
      : `${ranksNamed(
          heard.map(({ rank }) => rank),
          true,
        )}${onHost(
          heard.map(({ rank }) => rank),
          ranks,
        )} ${are(heard)} silent since ` +
        `batch ${count(heard[0]!.batch)}, ${minutes(heard[0]!.forMs! / 60_000)} of the others’ time; its log has no end.`,
    never.length === 0
      ? ''
      : `Nothing was ever heard of ${ranksNamed(never.map(({ rank }) => rank))}, of ${count(ranks.worldSize)} in the job.`,
  ];
  return {
    kind: 'silent rank',
    level: 'critical',
    rank: worst.rank,
    ranks: names,
    ...rankPlace(worst.rank, ranks),
    device: null,
    short: `${ranksNamed(names.slice(0, 3))} silent${worst.forMs === null ? '' : ` ${minutes(worst.forMs / 60_000)}`}`,
    says: sentences.filter(text => text !== '').join(' '),
    value: worst.forMs === null ? null : { low: worst.forMs, mid: worst.forMs, high: worst.forMs },
    unit: worst.forMs === null ? null : 'ms',
    sinceBatch: worst.batch,
    next: [
      'whether its process lives, and dmesg of its node: out-of-memory killer, Xid',
      'py-spy dump --pid of that process: where it hangs',
    ],
  };
};

/** The longest first. */
export function silences({ all }: Ranks): Silence[] {
  const others = all.filter(({ lastEventMs, updates }) => lastEventMs !== null && updates > 0);
  if (others.length < ENOUGH_RANKS) return [];
  const newestMs = median(others.map(({ lastEventMs }) => lastEventMs!));
  const newestBatch = median(others.map(({ lastBatch }) => lastBatch ?? 0));
  return others
    .flatMap((own): Silence[] => {
      const forMs = newestMs - own.lastEventMs!;
      const lag = newestBatch - (own.lastBatch ?? 0);
      const isSilent =
        !isOver(own.state) && lag >= LEAST_UPDATES && forMs > Math.max(LEAST_MS, TIMES * usualMs(own));
      return isSilent ? [{ rank: own.rank, forMs, batch: own.lastBatch }] : [];
    })
    .sort((a, b) => b.forMs! - a.forMs!);
}

const usualMs = ({ startedMs, lastEventMs, updates }: RankAnalyser): number =>
  updates === 0 ? 0 : (lastEventMs! - startedMs!) / updates;

function missing({ all, worldSize }: Ranks): Silence[] {
  if (worldSize === null || all.length >= worldSize || all.length < WRITING * worldSize) return [];
  const lived = median(all.map(({ startedMs, lastEventMs }) => (lastEventMs ?? 0) - (startedMs ?? 0)));
  const updates = median(all.map(({ updates }) => updates));
  if (lived < START_MS || updates < LEAST_UPDATES) return [];
  const known = new Set(all.map(({ rank }) => rank));
  return Array.from({ length: worldSize }, (_, rank) => rank)
    .filter(rank => !known.has(rank))
    .map(rank => ({ rank, forMs: null, batch: null }));
}
