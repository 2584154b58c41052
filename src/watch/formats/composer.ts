/**
 * Composer, LLM Foundry: `[batch=366/48000]:`, or `[epoch=2][batch=5/40]:`, then a line a figure, `\t Train loss/train/total: 10.8`. Its
 * memory is in powers of ten. A list that was copied without its head has its number in `time/batch`, or none.
 */
import { type Pair, pairIn } from '../key-values.ts';
import { held, peak } from '../known-keys.ts';
import { NUMBER, perLog, reportFormat } from '../report-format.ts';

const HEAD = /(?:^|\s)(?:\[epoch=(\d{1,9})(?:\/(\d{1,9}))?\])?\[batch=(\d{1,12})(?:\/(\d{1,12}))?\]:?\s*$/;
const ROW = /^(?:\s{1,24}|\s{0,8}[-*•] {1,4})Train (\S.{0,200})$/;
/** Groups that its names are of: other trainers print `Train loss: 0.5`, too. */
const GROUPS = ['time', 'memory', 'loss', 'metrics', 'trainer', 'throughput', 'l2_norm'];
const GROUPED = /^(?:time|memory|loss|metrics|trainer|throughput|l2_norm|lr-[A-Za-z]{1,30})\/\S{1,100}$/;
const TEN = 'GB of ten';
/** In bytes before Composer 0.13, whose `allocated_mem` was the sum of all that was ever allocated: no amount that is held. */
const HELD = /^memory\/(?:active|inactive|reserved)_mem$/;
const BYTES = /^\d{7,15}$/;

export const composer = perLog(() => {
  /** Keys of the list under way that has no head; null once a head was seen. */
  let listed: Set<string> | null = new Set();
  return reportFormat({
    name: 'composer',
    about: 'Composer and LLM Foundry: blocks of a batch',
    marks: ['[batch=', 'train lr-', ...GROUPS.map(group => `train ${group}/`)],
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
    isReport: figures => figures.has('loss/train/total') || listed === null || figures.has('time/batch'),
    head({ text }, isOpen) {
      const head = text.includes('[batch=') ? HEAD.exec(text) : null;
      if (head === null) {
        const [pair] = listed === null ? [] : rowOf(text);
        if (pair === undefined || !GROUPED.test(pair.key)) return null;
        if (isOpen && !listed!.has(pair.key)) {
          listed!.add(pair.key);
          return null;
        }
        listed = new Set([pair.key]);
        return { number: null, pairs: numbered(pair) };
      }
      listed = null;
      const [, epoch, epochs, batch, batches] = head.map(Number) as [unknown, number, number, number, number];
      if (head[1] === undefined)
        return { number: batch, ...(head[4] !== undefined && { total: batches }), pairs: [] };
      // Behind an epoch, batches are counted within it.
      const before = head[4] === undefined ? 0 : (epoch - 1) * batches;
      return { number: before + batch, ...(head[2] !== undefined && { total: epochs * batches }), pairs: [] };
    },
    row({ text }) {
      const [pair] = rowOf(text);
      if (pair === undefined) return null;
      return listed === null ? [pair] : numbered(pair);
    },
  });
});

function rowOf(text: string): Pair[] {
  const row = ROW.exec(text);
  const pair = row === null ? null : pairIn(row[1]!, ': ');
  if (pair === null) return [];
  return HELD.test(pair.key) && BYTES.test(pair.value) ? [{ ...pair, value: `${pair.value}B` }] : [pair];
}

/** `time/batch` is of the batch before: 365 stands under `[batch=366/48000]`. */
const numbered = (pair: Pair): Pair[] =>
  pair.key === 'time/batch' && /^\d{1,12}$/.test(pair.value)
    ? [pair, { key: NUMBER, value: `${Number(pair.value) + 1}` }]
    : [pair];
