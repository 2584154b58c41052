/** A gradient's norm that was not finite for several updates, in a report. */
import type { BrokenGradient } from '../contract/index.ts';
import {
  brokenGradientMeaning,
  brokenGradientNext,
  brokenGradientText,
  type Counted,
  countedRange,
} from '../present/index.ts';
import type { FindingBlock } from './document.ts';

export function brokenGradientBlock(broken: BrokenGradient, counted: Counted): FindingBlock {
  const { fromBatch, toBatch, isNewest } = broken;
  return {
    type: 'finding',
    title: 'Gradient is not finite',
    confidence: 'certain',
    tone: isNewest ? 'critical' : 'warning',
    says: brokenGradientText(broken, counted),
    evidence: [{ says: brokenGradientMeaning(broken), where: [countedRange(counted, fromBatch, toBatch)] }],
    next: [...brokenGradientNext],
  };
}
