/** A stream in bounded memory: every so many of its values, evenly spread over the whole of it. */
export class Sample<T> {
  values: T[] = [];
  readonly #most: number;
  #stride = 1;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether the value at this place of the stream, from 0, is one to keep. */
  wants(place: number): boolean {
    return place % this.#stride === 0;
  }

  keep(value: T): void {
    this.values.push(value);
    if (this.values.length < this.#most) return;
    this.values = this.values.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }

  /** As it is now: what either takes later is not in the other. */
  copy(): Sample<T> {
    const copy = new Sample<T>(this.#most);
    copy.values = [...this.values];
    copy.#stride = this.#stride;
    return copy;
  }
}
