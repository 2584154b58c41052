/**
 * Free pieces between living tensors that no large request fits, and that cannot be given back. What is free at rest and in use at
 * the peak is cache, and no finding.
 */
import { amount } from '../../base/index.ts';
import { share } from '../../present/index.ts';
import { expandableAdvice } from '../../texts/index.ts';
import { leastInPieces } from '../pieces.ts';
import { endEvidence } from './end.ts';
import { evidence, minus, type Rule } from './rule.ts';

/** Shares of the device: stranded at last, grown since the first updates. */
const STRANDED = 0.05;
const GROWN = 0.025;
/** Share of the budget that peak and stranded pieces take together where the pieces matter. */
const TIGHT = 0.9;

export const fragmentation: Rule = ({
  end,
  first,
  last,
  totalBytes,
  newest,
  expandable,
  refusals,
  firstAtLeast,
}) => {
  const whole = totalBytes ?? newest.reservedBytes;
  if (!whole) return null;
  const { strandedBytes, peakBytes, budgetBytes, unusedAtPeakBytes } = last;
  const grown = minus(strandedBytes, first.strandedBytes);
  const inPieces =
    strandedBytes === null ? null : Math.min(strandedBytes, unusedAtPeakBytes ?? strandedBytes);
  const isLarge = inPieces !== null && inPieces > STRANDED * whole && grown! > GROWN * whole;
  const isTight =
    refusals.updates > 0 &&
    peakBytes !== null &&
    budgetBytes !== null &&
    peakBytes + (inPieces ?? 0) > TIGHT * budgetBytes;
  const explains =
    end?.by === 'torch' &&
    end.triedBytes !== null &&
    (end.reservedUnallocatedBytes ?? 0) >=
      Math.max((isLarge ? 1 : 2) * end.triedBytes, leastInPieces(end.triedBytes) * whole);
  if (!explains && !(isLarge && isTight)) return null;
  const idle = explains ? end.reservedUnallocatedBytes! : inPieces!;
  return {
    weight: idle / whole + (explains ? 1 : 0),
    finding: {
      kind: 'fragmentation',
      confidence: explains && isLarge ? 'certain' : 'likely',
      says: `${amount(idle)} are reserved and free, in pieces between living tensors where no large request fits.`,
      evidence: [
        ...(strandedBytes === null
          ? []
          : [
              evidence(
                `${amount(strandedBytes)} (${share(strandedBytes / whole)} of the device) lie stranded in partly used segments; at first ${amount(first.strandedBytes)}.`,
                isLarge
                  ? { fromBatch: firstAtLeast('stranded', strandedBytes - grown! / 2), toBatch: newest.batch }
                  : last,
                'TELE-782',
              ),
            ]),
        ...(unusedAtPeakBytes === null || newest.poolPeaks === null
          ? []
          : [
              evidence(
                `At the peak of an update, at most ${amount(unusedAtPeakBytes)} of what was reserved was not active.`,
                last,
                'TELE-777',
              ),
            ]),
        ...(end === null ? [] : [endEvidence(end)]),
      ],
      next: [
        ...expandableAdvice(expandable),
        'Allocate what lives long before what does not, in few large tensors of constant size.',
        'Pad or bucket sequence lengths, so that the same sizes come again.',
      ],
    },
  };
};
