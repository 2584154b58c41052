/** The mean loss of an epoch that is no number, while the losses of its steps that were printed are: in a sentence. */
import type { OwnReport } from '../contract/index.ts';
import { OF_EPOCH } from '../texts/index.ts';
import { many } from './amounts.ts';

/** null where there is none. */
export function brokenEpochText(own: readonly OwnReport[]): string | null {
  const broken = own.find(({ name, nonFinite }) => name.endsWith(OF_EPOCH) && nonFinite > 0);
  if (broken === undefined) return null;
  return `The mean loss of ${broken.nonFinite === 1 ? 'an epoch' : many(broken.nonFinite, 'epoch')} was not finite: the loss broke in a step of it, which need not be among those that were printed.`;
}
