/**
 * Blocks of consecutive updates of one rank, in the order in which they began. A run may have thousands of ranks, which are looked
 * through together: their figures are numbers side by side, and no objects.
 */

/** What is summed up of a block: means of these are compared. */
export const traced = ['took', 'rollout', 'rest', 'peak'] as const;
export type Traced = (typeof traced)[number];

/** Places of a block's numbers. Of each figure a sum and of how many, from SUMS on. */
const [AT, TO_MS, PRESSURE, SUMS] = [0, 1, 2, 3];
const EACH = SUMS + 2 * traced.length;
const FIRST_ROOM = 16;

export class TraceBlocks {
  length = 0;
  #highest = Number.NEGATIVE_INFINITY;
  #numbers = new Float64Array(FIRST_ROOM * EACH);

  /** Its number: of its first batch, in blocks. */
  at(block: number): number {
    return this.#numbers[block * EACH + AT]!;
  }

  /** Time of its newest update, ms since the epoch. */
  toMs(block: number): number {
    return this.#numbers[block * EACH + TO_MS]!;
  }

  /** Highest peak / budget of any of the rank's devices; NaN where it was not measured. */
  pressure(block: number): number {
    return this.#numbers[block * EACH + PRESSURE]!;
  }

  /** NaN where nothing was measured. @param figure its place among those traced */
  mean(block: number, figure: number): number {
    const place = block * EACH + SUMS + 2 * figure;
    return this.#numbers[place]! / this.#numbers[place + 1]!;
  }

  /** Which block has this number; -1 for none. */
  indexOf(at: number): number {
    let block = this.length - 1;
    while (block >= 0 && this.at(block) !== at) block--;
    return block;
  }

  /** The block of this number, a new one where there is none. */
  begun(at: number, timeMs: number): number {
    const known = at > this.#highest ? -1 : this.indexOf(at);
    if (known >= 0) return known;
    this.#highest = Math.max(this.#highest, at);
    const block = this.length++;
    if (this.length * EACH > this.#numbers.length) {
      const larger = new Float64Array(2 * this.#numbers.length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    const place = block * EACH;
    this.#numbers.fill(0, place, place + EACH);
    this.#numbers[place + AT] = at;
    this.#numbers[place + TO_MS] = timeMs;
    this.#numbers[place + PRESSURE] = Number.NaN;
    return block;
  }

  /** An update more in it. @param pressure null where it was not measured */
  update(block: number, timeMs: number, pressure: number | null): void {
    const place = block * EACH;
    const numbers = this.#numbers;
    numbers[place + TO_MS] = Math.max(numbers[place + TO_MS]!, timeMs);
    if (pressure !== null) numbers[place + PRESSURE] = higher(numbers[place + PRESSURE]!, pressure);
  }

  /** A value more of a figure; null where it was not measured. */
  add(block: number, figure: number, value: number | null): void {
    if (value === null) return;
    const place = block * EACH + SUMS + 2 * figure;
    this.#numbers[place]! += value;
    this.#numbers[place + 1]!++;
  }

  /** The blocks as they would be if they were so many times as long. */
  widened(by: number): TraceBlocks {
    const wider = new TraceBlocks();
    for (let block = 0; block < this.length; block++) {
      const to = wider.begun(Math.floor(this.at(block) / by), this.toMs(block));
      wider.update(to, this.toMs(block), orNull(this.pressure(block)));
      for (let sum = SUMS; sum < EACH; sum++)
        wider.#numbers[to * EACH + sum]! += this.#numbers[block * EACH + sum]!;
    }
    return wider;
  }
}

const higher = (before: number, value: number): number =>
  Number.isNaN(before) ? Math.max(0, value) : Math.max(before, value);

/** NaN is "not measured". */
export const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
