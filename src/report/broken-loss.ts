/** A loss that was not finite for several updates, in a report: when it broke, what broke with it, and what to try. */
import { count } from '../base/index.ts';
import type { BrokenLoss } from '../contract/index.ts';
import { brokenLossText, type Counted, countedNumber, short } from '../present/index.ts';
import type { FindingBlock } from './document.ts';
import { stretchBlock } from './stretch-block.ts';

/** Updates or steps by which a training has begun, however rarely it reports. */
const LATE = 1000;
/** At this loss scale nothing is gained by it any more. */
const LEAST_SCALE = 1;

export const brokenLossBlock = (broken: BrokenLoss, counted: Counted): FindingBlock =>
  stretchBlock(broken, counted, {
    title: 'Loss is not finite',
    says: brokenLossText(broken, counted),
    evidence: [lastText(broken, counted), gradientText(broken, counted), ...scaleText(broken)],
    next: nextOf(broken, counted),
  });

const lastText = ({ lastFinite }: BrokenLoss, counted: Counted): string =>
  lastFinite === null
    ? 'No finite loss came before.'
    : `The last finite loss was ${short(lastFinite.loss)}, in ${countedNumber(counted, lastFinite.batch)}.`;

function gradientText(
  { fromBatch, gradNormFromBatch: from, isGradNormMeasured }: BrokenLoss,
  counted: Counted,
): string {
  if (!isGradNormMeasured) return 'The gradient’s norm was not measured.';
  if (from === null) return 'The gradient’s norm was finite until then: the loss broke first.';
  return from < fromBatch
    ? `The gradient’s norm was not finite from ${countedNumber(counted, from)} on: it broke before the loss.`
    : 'The gradient’s norm broke in the same update.';
}

const scaleText = ({ lossScale }: BrokenLoss): string[] => {
  if (lossScale === null) return [];
  const { before, highest } = lossScale;
  const most = before < highest ? `, down from ${scale(highest)}` : '';
  return [`The loss scale was ${scale(before)} with it${most}.`];
};

const scale = (value: number): string => (Number.isInteger(value) ? count(value) : short(value));

function nextOf(
  { fromBatch, isNewest, lastFinite, gradNormFromBatch, lossScale }: BrokenLoss,
  counted: Counted,
): string[] {
  const next: string[] = [];
  if (isNewest && lastFinite !== null)
    next.push(
      `Go on from a checkpoint of before ${countedNumber(counted, fromBatch)}: parameters that are not finite stay so.`,
    );
  if (lossScale !== null && lossScale.before <= LEAST_SCALE && lossScale.before < lossScale.highest)
    next.push(
      'The loss scale had fallen as far as it helps: float16 overflows. Train in bfloat16, or the layer that overflows in float32.',
    );
  if (gradNormFromBatch !== null && gradNormFromBatch < fromBatch)
    next.push(
      'Lower the learning rate or warm it up, and clip the gradient’s norm, skipping steps in which it is not finite.',
    );
  if (lastFinite === null)
    next.push(
      fromBatch > LATE
        ? 'What is read begins with it: the part before shows when it broke, and what the learning rate and the gradient’s norm did there.'
        : 'It is so from the first report that was read: if the training begins with it, look at the inputs, the initial weights, and divisions or logarithms of zero in the loss.',
    );
  next.push(
    'torch.autograd.set_detect_anomaly(True) names the operation that made it, for a few slow steps.',
  );
  return next;
}
