/** The figures of an out-of-memory text, in a sentence. */
import type { OutOfMemory } from '../contract/index.ts';
import { OWNERS } from './device-names.ts';
import { torchAmount } from './text-finding.ts';

/** null where it has none. */
export function figuresOfText(error: OutOfMemory): string | null {
  const owner = OWNERS[error.by ?? ''];
  const figures: readonly [string, number | null | undefined][] = [
    ['asked', error.triedBytes],
    ['total', error.totalBytes],
    ['free', error.freeBytes],
    ['this process', error.processBytes],
    [owner === undefined ? 'PyTorch’s tensors' : `allocated by ${owner}`, error.allocatedBytes],
    ['active', error.activeBytes],
    ['of them in private pools', error.privatePoolBytes],
    ['unallocated in PyTorch’s cache', error.reservedUnallocatedBytes ?? error.cachedBytes],
    ['allowed', error.allowedBytes],
  ];
  const printed = figures.flatMap(([name, bytes]) =>
    bytes == null ? [] : [`${name} ${torchAmount(bytes)}`],
  );
  return printed.length === 0 ? null : `The text: ${printed.join(', ')}.`;
}
