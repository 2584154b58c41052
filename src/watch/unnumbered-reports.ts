/** Reports of a loop that numbers nothing: they are counted. One alone may be of anything. */
import { COUNTED, type Outlet } from './format.ts';
import { type LoopLine, unnumberedLine } from './loop-line.ts';
import type { LoopReports } from './loop-reports.ts';

export class UnnumberedReports {
  readonly #reports: LoopReports;
  #newest: LoopLine | null = null;
  #counted = 0;

  constructor(reports: LoopReports) {
    this.#reports = reports;
  }

  /** Whether the line is a report that has the figures of the one before. */
  read(text: string, out: Outlet): boolean {
    const read = unnumberedLine(text);
    if (read === null) return false;
    const first = this.#newest;
    this.#newest = read;
    const keysOf = ({ figures }: LoopLine) => [...figures.keys()].join(' ');
    if (first === null || keysOf(first) !== keysOf(read)) return false;
    out.facts(COUNTED);
    for (const each of this.#counted === 0 ? [first, read] : [read])
      this.#reports.emit(++this.#counted, each, out);
    return true;
  }
}
