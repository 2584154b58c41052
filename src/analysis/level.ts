/** Figures of a point that are made of others, and what is usual of each over some updates. */
import { othersOf, type Point } from './point.ts';
import { median } from './statistics.ts';

/** What is usual over some updates. */
export interface Level {
  fromBatch: number;
  toBatch: number;
  restingBytes: number | null;
  peakBytes: number | null;
  reservedBytes: number | null;
  strandedBytes: number | null;
  /** Reserved, not stranded, and not needed at the peak either. */
  idleBytes: number | null;
  othersBytes: number | null;
  freeBytes: number | null;
  budgetBytes: number | null;
}

const extraOf = ({ peakBytes, restingBytes }: Point): number | null =>
  peakBytes === null || restingBytes === null ? null : peakBytes - restingBytes;

/** The figures of a point that are asked after by name. */
export const figures = {
  rest: (point: Point) => point.restingBytes,
  peak: (point: Point) => point.peakBytes,
  extra: extraOf,
  reserved: (point: Point) => point.reservedBytes,
  stranded: (point: Point) => point.strandedBytes,
  others: othersOf,
  work: (point: Point) => point.work,
};
export type FigureName = keyof typeof figures;

/** Reserved, not stranded, and beyond what an update usually needs: `aboveUsual` of a run's peak is not. */
export function idleOf(
  { reservedBytes, peakBytes, restingBytes, strandedBytes }: Point,
  aboveUsual: number,
): number | null {
  const needed = peakBytes === null ? restingBytes : peakBytes - aboveUsual;
  return reservedBytes === null || needed === null
    ? null
    : Math.max(0, reservedBytes - needed - (strandedBytes ?? 0));
}

export function levelOf(points: readonly Point[], otherwise: Point): Level {
  const around = points.length > 0 ? points : [otherwise];
  const usual = (of: (point: Point) => number | null) => {
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
    idleBytes: usual(point => idleOf(point, 0)),
    othersBytes: usual(othersOf),
    freeBytes: usual(point => point.freeBytes),
    budgetBytes: usual(point => point.budgetBytes),
  };
}
