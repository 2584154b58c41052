/**
 * Marian: `Ep. 1 : Up. 12000 : Sen. 812,400 : Cost 6.12 : Time 301.25s : 4102.33 words/s : gNorm 0.51 : L.r. 3.0000e-04`. Updates count through all epochs; its time is of all
 * updates since the line before.
 */
import { reportFormat } from '../report-format.ts';

const LINE =
  /\bEp\. \d{1,9} : Up\. (\d{1,12}) : Sen\. [\d,]{1,20} : Cost (-?[\d.]{1,24}|nan|inf)(?: \* [\d,]{1,20})?(?: @ [\d,]{1,20})?(?: after [\d,]{1,20})? : Time [\d.]{1,12}s : ([\d.]{1,16}) words\/s(?: : gNorm ([\d.]{1,16}|nan))?(?: : L\.r\. ([\d.e+-]{1,24}))?/;

export const marian = reportFormat({
  name: 'marian',
  about: 'Marian: cost of an update',
  marks: [' : up. '],
  names: {
    cost: { step: 'loss' },
    words: { step: 'tokensPerSecond' },
    norm: { step: 'gradNorm' },
  },
  kind: 'step',
  head({ text }) {
    const line = LINE.exec(text);
    if (line === null) return null;
    const [, number, cost, words, norm, lr] = line;
    const pairs = Object.entries({ cost, words, norm, lr }).flatMap(([key, value]) =>
      value === undefined ? [] : [{ key, value }],
    );
    return { number: Number(number), pairs };
  },
});
