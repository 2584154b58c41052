/**
 * detectron2: ` eta: 8:05:12  iter: 1259  total_loss: 1.012  …  time: 0.3322  lr: 0.010000  max_mem: 3961M`. The peak is of the run. A terminal or a
 * page may have put the end of a line on the next.
 */
import { loosePairs, type Pair } from '../key-values.ts';
import { peak } from '../known-keys.ts';
import { perLog, reportFormat } from '../report-format.ts';

const ITER = /\biter: (\d{1,12}) {1,2}(?=[A-Za-z])/;
/** What stands in a report beside its number; loops by hand have none of it. */
const OF_REPORT = /\b(?:eta|total_loss|data_time|max[_ ]mem): /;
/** What a report ends with. */
const END = /\bmax[_ ]mem: \d{1,9}M?\s*$/;

/** What it prints of its configuration: iterations count from 0. */
const MAX_ITER = /^ {1,8}MAX_ITER: (\d{1,12})\s*$/;
/** Behind the last iteration; the line of the speed is printed behind an error, too. */
const LAST_CHECKPOINT = /\bSaving checkpoint to \S{0,400}\bmodel_final\.pth\s*$/;
const START = /\bStarting training from iteration \d/;
const SPEED = /\bOverall training speed: \d{1,12} iterations in /;

/** The end of a line that may be within a figure, and is not behind the key of another. */
const IN_FIGURE = /: {1,2}\S{1,24}\s{0,8}$/;
const FEW = 3;
/** A line of a report that has more lines behind it: pairs, and nothing else. */
const isWithin = (text: string, pairs: Pair[]): boolean =>
  pairs.length > FEW && !/[^\w./:+ -]/.test(text.trimEnd());

/** `1.2 (1.3)`: the newest, and its mean behind it. */
const pairsIn = (text: string): Pair[] =>
  loosePairs(text.replace('max mem: ', 'max_mem: ')).map(pair => ({
    ...pair,
    value: pair.value.replace(/ \([^()]{1,40}\)$/, ''),
  }));

export const detectron2 = perLog(() => {
  /** Iterations of the training, and whether the last one was saved. */
  const of: { total: number | null; isWhole: boolean } = { total: null, isWhole: false };
  return reportFormat({
    name: 'detectron2',
    about: 'detectron2 and maskrcnn-benchmark: text logs',
    marks: [
      ' iter: ',
      ' max_iter: ',
      'starting training from iteration ',
      'model_final.pth',
      'overall training speed: ',
    ],
    names: {
      time: { step: 'stepMs', power: 3 },
      max_mem: peak('peakAllocatedBytes', 'MiB'),
    },
    kind: 'step',
    isFollowed: true,
    head({ text }) {
      const iter = OF_REPORT.test(text) ? ITER.exec(text) : null;
      if (iter === null) return null;
      const pairs = pairsIn(text).filter(({ key }) => key !== 'iter');
      // Where a line does not end as its reports do, the figure that it ends in may be cut; on a CPU that is the rate of learning.
      if (!END.test(text) && IN_FIGURE.test(text) && pairs.at(-1)?.key !== 'lr') pairs.pop();
      return {
        number: Number(iter[1]),
        ...(of.total !== null && { total: of.total, fromZero: true }),
        pairs,
      };
    },
    row({ text }) {
      // The first of them is cut, and the last of a line that a terminal's width has cut again.
      const pairs = pairsIn(text);
      if (END.test(text)) return pairs.slice(1);
      return isWithin(text, pairs) ? pairs.slice(1, -1) : null;
    },
    other({ text }, out) {
      const total = MAX_ITER.exec(text);
      if (total !== null) of.total = Number(total[1]) || null;
      if (START.test(text)) of.isWhole = false;
      if (LAST_CHECKPOINT.test(text)) of.isWhole = true;
      if (of.isWhole && SPEED.test(text)) out.finished(true);
      return false;
    },
  });
});
