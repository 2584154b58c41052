/**
 * Composer, LLM Foundry: `[batch=366/48000]:`, or `[epoch=2][batch=5/40]:`, then a line a figure, `\t Train loss/train/total: 10.8`. Its
 * memory is in powers of ten.
 */
import { pairIn } from '../key-values.ts';
import { held, peak } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD = /(?:^|\s)(?:\[epoch=(\d{1,9})(?:\/(\d{1,9}))?\])?\[batch=(\d{1,12})(?:\/(\d{1,12}))?\]:?\s*$/;
const ROW = /^\s{1,24}Train (\S.{0,200})$/;
const TEN = 'GB of ten';

export const composer = reportFormat({
  name: 'composer',
  about: 'Composer and LLM Foundry: blocks of a batch',
  marks: ['[batch='],
  names: {
    'loss/train/total': { step: 'loss' },
    'l2_norm/grad/global': { step: 'gradNorm' },
    'throughput/samples_per_sec': { step: 'samplesPerSecond' },
    'throughput/tokens_per_sec': { step: 'tokensPerSecond' },
    'memory/current_allocated_mem': held('allocatedBytes', TEN),
    'memory/current_active_mem': held('activeBytes', TEN),
    'memory/current_inactive_mem': held('inactiveSplitBytes', TEN),
    'memory/current_reserved_mem': held('reservedBytes', TEN),
    'memory/peak_allocated_mem': peak('peakAllocatedBytes', TEN),
    'memory/peak_active_mem': peak('peakActiveBytes', TEN),
    'memory/peak_reserved_mem': peak('peakReservedBytes', TEN),
    'memory/alloc_retries': held('allocRetries', 'count'),
    // Before Composer 0.15.
    'memory/allocated_mem': held('allocatedBytes', TEN),
    'memory/active_mem': held('activeBytes', TEN),
    'memory/inactive_mem': held('inactiveSplitBytes', TEN),
    'memory/reserved_mem': held('reservedBytes', TEN),
    'lr-DecoupledAdamW/group0': { step: 'learningRate' },
    'lr-AdamW/group0': { step: 'learningRate' },
    'lr-Adam/group0': { step: 'learningRate' },
    'lr-SGD/group0': { step: 'learningRate' },
  },
  kind: 'step',
  head({ text }) {
    if (!text.includes('[batch=')) return null;
    const head = HEAD.exec(text);
    if (head === null) return null;
    const [, epoch, epochs, batch, batches] = head.map(Number) as [unknown, number, number, number, number];
    if (head[1] === undefined)
      return { number: batch, ...(head[4] !== undefined && { total: batches }), pairs: [] };
    // Behind an epoch, batches are counted within it.
    const before = head[4] === undefined ? 0 : (epoch - 1) * batches;
    return { number: before + batch, ...(head[2] !== undefined && { total: epochs * batches }), pairs: [] };
  },
  row({ text }) {
    const row = ROW.exec(text);
    if (row === null) return null;
    const pair = pairIn(row[1]!, ': ');
    return pair === null ? null : [pair];
  },
});
