/**
 * Keras: `Epoch 1/3`, then a row that is drawn again all through the epoch, `6/6 ━━━━ 0s 66ms/step - accuracy: 0.84 - loss: 0.44`. Its last
 * state is the epoch's. TensorFlow's Keras 2 draws `6/6 [====] - 1s 2ms/step - loss: …`.
 */

import { stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { partedPairs } from '../key-values.ts';
import type { LogLine } from '../log-line.ts';
import { figuresIn } from '../report-format.ts';

const HEAD = /^Epoch (\d{1,9})\/(\d{1,9})\s*$/;
const ROW =
  /^\s{0,12}(\d{1,12})\/(\d{1,12}|Unknown)\s(.{0,400}?(?:\d(?:s|ms|us)(?:\/step|\/epoch)?|ETA: [\d:]{1,12}).*)$/;

export const keras: LogFormat = {
  name: 'keras',
  about: 'Keras: rows of an epoch',
  marks: ['epoch ', 's/step', 's/epoch', 's - ', 'eta: '],
  open: () => new KerasParser(),
};

class KerasParser implements LineParser {
  #epoch: { number: number; total: number } | null = null;
  #row: { isWhole: boolean; text: string; out: Outlet } | null = null;

  read({ text }: LogLine, out: Outlet): boolean {
    const head = HEAD.exec(text);
    if (head !== null) {
      this.end();
      this.#epoch = { number: Number(head[1]), total: Number(head[2]) };
      return true;
    }
    const row = this.#epoch === null ? null : ROW.exec(text);
    if (row === null || !row[3]!.includes(' - ')) return false;
    this.#row = { isWhole: row[1] === row[2] || row[2] === 'Unknown', text: row[3]!, out };
    return true;
  }

  flush(): void {
    if (this.#row?.isWhole) this.end();
  }

  end(): void {
    const [row, epoch] = [this.#row, this.#epoch];
    this.#row = null;
    if (row === null || epoch === null) return;
    const figures = figuresIn(partedPairs(row.text, ' - ', ': '));
    if (figures.size === 0) return;
    row.out.facts({ maxSteps: epoch.total });
    // The last epoch ends with its last row, not with one in its midst.
    if (!row.isWhole) row.out.last(epoch.total + 1);
    row.out.step(stepOf(epoch.number, figures));
  }
}
