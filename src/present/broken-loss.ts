/** A loss that is not finite, in a sentence. */
import type { BrokenLoss } from '../contract/index.ts';
import type { Counted } from '../figures/index.ts';
import { many } from './amounts.ts';
import { lasting, notFinite } from './broken-stretch.ts';
import { countedNumber } from './counted.ts';

export function brokenLossText(broken: BrokenLoss, counted: Counted): string {
  const { fromBatch, updates, isNewest } = broken;
  if (broken.isLeftOut === true)
    return `The loss was reported as 0 and the gradient’s norm was ${notFinite(broken)} in ${many(updates, 'update')}${updates === 1 ? '' : ' in a row'}, ${lasting(broken, counted)}: the Hugging Face Trainer leaves losses that are not finite out of its mean.`;
  const loss = broken.of === undefined ? 'loss' : `${broken.of} loss`;
  return updates === 1
    ? `The ${loss} was ${notFinite(broken)} at ${countedNumber(counted, fromBatch)}${isNewest ? ', the newest' : '; finite ones follow'}.`
    : `The ${loss} was ${notFinite(broken)} in ${many(updates, 'update')} in a row, ${lasting(broken, counted)}.`;
}
