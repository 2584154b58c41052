/**
 * A long series in bounded memory, near and far: the last points one by one, and further back every 2nd, 4th, 8th …
 * Each scale keeps as many points as the others.
 */
import { NumberRows, type RowKind } from './number-rows.ts';

/** Points that a scale keeps, and so many more before the oldest go. */
const LENGTH = 160;
const MORE = 40;

export class Scales<T> {
  /** A scale begins once the finer one has all that it keeps. */
  readonly #rings: NumberRows<T>[];
  readonly #kind: RowKind<T>;
  count = 0;

  constructor(kind: RowKind<T>) {
    this.#kind = kind;
    this.#rings = [this.#newRing()];
  }

  push(point: T): void {
    const rings = this.#rings;
    for (let scale = 0; scale < rings.length && this.count % 2 ** scale === 0; scale++) {
      const ring = rings[scale]!;
      ring.push(point);
      if (ring.length === LENGTH && scale === rings.length - 1) rings.push(this.#coarser(ring));
      else if (ring.length === LENGTH + MORE) ring.drop(MORE);
    }
    this.count++;
  }

  /** The newest points of every scale that reaches further back than the one before it; the finest first. */
  views(): T[][] {
    const views: T[][] = [];
    for (const [scale, ring] of this.#rings.entries()) {
      views.push(ring.objects(ring.length - LENGTH));
      if (this.count <= LENGTH * 2 ** scale) break;
    }
    return views;
  }

  #newRing = () => new NumberRows<T>(this.#kind, LENGTH + MORE);

  /** Every second point, from the first on. */
  #coarser(ring: NumberRows<T>): NumberRows<T> {
    const coarser = this.#newRing();
    for (let i = 0; i < ring.length; i += 2) coarser.push(ring.copyOf(i));
    return coarser;
  }
}
