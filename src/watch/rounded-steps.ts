import { decimals, type Printed } from './printed.ts';

/**
 * Numbers of steps that a trainer prints rounded: `12K`, `1.11e+04`. A report is of the step that the distance between those before shows, where that rounds
 * to what is printed; where a text begins later, of the rounded one, and of several that look alike the first counts.
 */
export class RoundedSteps {
  #newest: number | null = null;
  /** Steps between two reports; null until two whole ones were printed. */
  #each: number | null = null;

  /**
   * null for one that looks like the one before it.
   * @param count what is printed, in steps of `unit`; 1 where it is not rounded
   */
  of(count: number, unit: number): number | null {
    const number = this.#of(count, unit);
    if (number !== null) this.#newest = number;
    return number;
  }

  /** Of a number as it is printed: `1.11e+04` is rounded to hundreds. null also for what is no number. */
  ofPrinted({ value, text }: Printed): number | null {
    if (typeof value !== 'number') return null;
    const [digits, exponent] = text.toLowerCase().split('e');
    const unit = exponent === undefined ? 1 : 10 ** Math.max(0, Number(exponent) - (decimals(digits!) ?? 0));
    return this.of(Math.round(value / unit), unit);
  }

  #of(count: number, unit: number): number | null {
    const before = this.#newest;
    if (unit === 1) {
      if (before !== null && count > before) this.#each = count - before;
      return count;
    }
    const expected = before === null || this.#each === null ? null : before + this.#each;
    // Halves are rounded to even.
    if (expected !== null && Math.abs(expected / unit - count) <= 0.5) return expected;
    // The distance is another one than it was.
    this.#each = null;
    return before !== null && Math.round(before / unit) >= count ? null : count * unit;
  }
}
