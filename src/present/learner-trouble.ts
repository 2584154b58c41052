/** What went wrong with the learner over the run, in a few words: what its newest figures alone do not show. */
import type { LearningReport } from '../contract/index.ts';
import type { Counted } from '../figures/index.ts';
import { countedNumber, countedRange } from './counted.ts';

interface InARow {
  fromBatch: number;
  toBatch: number;
  isNewest: boolean;
}

/** Null where nothing did. The loss comes first: what became of the gradient is less. */
export function learnerTrouble(
  { broken, brokenGradient, hugeGradient }: LearningReport,
  counted: Counted,
): string | null {
  const when = ({ fromBatch, toBatch, isNewest }: InARow): string =>
    isNewest
      ? `since ${countedNumber(counted, fromBatch)}`
      : `in ${countedRange(counted, fromBatch, toBatch)}`;
  if (broken !== null) return `loss not finite ${when(broken)}`;
  if (brokenGradient != null) return `gradient norm not finite ${when(brokenGradient)}`;
  return hugeGradient == null ? null : `gradient norm huge ${when(hugeGradient)}`;
}
