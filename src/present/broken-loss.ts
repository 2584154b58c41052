/** A loss that is not finite, in a sentence. */
import type { BrokenLoss } from '../contract/index.ts';
import { many } from './amounts.ts';
import { type Counted, countedNumber } from './counted.ts';

export function brokenLossText(
  { fromBatch, toBatch, updates, value, isNewest }: BrokenLoss,
  counted: Counted,
): string {
  const what = value === 'NaN' ? 'not a number' : 'infinite';
  if (updates === 1)
    return `The loss was ${what} at ${countedNumber(counted, fromBatch)}${isNewest ? ', the newest' : '; finite ones follow'}.`;
  const end = isNewest ? 'until the newest' : `until ${countedNumber(counted, toBatch)}; finite ones follow`;
  return `The loss was ${what} in ${many(updates, 'update')} in a row, from ${countedNumber(counted, fromBatch)} ${end}.`;
}
