/** OLMo: `[step=10/739328,epoch=0]`, then a line a figure, `    train/CrossEntropyLoss=10.9`; its peak is in powers of ten. */
import { peak } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /\[step=(\d{1,12})(?:\/(\d{1,12}))?(?:,epoch=\d{1,9}(?:\/\d{1,9})?)?\]\s*$/;
const ROW = /^\s{2,8}([\w/ ()-]{1,100})=(\S{1,40})\s*$/;

export const olmo = reportFormat({
  name: 'olmo',
  about: 'OLMo: blocks of a step',
  marks: ['[step='],
  names: {
    'train/CrossEntropyLoss': { step: 'loss' },
    'train/CE loss': { step: 'loss' },
    'optim/total_grad_norm': { step: 'gradNorm' },
    'optim/learning_rate_group0': { step: 'learningRate' },
    'throughput/device/tokens_per_second': { step: 'tokensPerSecond' },
    'System/Peak GPU Memory (MB)': peak('peakAllocatedBytes', 'MB of ten'),
  },
  kind: 'step',
  head({ text }) {
    const head = text.includes('[step=') ? HEAD.exec(text) : null;
    if (head === null) return null;
    return {
      number: Number(head[1]),
      ...(head[2] !== undefined && { total: Number(head[2]) }),
      pairs: [],
    };
  },
  row({ text }) {
    const row = ROW.exec(text);
    return row === null ? null : [{ key: row[1]!, value: row[2]! }];
  },
});
