/**
 * What one rank reported, by number: figures that come again, to the last digit, are another process's of the same job, whose output was held back in
 * blocks and has no rank. Figures that are the same from one number to the next show nothing.
 */

/** Reports that are remembered. */
const MOST = 8192;
/** Reports that a block which was held back has at the least: fewer may be of a training that began again with the same seed. */
const LEAST = 16;
/** Figures that processes of one job share; times and rates are each one's own. */
const SHARED = /loss|acc|lr|learning|reward|return|kl|norm|entropy/i;

interface Known {
  figures: string;
  processes: number;
}

export class KnownReports {
  #known = new Map<number, Known>();
  /** Numbers whose figures differ from those of the one before, or behind the first. */
  #telling = new Set<number>();
  #newest: { number: number; figures: string } | null = null;

  add(number: number, data: object): void {
    const figures = figuresOf(data);
    const before = this.#newest;
    this.#newest = { number, figures };
    this.#telling.delete(number);
    if (before !== null && before.figures !== figures) {
      this.#telling.add(number);
      if (this.#known.size === 1) this.#telling.add(before.number);
    }
    this.#known.set(number, { figures, processes: 1 });
    if (this.#known.size <= MOST) return;
    const oldest = this.#known.keys().next().value!;
    this.#known.delete(oldest);
    this.#telling.delete(oldest);
  }

  /** Which process of the job reports this again, 2 for the first one; null where it is a report of its own. */
  againBy(number: number, data: object): number | null {
    const known = this.#known.get(number);
    if (known === undefined || this.#known.size < LEAST || !this.#telling.has(number)) return null;
    if (known.figures === '' || known.figures !== figuresOf(data)) return null;
    return ++known.processes;
  }

  clear(): void {
    this.#known.clear();
    this.#telling.clear();
    this.#newest = null;
  }
}

/** The figures as a text; empty where none is shared. */
function figuresOf(data: object): string {
  const shared = (value: object): unknown[] =>
    Object.entries(value).flatMap(([key, inner]) =>
      inner !== null && typeof inner === 'object' && key !== 'memory'
        ? shared(key === 'loss' || key === 'policy' ? { loss: JSON.stringify(inner) } : inner)
        : SHARED.test(key)
          ? [key, inner]
          : [],
    );
  const all = shared(data);
  return all.length === 0 ? '' : JSON.stringify(all);
}
