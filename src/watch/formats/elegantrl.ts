/**
 * ElegantRL (and FinRL, which runs it): a head of columns, then rows: `|     step      time  |     avgR    stdR    avgS  |     objC      objA`, in later versions
 * `ID     Step    Time |    avgR   stdR   avgS  stdS |    expR   objC   objA   etc.`. Steps are rounded to three digits.
 */
import { type Figures, type Names, updateOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { update } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { printed } from '../printed.ts';
import { RoundedSteps } from '../rounded-steps.ts';

const HEAD = /^[| ]{0,8}(?:ID {1,12})?step {1,12}(?:time|maxR) {0,4}\| {1,8}avgR [A-Za-z. |]{4,120}$/i;
const ROW = /^[| ]{0,8}-?\d[^A-Zb-df-mo-z]{10,400}$/;

const names: Names = {
  avgR: update('rollout.episodicReturn'),
  avgS: update('rollout.episodicLength'),
  objC: update('loss.value'),
};

export const elegantRl: LogFormat = {
  name: 'elegantrl',
  about: 'ElegantRL: rows of its table',
  marks: ['avgr ', '| ', 'e+0'],
  open: () => new ElegantRlParser(),
};

class ElegantRlParser implements LineParser {
  #columns: string[] | null = null;
  #steps = new RoundedSteps();

  read({ text }: LogLine, out: Outlet): boolean {
    if (HEAD.test(text)) {
      // The same head again is of another training.
      if (this.#columns !== null) out.begins(true);
      this.#columns = cellsOf(text).filter(cell => cell !== 'etc.');
      this.#steps = new RoundedSteps();
      return true;
    }
    const columns = this.#columns;
    if (columns === null || !ROW.test(text)) return false;
    const cells = cellsOf(text);
    // A row of the best return alone stands between the others.
    if (cells.length < columns.length) return true;
    const figures: Figures = new Map();
    if (cells.some(cell => printed(cell) === null)) return false;
    columns.forEach((column, i) => {
      figures.set(column, printed(cells[i]!)!);
    });
    const key = columns.find(column => column.toLowerCase() === 'step')!;
    const step = figures.get(key);
    const number = step === undefined ? null : this.#steps.ofPrinted(step);
    for (const of of [key, 'ID']) figures.delete(of);
    if (number !== null) out.update(updateOf(number, figures, null, names));
    return true;
  }
}

const cellsOf = (text: string): string[] =>
  text
    .replaceAll('|', ' ')
    .trim()
    .split(/ {1,40}/);
