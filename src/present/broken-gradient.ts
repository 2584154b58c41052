/** A gradient's norm that is not finite while the loss is, in a sentence. */
import type { BrokenGradient } from '../contract/index.ts';
import { many } from './amounts.ts';
import { type Counted, countedNumber } from './counted.ts';

export function brokenGradientText(
  { fromBatch, toBatch, updates, value, isNewest, losses }: BrokenGradient,
  counted: Counted,
): string {
  const what = value === 'NaN' ? 'not a number' : 'infinite';
  const end = isNewest ? 'until the newest' : `until ${countedNumber(counted, toBatch)}; finite ones follow`;
  const beside = losses === 0 ? '' : ', while the loss was finite';
  return `The gradient’s norm was ${what} in ${many(updates, 'update')} in a row${beside}, from ${countedNumber(counted, fromBatch)} ${end}.`;
}

/** What follows from it. */
export const brokenGradientMeaning = ({ losses }: BrokenGradient): string =>
  losses === 0
    ? 'No loss of these updates is in the log.'
    : 'A step with such a gradient would have broken the loss as well: most likely these updates were skipped, and nothing was learned in them; or the norm that is printed is not that of the gradient that was applied.';

export const brokenGradientNext: readonly string[] = [
  'Look at the loss scale and at the number of skipped steps: in float16 each gradient that is not finite is skipped. Train in bfloat16, or the layer that overflows in float32.',
  'Name the parameters whose gradient is not finite, after backward: [n for n, p in model.named_parameters() if p.grad is not None and not p.grad.isfinite().all()]; clip_grad_norm_(…, error_if_nonfinite=True) stops at the first.',
];
