/** Why the figures of an out-of-memory error cannot all be true, in sentences: each is left out of what is worked out from them. */
import { GIB } from '../base/index.ts';
import type { OutOfMemory } from '../contract/index.ts';

const names: Readonly<Record<string, string>> = {
  freeBytes: 'free',
  totalBytes: 'total',
  processBytes: 'this process',
  allocatedBytes: 'allocated',
  reservedUnallocatedBytes: 'unallocated',
  triedBytes: 'asked',
};
const nameOf = (figure: string): string => names[figure] ?? figure.replace(/Bytes$/, '');
const inGib = (bytes: number): string => `${(bytes / GIB).toFixed(2)} GiB`;

/** Figures that are impossible, or part of a sum that is: nothing is to be worked out from them. */
export const doubtedFigures = ({ impossible }: OutOfMemory): ReadonlySet<string> =>
  new Set((impossible ?? []).flatMap(({ figure }) => figure.split('+')));

/** Empty where they can all be true, or nothing was found against it. */
export const oomContradictions = ({ impossible, allocatedBytes, totalBytes }: OutOfMemory): string[] =>
  (impossible ?? []).flatMap(({ figure, printed, belowZeroBytes }) => {
    if (figure.includes('+')) {
      // More than a device has lies in the host’s memory, as its driver may let it.
      if (allocatedBytes != null && totalBytes != null && allocatedBytes > totalBytes) return [];
      const sum = inGib(Number(printed.split(' ')[0]));
      return `The figures do not add up: ${figure.split('+').map(nameOf).join(' and ')} are ${sum}, more than the device has.`;
    }
    const below = belowZeroBytes == null ? '' : ` (it wrapped: ${inGib(belowZeroBytes)} below zero)`;
    return `The ${figure === 'processBytes' ? 'process’s own' : nameOf(figure)} figure is impossible: ${printed}${below}. It is not used.`;
  });
