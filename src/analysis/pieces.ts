/** From which share of a device on what PyTorch keeps in pieces explains that a request did not fit. */
import { MIB } from '../base/index.ts';

const PIECES = 0.04;
/** PyTorch cuts requests below this from segments of their own: that pieces of others are free does not help them. */
const TINY = 20 * MIB;
const PIECES_OF_TINY = 0.25;
/** Pieces below this share, beside tensors above that one, are what any program leaves: the device is full. */
const FEW_PIECES = 0.06;
const MOSTLY_TENSORS = 0.9;

export const isTinyRequest = (triedBytes: number | null | undefined): boolean =>
  triedBytes != null && triedBytes < TINY;

export const leastInPieces = (triedBytes: number | null | undefined): number =>
  isTinyRequest(triedBytes) ? PIECES_OF_TINY : PIECES;

/** Whether tensors fill a device, and the pieces between them are few, though the request would have fitted into them. */
export const isFullBesidePieces = (
  allocatedBytes: number | null | undefined,
  unallocated: number,
  totalBytes: number | null | undefined,
): boolean =>
  totalBytes != null &&
  (allocatedBytes ?? 0) >= MOSTLY_TENSORS * totalBytes &&
  unallocated < FEW_PIECES * totalBytes;
