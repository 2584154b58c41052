/** Random programs of allocations, the same for the same seed: sizes as in trainings, several streams, pools, a device that is full. */
import { seededRandom } from '../../src/base/index.ts';

export type Operation =
  | ['alloc', id: number, bytes: number, stream: number]
  | ['free', id: number]
  | ['record', id: number, stream: number]
  | ['empty']
  | ['fraction', fraction: number]
  /** Memory that the process takes beside its allocator. */
  | ['outside', id: number, bytes: number]
  | ['leave', id: number]
  | ['enter', pool: string]
  | ['exit', pool: string]
  | ['drop', pool: string];

export interface Program {
  operations: Operation[];
}

/** What a family of programs is run with. */
export interface Family {
  name: string;
  /** `PYTORCH_ALLOC_CONF`. */
  conf: string;
  totalMib: number;
  /** Whether the process has a limit, which then changes. */
  isLimited?: boolean;
  usesPools?: boolean;
}

export const CONTEXT_MIB = 100;

export const families: readonly Family[] = [
  { name: 'as PyTorch has it', conf: '', totalMib: 420 },
  { name: 'room for everything', conf: '', totalMib: 8192 },
  { name: 'process limit', conf: '', totalMib: 600, isLimited: true },
  { name: 'max_split_size', conf: 'max_split_size_mb:24', totalMib: 420 },
  {
    name: 'max_split_size, rounding',
    conf: 'max_split_size_mb:32,max_non_split_rounding_mb:40',
    totalMib: 420,
  },
  { name: 'roundup_power2_divisions', conf: 'roundup_power2_divisions:4', totalMib: 420 },
  {
    name: 'roundup_power2_divisions by size',
    conf: 'roundup_power2_divisions:[2:8,8:4,32:2,>:1]',
    totalMib: 420,
  },
  { name: 'garbage collection', conf: 'garbage_collection_threshold:0.5', totalMib: 600, isLimited: true },
  {
    name: 'garbage collection, max_split_size',
    conf: 'garbage_collection_threshold:0.6,max_split_size_mb:24',
    totalMib: 600,
    isLimited: true,
  },
  { name: 'expandable', conf: 'expandable_segments:True', totalMib: 460 },
  { name: 'expandable, process limit', conf: 'expandable_segments:True', totalMib: 600, isLimited: true },
  {
    name: 'expandable, roundup_power2_divisions',
    conf: 'expandable_segments:True,roundup_power2_divisions:8',
    totalMib: 460,
  },
  { name: 'private pools', conf: '', totalMib: 420, usesPools: true },
  { name: 'private pools, expandable', conf: 'expandable_segments:True', totalMib: 460, usesPools: true },
];

const MIB = 2 ** 20;
const OPERATIONS = 70;

export function program(family: Family, seed: number): Program {
  const draw = seededRandom(seed);
  const below = (n: number) => Math.floor(draw() * n);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)]!;
  /** Trainings ask for few sizes again and again. */
  const usual = Array.from({ length: 6 }, () => size());
  function size(): number {
    const kind = draw();
    if (kind < 0.25) return 1 + below(4096);
    if (kind < 0.45) return 1 + below(MIB + 2048);
    if (kind < 0.75) return MIB + below(12 * MIB);
    if (kind < 0.85) return below(40) * 2 * MIB + pick([1, 512, MIB, 2 * MIB]);
    return 10 * MIB + below(60 * MIB);
  }
  const streams = pick([1, 1, 2, 4]);
  const operations: Operation[] = family.isLimited ? [['fraction', pick([1, 0.9, 0.7])]] : [];
  const live: number[] = [];
  const others: number[] = [];
  const pools = new Set<string>();
  let inside: string | null = null;
  for (let id = 0; operations.length < OPERATIONS; id++) {
    const kind = draw();
    if (kind < 0.55) {
      operations.push(['alloc', id, draw() < 0.6 ? pick(usual) : size(), below(streams)]);
      live.push(id);
    } else if (kind < 0.86 && live.length > 0) {
      operations.push(['free', live.splice(below(live.length), 1)[0]!]);
    } else if (kind < 0.9 && live.length > 0 && streams > 1) {
      operations.push(['record', pick(live), below(streams)]);
    } else if (kind < 0.92) {
      if (inside === null) operations.push(['empty']);
    } else if (kind < 0.94) {
      if (others.length > 0 && draw() < 0.5) operations.push(['leave', others.pop()!]);
      else {
        operations.push(['outside', id, (1 + below(40)) * 2 * MIB]);
        others.push(id);
      }
    } else if (kind < 0.955 && family.isLimited) operations.push(['fraction', 0.3 + below(8) / 10]);
    else if (family.usesPools) {
      if (inside !== null) {
        operations.push(['exit', inside]);
        inside = null;
      } else if (pools.size > 0 && draw() < 0.3) {
        const pool = pick([...pools]);
        pools.delete(pool);
        operations.push(['drop', pool]);
      } else {
        inside = pick(['a', 'b']);
        pools.add(inside);
        operations.push(['enter', inside]);
      }
    }
  }
  return { operations };
}
