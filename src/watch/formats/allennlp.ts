/**
 * AllenNLP: `Epoch 0/19`, and at its end a table: `Training |  Validation`, then a row a metric, `loss  |  1.331  |  0.670`. Epochs count from 0, and the
 * number behind the stroke is the last one's. Where its bars are in the log, they are read (`bars`).
 */
import { reportFormat } from '../report-format.ts';

const HEADING = /\ballennlp\.\S{1,80} - Epoch (\d{1,9})\/(\d{1,9})\s*$/;
const HEAD = /^.{0,200}\s{2,}Training \| {2}Validation\s*$/;
const ROW = /(?:^|- )([A-Za-z][\w/.-]{0,80})\s{1,80}\|\s{1,20}([-\d.e+]{1,40}|N\/A|nan)\s{1,20}\|/;

export const allennlp = reportFormat({
  name: 'allennlp',
  about: 'AllenNLP: a table of each epoch',
  marks: ['allennlp', 'training |'],
  names: {},
  kind: 'step',
  heading({ text }) {
    const heading = HEADING.exec(text);
    return heading === null ? null : { epoch: Number(heading[1]), epochs: Number(heading[2]) + 1, pairs: [] };
  },
  head: ({ text }) => (HEAD.test(text) ? { number: null, pairs: [] } : null),
  row({ text }) {
    const row = ROW.exec(text);
    if (row === null) return / - Epoch duration: /.test(text) ? 'end' : null;
    return row[2] === 'N/A' ? [] : [{ key: row[1]!, value: row[2]! }];
  },
});
