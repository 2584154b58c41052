/** The settings of the allocator that decide where memory comes from, as `PYTORCH_ALLOC_CONF` gives them. */
import { hasExpandableSegments, maxSplitSizeMb, parseAllocatorConf } from '../../contract/index.ts';
import { SHARED_SEGMENT } from './sizes.ts';

const MIB = 2 ** 20;

export interface AllocatorSettings {
  /** Segments grow in place, page by page. */
  expandableSegments: boolean;
  /** Blocks of this size and above are neither split nor given to smaller requests, bytes; Infinity: no limit. */
  maxSplitSize: number;
  /** How much larger than a request an unsplittable block may be that serves it, bytes. */
  maxNonSplitRounding: number;
  /** Share of what the process may reserve above which idle segments go back, 0–1; 0: never. Needs a process limit. */
  garbageCollectionThreshold: number;
  /** Steps between two powers of two that sizes round up to, for sizes below 2 MiB, 4 MiB, … from 1 MiB on; 0 and 1: none. */
  roundupPower2Divisions: readonly number[];
  /** Which of equal free blocks is taken: that of the segment taken first, as in PyTorch 2.15, or that of the lowest address, as in older ones. */
  tieBreak: 'oldest segment' | 'lowest address';
  /** Limit of the process as a share of the device, 0–1. */
  processFraction: number | null;
}

/** Sizes that have divisions of their own: 1 MiB, 2 MiB, … 32 GiB. */
const INTERVALS = 16;

export const defaultSettings: AllocatorSettings = {
  expandableSegments: false,
  maxSplitSize: Number.POSITIVE_INFINITY,
  maxNonSplitRounding: SHARED_SEGMENT,
  garbageCollectionThreshold: 0,
  roundupPower2Divisions: new Array<number>(INTERVALS).fill(0),
  tieBreak: 'oldest segment',
  processFraction: null,
};

const powerOf2 = (text: string, what: string): number => {
  const value = Number(text);
  if (!Number.isInteger(Math.log2(value)))
    throw new RangeError(`${what} takes powers of two, not "${text}".`);
  return value;
};

/** `4`, or `[256:1,512:2,>:8]` with sizes in MiB: a size counts from its power of two on, `>` for all above the last. */
function divisionsOf(text: string): number[] {
  const list = /^\[(.*)\]$/.exec(text);
  if (list === null) return new Array<number>(INTERVALS).fill(powerOf2(text, 'roundup_power2_divisions'));
  const divisions = new Array<number>(INTERVALS).fill(0);
  let last: number | null = null;
  for (const part of list[1]!.split(',')) {
    const [size = '', count = ''] = part.split(':').map(word => word.trim());
    const value = powerOf2(count, 'roundup_power2_divisions');
    if (size === '>') {
      divisions.fill(value, (last ?? -1) + 1);
      continue;
    }
    const index = Math.min(Math.log2(powerOf2(size, 'roundup_power2_divisions')), INTERVALS - 1);
    if (last === null) divisions.fill(value, 0, index);
    divisions[index] = value;
    last = index;
  }
  return divisions;
}

/**
 * Settings from the text of `PYTORCH_ALLOC_CONF`; options that decide nothing here are passed over.
 * @throws RangeError one sentence on what an option takes
 */
export function allocatorSettings(conf: string): AllocatorSettings {
  const options = parseAllocatorConf(conf);
  const number = (key: string) => (options.has(key) ? Number(options.get(key)) : null);
  const mib = maxSplitSizeMb(options);
  const rounding = number('max_non_split_rounding_mb');
  const divisions = options.get('roundup_power2_divisions');
  return {
    expandableSegments: hasExpandableSegments(options),
    maxSplitSize: mib === null ? defaultSettings.maxSplitSize : mib * MIB,
    maxNonSplitRounding: rounding === null ? defaultSettings.maxNonSplitRounding : rounding * MIB,
    garbageCollectionThreshold: number('garbage_collection_threshold') ?? 0,
    roundupPower2Divisions:
      divisions === undefined ? defaultSettings.roundupPower2Divisions : divisionsOf(divisions),
    tieBreak: defaultSettings.tieBreak,
    processFraction: number('per_process_memory_fraction'),
  };
}
