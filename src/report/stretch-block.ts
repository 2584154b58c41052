/** Updates in a row in which a figure of the training broke, in a report. */
import { type Counted, countedRange } from '../present/index.ts';
import type { FindingBlock } from './document.ts';

interface Stretch {
  fromBatch: number;
  toBatch: number;
  isNewest: boolean;
}

/** @param evidence the first of it is seen in these updates */
export function stretchBlock(
  { fromBatch, toBatch, isNewest }: Stretch,
  counted: Counted,
  {
    evidence,
    ...words
  }: { title: string; says: string; evidence: readonly string[]; next: readonly string[] },
): FindingBlock {
  return {
    type: 'finding',
    title: words.title,
    confidence: 'certain',
    tone: isNewest ? 'critical' : 'warning',
    says: words.says,
    evidence: evidence.map((says, i) => ({
      says,
      where: i === 0 ? [countedRange(counted, fromBatch, toBatch)] : [],
    })),
    next: [...words.next],
  };
}
