/**
 * Megatron-LM and what is built on it: ` iteration  201/ 250000 | … | lm loss: 2.37E+00 | …`, and per rank
 * `[Rank 3] (after 20 iterations) memory (MB) | allocated: 3271.25 | max allocated: …`. NeMo prints
 * `Training epoch 0, iteration 8/29 | lr: … | global_step: 8 | max_memory_reserved: …`, which is numbered by `global_step`.
 */

import { memoryIn } from '../figures.ts';
import { partedPairs } from '../key-values.ts';
import { held, peak } from '../known-keys.ts';
import { figuresIn, reportFormat } from '../report-format.ts';

const ITERATION = /\biteration {1,10}(\d{1,12})\/ {0,12}(\d{1,12}) \|/;
const NEMO = /\bTraining epoch (\d{1,9}), iteration (\d{1,12})\/(\d{1,12})(?: \||$)/;
const MEMORY =
  /(?:\[Rank (\d{1,6})\] \((?:after|before) [^()]{1,40}\)|\bafter \d{1,12} iterations|\bDevice (\d{1,6}): (?:After|Before) [^|()]{1,40}) memory \((?:MB|GB)\) \|/;
/** The rest of a report that a page has put on lines of its own: ` learning rate: 1.0E-05 | lm loss: 2.37E+00 |`. */
const REST = /^ {0,8}[a-z][\w ()/-]{1,60}: {1,8}[-+\d.EeNna]{1,24}(?: ms)? {0,2}(?:\||$)/;
const names = {
  'lm loss': { step: 'loss' },
  lm_loss: { step: 'loss' },
  'grad norm': { step: 'gradNorm' },
  'learning rate': { step: 'learningRate' },
  'elapsed time per iteration (ms)': { step: 'stepMs' },
  'elapsed time per iteration': { step: 'stepMs' },
  'elapsed time per iteration (s)': { step: 'stepMs', power: 3 },
  // Megatron-Bridge, in powers of ten.
  'mem-allocated-gigabytes': held('allocatedBytes', 'GB of ten'),
  'mem-active-gigabytes': held('activeBytes', 'GB of ten'),
  'mem-reserved-gigabytes': held('reservedBytes', 'GB of ten'),
  'mem-max-allocated-gigabytes': peak('peakAllocatedBytes', 'GB of ten'),
  'mem-max-active-gigabytes': peak('peakActiveBytes', 'GB of ten'),
  'mem-max-reserved-gigabytes': peak('peakReservedBytes', 'GB of ten'),
  'mem-alloc-retires': held('allocRetries', 'count'),
  reduced_train_loss: { step: 'loss' },
  'train_step_timing in s': { step: 'stepMs', power: 3 },
  max_memory_reserved: peak('peakReservedBytes', 'B'),
  max_memory_allocated: peak('peakAllocatedBytes', 'B'),
  allocated: held('allocatedBytes', 'MiB'),
  'max allocated': peak('peakAllocatedBytes', 'MiB'),
  reserved: held('reservedBytes', 'MiB'),
  'max reserved': peak('peakReservedBytes', 'MiB'),
};

/** ` validation loss at iteration 1000 on validation set | lm loss value: 2.37E+00 | lm loss PPL: 1.07E+01 | `. */
const VALIDATED = /\bvalidation loss at iteration (\d{1,12})\b[^|]{0,60}\| (.{1,400})$/;

/** Megatron's own line ends with a bar: what stands behind the last one is cut, its figure too. */
const toLastBar = (text: string): string => text.slice(0, text.lastIndexOf('|') + 1);

export const megatron = reportFormat({
  name: 'megatron',
  about: 'Megatron-LM and NeMo: iteration lines, memory of ranks',
  marks: ['iteration ', ' memory (MB) |', ' memory (GB) |'],
  names,
  kind: 'step',
  isFollowed: true,
  isFollowedLate: true,
  head({ text }) {
    const nemo = NEMO.exec(text);
    const own = nemo === null ? ITERATION.exec(text) : null;
    const found = own ?? nemo;
    if (found === null) return null;
    const behind = text.slice(found.index + found[0].length);
    const pairs = partedPairs(nemo === null ? toLastBar(behind) : behind, '|');
    if (own !== null) return { number: Number(own[1]), total: Number(own[2]), pairs };
    const step = pairs.find(({ key }) => key === 'global_step');
    const epoch = Number(nemo![1]);
    return {
      number: step === undefined ? Number(nemo![2]) : Number(step.value),
      ...(epoch === 0 && { total: Number(nemo![3]) + 1 }),
      fromZero: true,
      pairs: pairs.filter(pair => pair !== step),
    };
  },
  row({ text }) {
    return REST.test(text) ? partedPairs(toLastBar(text), '|') : null;
  },
  other({ text }, out) {
    const validated = VALIDATED.exec(text);
    if (validated !== null) {
      const figures = figuresIn(partedPairs(toLastBar(validated[2]!), '|'));
      const own = [...figures].map(([key, { value }]) => [`validation ${key}`, value]);
      if (own.length > 0) out.figures({ batch: Number(validated[1]), figures: Object.fromEntries(own) });
      return own.length > 0;
    }
    const found = MEMORY.exec(text);
    if (found === null) return false;
    const reading = memoryIn(
      figuresIn(partedPairs(text.slice(found.index + found[0].length), '|')),
      'cuda',
      names,
    );
    if (reading === null) out.almost('a memory line that cannot be read');
    else
      out.memory(
        { phase: 'step', when: /\b[Bb]efore\b/.test(found[0]) ? 'before' : 'after', memory: [reading] },
        (found[1] ?? found[2]) === undefined ? undefined : Number(found[1] ?? found[2]),
      );
    return true;
  },
});
