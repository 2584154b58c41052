/**
 * ESPnet and FunASR: `1epoch:train:2351-2400batch:2400num_updates: iter_time=1.7e-04, loss=2.38, …, optim0_lr0=3.9e-06, train_time=1.07`.
 * ESPnet has no number of the update: its reports are numbered one after another.
 */
import { memoryIn } from '../figures.ts';
import { equalsPairs, type Pair } from '../key-values.ts';
import { held, peak } from '../known-keys.ts';
import { figuresIn, reportFormat } from '../report-format.ts';

const HEAD = /(?:^|\s)\d{1,9}epoch:train:\d{1,12}-\d{1,12}batch:(?:(\d{1,12})num_updates:)? /;

/** FunASR of today: `train, rank: 1, epoch: 0/500, …, total step: 32800, (loss_avg_rank: 0.521), …, [('loss_att', 0.475), …], {'total_time': '0.777', …}, GPU, memory: usage: 1.804 GB, …`. */
const OF_RANK =
  /(?:^|\s)train, rank: (\d{1,6}), epoch: \d{1,9}\/\d{1,9}, .{1,200}?\btotal step: (\d{1,15}), /;
const OF_RANK_PAIR =
  /\((loss_avg_rank|lr): ([-+\d.e]{1,40}|nan|inf)\)|\('(\w{1,40})', ([-+\d.e]{1,40}|nan|inf)\)|'(total_time)': '([\d.]{1,20})'|\b(usage|peak|cache|cache_peak): (\d{1,6}\.\d{1,6} GB)/g;

/** The sum of an epoch, whose steps are printed: what was reserved at most, of the run. */
const SUM = /(?:^|\s)\d{1,9}epoch results: \[train\] /;

const names = {
  optim0_lr0: { step: 'learningRate' },
  lr_0: { step: 'learningRate' },
  train_time: { step: 'stepMs', power: 3 },
  gpu_max_cached_mem_GB: peak('peakReservedBytes', 'GiB'),
  loss_avg_rank: { step: 'loss' },
  total_time: { step: 'stepMs', power: 3 },
  usage: held('allocatedBytes', 'GiB'),
  peak: peak('peakAllocatedBytes', 'GiB'),
  cache: held('reservedBytes', 'GiB'),
  cache_peak: peak('peakReservedBytes', 'GiB'),
};

function ofRankPairs(text: string): Pair[] {
  const pairs = [...text.matchAll(OF_RANK_PAIR)].map(([, ...parts]) => {
    const [key, value] = parts.filter(part => part !== undefined);
    return { key: key!, value: value! };
  });
  // Of the rank's own batch, which the list has once more.
  const isTwice = pairs.some(({ key }) => key === 'loss_avg_rank');
  return isTwice ? pairs.filter(({ key }) => key !== 'loss') : pairs;
}

export const espnet = reportFormat({
  name: 'espnet',
  about: 'ESPnet, FunASR: lines of an interval of batches',
  marks: ['epoch:train:', 'epoch results: ', 'train, rank: '],
  names,
  kind: 'step',
  head({ text }) {
    const ofRank = text.includes('train, rank: ') ? OF_RANK.exec(text) : null;
    if (ofRank !== null)
      return { number: Number(ofRank[2]), rank: Number(ofRank[1]), pairs: ofRankPairs(text) };
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
