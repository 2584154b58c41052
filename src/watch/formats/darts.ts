/**
 * DARTS and the searches made of it: `epoch 3 lr 2.500000e-02`, then `train 050 1.230000e+00 45.3 78.1`: a batch, the mean loss of the epoch so far, two accuracies. Batches count from 0 in
 * each epoch.
 */
import { reportFormat } from '../report-format.ts';

const HEADING = /\bepoch:? (\d{1,9}),? lr:? (\d(?:\.\d{1,9})?e[-+]\d{2})\s*$/i;
const LINE = /(?:^|\s)train (\d{3,9}) (\d(?:\.\d{1,9})?e[-+]\d{2}|nan) ([\d.]{1,12})(?: ([\d.]{1,12}))?\s*$/;
/** P-DARTS: `TRAIN Step: 050 Objs: 1.23e+00 R1: 45.3 R5: 78.1`. */
const SPELT =
  /(?:^|\s)TRAIN Step: (\d{3,9}) Objs: (\d(?:\.\d{1,9})?e[-+]\d{2}|nan) R1: ([\d.]{1,12})(?: R5: ([\d.]{1,12}))?\s*$/;

export const darts = reportFormat({
  name: 'darts',
  about: 'DARTS: loss and accuracies of a batch',
  marks: ['train ', 'epoch'],
  names: { objs: { step: 'loss' } },
  kind: 'step',
  heading({ text }) {
    const heading = HEADING.exec(text);
    if (heading === null) return null;
    return { epoch: Number(heading[1]), pairs: [{ key: 'lr', value: heading[2]! }] };
  },
  head({ text }) {
    const line = LINE.exec(text) ?? SPELT.exec(text);
    if (line === null) return null;
    const [, number, objs, top1, top5] = line;
    const pairs = Object.entries({ objs, top1, top5 }).flatMap(([key, value]) =>
      value === undefined ? [] : [{ key, value }],
    );
    return { number: Number(number), pairs };
  },
});
