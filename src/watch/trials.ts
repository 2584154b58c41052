/** Trainings that one log names: each is a rank, in the order in which they are seen. */

const MOST = 64;

export class Trials {
  #ranks = new Map<string, number>();

  /** null for one too many. */
  rankOf(name: string): number | null {
    const known = this.#ranks.get(name);
    if (known !== undefined) return known;
    if (this.#ranks.size >= MOST) return null;
    this.#ranks.set(name, this.#ranks.size);
    return this.#ranks.size - 1;
  }
}
