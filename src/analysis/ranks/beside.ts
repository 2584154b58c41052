/** What a rule is given, and what its sentences are made of. */
import { count } from '../../base/index.ts';
import type { RankFinding } from '../../contract/index.ts';
import { listedRanks } from '../../present/index.ts';
import type { RankAnalyser } from '../rank.ts';
import type { SideBySide } from './side-by-side.ts';

export interface Ranks {
  /** In ascending order. */
  all: readonly RankAnalyser[];
  table: SideBySide;
  /** Ranks in the job, as they reported at their start; null where they did not. */
  worldSize: number | null;
  /** Memory of a device, bytes; null where it is not reported. */
  totalBytes: number | null;
  /** Ranks with a device that is found to leak or to need more and more. */
  growing: ReadonlySet<number>;
}

export type RankRule = (ranks: Ranks) => RankFinding | null;

/** `rank 12`, `ranks 12 and 13`; beginning a sentence with `Rank`. */
export const ranksNamed = (ranks: readonly number[], isFirst = false): string =>
  `${isFirst ? 'R' : 'r'}ank${ranks.length > 1 ? 's' : ''} ${listedRanks(ranks)}`;

/** ` on node3`, where all of these ranks are on one host that is known, and the run has others. */
export function onHost(ranks: readonly number[], { all }: Ranks): string {
  const hosts = new Set(
    all.filter(({ rank }) => ranks.includes(rank)).map(({ started }) => started.hostname ?? null),
  );
  const every = new Set(all.map(({ started }) => started.hostname ?? null));
  const [host] = hosts;
  return hosts.size === 1 && every.size > 1 && host != null ? ` on ${host}` : '';
}

/** `batch 12` of the rank, or what else its numbers count. */
export const numberNamed = (rank: number, batch: number | null, { all }: Ranks): string =>
  `${all.find(own => own.rank === rank)?.counted ?? 'batch'} ${count(batch)}`;

/** Where a rank is. */
export const rankPlace = (rank: number, { all }: Ranks): Pick<RankFinding, 'host' | 'device'> => {
  const own = all.find(other => other.rank === rank);
  return { host: own?.started.hostname ?? null, device: own?.devices.keys().next().value ?? null };
};
