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
const DRAWN = /^\s{0,12}\d{1,12}\/\d{1,12} (?:\[[=>.]{10,60}\]|[━╸]{5,60}) /;

export const keras: LogFormat = {
  name: 'keras',
  about: 'Keras: rows of an epoch',
  marks: ['epoch ', 's/step', 's/epoch', 's/sample', 's - ', 'eta: '],
  open: () => new KerasParser(),
};

class KerasParser implements LineParser {
  /** Epochs of fits of one epoch, one after another: they are counted through. */
  #ofOne = 0;
  /** Number of the newest epoch that was reported, and where it went. */
  #newest: { number: number; out: Outlet } | null = null;
  #epoch: { number: number; total: number } | null = null;
  #row: { isWhole: boolean; done: number; text: string; out: Outlet } | null = null;

  /** A fit of one epoch was the training, where no other came. */
  #endOfOne(): void {
    if (this.#ofOne === 1) this.#newest?.out.last(1);
  }

  read({ text }: LogLine, out: Outlet): boolean {
    const head = HEAD.exec(text);
    if (head !== null) {
      const begun = { number: Number(head[1]), total: Number(head[2]) };
      // The epoch of rows before the first head is the one before.
      if (this.#epoch === null && begun.number > 1) this.#epoch = { ...begun, number: begun.number - 1 };
      this.#report();
      // Another process of a job may be an epoch behind, and not more.
      if (begun.number === 1 && (this.#newest?.number ?? 0) > 1 && begun.total > 1) out.begins(true);
      this.#epoch = begun;
      return true;
    }
    // An excerpt from the midst of an epoch: how many there were before is not in it.
    const row = this.#epoch !== null || DRAWN.test(text) ? ROW.exec(text) : null;
    if (row === null || !row[3]!.includes(' - ')) return false;
    const isWhole = this.#epoch !== null && (row[1] === row[2] || row[2] === 'Unknown');
    this.#row = { isWhole, done: Number(row[1]), text: row[3]!, out };
    return true;
  }

  flush(): void {
    if (this.#row?.isWhole) this.#report();
  }

  end(): void {
    this.#report();
    this.#endOfOne();
  }

  #report(): void {
    const [row, epoch] = [this.#row, this.#epoch];
    this.#row = null;
    if (row === null) return;
    const figures = figuresIn(partedPairs(row.text, ' - ', ': '));
    figures.delete('ETA');
    if (figures.size === 0) return;
    if (epoch === null) {
      row.out.step(stepOf(row.done, figures));
      return;
    }
    if (epoch.total === 1) {
      if (row.isWhole) this.#ofOne++;
      this.#newest = { number: this.#ofOne, out: row.out };
      row.out.step(stepOf(Math.max(1, this.#ofOne), figures));
      return;
    }
    this.#newest = { number: epoch.number, out: row.out };
    row.out.facts({ maxSteps: epoch.total });
    // The last epoch ends with its last row, not with one in its midst.
    row.out.last(row.isWhole ? epoch.total : epoch.total + 1);
    row.out.step(stepOf(epoch.number, figures));
  }
}
