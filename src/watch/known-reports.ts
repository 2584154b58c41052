/**
 * What one rank reported, by number: figures that come again, to the last digit, are another process's of the same job, whose output was held back in
 * blocks and has no rank. Figures that are the same from one number to the next show nothing.
 */

/** Reports that are remembered, of which the older half is forgotten at once. */
const MOST = 8192;
/** Reports that a block which was held back has at the least: fewer may be of a training that began again with the same seed. */
const LEAST = 16;
/** Figures that processes of one job share; times and rates are each one's own. */
const SHARED = /loss|acc|lr|learning|reward|return|kl|norm|entropy/i;

interface Known {
  mark: number | null;
  /** Whether its figures differ from those of the number before, or behind the first. */
  isDistinct: boolean;
  processes: number;
}

export class KnownReports {
  #newer = new Map<number, Known>();
  #older = new Map<number, Known>();
  #newest: Known | null = null;

  add(number: number, data: object): void {
    const before = this.#newest;
    const mark = markOf(data);
    const isDistinct = before !== null && !Object.is(before.mark, mark);
    if (before !== null && isDistinct && this.#size === 1) before.isDistinct = true;
    this.#newest = { mark, isDistinct, processes: 1 };
    this.#newer.set(number, this.#newest);
    if (this.#newer.size < MOST / 2) return;
    this.#older = this.#newer;
    this.#newer = new Map();
  }

  /** Which process of the job reports this again, 2 for the first one; null where it is a report of its own. */
  againBy(number: number, data: object): number | null {
    const known = this.#newer.get(number) ?? this.#older.get(number);
    if (known === undefined || this.#size < LEAST || !known.isDistinct) return null;
    if (known.mark === null || !Object.is(known.mark, markOf(data))) return null;
    return ++known.processes;
  }

  clear(): void {
    this.#newer.clear();
    this.#older.clear();
    this.#newest = null;
  }

  get #size(): number {
    return this.#newer.size + this.#older.size;
  }
}

/** Whether a figure of this name is shared, of the names that were met. */
const isShared = new Map<string, boolean>();
const MOST_NAMES = 4096;
/** Figures that are enough: two reports do not share so many by chance. */
const ENOUGH = 6;

function sharesName(name: string): boolean {
  let shares = isShared.get(name);
  if (shares === undefined) {
    shares = SHARED.test(name);
    if (isShared.size < MOST_NAMES) isShared.set(name, shares);
  }
  return shares;
}

/** One number for the first figures that are shared, another one where a digit of one is another; null where none is. A report is made of many, and each is marked: no text is made of it. */
function markOf(data: object): number | null {
  const mark = { sum: 0, count: 0 };
  addShared(mark, data as Record<string, unknown>, false);
  return mark.count === 0 ? null : mark.sum;
}

/** @param areAll whether all figures of the group are shared, whatever their names */
function addShared(mark: { sum: number; count: number }, of: Record<string, unknown>, areAll: boolean): void {
  for (const name in of) {
    if (mark.count === ENOUGH) return;
    const value = of[name];
    if (typeof value === 'number') {
      if (areAll || sharesName(name))
        mark.sum += (Number.isNaN(value) ? Math.E : value) * (1 + ++mark.count * Math.SQRT2);
    } else if (value !== null && typeof value === 'object' && name !== 'memory')
      addShared(mark, value as Record<string, unknown>, name === 'loss' || name === 'policy');
  }
}
