/** The text that stands around an error: both ends of what was read, in which the program and its settings are looked for. */
import { keptShown, shownIn, shownInError } from '../texts/index.ts';
import type { FailureOf } from './run-life.ts';

/** Characters of each end, and of a line. */
const EACH_END = 64 * 1024;
const LONGEST_LINE = 2000;
const UTF8 = new TextDecoder();

export class TextAround {
  #head: string[] = [];
  #headLength = 0;
  /** The newest lines in two halves: the older one goes once the newer one is full. */
  #older: string[] = [];
  #newer: string[] = [];
  #newerLength = 0;

  /** Whether the beginning is not full yet: it has each line, those behind it are lines that a reader wanted. */
  get isBeginning(): boolean {
    return this.#headLength < EACH_END;
  }

  /** @param raw a line, or its bytes in UTF-8 */
  add(raw: string | Uint8Array): void {
    const whole = typeof raw === 'string' ? raw : UTF8.decode(raw.subarray(0, LONGEST_LINE));
    const line = whole.length > LONGEST_LINE ? whole.slice(0, LONGEST_LINE) : whole;
    if (this.isBeginning) {
      this.#head.push(line);
      this.#headLength += line.length + 1;
      return;
    }
    if (this.#newerLength >= EACH_END) {
      this.#older = this.#newer;
      this.#newer = [];
      this.#newerLength = 0;
    }
    this.#newer.push(line);
    this.#newerLength += line.length + 1;
  }

  /**
   * A failure for lack of memory with what the text shows of its program, where its own words and frames show something else; any other with how
   * far the program had come.
   * @param isTraining whether a trainer’s own lines were read
   */
  beside(failure: FailureOf, isTraining: boolean): FailureOf {
    const { data } = failure;
    const own = keptShown(shownInError(data, isTraining));
    const text = [...this.#head, ...this.#older, ...this.#newer].join('\n');
    const shown = keptShown(shownIn(text, isTraining));
    if (data.outOfMemory == null && shown.reached === undefined) return failure;
    return JSON.stringify(shown) === JSON.stringify(own) ? failure : { ...failure, data: { ...data, shown } };
  }
}
