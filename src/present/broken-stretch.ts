/** Updates in a row in which a figure was not finite, in words. */
import type { BrokenGradient, BrokenLoss } from '../contract/index.ts';
import type { Counted } from '../figures/index.ts';
import { countedNumber } from './counted.ts';

export const notFinite = ({ value }: Pick<BrokenLoss, 'value'>): string =>
  value === 'NaN' ? 'not a number' : 'infinite';

/** `from step 41 until the newest` */
export const lasting = (
  { fromBatch, toBatch, isNewest }: BrokenLoss | BrokenGradient,
  counted: Counted,
): string =>
  `from ${countedNumber(counted, fromBatch)} ${isNewest ? 'until the newest' : `until ${countedNumber(counted, toBatch)}; finite ones follow`}`;
