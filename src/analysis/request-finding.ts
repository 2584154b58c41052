/** A request that no memory that is freed makes room for: it is larger than the device, than its driver hands out at once, or no size at all. */
import { GIB } from '../base/index.ts';
import type { Finding, OutOfMemory } from '../contract/index.ts';
import { doubtedFigures } from '../figures/index.ts';
import type { RefusedRequest } from './refused-request.ts';
import { textFinding, torchAmount } from './text-finding.ts';

/** A single allocation that Intel’s driver refuses as it comes. */
const LARGEST_OF_INTEL = 4 * GIB;
/** Bytes that nobody asks for in earnest: 64 TiB, a hundred times what the largest device has. */
export const NO_SIZE = 2 ** 46;
/** More than any GPU has. */
const NO_DEVICE = 512 * GIB;
/** Share of a device below which a process has hardly begun. */
const HARDLY_ANY = 0.1;
/** Share of the device up to which its tensors do not explain by themselves that a request did not fit. */
const MOSTLY_OWN = 0.75;

export const LARGER_SHARE =
  'Where it is an integrated GPU: give it a larger share of the host’s memory (firmware: UMA frame buffer; on Linux the limits of GTT).';

const MOSTLY =
  'mostly the scores of attention for the whole length, or logits of the whole vocabulary, a grid, an image or a video in one piece.';
/** Where PyTorch has no tensor yet: no model asked. */
const PIECES = 'Ask for it in several pieces, each below 4 GiB.';
const SMALLER_PIECE =
  'Cut that piece: attention that does not keep the scores (scaled_dot_product_attention, FlashAttention), a shorter sequence or smaller image, tiles or chunks, a smaller batch.';

/** null where the request is of a size that the device could have. */
export function explainRequest(
  error: OutOfMemory,
  message: string,
  { evidence, shown }: Pick<RefusedRequest, 'evidence' | 'shown'>,
): Finding | null {
  const smallerRequest = [
    shown.hasFrames
      ? `Look at the line that asked, in the traceback: ${MOSTLY}`
      : `Find which line asked: the traceback, which is not in the text, names it. It is ${MOSTLY}`,
    SMALLER_PIECE,
  ];
  const { triedBytes, totalBytes, freeBytes, allocatedBytes } = error;
  const device = error.device ?? 'the device';
  const isNoSize =
    (triedBytes ?? 0) > NO_SIZE || error.impossible?.some(({ figure }) => figure === 'triedBytes');
  if (totalBytes == null && (triedBytes ?? 0) >= NO_DEVICE && /from device: /.test(message))
    return textFinding({
      kind: 'not memory',
      confidence: 'likely',
      says: `Not a shortage of memory: TensorFlow asks for nearly all of the device as it starts, and by the driver that is ${torchAmount(triedBytes!)}, which no GPU has.`,
      evidence,
      next: [
        `Look whether the driver’s own tool (${/\bHIP|rocm/i.test(message) ? 'rocm-smi) shows the device as it is, and whether TensorFlow is built for that version of ROCm' : 'nvidia-smi) shows the device as it is, and whether TensorFlow is built for that version of CUDA'}.`,
        'tf.config.experimental.set_memory_growth, or a logical device with a memory_limit, does not ask for all of it.',
      ],
    });
  if (isNoSize || /tried to allocate more than 1EB/i.test(message))
    return textFinding({
      kind: 'not memory',
      confidence: 'likely',
      says: `Not a shortage of memory: ${triedBytes == null ? (/more than 1EB/i.test(message) ? 'more than an exabyte' : 'more than any device has') : torchAmount(triedBytes)} was asked for. That was never a real size: the number was read from memory that was overwritten or never filled.`,
      evidence,
      next: [
        'Look for what wrote over it: a kernel that ran out of its bounds, labels or lengths out of range, a shape that was never set.',
        'With several ranks look for the first error of the others, above all a timeout of NCCL: a message that never arrived leaves such a number.',
      ],
    });
  if (totalBytes == null && (triedBytes ?? 0) >= NO_DEVICE)
    return textFinding({
      kind: 'full',
      says: `One request is larger than any GPU: ${torchAmount(triedBytes!)} was asked for at once${error.device == null ? '' : ` of ${device}`}. No memory that is freed makes room for it.`,
      evidence,
      next: [
        'Look for a shape that is larger than it was meant: two arrays broadcast against each other, a one-hot or pairwise matrix, a length that was padded to the longest.',
        'Cut that piece: tiles or chunks (jax.lax.map, scan), a smaller batch or length.',
      ],
    });
  const block = /memory block with size larger than (\d{1,4}) ?GB/i.exec(message)?.[1];
  if (block !== undefined)
    return textFinding({
      kind: 'process limit',
      says: `Not full: this platform hands out no more than ${block} GB in one piece, and ${torchAmount(triedBytes ?? null)} was asked for.`,
      evidence,
      next: [...RELAXED, ...smallerRequest],
    });
  const largest = /maximum allowed buffer size/i.test(message) ? error.allowedBytes : null;
  if (triedBytes != null && largest != null)
    return textFinding({
      kind: 'process limit',
      says: `Not full: Metal hands out no more than ${torchAmount(largest)} in one piece on this machine, and ${torchAmount(triedBytes)} was asked for. No memory that is freed makes room for it.`,
      next: smallerRequest,
    });
  if (triedBytes == null || totalBytes == null) return null;
  const held = (allocatedBytes ?? totalBytes) + (error.reservedUnallocatedBytes ?? 0);
  const isRoomForIntel =
    freeBytes == null ? held <= HARDLY_ANY * totalBytes && triedBytes < totalBytes : freeBytes >= triedBytes;
  if (isRefusedByIntel(error) && isRoomForIntel)
    return textFinding({
      kind: 'process limit',
      confidence: 'likely',
      says: `${torchAmount(triedBytes)} in one piece was refused though ${freeBytes == null ? `PyTorch holds ${held === 0 ? 'nothing' : `only ${torchAmount(held)}`} of ${device}’s ${torchAmount(totalBytes)}` : `${torchAmount(freeBytes)} of ${device} is free`}: mostly Intel’s driver, which hands out less than 4 GiB at once.`,
      evidence,
      next: [...RELAXED, ...(held === 0 ? [PIECES] : smallerRequest)],
    });
  if (triedBytes >= totalBytes && (allocatedBytes ?? 0) <= totalBytes)
    return textFinding({
      kind: 'full',
      says: `One request is ${triedBytes > totalBytes ? 'larger than' : 'as large as'} the device: ${torchAmount(triedBytes)} was asked for at once, and ${device} has ${torchAmount(totalBytes)} in all. No memory that is freed makes room for it.`,
      evidence,
      next: [...(/\bHIP\b/.test(message) ? [LARGER_SHARE] : []), ...smallerRequest],
    });
  const unallocated = error.reservedUnallocatedBytes ?? error.cachedBytes ?? 0;
  const isBeyond =
    allocatedBytes != null &&
    allocatedBytes + triedBytes > totalBytes &&
    allocatedBytes < MOSTLY_OWN * totalBytes &&
    triedBytes > unallocated + (doubtedFigures(error).has('freeBytes') ? 0 : (freeBytes ?? 0));
  return isBeyond && triedBytes > totalBytes / 2
    ? textFinding({
        kind: 'full',
        says: `One request is too large beside what is held: ${torchAmount(triedBytes)} was asked for at once, PyTorch’s tensors have ${torchAmount(allocatedBytes)}, and ${device} has ${torchAmount(totalBytes)} in all. It would not fit without fragmentation either.`,
        evidence,
        next: smallerRequest,
      })
    : null;
}

const RELAXED = [
  'Allow larger ones before the process starts: UR_L0_USE_RELAXED_ALLOCATION_LIMITS=1 (Intel), where the driver can.',
];

const isRefusedByIntel = ({ device, triedBytes }: OutOfMemory): boolean =>
  device?.startsWith('xpu') === true && (triedBytes ?? 0) >= LARGEST_OF_INTEL;

/** What to try where Intel’s driver may have refused a request for its size alone. */
export const ofIntel = (error: OutOfMemory): string[] =>
  isRefusedByIntel(error)
    ? [
        'Intel’s driver refuses single allocations of 4 GiB and more, unless larger ones are allowed (UR_L0_USE_RELAXED_ALLOCATION_LIMITS=1, set before the process starts).',
      ]
    : [];
