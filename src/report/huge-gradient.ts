/** A gradient's norm far above what it usually was, in a report. */
import type { HugeGradient } from '../contract/index.ts';
import {
  type Counted,
  countedRange,
  hugeGradientMeaning,
  hugeGradientNext,
  hugeGradientText,
} from '../present/index.ts';
import type { FindingBlock } from './document.ts';

export function hugeGradientBlock(huge: HugeGradient, counted: Counted): FindingBlock {
  const { fromBatch, toBatch, isNewest } = huge;
  return {
    type: 'finding',
    title: 'Gradient is huge',
    confidence: 'certain',
    tone: isNewest ? 'critical' : 'warning',
    says: hugeGradientText(huge, counted),
    evidence: [{ says: hugeGradientMeaning, where: [countedRange(counted, fromBatch, toBatch)] }],
    next: hugeGradientNext(fromBatch, counted),
  };
}
