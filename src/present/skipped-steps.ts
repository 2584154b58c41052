/** Steps of float16 that were skipped for an overflow, in a sentence. */
import { count } from '../base/index.ts';
import type { RunReport } from '../contract/index.ts';
import { SKIPPED, SKIPPED_SCALE } from '../texts/index.ts';
import { many } from './amounts.ts';
import { short } from './figure-text.ts';

/** At this loss scale little is gained by it any more. */
const LEAST_SCALE = 16;
/** At this one, or above, it still comes down from where it began. */
const HIGH_SCALE = 2 ** 16;

type Skipping = Pick<RunReport, 'own'> & { run: Pick<RunReport['run'], 'lastBatch'> };

export interface SkippedSteps {
  says: string;
  meaning: string;
  next: string[];
  /** Whether the scale has fallen as far as it helps. */
  isLow: boolean;
}

/** null where no skipped step was printed. */
export function skippedOf({ own = [], run: { lastBatch } }: Skipping): SkippedSteps | null {
  const skipped = own.find(({ name }) => name === SKIPPED)?.highest ?? null;
  const scale = own.find(({ name }) => name === SKIPPED_SCALE)?.newest ?? null;
  if (skipped === null) return null;
  const isMost = lastBatch !== null && skipped > lastBatch / 2;
  const comesDown = scale !== null && scale >= HIGH_SCALE;
  const isLow = (isMost && !comesDown) || (scale !== null && scale <= LEAST_SCALE);
  const then =
    scale === null
      ? ''
      : `; the loss scale was ${Number.isInteger(scale) ? count(scale) : short(scale)} after ${skipped === 1 ? 'it' : 'the last'}`;
  return {
    says: `${many(skipped, 'step')} ${skipped === 1 ? 'was' : 'were'} skipped for an overflow in float16${then}.`,
    meaning:
      isMost && comesDown
        ? 'Those are most of all steps so far, and nothing is learned in them. That is no error while the scale comes down: it begins high, and is halved until the gradients fit.'
        : isMost
          ? 'Those are most of all steps: nothing is learned in a skipped step, and the learning rate may not have begun to rise.'
          : isLow
            ? 'Nothing is learned in a skipped step, and at so low a scale there is little room left: where steps go on being skipped, it is the gradients that overflow.'
            : 'That is no error: the scale begins high, is halved until the gradients fit, and rises again. Nothing is learned in a skipped step.',
    next: isLow
      ? ['Train in bfloat16, or the layer that overflows in float32; lower the learning rate or warm it up.']
      : [],
    isLow,
  };
}
