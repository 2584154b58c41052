/** A gradient's norm that was not finite for several updates, or far above what it usually was, in a report. */
import type { BrokenGradient, HugeGradient } from '../contract/index.ts';
import {
  brokenGradientMeaning,
  brokenGradientNext,
  brokenGradientText,
  type Counted,
  hugeGradientMeaning,
  hugeGradientNext,
  hugeGradientText,
} from '../present/index.ts';
import type { FindingBlock } from './document.ts';
import { stretchBlock } from './stretch-block.ts';

export const brokenGradientBlock = (broken: BrokenGradient, counted: Counted): FindingBlock =>
  stretchBlock(broken, counted, {
    title: 'Gradient is not finite',
    says: brokenGradientText(broken, counted),
    evidence: [brokenGradientMeaning(broken)],
    next: brokenGradientNext,
  });

export const hugeGradientBlock = (huge: HugeGradient, counted: Counted): FindingBlock =>
  stretchBlock(huge, counted, {
    title: 'Gradient is huge',
    says: hugeGradientText(huge, counted),
    evidence: [hugeGradientMeaning],
    next: hugeGradientNext(huge.fromBatch, counted),
  });
