/** What the ranks of a run show beside each other. */
import { median } from '../../base/index.ts';
import { type DeviceReport, type RankFinding, rankFindingKinds } from '../../contract/index.ts';
import type { RankAnalyser } from '../rank.ts';
import type { RankRule, Ranks } from './beside.ts';
import { firstFailure } from './first-failure.ts';
import { loneGrowth } from './growth.ts';
import { sharedDevice } from './shared-device.ts';
import { sideBySide } from './side-by-side.ts';
import { silentRank } from './silent.ts';
import { memorySkew } from './skew.ts';
import { slowRank } from './slow.ts';

const rules: readonly RankRule[] = [firstFailure, silentRank, loneGrowth, slowRank, memorySkew, sharedDevice];

const severity = { info: 0, warning: 1, critical: 2 } as const;

/**
 * The findings, the worst first; at most one of a kind, with all the ranks that it is found of. None of a run of one rank.
 * @param all in ascending order
 * @param devices what was found of their devices
 */
export function acrossRanks(
  all: readonly RankAnalyser[],
  devices: readonly Pick<DeviceReport, 'rank' | 'findings' | 'totalBytes'>[],
): RankFinding[] {
  const worldSize = all.reduce<number | null>((most, { started }) => started.worldSize ?? most, null);
  if (all.length < 2 && (worldSize ?? 1) < 2) return [];
  const totals = devices.map(({ totalBytes }) => totalBytes).filter(bytes => bytes !== null);
  const growing = devices.filter(({ findings }) =>
    findings.some(({ kind }) => kind === 'leak' || kind === 'growth'),
  );
  const ranks: Ranks = {
    all,
    table: sideBySide(all.map(({ trace }) => trace)),
    worldSize,
    totalBytes: totals.length === 0 ? null : median(totals),
    growing: new Set(growing.map(({ rank }) => rank)),
  };
  const found: RankFinding[] = [];
  for (const rule of rules) {
    const finding = rule({ ...ranks, growing: withLone(ranks.growing, found) });
    if (finding !== null) found.push(finding);
  }
  return found.sort(
    (a, b) =>
      severity[b.level] - severity[a.level] ||
      rankFindingKinds.indexOf(a.kind) - rankFindingKinds.indexOf(b.kind),
  );
}

/** A rank that grows alone is above the others in the end: that is no skew beside it. */
const withLone = (growing: ReadonlySet<number>, found: readonly RankFinding[]): ReadonlySet<number> =>
  new Set([...growing, ...found.filter(({ kind }) => kind === 'lone growth').flatMap(({ ranks }) => ranks)]);
