/** Memory at rest that keeps growing: something of each update is kept. */

import { amount } from '../../base/index.ts';
import { countedRange, many, share } from '../../present/index.ts';
import type { DeviceAnalysis, Ratchet } from '../device-analysis.ts';
import { LEAST_POINTS } from '../trend.ts';
import { endEvidence } from './end.ts';
import { between, evidence, NAME_THE_LINE, type Rule } from './rule.ts';

/** Share of the device below which growth is a trifle, and that which explains an end. */
const TRIFLE = 0.01;
const EXPLAINS = 0.05;
/** Steps up that are no single purchase, such as a second copy of the model. */
const STEPS = 3;
const LARGEST_STEP = 0.7;

/** It went up in several steps and hardly down, up to the end: of a process that failed that is enough. */
const climbed = ({ ups, upBytes, downBytes, largestUpBytes }: Ratchet): boolean =>
  ups >= STEPS && downBytes < upBytes / 4 && largestUpBytes < LARGEST_STEP * upBytes;

/** Share of what was kept for good that the refused update wanted beyond the usual: it was about to keep as much again. */
const AGAIN = 0.25;

/** It went up and never came down, and the update that was refused wanted more once more: an evaluation whose outputs are kept. */
function keepsAgain({ ratchet, end, last }: DeviceAnalysis): boolean {
  const { upBytes, downBytes, largestUpBytes } = ratchet;
  if (end?.by !== 'torch' || end.allocatedBytes === null || last.peakBytes === null) return false;
  const beyond = end.allocatedBytes + (end.triedBytes ?? 0) - last.peakBytes;
  return downBytes < upBytes / 4 && beyond > AGAIN * largestUpBytes;
}

export const leak: Rule = facts => {
  const { counted, trend, ratchet, firstAtLeast, totalBytes, first, last, end, newest } = facts;
  const whole = totalBytes ?? newest.reservedBytes;
  if (!whole || first.restingBytes === null) return null;
  const rest = trend('rest');
  const isTrend = rest?.grows === true && rest.growth > TRIFLE * whole;
  const resting = newest.restingBytes ?? 0;
  const grown = Math.max(resting - first.restingBytes, isTrend ? rest.growth : 0);
  // Tensors that stay pin the segments they lie in.
  const pinned = Math.max(0, (last.strandedBytes ?? 0) - (first.strandedBytes ?? 0));
  const took = isTrend ? grown + pinned : climbed(ratchet) || keepsAgain(facts) ? grown : 0;
  const explains = end !== null && took > EXPLAINS * whole;
  if (!isTrend && !explains) return null;
  const span = {
    fromBatch: firstAtLeast('rest', resting - 0.95 * grown),
    toBatch: newest.batch,
  };
  return {
    weight: took / whole + (explains ? 1 : 0),
    finding: {
      kind: 'leak',
      confidence: isTrend && rest.points >= LEAST_POINTS && grown > EXPLAINS * whole ? 'certain' : 'likely',
      says: isTrend
        ? `Tensors that outlive their update accumulate: ${amount(rest.slope.mid)} more are held after each.`
        : `Tensors that outlive their update accumulate: ${amount(grown)} more are held than at first.`,
      evidence: [
        evidence(
          `What is held at the end of an update grew by ${amount(grown)} (${share(grown / whole)} of the device) ` +
            `${isTrend ? `and keeps growing, by ${between(rest.slope)} an update` : `in ${many(ratchet.ups, 'step')}`}.`,
          span,
          'TELE-780',
          'TELE-771',
        ),
        ...(pinned > TRIFLE * whole
          ? [
              evidence(
                `${amount(pinned)} more than at first lie stranded beside them: a segment with one tensor that stays cannot be given back.`,
                last,
                'TELE-782',
              ),
            ]
          : []),
        ...(end === null ? [] : [endEvidence(end)]),
      ],
      next: [
        'Keep numbers, not tensors, beyond an update: `.item()` or `.detach()` on every loss, return and metric that is stored or summed.',
        NAME_THE_LINE,
        `Compare two snapshots of the allocator, for example of ${countedRange(counted, span.fromBatch, span.toBatch, (from, to) => `${from} and ${to}`)}: torch.cuda.memory._record_memory_history(), then torch.cuda.memory._dump_snapshot(); what is only in the later one is kept.`,
        'Look for lists that grow: replay buffers on the device, hooks, caches of rollouts, `retain_graph=True`.',
      ],
    },
  };
};
