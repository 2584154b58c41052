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
  /** What private pools have cached: PyTorch counts it as allocated. 0 for none. */
  privatePoolBytes: number;
  /** Whether segments are expandable. */
  expandableSegments: boolean;
  /** Memory of other processes, 0 for none. */
  neighbourBytes: number;
  /** Limit by process fraction; null where not set. */
  allowedBytes: number | null;
}

/** What PyTorch advises at the end of its message. */
const ADVICE =
  'If reserved but unallocated memory is large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True ' +
  'to avoid fragmentation.  See documentation for Memory Management  ' +
  '(https://docs.pytorch.org/docs/stable/notes/cuda.html#optimizing-memory-usage-with-pytorch-cuda-alloc-conf)';
const EXPANDABLE_ADVICE =
  'expandable_segments is enabled. If instead the process is running out of virtual address space (VSZ), expandable segments ' +
  'may be over-reserving VA (each segment reserves ~9/8 of device memory, times the number of streams); reduce it via ' +
  'PYTORCH_CUDA_ALLOC_CONF expandable_segments_reserve / expandable_segments_reserve_by_class.';

/** Process id under which other processes' memory is listed. */
const NEIGHBOUR_PID = 4711;

function message(refusal: AllocationFailure): string {
  const size = (key: Exclude<keyof AllocationFailure, 'device' | 'expandableSegments'>) =>
    torchSize(refusal[key]!);
  const index = refusal.device.split(':')[1] ?? '0';
  return [
    `CUDA out of memory. Tried to allocate ${size('triedBytes')}. GPU ${index} has a total capacity of `,
    `${size('totalBytes')} of which ${size('freeBytes')} is free. `,
    refusal.neighbourBytes > 0
      ? `Process ${NEIGHBOUR_PID} has ${size('neighbourBytes')} memory in use. `
      : '',
    `Including non-PyTorch memory, this process has ${size('processBytes')} memory in use. `,
    refusal.allowedBytes === null ? '' : `${size('allowedBytes')} allowed; `,
    `Of the allocated memory ${size('allocatedBytes')} is allocated by PyTorch, `,
    refusal.privatePoolBytes > 0
      ? `with ${size('privatePoolBytes')} allocated in private pools (e.g., CUDA Graphs), `
      : '',
    'and ',
    `${size('reservedUnallocatedBytes')} is reserved by PyTorch but unallocated. `,
    refusal.expandableSegments ? EXPANDABLE_ADVICE : ADVICE,
  ].join('');
}

export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
  /** The figures of the message, as a `TRAINING_FAILED` event carries them. */
  readonly outOfMemory: OutOfMemory;

  constructor(refusal: AllocationFailure) {
    super(message(refusal));
    const {
      neighbourBytes: _neighbour,
      allowedBytes: _allowed,
      expandableSegments: _expandable,
      privatePoolBytes,
      ...figures
    } = refusal;
    this.outOfMemory = { ...figures, privatePoolBytes: privatePoolBytes > 0 ? privatePoolBytes : null };
  }
}
