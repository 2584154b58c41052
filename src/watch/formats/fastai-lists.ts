/**
 * fastai where it draws no bar: a list an epoch, `[0, 0.51, 0.31, 0.89, '00:10']`, below one of the columns' names, if that is in the text. Without
 * it the epoch and both losses are known by their places, which are the same in all its versions; the last is the time. The first version prints an
 * array, `[ 0.       0.51232  0.31232  0.89   ]`: one is a row where the next epochs' follow, one from the first, two from a later one.
 */
import { type Figures, stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { printed } from '../printed.ts';

const HEAD = /^\['epoch', 'train_loss', ((?:'[\w ().-]{1,60}', ){0,20})'time'\]$/;
const ROW =
  /^\[['"]?(\d{1,9})['"]?, ((?:['"]?(?:-?\d{1,9}\.\d{1,20}(?:e[-+]?\d{1,3})?|nan|inf|None|#na#)['"]?, ){1,21})'(?:\d{1,3}:)?\d{1,2}:\d\d'\]$/;
const ARRAY = /^\[ {0,3}(\d{1,5})\. {1,8}((?:(?:\d{1,6}\.\d{0,8}|nan|inf) {0,8}){2,8})\]$/;
const LOSSES = ['train_loss', 'valid_loss'];

export const fastaiLists: LogFormat = {
  name: 'fastai-lists',
  about: 'fastai without bars: a list an epoch',
  marks: ["['epoch'", "']", ...Array.from({ length: 10 }, (_, digit) => `[ ${digit}`)],
  claim: 'weak',
  open: () => new FastaiListsParser(),
};

interface Row {
  epoch: number;
  figures: Figures;
}

class FastaiListsParser implements LineParser {
  #names = LOSSES;
  /** Arrays that the next epochs' have to follow. */
  #held: Row[] = [];
  #newest: number | null = null;
  #reported = -1;

  read({ text }: LogLine, out: Outlet): boolean {
    if (!text.startsWith('[') || text.length > 1000) return false;
    const line = text.trimEnd();
    const head = HEAD.exec(line);
    if (head !== null) {
      this.#names = ['train_loss', ...[...head[1]!.matchAll(/'([^']{1,60})'/g)].map(([, name]) => name!)];
      return true;
    }
    const row = ROW.exec(line);
    if (row !== null) {
      const cells = row[2]!.split(', ').map(cell => cell.replace(/['"]/g, ''));
      // One figure alone is of the training or of its validation.
      if (cells.length < 3 && this.#names.length > 1) return false;
      this.#report(this.#row(row[1]!, cells), out);
      return true;
    }
    const array = ARRAY.exec(line);
    return array !== null && this.#array(this.#row(array[1]!, array[2]!.split(/ +/)), out);
  }

  #array(row: Row, out: Outlet): boolean {
    // Losses are no whole numbers, all of them; rows of other arrays may be.
    const losses = [...row.figures.values()].map(({ value }) => value);
    if (losses.every(loss => Number.isInteger(loss))) return false;
    const isNext = this.#newest !== null && row.epoch === this.#newest + 1;
    const isSettled = isNext && this.#held.length === 0;
    if (!isNext) this.#held = [];
    this.#newest = row.epoch;
    if (isSettled) this.#report(row, out);
    else if (this.#held.push(row) >= (this.#held[0]!.epoch === 0 ? 2 : 3))
      for (const held of this.#held.splice(0)) this.#report(held, out);
    return true;
  }

  #row(epoch: string, cells: string[]): Row {
    const figures: Figures = new Map();
    this.#names.forEach((name, i) => {
      const figure = printed(cells[i] ?? '');
      if (figure !== null) figures.set(name === 'train_loss' ? 'loss' : name, figure);
    });
    return { epoch: Number(epoch), figures };
  }

  #report({ epoch, figures }: Row, out: Outlet): void {
    // fine_tune's second training, or another call: one process prints.
    if (epoch <= this.#reported) out.begins(false);
    this.#reported = epoch;
    out.step(stepOf(epoch, figures));
  }
}
