/** Which devices are to be judged next, where there is no time for all: those that stand out, then those not looked at for longest. */
import type { DeviceMemory } from '../contract/index.ts';
import type { DeviceAnalyser } from './device.ts';
import type { RankAnalyser } from './rank.ts';
import { orNull, traced } from './trace-blocks.ts';

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
function grownOf({ trace: { blocks } }: RankAnalyser): number {
  const rest = traced.indexOf('rest');
  let [first, last] = [Number.NaN, Number.NaN];
  for (let block = 0; block < blocks.length; block++) {
    const mean = blocks.mean(block, rest);
    if (Number.isNaN(mean)) continue;
    if (Number.isNaN(first)) first = mean;
    last = mean;
  }
  return Number.isNaN(first) ? 0 : last - first;
}

const pressureOf = ({ trace: { blocks } }: RankAnalyser): number =>
  blocks.length === 0 ? 0 : (orNull(blocks.pressure(blocks.length - 1)) ?? 0);
