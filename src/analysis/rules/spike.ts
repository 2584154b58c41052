/** A few updates that need far more than those around them; the last one may be the one that failed. */
import { amount } from '../../base/index.ts';
import { countedNumber, share } from '../../present/index.ts';
import { smaller } from '../program-words.ts';
import { endEvidence } from './end.ts';
import { leak } from './leak.ts';
import { evidence, minus, type Rule } from './rule.ts';

/** Share of the device that the failed update wanted beyond the usual. */
const LEAST = 0.08;
/** Share of the budget below which a spike is no matter. */
const MATTERS = 0.6;
/** Updates past the warm-up that define what is usual. */
const SETTLED = 5;

export const spike: Rule = facts => {
  const { counted, spikes, end, last, settled, totalBytes, newest, trend, forecast } = facts;
  const whole = totalBytes ?? newest.reservedBytes;
  if (!whole) return null;
  const found = spikes.highest.filter(({ peakBytes, budgetBytes }) => peakBytes > MATTERS * budgetBytes);
  const highest = found[0] ?? null;
  const wanted =
    end?.by !== 'torch' || end.allocatedBytes === null ? null : end.allocatedBytes + (end.triedBytes ?? 0);
  const usual = last.peakBytes;
  const beyond = minus(wanted, usual);
  const isTrend = trend('rest')?.grows || forecast.status === 'ahead' || leak(facts) !== null;
  const explains = beyond !== null && beyond > LEAST * whole && settled >= SETTLED && !isTrend;
  if (highest === null && !explains) return null;
  const height = Math.max(highest?.heightBytes ?? 0, explains ? beyond! : 0);
  // Beside a spike that was measured, or by itself: no update needs so much, and none of its data is to blame.
  const evaluation = explains && end!.shown.program.is === 'evaluation' ? end! : null;
  const where = explains
    ? `the update after ${counted} ${end!.batch}`
    : countedNumber(counted, highest!.batch);
  return {
    weight: (0.5 * height) / whole + (explains ? 1 : 0),
    finding: {
      kind: 'spike',
      confidence: highest !== null ? 'certain' : 'likely',
      says:
        evaluation === null
          ? `Single updates need far more than the others: up to ${amount(height)} more.`
          : `The evaluation after ${counted} ${evaluation.batch} needed far more than an update: ${amount(beyond)} more.`,
      evidence: [
        ...found
          .slice(0, 5)
          .map(({ batch, peakBytes, heightBytes, budgetBytes }) =>
            evidence(
              `Needed ${amount(peakBytes)}, ${amount(heightBytes)} more than its neighbours and ${share(peakBytes / budgetBytes)} of what there was to have.`,
              { fromBatch: batch, toBatch: batch },
              'TELE-773',
              'TELE-760',
            ),
          ),
        ...(end === null ? [] : [endEvidence(end)]),
      ],
      next: [
        ...(evaluation === null
          ? [
              `Look at the data of ${where}: one very long sequence, or many at once.`,
              'Clip the length of sequences, or fill microbatches by tokens instead of by number.',
              'Use smaller microbatches with gradient accumulation: a spike is then smaller too.',
            ]
          : smaller(evaluation.shown.program, evaluation.shown.settings)),
        `Record a snapshot around ${where}: torch.cuda.memory._record_memory_history(), then torch.cuda.memory._dump_snapshot().`,
      ],
    },
  };
};
