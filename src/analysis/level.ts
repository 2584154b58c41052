/** Figures of a point that are made of others, and what is usual of each over some updates. */

import { median } from '../base/index.ts';
import { othersOf, type PastUpdate } from './update-sample.ts';

/** What is usual over some updates. */
export interface TypicalLevel {
  fromBatch: number;
  toBatch: number;
  restingBytes: number | null;
  peakBytes: number | null;
  reservedBytes: number | null;
  strandedBytes: number | null;
  /** Reserved and not in use at the peak, at most. */
  unusedAtPeakBytes: number | null;
  /** Reserved, not stranded, and not needed at the peak either. */
  idleBytes: number | null;
  othersBytes: number | null;
  freeBytes: number | null;
  budgetBytes: number | null;
}

const extraOf = ({ peakBytes, restingBytes }: PastUpdate): number | null =>
  peakBytes === null || restingBytes === null ? null : peakBytes - restingBytes;

/** The figures of a point that are asked after by name. */
export const sampleFigures = {
  rest: (point: PastUpdate) => point.restingBytes,
  peak: (point: PastUpdate) => point.peakBytes,
  extra: extraOf,
  reserved: (point: PastUpdate) => point.reservedBytes,
  stranded: (point: PastUpdate) => point.strandedBytes,
  others: othersOf,
  work: (point: PastUpdate) => point.work,
};
export type SampleFigure = keyof typeof sampleFigures;

/** Reserved, not stranded, and beyond what an update usually needs: `aboveUsual` of a run's peak is not. */
export function idleOf(
  { reservedBytes, peakBytes, restingBytes, strandedBytes }: PastUpdate,
  aboveUsual: number,
): number | null {
  const needed = peakBytes === null ? restingBytes : peakBytes - aboveUsual;
  return reservedBytes === null || needed === null
    ? null
    : Math.max(0, reservedBytes - needed - (strandedBytes ?? 0));
}

export function levelOf(points: readonly PastUpdate[], otherwise: PastUpdate): TypicalLevel {
  const around = points.length > 0 ? points : [otherwise];
  const usual = (of: (point: PastUpdate) => number | null) => {
    const known = around.map(of).filter(value => value !== null);
    return known.length === 0 ? null : median(known);
  };
  return {
    fromBatch: around[0]!.batch,
    toBatch: around.at(-1)!.batch,
    restingBytes: usual(point => point.restingBytes),
    peakBytes: usual(point => point.peakBytes),
    reservedBytes: usual(point => point.reservedBytes),
    strandedBytes: usual(point => point.strandedBytes),
    unusedAtPeakBytes: usual(point => point.unusedAtPeakBytes),
    idleBytes: usual(point => idleOf(point, 0)),
    othersBytes: usual(othersOf),
    freeBytes: usual(point => point.freeBytes),
    budgetBytes: usual(point => point.budgetBytes),
  };
}
