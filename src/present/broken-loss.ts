/** A loss that is not finite, in a sentence. */
import { count } from '../base/index.ts';
import type { BrokenLoss } from '../contract/index.ts';
import { many } from './amounts.ts';

export function brokenLossText({ fromBatch, toBatch, updates, value, isNewest }: BrokenLoss): string {
  const what = value === 'NaN' ? 'not a number' : 'infinite';
  if (updates === 1)
    return `The loss was ${what} at batch ${count(fromBatch)}${isNewest ? ', the newest' : '; finite ones follow'}.`;
  const end = isNewest ? 'until the newest' : `until batch ${count(toBatch)}; finite ones follow`;
  return `The loss was ${what} in ${many(updates, 'update')} in a row, from batch ${count(fromBatch)} ${end}.`;
}
