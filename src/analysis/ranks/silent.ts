/** A rank that nothing is heard of while the others go on. By the events alone: no clock is asked, so a replay finds the same. */
import { count, median } from '../../base/index.ts';
import { isOver } from '../../contract/index.ts';
import { minutes } from '../../present/index.ts';
import type { RankAnalyser } from '../rank.ts';
import { numberNamed, onHost, type RankRule, type Ranks, rankPlace, ranksNamed } from './beside.ts';
import { ENOUGH_RANKS } from './side-by-side.ts';

/** Shorter silences may be a checkpoint, a slow disk, clocks of nodes that differ. */
const LEAST_MS = 10_000;
/** Where all the others have ended there is no more to wait for than what a log may come late. */
const LEAST_AT_END_MS = 3000;
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
        `${numberNamed(heard[0]!.rank, heard[0]!.batch, ranks)}, ${minutes(heard[0]!.forMs! / 60_000)} of the others’ time; its log has no end.`,
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
  const heard = all.filter(({ lastEventMs, updates }) => lastEventMs !== null && updates > 0);
  if (heard.length < 2) return [];
  const ofAll = newest(heard);
  return heard
    .flatMap((own): Silence[] => {
      if (isOver(own.state)) return [];
      // Among many the rank itself is no matter.
      const others = heard.length < ENOUGH_RANKS ? heard.filter(other => other !== own) : heard;
      const { atMs, batch } = others === heard ? ofAll : newest(others);
      const isLast = heard.every(other => other === own || isOver(other.state));
      const least = Math.max(isLast ? LEAST_AT_END_MS : LEAST_MS, TIMES * usualMs(own));
      if (batch - (own.lastBatch ?? 0) < LEAST_UPDATES || atMs - own.lastEventMs! <= least) return [];
      // Clocks of nodes differ: by the others' own clocks, too, they left its last update that long ago.
      const forMs = Math.min(atMs - own.lastEventMs!, sinceBatchMs(others, own.lastBatch ?? 0));
      return forMs > least ? [{ rank: own.rank, forMs, batch: own.lastBatch }] : [];
    })
    .sort((a, b) => b.forMs! - a.forMs!);
}

const newest = (ranks: readonly RankAnalyser[]): { atMs: number; batch: number } => ({
  atMs: median(ranks.map(({ lastEventMs }) => lastEventMs!)),
  batch: median(ranks.map(({ lastBatch }) => lastBatch ?? 0)),
});

/** How long ago these ranks made this update, each by its own clock; infinite where none of them has it. */
function sinceBatchMs(ranks: readonly RankAnalyser[], batch: number): number {
  const since = ranks.flatMap(({ startedMs, lastEventMs, lastBatch, trace: { blocks, span } }) => {
    const at = Math.floor(batch / span);
    const block = blocks.indexOf(at);
    if (block < 0) return [];
    const before = blocks.indexOf(at - 1);
    // Within a block, which may be thousands of updates, they are taken to be as far apart as each other.
    const fromMs = before < 0 ? startedMs! : blocks.toMs(before);
    const last = Math.min(lastBatch ?? batch, (at + 1) * span - 1);
    const share = (batch + 1 - at * span) / (last + 1 - at * span);
    return [lastEventMs! - (fromMs + Math.min(1, share) * (blocks.toMs(block) - fromMs))];
  });
  return since.length === 0 ? Number.POSITIVE_INFINITY : median(since);
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
