/** What ended the process, as evidence for any finding that explains it. */

import { amount } from '../../base/index.ts';
import type { Evidence } from '../../contract/index.ts';
import type { OomCause } from '../oom-cause.ts';
import { evidence } from './rule.ts';

export function endEvidence({
  by,
  batch,
  triedBytes,
  freeBytes,
  allocatedBytes,
  reservedUnallocatedBytes,
  neighbourBytes,
}: OomCause): Evidence {
  if (by === 'library')
    return evidence(
      'An allocation outside of torch’s own allocator was refused.',
      { fromBatch: batch, toBatch: batch },
      'TELE-785',
      'TELE-781',
    );
  const parts = [
    allocatedBytes === null ? null : `tensors held ${amount(allocatedBytes)}`,
    reservedUnallocatedBytes === null ? null : `${amount(reservedUnallocatedBytes)} reserved and unallocated`,
    freeBytes === null ? null : `${amount(freeBytes)} free on the device`,
    neighbourBytes === null || neighbourBytes <= 0 ? null : `${amount(neighbourBytes)} with other processes`,
  ].filter(part => part !== null);
  const asked = triedBytes === null ? 'an allocation' : amount(triedBytes);
  return evidence(
    `Out of memory: ${asked} was refused${parts.length > 0 ? `, with ${parts.join(', ')}` : ''}.`,
    { fromBatch: batch, toBatch: batch },
    'TELE-751',
  );
}
