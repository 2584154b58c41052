/**
 * detectron2: ` eta: 8:05:12  iter: 1259  total_loss: 1.012  …  time: 0.3322  lr: 0.010000  max_mem: 3961M`. The peak is of the run. A terminal or a
 * page may have put the end of a line on the next.
 */
import { loosePairs, type Pair } from '../key-values.ts';
import { peak } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const ITER = /\biter: (\d{1,12}) {1,2}(?=[A-Za-z])/;
/** What a report ends with. */
const END = /\bmax[_ ]mem: \d{1,9}M?\s*$/;

/** `1.2 (1.3)`: the newest, and its mean behind it. */
const pairsIn = (text: string): Pair[] =>
  loosePairs(text.replace('max mem: ', 'max_mem: ')).map(pair => ({
    ...pair,
    value: pair.value.replace(/ \([^()]{1,40}\)$/, ''),
  }));

export const detectron2 = reportFormat({
  name: 'detectron2',
  about: 'detectron2 and maskrcnn-benchmark: text logs',
  marks: [' iter: '],
  names: {
    time: { step: 'stepMs', power: 3 },
    max_mem: peak('peakAllocatedBytes', 'MiB'),
  },
  kind: 'step',
  isFollowed: true,
  head({ text }) {
    const iter = ITER.exec(text);
    if (iter === null) return null;
    const pairs = pairsIn(text).filter(({ key }) => key !== 'iter');
    // maskrcnn-benchmark's ends with its memory: the figure before may be cut.
    if (/ \([^()]{1,40}\)/.test(text) && !END.test(text)) pairs.pop();
    return { number: Number(iter[1]), pairs };
  },
  row({ text }) {
    // The first of them is cut.
    return END.test(text) ? pairsIn(text).slice(1) : null;
  },
});
