/**
 * Numbers of reports that two trainings, or two counters of one, write to a log in turns: `500, 10, 510, 20, 520, 30`. Each goes up, and neither comes near the
 * other: where processes of one job report the same steps, a few behind each other, they do.
 */
export class Alternation {
  #newest: number[] = [];
  /** Reports in a row that were up where the one before was down, or the other way about. */
  #turns = 0;
  #isUp = false;

  /** The numbers of the newest reports, where they alternate between two counts with this one; null where they do not. */
  with(number: number): readonly number[] | null {
    const isUp = number > (this.#newest.at(-1) ?? number);
    this.#turns = isUp === this.#isUp ? 0 : this.#turns + 1;
    this.#isUp = isUp;
    this.#newest.push(number);
    if (this.#newest.length > TURNS) this.#newest.shift();
    // The first of them may have gone on from what was before.
    if (this.#turns < TURNS - 2 || this.#newest.length < TURNS) return null;
    const [first, second] = [0, 1].map(from => this.#newest.filter((_, i) => i % 2 === from));
    if (!risesIn(first!) || !risesIn(second!)) return null;
    const [low, high] = first![0]! < second![0]! ? [first!, second!] : [second!, first!];
    // As far from each other as both have come meanwhile.
    const way = high.at(-1)! - high[0]! + (low.at(-1)! - low[0]!);
    return high[0]! - low.at(-1)! > way ? [...this.#newest] : null;
  }
}

/** Reports in which it shows: three of each. */
const TURNS = 6;

const risesIn = (numbers: readonly number[]): boolean =>
  numbers.every((number, i) => i === 0 || number > numbers[i - 1]!);
