/**
 * Caffe: `solver.cpp:218] Iteration 100 (3.1 iter/s, 32.1s/100 iters), loss = 1.234`, the outputs of the net below it, `Iteration 100, lr = 0.01`.
 */
import { reportFormat } from '../report-format.ts';

const HEAD =
  /solver\.cpp:\d{1,5}\] Iteration (\d{1,12})(?: \([^()]{1,80}\))?, loss = ([-+\d.e]{1,40}|nan)\s*$/;
const OUTPUT = /solver\.cpp:\d{1,5}\] {1,8}Train net output #\d{1,4}: (\S{1,80}) = ([-+\d.e]{1,40}|nan)\b/;
const RATE = /solver\.cpp:\d{1,5}\] Iteration \d{1,12}, lr = ([\d.e+-]{1,40})\s*$/;

export const caffe = reportFormat({
  name: 'caffe',
  about: 'Caffe: a block of an iteration',
  marks: ['solver.cpp:'],
  names: {},
  kind: 'step',
  head({ text }) {
    const head = HEAD.exec(text);
    return head === null ? null : { number: Number(head[1]), pairs: [{ key: 'loss', value: head[2]! }] };
  },
  row({ text }) {
    const rate = RATE.exec(text);
    if (rate !== null) return [{ key: 'lr', value: rate[1]! }];
    const output = OUTPUT.exec(text);
    if (output !== null) return [{ key: output[1]!, value: output[2]! }];
    return /, Testing net /.test(text) ? 'end' : null;
  },
  other({ text }, out) {
    if (!/solver\.cpp:\d{1,5}\] Optimization Done\./.test(text)) return false;
    out.finished(true);
    return true;
  },
});
