/**
 * Keras: `Epoch 1/3`, then a row that is drawn again all through the epoch, `6/6 ━━━━ 0s 66ms/step - accuracy: 0.84 - loss: 0.44`. Its last
 * state is the epoch's. TensorFlow's Keras 2 draws `6/6 [====] - 1s 2ms/step - loss: …`.
 */

import { type Figures, stepOf } from '../figures.ts';
import { COUNTED, type LineParser, type LogFormat, type Outlet } from '../format.ts';
import { partedPairs } from '../key-values.ts';
import type { LogLine } from '../log-line.ts';
import { figuresIn } from '../report-format.ts';

const HEAD = /^Epoch (\d{1,9})\/(\d{1,9})\s*$/;
const ROW =
  /^\s{0,12}(\d{1,12})\/(\d{1,12}|Unknown)\s(.{0,400}?(?:\d(?:s|ms|us)(?:\/step|\/epoch)?|ETA: [\d:]{1,12}).*)$/;
/** A figure of a row, and not the time that is left. */
const FIGURE = / - (?!ETA)[A-Za-z_][^:]{0,80}: /;
/** Whole rows without an epoch's line above them, one after another, of which each is a fit of one epoch. */
const FITS = 3;
const DRAWN = /^\s{0,12}\d{1,12}\/\d{1,12} (?:\[[=>.]{10,60}\]|[━╸]{5,60}) /;

/** TerminateOnNaN. */
const STOPPED = ': Invalid loss, terminating training';

export const keras: LogFormat = {
  name: 'keras',
  about: 'Keras: rows of an epoch',
  marks: ['epoch ', 's/step', 's/epoch', 's/sample', 's - ', 'eta: '],
  open: () => new KerasParser(),
};

interface Row {
  isWhole: boolean;
  done: number;
  /** Batches of its epoch, as printed. */
  of: string;
  text: string;
  out: Outlet;
}

class KerasParser implements LineParser {
  /** Epochs of fits of one epoch, one after another: they are counted through. */
  #ofOne = 0;
  /** Number of the newest epoch that was reported, and where it went. */
  #newest: { number: number; out: Outlet } | null = null;
  #epoch: { number: number; total: number } | null = null;
  #row: Row | null = null;
  /** Whether the epoch that is under way was stopped for its loss. */
  #isStopped = false;
  /** The newest row that ended an epoch, until another one begins: what is drawn behind it may be an evaluation's. */
  #ended: Row | null = null;
  /** Whole rows that no epoch's line stood above. */
  #fits: Row[] = [];
  #counted = 0;

  /** A fit of one epoch was the training, where no other came. */
  #endOfOne(): void {
    if (this.#ofOne === 1) this.#newest?.out.last(1);
  }

  read({ text }: LogLine, out: Outlet): boolean {
    const head = HEAD.exec(text);
    if (head !== null) {
      this.#isStopped = false;
      const begun = { number: Number(head[1]), total: Number(head[2]) };
      // The epoch of rows before the first head is the one before.
      if (this.#epoch === null && begun.number > 1) this.#epoch = { ...begun, number: begun.number - 1 };
      this.#endOfFits();
      this.#report();
      this.#ended = null;
      // Another process of a job may be an epoch behind, and not more.
      if (begun.number === 1 && (this.#newest?.number ?? 0) > 1 && begun.total > 1) out.begins(true);
      this.#epoch = begun;
      return true;
    }
    // An excerpt from the midst of an epoch: how many there were before is not in it.
    const drawn = this.#epoch !== null || DRAWN.test(text) ? ROW.exec(text) : null;
    // The words stand behind a row that is under way: they are an error's, and the epoch's last row, which is drawn all the same, is no sign that it went on.
    this.#isStopped ||= text.includes(STOPPED);
    if (this.#isStopped) return drawn !== null && !text.includes(STOPPED);
    if (drawn === null || !drawn[3]!.includes(' - ')) return false;
    const isWhole = drawn[1] === drawn[2] || drawn[2] === 'Unknown';
    const row = { isWhole, done: Number(drawn[1]), of: drawn[2]!, text: drawn[3]!, out };
    if (!FIGURE.test(row.text)) return true;
    if (this.#epoch === null) this.#readFit(row);
    else if (this.#ended === null || isSameEpoch(this.#ended, row)) {
      this.#row = row;
      if (drawn[1] === drawn[2]) this.#ended = row;
    }
    return true;
  }

  /** Of a fit of one epoch, Keras prints the row alone: several of them, each whole, are counted. */
  #readFit(row: Row): void {
    this.#row = row;
    if (!row.isWhole || row.of === 'Unknown') return;
    const before = this.#fits.at(-1);
    if (before !== undefined && isDrawnAgain(before, row)) this.#fits.pop();
    this.#fits.push(row);
    // The newest may be drawn again.
    if (this.#counted > 0 || this.#fits.length > FITS)
      this.#count(this.#fits.splice(0, this.#fits.length - 1));
  }

  #count(fits: readonly Row[]): void {
    for (const { text, out } of fits) {
      out.facts(COUNTED);
      out.step(stepOf(++this.#counted, figuresOf(text)));
    }
  }

  /** Few of them may be of evaluations as well: then the first is the training's. */
  #endOfFits(): void {
    const fits = this.#fits;
    this.#fits = [];
    if (fits.length === 0 || this.#epoch !== null) return;
    this.#row = null;
    if (this.#counted > 0 || fits.length >= FITS) this.#count(fits);
    else this.#row = fits[0]!;
  }

  flush(): void {
    if (this.#epoch !== null && this.#row?.isWhole) this.#report();
  }

  end(): void {
    this.#endOfFits();
    this.#report();
    this.#endOfOne();
  }

  #report(): void {
    const [row, epoch] = [this.#row, this.#epoch];
    this.#row = null;
    if (row === null) return;
    const figures = figuresOf(row.text);
    if (figures.size === 0) return;
    if (epoch === null) {
      row.out.step(stepOf(row.done, figures));
      return;
    }
    if (epoch.total === 1) {
      const number = this.#ofOne + 1;
      if (row.isWhole) this.#ofOne = number;
      this.#newest = { number, out: row.out };
      row.out.step(stepOf(number, figures));
      return;
    }
    this.#newest = { number: epoch.number, out: row.out };
    row.out.facts({ maxSteps: epoch.total });
    // The last epoch ends with its last row, not with one in its midst.
    row.out.last(row.isWhole ? epoch.total : epoch.total + 1);
    row.out.step(stepOf(epoch.number, figures));
  }
}

/** What was drawn last: a page may have lost the counts between. */
const DRAWN_LAST = /^.{0,30000} - (?=ETA: |\d{1,7}(?:s|ms|us)[ /])/;

function figuresOf(row: string): Figures {
  const last = row.indexOf(' - ETA: ') === row.lastIndexOf(' - ETA: ') ? row : row.replace(DRAWN_LAST, '');
  const figures = figuresIn(partedPairs(last, ' - ', ': '));
  figures.delete('ETA');
  return figures;
}

/** Whether a row behind the last of an epoch is that one drawn again: with its validation, and never without. */
const isSameEpoch = (ended: Row, { done, of, text }: Row): boolean =>
  of === ended.of && `${done}` === of && (text.includes('val_') || !ended.text.includes('val_'));

const measured = ({ text }: Row): string => text.slice(text.search(FIGURE));

/** Whether a whole row is the one before it once more. */
const isDrawnAgain = (before: Row, row: Row): boolean =>
  before.of === row.of &&
  (measured(before) === measured(row) || (!before.text.includes('val_') && row.text.includes('val_')));
