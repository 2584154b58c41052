/** A rank that holds more and more while the others do not: what all ranks do alike is taken off, so that little is enough. */
import { amount, median, robustDeviation, standardDeviation } from '../../base/index.ts';
import type { Interval } from '../../contract/index.ts';
import { listedRanks } from '../../present/index.ts';
import { onHost, type RankRule, rankPlace, ranksNamed } from './beside.ts';
import { ENOUGH_BLOCKS } from './side-by-side.ts';

/** Growth over the run, of the device's memory, below which nobody cares. */
const LEAST_SHARE = 0.0015;
const DEVIATIONS = 6;
/** The run is looked at in so many parts; of the steps from one to the next so many must go up, by a part of their even share. */
const PARTS = 8;
const UPS = 6;
const LEAST_STEP = 0.2;
/** What more ranks than so many do is the job's own. */
const MOST_SHARE = 0.25;

export const loneGrowth: RankRule = ranks => {
  const rows = ranks.table.from('rest');
  const { batches, span } = ranks.table;
  if (rows === null || ranks.totalBytes === null || batches.length < ENOUGH_BLOCKS) return null;
  const grown = rows.map(row => growthOf(row, batches, span));
  // What the others do is nothing, most often: what scatters is how far they are from it.
  const apart = rows.map(endsApart).filter(value => !Number.isNaN(value));
  const beyond = Math.max(LEAST_SHARE * ranks.totalBytes, DEVIATIONS * robustDeviation(apart));
  const found = grown.flatMap((growth, i) =>
    growth === null || growth.grew <= beyond ? [] : [{ rank: ranks.all[i]!.rank, ...growth }],
  );
  if (found.length === 0 || found.length > Math.max(1, MOST_SHARE * ranks.all.length)) return null;
  found.sort((a, b) => b.perUpdate.mid - a.perUpdate.mid);
  const [worst] = found;
  const { rank, perUpdate, grew } = worst!;
  const names = found.map(({ rank }) => rank);
  const others = ranks.all.length - names.length;
  return {
    kind: 'lone growth',
    // The verdict names what is found of the device itself.
    level: names.every(name => ranks.growing.has(name)) ? 'info' : 'warning',
    rank,
    ranks: names,
    ...rankPlace(rank, ranks),
    short: `rank ${listedRanks(names.slice(0, 3))} grows alone`,
    says:
      `Only ${ranksNamed(names)}${onHost(names, ranks)} ${names.length > 1 ? 'hold' : 'holds'} more after each update, ` +
      `${amount(Math.round(perUpdate.mid))} an update and ${amount(Math.round(grew))} so far${names.length > 1 ? ` on rank ${rank}` : ''}: the other ${others} do not.`,
    value: { low: perUpdate.low, mid: perUpdate.mid, high: perUpdate.high },
    unit: 'bytes per update',
    sinceBatch: null,
    next: [
      'what only this rank does: logging, evaluation, a cache of its own samples',
      'esper.start(..., attribution=True) on that rank',
    ],
  };
};

interface Growth {
  /** From the first part to the newest, bytes. */
  grew: number;
  perUpdate: Interval;
}

/** How a row grew over the run, or over its newest half; null where it did not keep growing. */
function growthOf(row: Float64Array, batches: readonly number[], span: number): Growth | null {
  const known: [number, number][] = [];
  row.forEach((value, i) => {
    if (!Number.isNaN(value)) known.push([batches[i]!, value]);
  });
  return growing(known, span) ?? growing(known.slice(known.length >> 1), span);
}

function growing(points: readonly (readonly [batch: number, bytes: number])[], span: number): Growth | null {
  const each = points.length / PARTS;
  if (each < 1) return null;
  const parts = Array.from({ length: PARTS }, (_, i) =>
    points.slice(Math.floor(i * each), Math.max(Math.floor((i + 1) * each), Math.floor(i * each) + 1)),
  );
  const levels = parts.map(part => median(part.map(([, bytes]) => bytes)));
  const grew = levels.at(-1)! - levels[0]!;
  const steps = levels.slice(1).map((level, i) => level - levels[i]!);
  const ups = steps.filter(step => step > (LEAST_STEP * grew) / steps.length);
  if (!(grew > 0) || ups.length < UPS || !(steps.at(-1)! > 0)) return null;
  const [from, to] = [parts[0]![0]![0], parts.at(-1)!.at(-1)![0] + span];
  const updates = ((to - from) * (PARTS - 1)) / PARTS;
  const mid = grew / updates;
  const error = (1.96 * standardDeviation(steps) * Math.sqrt(steps.length)) / updates;
  return { grew, perUpdate: { low: mid - error, mid, high: mid + error } };
}

/** How far the newest quarter of a row lies above the first; NaN where there is too little of it. */
function endsApart(row: Float64Array): number {
  const known = row.filter(value => !Number.isNaN(value));
  if (known.length < ENOUGH_BLOCKS) return Number.NaN;
  const part = known.length >> 2;
  return median(known.subarray(known.length - part)) - median(known.subarray(0, part));
}
