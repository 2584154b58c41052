/** What stands between a loop's reports and is no report: lines of an evaluation, and rows of names and values right below a report. */
import { EvaluationLines } from './evaluation-lines.ts';
import type { Figures } from './figures.ts';
import type { Outlet } from './format.ts';
import { RowsBelow } from './rows-below.ts';

export class FiguresBelow {
  #evaluated = new EvaluationLines();
  #rows = new RowsBelow();

  /** Whether a row may follow, marked or not. */
  get isOpen(): boolean {
    return this.#rows.areOpen;
  }

  /** Figures of the newest report. */
  #reported: Figures = new Map();

  /** A report of the training was read. */
  report(figures: Figures): void {
    this.#reported = figures;
    this.#rows.open(figures.keys());
  }

  /** Whether the line has figures of the newest report, or of an evaluation. @param newest number of that report; below 0 before the first */
  read(text: string, newest: number, out: Outlet): boolean {
    if (this.#rows.head(text)) return newest >= 0;
    if (this.#evaluated.read(text, newest, out, this.#reported)) return true;
    const below = newest < 0 ? null : this.#rows.read(text);
    if (below !== null) this.#evaluated.add(below, newest, out);
    return below !== null;
  }

  /** Losses that were estimated before a step that is printed itself: that of the other set is of no report. */
  estimated(figures: Figures, number: number, out: Outlet): void {
    const own = new Map([...figures].filter(([key]) => key.startsWith('val')));
    if (own.size > 0) this.#evaluated.add(own, number, out);
  }

  /** A line was read, whatever it was. */
  after(text: string): void {
    this.#rows.after(text);
  }

  /** @param before number of the report that is next: what is of it, or of a later one, waits. */
  flush(before?: number): void {
    this.#evaluated.flush(before);
  }

  startAgain(): void {
    this.#rows.close();
  }
}
