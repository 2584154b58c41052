/**
 * A long series in bounded memory, near and far: the last points one by one, and further back every 2nd, 4th, 8th …
 * Each scale keeps as many points as the others.
 */

/** Points that a scale keeps. */
const LENGTH = 160;
/** Enough for a hundred million points. */
const SCALES = 20;

export class Scales<T> {
  readonly #rings: T[][] = Array.from({ length: SCALES }, () => []);
  count = 0;

  push(point: T): void {
    for (let scale = 0; scale < SCALES && this.count % 2 ** scale === 0; scale++) {
      const ring = this.#rings[scale]!;
      ring.push(point);
      if (ring.length >= 2 * LENGTH) ring.splice(0, ring.length - LENGTH);
    }
    this.count++;
  }

  /** The newest points of every scale that reaches further back than the one before it; the finest first. */
  views(): T[][] {
    const views: T[][] = [];
    for (let scale = 0; scale < SCALES; scale++) {
      views.push(this.#rings[scale]!.slice(-LENGTH));
      if (this.count <= LENGTH * 2 ** scale) break;
    }
    return views;
  }
}
