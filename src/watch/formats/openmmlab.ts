/**
 * OpenMMLab, text: `Epoch(train)   [1][ 100/2566]  lr: 3.9e-04  …  memory: 12397  loss: 2.1` of mmengine, `Epoch [1][50/7330]\tlr: …, `
 * of mmcv before it, `Iter [50/160000]` where it counts iterations. Reports are numbered through all epochs, of which a line above, or the
 * configuration that is printed there, tells how many there are. `memory` is the peak in MiB; mmengine's is since the report before.
 */
import type { LogFormat } from '../format.ts';
import { loosePairs } from '../key-values.ts';
import { peak } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';
import { wholeLines } from '../whole-lines.ts';

/** With the number of epochs, as Det3D and CenterPoint print it, where the times behind it show that it is of these. */
const EPOCH =
  /\bEpoch ?\(?(train|val|test)?\)? {1,6}\[ {0,6}(\d{1,9})(?:\/(\d{1,9})(?=\].{1,200}\bdata_time: ))?\]\[ {0,9}(\d{1,12})\/(\d{1,12})\]/;
const ITER = /\bIter ?\(?(train|val|test)?\)? {1,6}\[ {0,9}(\d{1,12})\/ {0,9}(\d{1,12})\]/;

/** mmcv: `workflow: [('train', 1)], max: 40 epochs`; configurations: `runner = dict(type='EpochBasedRunner', max_epochs=12)`, `total_epochs = 12`. */
const EPOCHS =
  /\bworkflow: \[.{1,80}\], max: (\d{1,9}) epochs\b|\b(?:runner|train_cfg) ?= ?dict\((?:[^()]{0,120}, ?)?max_epochs ?= ?(\d{1,9})\b|^total_epochs = (\d{1,9})\s*$/;

/** A report that ends in the midst of a pair, or before its loss: a page has wrapped it, or an editor, which writes `$` there. */
const isCut = (text: string): boolean =>
  (EPOCH.test(text) || ITER.test(text)) && (/[,:]\s*$/.test(text) || !text.includes(' loss: '));

/** How far a training goes, and how far its reports do. */
class Extent {
  /** As a line above the reports has it. */
  epochs: number | null = null;
  /** Number of the last report. */
  last: number | null = null;
  #newest: { of: number; at: number } | null = null;
  /** Iterations between two reports. */
  #every = Number.POSITIVE_INFINITY;

  /** Reports of an epoch end at the last multiple of their distance. */
  report(of: number, at: number, per: number, epochs: number): void {
    const { of: before, at: newest } = this.#newest ?? { of: 0, at: 0 };
    this.#newest = { of, at };
    if (of === before && at > newest) this.#every = Math.min(this.#every, at - newest);
    if (this.#every <= per) this.last = (epochs - 1) * per + Math.floor(per / this.#every) * this.#every;
  }
}

const oneLine = (extent: Extent): LogFormat =>
  reportFormat({
    name: 'mmengine',
    about: 'OpenMMLab (mmengine, mmdet, mmseg …): text logs',
    marks: ['epoch(', 'epoch [', 'iter(', 'iter [', '], max: ', 'max_epochs', 'total_epochs = '],
    names: {
      time: { step: 'stepMs', power: 3 },
      memory: peak('peakAllocatedBytes', 'MiB', 'update'),
    },
    kind: 'step',
    head({ text: written }) {
      // What a page sets in bold.
      const text = written.replaceAll('**', '');
      const epoch = EPOCH.exec(text);
      const iter = epoch === null ? ITER.exec(text) : null;
      const found = epoch ?? iter;
      // `Epoch [2/10], Iter [20/100] Loss: 0.5` is a loop's own.
      if (found === null || (iter !== null && /\bepoch\b/i.test(text.slice(0, iter.index)))) return null;
      if (found[1] === 'val' || found[1] === 'test') return 'none';
      const pairs = loosePairs(text.slice(found.index + found[0].length));
      if (iter !== null) return { number: Number(iter[2]), total: Number(iter[3]), pairs };
      const [of, printed, at, per] = epoch!.slice(2).map(Number) as [number, number, number, number];
      const epochs = printed > 0 ? printed : extent.epochs;
      if (epochs !== null) extent.report(of, at, per, epochs);
      return { number: (of - 1) * per + at, ...(epochs !== null && { total: epochs * per }), pairs };
    },
    other({ text }) {
      const epochs = EPOCHS.exec(text)?.slice(1).find(Boolean);
      if (epochs !== undefined) extent.epochs = Number(epochs);
      return false;
    },
  });

const unread = oneLine(new Extent());

export const openMmlab: LogFormat = {
  ...unread,
  open(options) {
    const extent = new Extent();
    const parser = wholeLines(oneLine(extent), isCut).open(options);
    return {
      get isOpen() {
        return parser.isOpen === true;
      },
      read(line, out) {
        const isRead = parser.read(line, out);
        if (extent.last !== null) out.last(extent.last);
        return isRead;
      },
      flush: () => parser.flush?.(),
      end: () => parser.end?.(),
    };
  },
};
