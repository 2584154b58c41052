/** How a process ended, and whether a device's memory had run out. */
import type { Ending, OutOfMemory, ShownAround } from '../contract/index.ts';
import { doubtedFigures } from '../figures/index.ts';
import type { Counted } from '../present/index.ts';
import { type ExpandableSegments, readMemoryError, type Shown, shownOfFailure } from '../texts/index.ts';

/** How a process died. */
export interface Failure {
  timeMs: number;
  errorType: string;
  message: string;
  /** Newest batch before it. */
  batch: number | null;
  outOfMemory: OutOfMemory | null;
  /** How it ended, as far as its log shows. */
  ending: Ending | null;
  /** What stands around it, where that shows more of the program than its own words and frames. */
  shown?: ShownAround | null;
}

/** What the rank knows that concerns its devices. */
export interface ProcessOutcome {
  failure: Failure | null;
  /** What the numbers of its updates count. */
  counted: Counted;
  allocatorConf: string | null;
  expandable: ExpandableSegments;
  /** Devices of the rank. */
  devices: number;
}

/** A refusal that ended the process. */
export interface OomCause {
  /** torch: its allocator was refused. library: one that asks the driver itself (NCCL, cuBLAS). */
  by: 'torch' | 'library';
  batch: number | null;
  triedBytes: number | null;
  freeBytes: number | null;
  allocatedBytes: number | null;
  reservedUnallocatedBytes: number | null;
  /** Of other processes, as far as the message shows. */
  neighbourBytes: number | null;
  /** What its text and its frames show of the program. */
  shown: Shown;
}

/** PyTorch's own allocators: all others ask the driver themselves. */
const ALLOCATORS: ReadonlySet<string> = new Set(['pytorch', 'metal', 'unknown']);

/** The refusal that ended the process, where it was one, and one of this device. */
export function oomCauseOf(device: string, { failure, devices }: ProcessOutcome): OomCause | null {
  if (failure === null) return null;
  const { outOfMemory: reported, errorType, message, batch } = failure;
  const error = readMemoryError(message, { errorType });
  const isDevice = error === null ? reported?.triedBytes != null : error.memory === 'device';
  if (!isDevice || reported?.device === 'cpu') return null;
  if (reported?.device != null && reported.device !== device && devices > 1) return null;
  const isTorch = reported?.triedBytes != null || error === null || ALLOCATORS.has(error.by);
  const doubted = reported == null ? new Set<string>() : doubtedFigures(reported);
  const sound = (figure: 'totalBytes' | 'freeBytes' | 'processBytes'): number | null =>
    doubted.has(figure) ? null : (reported?.[figure] ?? null);
  const [totalBytes, freeBytes, processBytes] = [
    sound('totalBytes'),
    sound('freeBytes'),
    sound('processBytes'),
  ];
  return {
    by: isTorch ? 'torch' : 'library',
    batch,
    triedBytes: reported?.triedBytes ?? null,
    freeBytes,
    allocatedBytes: reported?.allocatedBytes ?? null,
    reservedUnallocatedBytes: reported?.reservedUnallocatedBytes ?? null,
    neighbourBytes:
      totalBytes === null || freeBytes === null || processBytes === null
        ? null
        : totalBytes - freeBytes - processBytes,
    shown: shownOfFailure(failure, true),
  };
}
