/** What the numbers of a run count, as its texts name it. */
import { count } from '../base/index.ts';
import type { Counted } from '../figures/index.ts';

const plurals: Readonly<Record<Counted, string>> = {
  batch: 'batches',
  step: 'steps',
  sample: 'samples',
  epoch: 'epochs',
  report: 'reports',
};

/** `step 7`, `steps 7–19`; empty where neither end is known. */
export function countedRange(
  counted: Counted,
  from: number | null,
  to: number | null,
  join = (first: string, last: string) => `${first}–${last}`,
): string {
  if (from === null && to === null) return '';
  const [first, last] = [from ?? to!, to ?? from!];
  return first === last
    ? `${counted} ${count(first)}`
    : `${plurals[counted]} ${join(count(first), count(last))}`;
}

/** `step 7` */
export const countedNumber = (counted: Counted, number: number): string =>
  countedRange(counted, number, number);
