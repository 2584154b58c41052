/** From which share of a device on what PyTorch keeps in pieces explains that a request did not fit. */
import { MIB } from '../base/index.ts';

const PIECES = 0.04;
/** PyTorch cuts requests below this from segments of their own: that pieces of others are free does not help them. */
const TINY = 20 * MIB;
const PIECES_OF_TINY = 0.25;

export const isTinyRequest = (triedBytes: number | null | undefined): boolean =>
  triedBytes != null && triedBytes < TINY;

export const leastInPieces = (triedBytes: number | null | undefined): number =>
  isTinyRequest(triedBytes) ? PIECES_OF_TINY : PIECES;
