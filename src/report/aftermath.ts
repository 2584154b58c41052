/** What torch's own out-of-memory message advises, where it does not help against what the memory was found to be. */
import { torchSize } from '../base/index.ts';
import type { OutOfMemory, RunReport, VerdictKind } from '../contract/index.ts';
import { share } from '../present/index.ts';

export interface TorchAdvice {
  /** Torch's own words. */
  quote: string;
  /** Why it does not help. */
  remark: string;
}

/** `If reserved but unallocated memory is large try setting …`, with `>>` in older versions; to the end of the sentence, which a terminal may have cut. */
const ADVICE =
  /If reserved (?:but unallocated memory is large|memory is >> allocated memory)[^\n]*? fragmentation\.?(?=\s|$)/i;

/** In what to try beside another cause. */
const OTHER_SEGMENTS = /expandable_segments|max_split_size_mb/;

/** Findings against which other segments help: what to try has them, for the version that the text is of. */
const fitting: ReadonlySet<VerdictKind> = new Set(['fragmentation']);

const causes: Partial<Record<VerdictKind, string>> = {
  leak: 'tensors are kept that nobody needs: segments of another kind only delay the end',
  growth: 'the work itself needs more and more: no setting of the allocator makes it smaller',
  spike: 'single updates need far more than the others: no setting of the allocator makes them smaller',
  neighbour: 'another process holds the memory: this one’s allocator cannot give it back',
  'cache starvation': 'the cache is idle, not in pieces: give it back with torch.cuda.empty_cache() instead',
  'allocator configuration': 'another setting of the allocator is the cause',
};

/** More of the device than this is more than any program leaves. */
const FEW_PIECES = 0.1;

/** Of pieces, as the error’s figures have them; null where they do not refute the advice. */
function piecesOf({
  allocatedBytes,
  reservedUnallocatedBytes,
  triedBytes,
  totalBytes,
}: OutOfMemory): string | null {
  if (reservedUnallocatedBytes == null || triedBytes == null || totalBytes == null)
    return 'nothing found here shows that the memory was in pieces';
  const kept = torchSize(reservedUnallocatedBytes);
  const ofDevice = reservedUnallocatedBytes / totalBytes;
  if (reservedUnallocatedBytes < triedBytes)
    return `the ${kept} that is in pieces would not hold ${torchSize(triedBytes)} in one piece either`;
  if ((allocatedBytes ?? 0) + reservedUnallocatedBytes > totalBytes * 1.001)
    return `what PyTorch counts is more than the device has, so the ${kept} that it counts as unused is no sign of pieces`;
  return ofDevice < FEW_PIECES
    ? `only ${kept} is in pieces (${share(ofDevice)}), as any program leaves some`
    : null;
}

/** Null where the run did not fail for lack of memory, or its message advises nothing, or what helps. */
export function torchAdvice({
  failure,
  verdict,
  explanation,
}: Pick<RunReport, 'failure' | 'verdict' | 'explanation'>): TorchAdvice | null {
  if (failure?.outOfMemory == null) return null;
  const quote = ADVICE.exec(failure.message)?.[0].trim();
  const isOurs = explanation?.next.some(advice => OTHER_SEGMENTS.test(advice)) === true;
  if (quote === undefined || fitting.has(verdict.kind) || isOurs) return null;
  const why = causes[verdict.kind] ?? piecesOf(failure.outOfMemory);
  return why === null ? null : { quote, remark: `Not here: ${why}.` };
}
