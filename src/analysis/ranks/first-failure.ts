/** Which rank failed first, and which fell with it. */

import { minutes } from '../../present/index.ts';
import type { Failure } from '../oom-cause.ts';
import type { RankAnalyser } from '../rank.ts';
import { numberNamed, onHost, type RankRule, rankPlace, ranksNamed } from './beside.ts';
import { silences } from './silent.ts';

/** Libraries that report another rank's failure as their own error. */
const COLLECTIVE = /DistBackendError|DistNetworkError|NCCL|ProcessGroup|Gloo/i;

/** 0: an error of its own, for lack of memory; 1: another of its own; 2: a collective that did not end; 3: fell with another rank. */
function precedence({ errorType, outOfMemory, ending }: Failure): number {
  if (outOfMemory !== null) return 0;
  if (ending?.kind === 'peer') return 3;
  if (ending?.kind === 'collective timeout' || (ending === null && COLLECTIVE.test(errorType))) return 2;
  return 1;
}

export interface FailedRank {
  rank: number;
  failure: Failure;
}

/** The failures, that which explains the others first; one for lack of memory explains most. */
export function failuresOf(ranks: readonly RankAnalyser[]): FailedRank[] {
  const failed = ranks.flatMap(({ rank, failure }) => (failure === null ? [] : [{ rank, failure }]));
  return failed.sort(
    (a, b) =>
      precedence(a.failure) - precedence(b.failure) || a.failure.timeMs - b.failure.timeMs || a.rank - b.rank,
  );
}

export const firstFailure: RankRule = ranks => {
  const failed = failuresOf(ranks.all);
  const [first, ...fell] = failed;
  if (first === undefined) return null;
  const [silent] = silences(ranks);
  // All fell with a rank that has no failure of its own in its log: it was killed, or hangs.
  if (precedence(first.failure) >= 2 && silent !== undefined) {
    const names = failed.map(({ rank }) => rank);
    return {
      ...finding(silent.rank, [silent.rank, ...names]),
      ...rankPlace(silent.rank, ranks),
      says:
        `Rank ${silent.rank}${onHost([silent.rank], ranks)} stopped first, after ${numberNamed(silent.rank, silent.batch, ranks)}, without an error in its log: ` +
        `${ranksNamed(names)} failed waiting for it (${first.failure.errorType}).`,
      next: [`dmesg and the scheduler of that node: esper explain knows their words`],
    };
  }
  if (fell.length === 0) return null;
  const names = fell.map(({ rank }) => rank);
  const lastMs = Math.max(...fell.map(({ failure }) => failure.timeMs));
  const within = Math.max(0, lastMs - first.failure.timeMs);
  return {
    ...finding(first.rank, [first.rank, ...names]),
    ...rankPlace(first.rank, ranks),
    says:
      `Rank ${first.rank}${onHost([first.rank], ranks)} failed first (${first.failure.errorType}): ` +
      `${ranksNamed(names)} fell with it${within < 500 ? '' : ` within ${minutes(within / 60_000)}`}.`,
    next: [`the log of rank ${first.rank}: errors of the others follow from its own`],
  };
};

const finding = (rank: number, ranks: number[]) => ({
  kind: 'first failure' as const,
  level: 'critical' as const,
  rank,
  ranks,
  short: `rank ${rank} failed first`,
  value: null,
  unit: null,
  sinceBatch: null,
});
