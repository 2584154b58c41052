/** Which devices are to be judged next, where there is no time for all: those that stand out, then those not looked at for longest. */
import type { DeviceMemory } from '../contract/index.ts';
import type { DeviceAnalyser } from './device.ts';
import type { RankAnalyser } from './rank.ts';

export interface DueDevice {
  rank: RankAnalyser;
  device: DeviceAnalyser;
  /** Its newest reading that came between updates. */
  between: DeviceMemory | null;
  /** The higher, the sooner. */
  urgency: number;
}

/** Of the ranks, those whose memory grew most and was fullest go first. */
const STANDING_OUT = 4;

export function dueDevices(ranks: readonly RankAnalyser[]): DueDevice[] {
  const due = ranks.flatMap(rank =>
    [...rank.devices.values()]
      .filter(({ analyser, between }) => !analyser.isJudged(rank.circumstances, between))
      .map(
        ({ analyser, between }): DueDevice => ({
          rank,
          device: analyser,
          between,
          urgency: stalenessOf(rank, analyser),
        }),
      ),
  );
  if (due.length < 2) return due;
  for (const measure of [grownOf, pressureOf]) {
    const most = due
      .map(one => ({ one, by: measure(one.rank) }))
      .filter(({ by }) => by > 0)
      .sort((a, b) => b.by - a.by)
      .slice(0, STANDING_OUT);
    for (const { one } of most) one.urgency *= 4;
  }
  return due.sort((a, b) => b.urgency - a.urgency || a.rank.rank - b.rank.rank);
}

/** Points since it was judged, as a share of all: 1 where it never was. A failure is looked at before anything else. */
function stalenessOf(rank: RankAnalyser, device: DeviceAnalyser): number {
  const share = device.unjudged / Math.max(1, rank.updates);
  return rank.failure === null ? share : 10 + share;
}

/** Bytes at the end of updates that the newest block lies above the first. */
function grownOf({ trace }: RankAnalyser): number {
  const rests = [...trace.blocks.values()].map(({ rest }) => rest).filter(rest => rest !== null);
  const [first, last] = [rests[0], rests.at(-1)];
  return first === undefined || last === undefined ? 0 : last.sum / last.of - first.sum / first.of;
}

const pressureOf = ({ trace }: RankAnalyser): number => [...trace.blocks.values()].at(-1)?.pressure ?? 0;
