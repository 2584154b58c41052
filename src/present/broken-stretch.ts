/** Updates in a row in which a figure broke, in words. */
import type { BrokenLoss } from '../contract/index.ts';
import type { Counted } from '../figures/index.ts';
import { countedNumber } from './counted.ts';

export const notFinite = ({ value }: Pick<BrokenLoss, 'value'>): string =>
  value === 'NaN' ? 'not a number' : 'infinite';

/** `from step 41 until the newest`, `…; finite ones follow` */
export const lasting = (
  { fromBatch, toBatch, isNewest }: Pick<BrokenLoss, 'fromBatch' | 'toBatch' | 'isNewest'>,
  counted: Counted,
  others = 'finite',
): string =>
  `from ${countedNumber(counted, fromBatch)} ${isNewest ? 'until the newest' : `until ${countedNumber(counted, toBatch)}; ${others} ones follow`}`;
