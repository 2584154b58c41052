/** What a person should know of a log that is read: a sentence, once of each kind. */
import { count } from '../base/index.ts';

/** A log that shows nothing in so many lines is probably none of these formats. */
export const PATIENCE_LINES = 20_000;

export class ReaderNotices {
  #noted = new Set<string>();
  #tell: (notice: string) => void;

  constructor(tell: (notice: string) => void) {
    this.#tell = tell;
  }

  almost(why: string, line: number): void {
    this.#once(why, `Line ${line}: ${why}. Such lines are counted, and reported once.`);
  }

  noFigures(): void {
    this.#once(
      'none',
      `No figures in the first ${count(PATIENCE_LINES)} lines: name the format with --format (esper watch --format list).`,
    );
  }

  slow(line: number): void {
    this.#once('slow', `Line ${line} takes long to read: not every format was tried on it.`);
  }

  /** @param numbers of the newest reports */
  alternates(numbers: readonly number[]): void {
    this.#once(
      'alternates',
      `Numbers of two counts alternate (${numbers.join(', ')}): two trainings, or two counters of one, write to this log. They are read as one run: give each a log of its own.`,
    );
  }

  /** @param most characters of the longest line that is read as text */
  long(line: number, length: number, most: number): void {
    this.#once(
      'long',
      `Line ${line} has ${count(length)} characters: lines of more than ${count(most)} are read as JSON only.`,
    );
  }

  #once(kind: string, notice: string): void {
    if (this.#noted.has(kind)) return;
    this.#noted.add(kind);
    this.#tell(notice);
  }
}
