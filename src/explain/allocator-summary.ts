/** `torch.cuda.memory_summary()`: the table of the caching allocator, current and at the peak. */
import { amount, printedBytes } from '../base/index.ts';
import { fragmentationOf } from '../figures/index.ts';
import { many, share } from '../present/index.ts';
import { expandableAdvice, hasSleepMode } from '../texts/index.ts';
import type { Answer } from './answer.ts';

const HEAD = /PyTorch CUDA memory summary, device ID (\d{1,3})/;
const COUNTS = /CUDA OOMs: (\d{1,9}) +\| +cudaMalloc retries: (\d{1,9})/;
const ROW =
  /^\| ?(Allocated memory|Active memory|Requested memory|GPU reserved memory|Non-releasable memory) +\|([^|]{1,20})\|([^|]{1,20})\|/;
/** Before PyTorch 2.1 the units are written KB, MB, GB; they are powers of two all the same. */
const AMOUNT = /\d{1,15} (?:B|Ki?B|Mi?B|Gi?B|Ti?B)/;
/** Share of what was reserved that no peak needed, above which segments of another kind are worth their price. */
const FRAGMENTED = 0.1;

/** null where the text has no such table. */
export function readAllocatorSummary(text: string): Answer | null {
  const device = HEAD.exec(text)?.[1];
  if (device === undefined) return null;
  const rows = new Map<string, [current: number, peak: number]>();
  for (const line of text.split('\n')) {
    const row = ROW.exec(line.trim());
    const [current, peak] = [bytesOf(row?.[2]), bytesOf(row?.[3])];
    if (row !== null && current !== null && peak !== null && !rows.has(row[1]!))
      rows.set(row[1]!, [current, peak]);
  }
  const reserved = rows.get('GPU reserved memory');
  const allocated = rows.get('Allocated memory');
  if (allocated === undefined) return null;
  const [ooms, retries] = (COUNTS.exec(text) ?? ['', '0', '0']).slice(1).map(Number) as [number, number];
  const stranded = rows.get('Non-releasable memory');
  const active = rows.get('Active memory');
  const fragmentation =
    active === undefined || reserved === undefined
      ? null
      : fragmentationOf({ activeBytes: active[1], reservedBytes: reserved[1] });
  return {
    what: 'torch.cuda.memory_summary()',
    whose: 'GPU',
    state: null,
    confidence: 'certain',
    says: `Device ${device}: ${reserved === undefined ? `tensors hold ${amount(allocated[0])}, ${amount(allocated[1])} at the peak; what PyTorch has reserved is not in the text` : `tensors hold ${amount(allocated[0])} of ${amount(reserved[0])} that PyTorch has reserved; at the peak ${amount(allocated[1])} of ${amount(reserved[1])}`}. ${
      ooms + retries === 0
        ? 'No request was refused.'
        : `Refused: ${many(ooms, 'out-of-memory error')}, and ${many(retries, 'request')} that succeeded once the cache was flushed: it is at the wall.`
    }`,
    evidence: [
      ...[...rows].map(
        ([name, [current, peak]]) => `${name}: ${amount(current)} now, ${amount(peak)} at the peak.`,
      ),
      ...(reserved === undefined
        ? []
        : [
            `${amount(reserved[0] - allocated[0])} is reserved and in no tensor${stranded === undefined ? '' : `, ${amount(stranded[0])} of it in pieces that cannot be given back`}.`,
          ]),
      ...(fragmentation === null
        ? []
        : [`Fragmentation, 1 − peak active / peak reserved: ${share(fragmentation)}.`]),
    ],
    next:
      ooms + retries === 0
        ? []
        : reserved !== undefined &&
            // Where the row of its pieces was cut off, by what is in no tensor.
            (stranded?.[0] ?? reserved[0] - allocated[0]) > reserved[0] / 4 &&
            (fragmentation ?? 0) > FRAGMENTED
          ? expandableAdvice(
              { isInUse: false, engineSleeps: hasSleepMode(text) },
              `because much of what is reserved is in ${stranded === undefined ? 'no tensor' : 'pieces'}.`,
            )
          : [
              'Use smaller microbatches with gradient accumulation, activation checkpointing, or shorter sequences.',
            ],
  };
}

const bytesOf = (cell: string | undefined): number | null => printedBytes(AMOUNT.exec(cell ?? '')?.[0] ?? '');
