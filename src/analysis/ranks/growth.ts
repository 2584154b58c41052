/** A rank that holds more and more while the others do not: what all ranks do alike is taken off, so that little is enough. */
import { amount, median, robustDeviation, standardDeviation } from '../../base/index.ts';
import type { Interval } from '../../contract/index.ts';
import { listedRanks } from '../../present/index.ts';
import { onHost, type RankRule, rankPlace, ranksNamed } from './beside.ts';
import { ENOUGH_BLOCKS, knownOf, mediansOf, type SideBySide } from './side-by-side.ts';

/** Growth over the run, of the device's memory, below which nobody cares. */
const LEAST_SHARE = 0.0015;
const DEVIATIONS = 6;
/** The run is looked at in so many parts; of the steps from one to the next so many must go up, by a part of their even share. */
const PARTS = 8;
const UPS = 6;
const LEAST_STEP = 0.2;
/** Of a staircase: a rise is so much of all of it, and all falls together are no more than this. */
const LEAST_RISE = 0.03;
const MOST_FALL = 0.05;
/** What more ranks than so many do is the job's own. */
const MOST_SHARE = 0.25;

export const loneGrowth: RankRule = ranks => {
  const { batches, span } = ranks.table;
  const rows = changesOf(ranks.table);
  if (rows === null || ranks.totalBytes === null || batches.length < ENOUGH_BLOCKS) return null;
  // What the others do is nothing, most often: what scatters is how far they are from it.
  const apart = rows.map(endsApart).filter(value => !Number.isNaN(value));
  const beyond = Math.max(LEAST_SHARE * ranks.totalBytes, DEVIATIONS * robustDeviation(apart));
  // Of most ranks no two blocks are that far apart, and so no two parts.
  const grown = rows.map(row => (rangeOf(row) > beyond ? growthOf(row, batches, span, beyond) : null));
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

/**
 * How far each rank is from where it began, less what is usual of that: levels may differ from rank to rank, and the one that grows may
 * be the one in the middle.
 */
function changesOf({ from, usual }: SideBySide): Float64Array[] | null {
  const levels = usual('rest');
  const held = from('rest');
  if (held === null) return null;
  const blocks = levels.length;
  const all = new Float64Array(held.length * blocks);
  const rows = held.map((row, i) => {
    const changes = all.subarray(i * blocks, (i + 1) * blocks);
    let first = Number.NaN;
    for (let column = 0; column < blocks; column++) {
      const bytes = row[column]! + levels[column]!;
      if (Number.isNaN(first)) first = bytes;
      changes[column] = bytes - first;
    }
    return changes;
  });
  const common = mediansOf(rows, blocks);
  for (const row of rows) for (let column = 0; column < blocks; column++) row[column]! -= common[column]!;
  return rows;
}

interface Growth {
  /** From the first part to the newest, bytes. */
  grew: number;
  perUpdate: Interval;
}

/** What a rank holds more than at its beginning, less what is usual of that, in the blocks that it has. */
interface Course {
  /** First batches of the blocks. */
  batches: readonly number[];
  bytes: Float64Array;
}

const partOf = ({ batches, bytes }: Course, from: number, to = bytes.length): Course => ({
  batches: batches.slice(from, to),
  bytes: bytes.subarray(from, to),
});

/** How a row grew over the run, over its newest half, or since it last fell by so much, as with a new process; null where it did not keep growing. */
function growthOf(row: Float64Array, batches: readonly number[], span: number, fall: number): Growth | null {
  const bytes = knownOf(row);
  const known = {
    bytes,
    batches: bytes.length === row.length ? batches : batches.filter((_, i) => !Number.isNaN(row[i])),
  };
  const whole = growing(known, span) ?? growing(partOf(known, bytes.length >> 1), span);
  if (whole !== null) return whole;
  let since = bytes.length - 1;
  while (since > 0 && !(bytes[since - 1]! - bytes[since]! > fall)) since--;
  return since <= 0 ? null : growing(partOf(known, since), span);
}

/** Whether it goes up again and again, in each quarter, and hardly ever down: in leaps with long pauses between them, perhaps. */
function isStaircase(bytes: Float64Array, grew: number): boolean {
  const steps = bytes.length - 1;
  const quarters = new Set<number>();
  let [ups, fell] = [0, 0];
  for (let i = 0; i < steps; i++) {
    const step = bytes[i + 1]! - bytes[i]!;
    fell -= Math.min(0, step);
    if (!(step > LEAST_RISE * grew)) continue;
    ups++;
    quarters.add(Math.floor((4 * i) / steps));
  }
  return ups >= UPS && quarters.size === 4 && fell <= MOST_FALL * grew;
}

function growing({ batches, bytes }: Course, span: number): Growth | null {
  const each = bytes.length / PARTS;
  if (each < 1) return null;
  const edge = (part: number) => Math.floor(part * each);
  const levels = Array.from({ length: PARTS }, (_, i) =>
    median(bytes.subarray(edge(i), Math.max(edge(i + 1), edge(i) + 1))),
  );
  const grew = levels.at(-1)! - levels[0]!;
  if (!(grew > 0)) return null;
  const steps = levels.slice(1).map((level, i) => level - levels[i]!);
  const ups = steps.filter(step => step > (LEAST_STEP * grew) / steps.length);
  const isSteady = ups.length >= UPS && steps.at(-1)! > 0;
  if (!isSteady && !isStaircase(bytes, grew)) return null;
  const [from, to] = [batches[0]!, batches[Math.max(edge(PARTS), edge(PARTS - 1) + 1) - 1]! + span];
  const updates = ((to - from) * (PARTS - 1)) / PARTS;
  const mid = grew / updates;
  const error = (1.96 * standardDeviation(steps) * Math.sqrt(steps.length)) / updates;
  return { grew, perUpdate: { low: mid - error, mid, high: mid + error } };
}

/** Between its lowest and its highest value; −∞ where it has none. */
function rangeOf(row: Float64Array): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < row.length; i++) {
    const value = row[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}

/** How far the newest quarter of a row lies above the first; NaN where there is too little of it. */
function endsApart(row: Float64Array): number {
  const known = knownOf(row);
  if (known.length < ENOUGH_BLOCKS) return Number.NaN;
  const part = known.length >> 2;
  return median(known.subarray(known.length - part)) - median(known.subarray(0, part));
}
