/**
 * Rows of numbers side by side in memory. A run may have thousands of ranks, of each of which hundreds of updates are kept: as objects they
 * are most of what a collection of garbage walks through. A row goes in and comes out as an object of its fields; null is NaN in between.
 */

/** How the objects of one kind are rows: code that is made once for their fields, because a log has a million updates. */
export interface RowKind<T> {
  width: number;
  put: (numbers: Float64Array, at: number, row: T) => void;
  make: (numbers: Float64Array, at: number) => T;
  View: new (rows: NumberRows<T>, at: number) => RowView<T>;
}

/** A row that is read and written in place. */
export type RowView<T> = T & {
  /** Where it begins among the numbers. */
  at: number;
};

/**
 * @param numbers fields that are numbers or null, in their order
 * @param flags those that are true or false, which come after them
 */
export function rowKind<T extends object>(
  numbers: readonly (keyof T & string)[],
  flags: readonly (keyof T & string)[] = [],
): RowKind<T> {
  const fields = [...numbers, ...flags];
  const isFlag = (place: number) => place >= numbers.length;
  const each = (code: (name: string, place: number) => string, between = '') =>
    fields.map((name, place) => code(name, place)).join(between);
  const stored = (value: string, place: number) => (isFlag(place) ? `${value} ? 1 : 0` : `${value} ?? NaN`);
  const read = (from: string, place: number) =>
    isFlag(place) ? `${from} === 1` : `Number.isNaN(${from}) ? null : ${from}`;
  const accessors = (name: string, place: number) => {
    const own = `this.rows.numbers[this.at + ${place}]`;
    return `get ${name}() { const value = ${own}; return ${read('value', place)}; }
      set ${name}(value) { ${own} = ${stored('value', place)}; }`;
  };
  return {
    width: fields.length,
    put: new Function(
      ...['n', 'at', 'row'],
      each((name, place) => `n[at + ${place}] = ${stored(`row.${name}`, place)};`),
    ) as RowKind<T>['put'],
    make: new Function(
      ...['n', 'at'],
      `return { ${each((name, place) => `${name}: ${read(`n[at + ${place}]`, place)}`, ', ')} };`,
    ) as RowKind<T>['make'],
    View: new Function(
      `return class { constructor(rows, at) { this.rows = rows; this.at = at; } ${each(accessors)} };`,
    )() as RowKind<T>['View'],
  };
}

const FIRST_ROOM = 16;

export class NumberRows<T> {
  length = 0;
  numbers = new Float64Array(0);
  readonly #kind: RowKind<T>;
  readonly #most: number;

  /** @param most rows that are ever held: no room is made for more, unless they come */
  constructor(kind: RowKind<T>, most = Number.POSITIVE_INFINITY) {
    this.#kind = kind;
    this.#most = most;
  }

  push(row: T): void {
    const { width, put } = this.#kind;
    const at = this.length++ * width;
    if (at + width > this.numbers.length) this.#grow();
    put(this.numbers, at, row);
  }

  /** The row at this place, to be read and written there; it holds until rows before it go. */
  at(place: number): RowView<T> {
    return new this.#kind.View(this, place * this.#kind.width);
  }

  /** The row as an object of its own. */
  copyOf(place: number): T {
    return this.#kind.make(this.numbers, place * this.#kind.width);
  }

  /** Those between two places, or all, as objects of their own. */
  objects(from = 0, to = this.length): T[] {
    const first = Math.max(0, from);
    const length = Math.max(0, Math.min(to, this.length) - first);
    return Array.from({ length }, (_, i) => this.copyOf(first + i));
  }

  /** Writes a row over another. */
  move(from: number, to: number): void {
    const { width } = this.#kind;
    this.numbers.copyWithin(to * width, from * width, (from + 1) * width);
  }

  /** Forgets the first rows. */
  drop(count: number): void {
    const { width } = this.#kind;
    this.numbers.copyWithin(0, count * width, this.length * width);
    this.length -= count;
  }

  copy(): NumberRows<T> {
    const copy = new NumberRows<T>(this.#kind, this.#most);
    copy.length = this.length;
    copy.numbers = this.numbers.slice(0, this.length * this.#kind.width);
    return copy;
  }

  #grow(): void {
    const room = Math.max(this.length, Math.min(this.#most, Math.max(FIRST_ROOM, 2 * (this.length - 1))));
    const larger = new Float64Array(room * this.#kind.width);
    larger.set(this.numbers);
    this.numbers = larger;
  }
}
