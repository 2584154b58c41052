/** Steps of float16 that were skipped, in a report. */
import type { SkippedSteps } from '../present/index.ts';
import type { FindingBlock } from './document.ts';

export const skippedStepsBlock = ({ says, meaning, next, isLow }: SkippedSteps): FindingBlock => ({
  type: 'finding',
  title: 'Skipped steps',
  confidence: 'certain',
  tone: isLow ? 'warning' : 'dim',
  says,
  evidence: [{ says: meaning, where: [] }],
  next,
});
