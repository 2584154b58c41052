/**
 * OpenMMLab, text: `Epoch(train)   [1][ 100/2566]  lr: 3.9e-04  …  memory: 12397  loss: 2.1` of mmengine, `Epoch [1][50/7330]\tlr: …, `
 * of mmcv before it, `Iter [50/160000]` where it counts iterations. Reports are numbered through all epochs. `memory` is the
 * peak in MiB; mmengine's is since the report before.
 */
import { loosePairs } from '../key-values.ts';
import { peak } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';
import { wholeLines } from '../whole-lines.ts';

/** With the number of epochs, as Det3D and CenterPoint print it, where the times behind it show that it is of these. */
const EPOCH =
  /\bEpoch ?\(?(train|val|test)?\)? {1,6}\[ {0,6}(\d{1,9})(?:\/(\d{1,9})(?=\].{1,200}\bdata_time: ))?\]\[ {0,9}(\d{1,12})\/(\d{1,12})\]/;
const ITER = /\bIter ?\(?(train|val|test)?\)? {1,6}\[ {0,9}(\d{1,12})\/ {0,9}(\d{1,12})\]/;

/** A report that ends in the midst of a pair, or before its loss: a page has wrapped it, or an editor, which writes `$` there. */
const isCut = (text: string): boolean =>
  (EPOCH.test(text) || ITER.test(text)) && (/[,:]\s*$/.test(text) || !text.includes(' loss: '));

const oneLine = reportFormat({
  name: 'mmengine',
  about: 'OpenMMLab (mmengine, mmdet, mmseg …): text logs',
  marks: ['epoch(', 'epoch [', 'iter(', 'iter ['],
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
    if (found === null) return null;
    if (found[1] === 'val' || found[1] === 'test') return 'none';
    const pairs = loosePairs(text.slice(found.index + found[0].length));
    if (iter !== null) return { number: Number(iter[2]), total: Number(iter[3]), pairs };
    const [of, epochs, at, per] = epoch!.slice(2).map(Number) as [number, number, number, number];
    return { number: (of - 1) * per + at, ...(epochs > 0 && { total: epochs * per }), pairs };
  },
});

export const openMmlab = wholeLines(oneLine, isCut);
