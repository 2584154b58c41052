/**
 * ESPnet and FunASR: `1epoch:train:2351-2400batch:2400num_updates: iter_time=1.7e-04, loss=2.38, …, optim0_lr0=3.9e-06, train_time=1.07`.
 * ESPnet has no number of the update: its reports are numbered one after another.
 */
import { memoryIn } from '../figures.ts';
import { equalsPairs } from '../key-values.ts';
import { peak } from '../known-keys.ts';
import { figuresIn, reportFormat } from '../report-format.ts';

const HEAD = /(?:^|\s)\d{1,9}epoch:train:\d{1,12}-\d{1,12}batch:(?:(\d{1,12})num_updates:)? /;

/** The sum of an epoch, whose steps are printed: what was reserved at most, of the run. */
const SUM = /(?:^|\s)\d{1,9}epoch results: \[train\] /;

const names = {
  optim0_lr0: { step: 'learningRate' },
  train_time: { step: 'stepMs', power: 3 },
  gpu_max_cached_mem_GB: peak('peakReservedBytes', 'GiB'),
};

export const espnet = reportFormat({
  name: 'espnet',
  about: 'ESPnet, FunASR: lines of an interval of batches',
  marks: ['epoch:train:', 'epoch results: '],
  names,
  kind: 'step',
  head({ text }) {
    const head = HEAD.exec(text);
    if (head === null) return null;
    const pairs = equalsPairs(text.slice(head.index + head[0].length));
    return { number: head[1] === undefined ? null : Number(head[1]), pairs };
  },
  other({ text }, out) {
    const sum = SUM.exec(text);
    if (sum === null) return false;
    const memory = memoryIn(
      figuresIn(equalsPairs(text.slice(sum.index).split('[valid]')[0]!)),
      'cuda',
      names,
    );
    if (memory !== null) out.memory({ phase: 'epoch', memory: [memory] });
    return true;
  },
});
