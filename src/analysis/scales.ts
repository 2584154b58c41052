/**
 * A long series in bounded memory, near and far: the last points one by one, and further back every 2nd, 4th, 8th …
 * Each scale keeps the same number of points, so a million of them take some thirty thousand numbers.
 */

/** Points that a scale keeps. */
const LENGTH = 160;

export class Scales<T> {
  #rings: T[][] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(point: T): void {
    for (let scale = 0; this.#count % 2 ** scale === 0; scale++) {
      // A scale that holds no more than the next finer one says nothing new.
      if (scale > 0 && this.#count < LENGTH * 2 ** (scale - 1)) {
        this.#seed(scale);
        if (this.#count > 0) break;
      }
      this.#rings[scale] ??= [];
      const ring = this.#rings[scale]!;
      ring.push(point);
      if (ring.length >= 2 * LENGTH) ring.splice(0, ring.length - LENGTH);
      if (this.#count === 0) break;
    }
    this.#count++;
  }

  /** Not needed: coarser scales are filled from the beginning. */
  #seed(_scale: number): void {}
}
