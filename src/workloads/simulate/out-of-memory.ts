/** The error of an allocation that the device refused twice: torch's text, and the same figures as data. */
import { torchSize } from '../../base/index.ts';
import type { OutOfMemory } from '../../contract/index.ts';

/** What the message holds: {@link OutOfMemory} without gaps, and what it has no field for. Bytes. */
export interface AllocationFailure {
  device: string;
  triedBytes: number;
  totalBytes: number;
  freeBytes: number;
  processBytes: number;
  allocatedBytes: number;
  reservedUnallocatedBytes: number;
  /** Memory of other processes, 0 for none. */
  neighbourBytes: number;
  /** Limit by process fraction; null where not set. */
  allowedBytes: number | null;
}

/** Process id under which other processes' memory is listed. */
const NEIGHBOUR_PID = 4711;

function message(refusal: AllocationFailure): string {
  const size = (key: Exclude<keyof AllocationFailure, 'device'>) => torchSize(refusal[key]!);
  const index = refusal.device.split(':')[1] ?? '0';
  return [
    `CUDA out of memory. Tried to allocate ${size('triedBytes')}. GPU ${index} has a total capacity of `,
    `${size('totalBytes')} of which ${size('freeBytes')} is free. `,
    refusal.neighbourBytes > 0
      ? `Process ${NEIGHBOUR_PID} has ${size('neighbourBytes')} memory in use. `
      : '',
    `Including non-PyTorch memory, this process has ${size('processBytes')} memory in use. `,
    refusal.allowedBytes === null ? '' : `${size('allowedBytes')} allowed; `,
    `Of the allocated memory ${size('allocatedBytes')} is allocated by PyTorch, and `,
    `${size('reservedUnallocatedBytes')} is reserved by PyTorch but unallocated. `,
    'If reserved but unallocated memory is large try setting PYTORCH_ALLOC_CONF=expandable_segments:True ',
    'to avoid fragmentation.  See documentation for Memory Management  ',
    '(https://pytorch.org/docs/stable/notes/cuda.html#environment-variables)',
  ].join('');
}

export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
  /** The figures of the message, as a `TRAINING_FAILED` event carries them. */
  readonly outOfMemory: OutOfMemory;

  constructor(refusal: AllocationFailure) {
    super(message(refusal));
    const { neighbourBytes: _neighbour, allowedBytes: _allowed, ...figures } = refusal;
    this.outOfMemory = { ...figures, privatePoolBytes: null };
  }
}
