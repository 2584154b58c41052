/** A gradient's norm far above what it usually was, in a sentence. */
import type { HugeGradient } from '../contract/index.ts';
import type { Counted } from '../figures/index.ts';
import { many } from './amounts.ts';
import { lasting } from './broken-stretch.ts';
import { countedNumber } from './counted.ts';
import { short } from './figure-text.ts';

/** `3.8e12`: a norm counts nothing, so that no letter stands for its size. */
const power = (norm: number): string => norm.toExponential(1).replace('+', '');

export function hugeGradientText(huge: HugeGradient, counted: Counted): string {
  const { updates, usual, lowest, highest } = huge;
  const norms = power(lowest) === power(highest) ? power(highest) : `${power(lowest)} to ${power(highest)}`;
  return `The gradient’s norm was ${norms} in ${many(updates, 'update')} in a row, where ${short(usual)} had been usual, ${lasting(huge, counted, 'usual')}.`;
}

export const hugeGradientMeaning =
  'Most likely the training diverges: a step along such a gradient throws the parameters far away, unless the norm is clipped. Clipped, its direction is that of a few values that are far too large.';

export const hugeGradientNext = (fromBatch: number, counted: Counted): string[] => [
  `Compare the loss before ${countedNumber(counted, fromBatch)} with that behind it: where it rose as well, go on from a checkpoint of before, with a smaller learning rate or a longer warm-up.`,
  'Clip the norm (torch.nn.utils.clip_grad_norm_), and look at the data of those steps: one sample that is out of range, or a division by almost nothing in the loss, is enough.',
];
