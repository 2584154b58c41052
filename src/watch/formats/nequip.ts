/**
 * NequIP and Allegro: a table of each epoch, whose head names the columns: `  Train      #    Epoch      wal       LR       loss_f         loss …`, then
 * `! Train               3   45.7    0.005        0.563        0.563 …`. Its batches stand in tables of their own.
 */
import { type Names, stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { isCount, printed } from '../printed.ts';
import { figuresIn } from '../report-format.ts';

const HEAD = /^\s{0,4}(?:Initialization|Train)\s{1,12}#\s{1,12}Epoch\s{1,12}wal\s{1,12}\S/;
const ROW = /^! Train\s{1,40}(\d{1,9})((?:\s{1,24}(?:[-\d.e+]{1,24}|nan|inf)){2,60})\s{0,8}$/;
const STOPPED = /^! Stop training: /;
const names: Names = { LR: { step: 'learningRate' } };

export const nequip: LogFormat = {
  name: 'nequip',
  about: 'NequIP, Allegro: a row of an epoch',
  marks: ['    epoch ', '! train ', '! stop training'],
  open: () => new NequipParser(),
};

class NequipParser implements LineParser {
  #columns: string[] = [];

  read({ text }: LogLine, out: Outlet): boolean {
    if (HEAD.test(text)) {
      this.#columns = text.trim().split(/\s+/).slice(2);
      return true;
    }
    const row = this.#columns.length > 0 ? ROW.exec(text) : null;
    if (row !== null) {
      const cells = [row[1]!, ...row[2]!.trim().split(/\s+/)];
      if (cells.length !== this.#columns.length) return false;
      const figures = figuresIn(this.#columns.map((key, i) => ({ key, value: cells[i]! })));
      const epoch = printed(row[1]!)!.value;
      figures.delete('Epoch');
      // Seconds since the training began.
      figures.delete('wal');
      if (isCount(epoch)) out.step(stepOf(epoch, figures, null, names));
      return true;
    }
    if (this.#columns.length === 0 || !STOPPED.test(text)) return false;
    out.finished();
    return true;
  }
}
