/** None of the other kinds, and enough was measured to be sure. */

import { amount } from '../../base/index.ts';
import type { Finding } from '../../contract/index.ts';
import { beyondDevice } from '../../figures/index.ts';
import { countedNumber, share } from '../../present/index.ts';
import { expandableAdvice } from '../../texts/index.ts';
import type { DeviceAnalysis } from '../device-analysis.ts';
import { endEvidence } from './end.ts';
import { evidence, type Rule, updates } from './rule.ts';

/** Updates past the warm-up that a statement on the trend of memory needs, and those that make it likely, and certain. */
const LEAST = 8;
const LIKELY = 20;
const CERTAIN = 100;
/** Highest pressure up to which what is needed has room to spare. */
const ROOMY = 0.6;

export const steady: Rule = facts => {
  const { first, last, newest, highest, wall, refusals, end, attribution, settled, expandable } = facts;
  const isTold = newest.restingBytes !== null || newest.peakBytes !== null;
  if (!isTold || settled < LEAST) return null;
  const lost = attribution?.lostFraction ?? null;
  const cost =
    lost === null
      ? ''
      : attribution?.status === 'evidence'
        ? `: that took ${share(lost.mid)} of the time [${share(lost.low)}, ${share(lost.high)}]`
        : '; there is no evidence that it took time';
  const unseen = unseenOf(facts);
  // Refused in spite of room: what was reserved lay in pieces of other sizes, and was given back.
  const hasRoom = highest !== null && highest.pressureFraction < ROOMY;
  return {
    weight: wall === null ? 0 : 0.01,
    finding: {
      kind: 'steady',
      confidence: confidenceOf(facts),
      says:
        unseen.length > 0
          ? `What was measured of the memory is steady; ${unseen.join(' and ')} ${unseen.length > 1 ? 'were' : 'was'} not measured.`
          : wall === null
            ? quiet(facts)
            : hasRoom
              ? `Memory does not grow, and there is room for what is needed; in ${updates(refusals.updates)} cached memory had to be given back before a request was granted.`
              : 'The training just fits: its memory does not grow, but requests were refused at first.',
      evidence: [
        evidence(
          highest !== null
            ? `The highest pressure was ${newest.isPeakOfRun ? 'at most ' : ''}${share(highest.pressureFraction)}, in ${countedNumber(facts.counted, highest.batch)}.`
            : first.restingBytes !== null
              ? `Held at rest: ${amount(first.restingBytes)} at first, ${amount(last.restingBytes)} at last${cannotBe(facts)}.`
              : `Needed at the peak: ${amount(first.peakBytes)} at first, ${amount(last.peakBytes)} at last.`,
          { fromBatch: first.fromBatch, toBatch: last.toBatch },
          'TELE-760',
          'TELE-780',
        ),
        ...(wall === null
          ? []
          : [
              evidence(
                `The allocator was refused memory in ${updates(refusals.updates)}, and flushed its cache${cost}.`,
                wall,
                'TELE-754',
                'TELE-750',
              ),
            ]),
        ...(end === null ? [] : [endEvidence(end)]),
      ],
      next:
        wall === null
          ? []
          : [
              ...(hasRoom
                ? []
                : [
                    'Make some room, and see whether updates get faster: smaller microbatches with gradient accumulation, activation checkpointing.',
                  ]),
              ...expandableAdvice(expandable, 'so that other lengths need no other segments.'),
            ],
    },
  };
};

/** No update was refused, and what is held does not grow. */
function quiet({ spikes: { highest } }: DeviceAnalysis): string {
  const [spike] = highest;
  return spike === undefined
    ? 'Memory is steady: nothing grows, nothing spikes.'
    : `Memory does not grow. Single updates need up to ${amount(spike.heightBytes)} more than the others, for which there is room.`;
}

/** Of what is held at last, where the device does not have so much. */
function cannotBe({ last, newest, totalBytes }: DeviceAnalysis): string {
  const impossible = beyondDevice(last.restingBytes, totalBytes ?? newest.totalBytes);
  return impossible === null ? '' : `, which ${impossible}`;
}

/** What is not reported, and would have to be. */
const unseenOf = ({ newest }: DeviceAnalysis): string[] => [
  ...(newest.peakBytes === null ? ['what updates need at their peak'] : []),
  ...(newest.restingBytes === null ? ['what is held between updates'] : []),
  ...(newest.budgetBytes === null ? ['what the device has left'] : []),
];

/** A process that memory ended was not steady for sure; peaks of the whole run hide what single updates need. */
function confidenceOf(facts: DeviceAnalysis): Finding['confidence'] {
  const { settled, end, newest } = facts;
  if (end !== null || settled < LIKELY || unseenOf(facts).length > 0) return 'possible';
  return settled < CERTAIN || newest.isPeakOfRun ? 'likely' : 'certain';
}
