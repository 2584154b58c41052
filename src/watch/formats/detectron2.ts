/** detectron2: ` eta: 8:05:12  iter: 1259  total_loss: 1.012  …  time: 0.3322  lr: 0.010000  max_mem: 3961M`. The peak is of the run. */
import { widePairs } from '../key-values.ts';
import { peak } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const ITER = /\biter: (\d{1,12}) {2}/;

export const detectron2 = reportFormat({
  name: 'detectron2',
  about: 'detectron2 and maskrcnn-benchmark: text logs',
  marks: [' iter: '],
  names: {
    time: { step: 'stepMs', power: 3 },
    max_mem: peak('peakAllocatedBytes', 'MiB'),
    'max mem': peak('peakAllocatedBytes', 'MiB'),
  },
  kind: 'step',
  head({ text }) {
    const iter = ITER.exec(text);
    if (iter === null) return null;
    // `1.2 (1.3)`: the newest, and its mean behind it.
    const pairs = widePairs(text).map(pair => ({
      ...pair,
      value: pair.value.replace(/ \([^()]{1,40}\)$/, ''),
    }));
    return { number: Number(iter[1]), pairs: pairs.filter(({ key }) => key !== 'iter') };
  },
});
