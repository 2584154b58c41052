/** A gradient's norm that is not finite while the loss is, in a sentence. */
import type { BrokenGradient } from '../contract/index.ts';
import type { Counted } from '../figures/index.ts';
import { many } from './amounts.ts';
import { lasting, notFinite } from './broken-stretch.ts';

export function brokenGradientText(broken: BrokenGradient, counted: Counted): string {
  const beside = broken.losses === 0 ? '' : ', while the loss was finite';
  return `The gradient’s norm was ${notFinite(broken)} in ${many(broken.updates, 'update')} in a row${beside}, ${lasting(broken, counted)}.`;
}

/** What follows from it. */
export const brokenGradientMeaning = ({ losses }: BrokenGradient): string =>
  losses === 0
    ? 'No loss of these updates is in the log.'
    : 'A step with such a gradient would have broken the loss as well: most likely these updates are skipped, and nothing is learned in them, or the norm that is printed is not that of the gradient that is used.';

export const brokenGradientNext: readonly string[] = [
  'Look at the loss scale and at the number of skipped steps: in float16 each gradient that is not finite is skipped. Train in bfloat16, or the layer that overflows in float32.',
  'Name the parameters whose gradient is not finite, after backward: [n for n, p in model.named_parameters() if p.grad is not None and not p.grad.isfinite().all()]; clip_grad_norm_(…, error_if_nonfinite=True) stops at the first.',
];
