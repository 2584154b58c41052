/** Nothing was reported, or too little for a finding. */
import { amount } from '../../base/index.ts';
import type { DeviceMemory, Evidence, Finding } from '../../contract/index.ts';
import { beyondDevice, contradictionOf } from '../../figures/index.ts';
import { many, share } from '../../present/index.ts';
import type { DeviceAnalysis } from '../device-analysis.ts';
import { endEvidence } from './end.ts';
import { evidence, updates } from './rule.ts';

const ROOM = 'Make some room: smaller microbatches with gradient accumulation, activation checkpointing.';

const SMALLER = [
  'Use smaller microbatches with gradient accumulation, or activation checkpointing.',
  'See with `nvidia-smi` whether others hold memory of the device.',
];

export const nothingReported: Finding = {
  kind: 'unmeasured',
  confidence: 'certain',
  says: 'No memory of a device was reported, so there is no verdict on it.',
  evidence: [],
  next: [
    'Record the trainer’s allocator: import esper_telemetry where torch is, and pass each update to it.',
  ],
};

/** Memory was read, and too little of it for a verdict. */
const tooLittle: Finding = { ...nothingReported, isRead: true };

/** Requests were refused, and how much the training held is not known. */
const refusedAlone = (where: string, total: number | null): Finding => ({
  ...nothingReported,
  says: `The device refused memory ${where}: the training is at the wall. ${
    total === null
      ? 'How much it held, and how much there is, was not reported.'
      : `The device has ${amount(total)}; how much of it the training held was not reported.`
  }`,
  next: [ROOM],
});

/** Of a device that no rule has a word for. */
export function unmeasured(facts: DeviceAnalysis): Finding {
  const { newest, points, end, wall, refusals, totalBytes } = facts;
  if (newest.restingBytes === null && newest.peakBytes === null)
    return wall === null ? nothingReported : refusedAlone(`in ${updates(refusals.updates)}`, totalBytes);
  if (end === null)
    return {
      ...tooLittle,
      says: `${many(points, 'reading')} of memory: too few for a trend. ${
        wall === null
          ? held(facts)
          : `${held(facts)} The device refused memory in ${updates(refusals.updates)}: the training is at the wall.`
      }`,
      evidence: [level(facts)],
      next: wall === null ? [] : [ROOM],
    };
  // A log that reports each tenth step has few readings of many, and one that was cut, or of a run that went on, begins anywhere; a report is no
  // update, whose number alone shows how many there were.
  const isCounted = facts.counted === 'batch' || facts.counted === 'step';
  if (!isCounted || newest.batch > points || newest.batch - firstOf(facts).batch >= points)
    return {
      ...tooLittle,
      says: `The training ran out of memory after ${many(points, 'reading')} of it: too few for a trend.`,
      evidence: [level(facts), endEvidence(end)],
      next: SMALLER,
    };
  return {
    ...tooLittle,
    says: `The training ran out of memory in its first ${updates(points + 1)}: it needs more than there is, and nothing had time to change.`,
    evidence: [endEvidence(end)],
    next: SMALLER,
  };
}

/**
 * Of a device that was read outside of updates alone; null where the reading has no amount.
 * @param peakBytes the highest peak of all readings; null for none
 */
export function readOnce(reading: DeviceMemory, peakBytes: number | null): Finding | null {
  const { deviceTotalBytes: total, deviceFreeBytes: free } = reading;
  const impossible = contradictionOf(reading);
  const parts = [
    [
      'peak of what tensors held',
      (reading.peakAllocatedBytes ?? reading.peakActiveBytes) == null ? null : peakBytes,
    ],
    ['peak of what was reserved', reading.peakReservedBytes],
    ['held by tensors', reading.allocatedBytes],
    ['reserved', reading.reservedBytes],
    ['in use on the device', total == null || free == null ? null : total - free],
  ].flatMap(([what, bytes]) => (bytes == null ? [] : [`${what} ${amount(bytes as number)}`]));
  const refused = (reading.allocRetries ?? 0) + (reading.ooms ?? 0);
  if (parts.length === 0) return refused === 0 ? null : refusedAlone(many(refused, 'time'), total ?? null);
  const of = total == null ? '' : `, of the device’s ${amount(total)}`;
  return {
    ...tooLittle,
    says: `${refused === 0 ? '' : `The device refused memory ${many(refused, 'time')}, and the program went on: it was at the wall. `}Memory was read outside of updates alone, which shows no trend: ${parts.join(', ')}${of}.${impossible === null ? '' : ` That cannot be: ${impossible}.`}`,
    next: refused === 0 ? [] : [ROOM],
  };
}

/** How full the device is, as far as one reading shows it. */
function held({ newest, highest, totalBytes }: DeviceAnalysis): string {
  const total = totalBytes ?? newest.totalBytes;
  if (highest !== null) {
    const cannotBe = beyondDevice(highest.peakBytes, total);
    return cannotBe === null
      ? `At its highest it needed ${amount(highest.peakBytes)} of ${amount(highest.budgetBytes)} that it could have (${share(highest.pressureFraction)}).`
      : `At its highest it needed ${amount(highest.peakBytes)}, which ${cannotBe}.`;
  }
  const [what, bytes] =
    newest.peakBytes !== null
      ? ['The newest peak is', newest.peakBytes]
      : ['Held at last:', newest.restingBytes!];
  const impossible = beyondDevice(bytes, total);
  if (impossible !== null) return `${what} ${amount(bytes)}, which ${impossible}.`;
  return total === null
    ? `${what} ${amount(bytes)}; how much the device has is not in the figures.`
    : `${what} ${amount(bytes)} of the device’s ${amount(total)} (${share(bytes / total)}).`;
}

const firstOf = ({ views, newest }: DeviceAnalysis) =>
  views.flat().reduce((a, b) => (b.index < a.index ? b : a), newest);

/** From the first to the newest reading. */
function level(facts: DeviceAnalysis): Evidence {
  const { newest } = facts;
  const first = firstOf(facts);
  const where = { fromBatch: first.batch, toBatch: newest.batch };
  return newest.peakBytes !== null
    ? evidence(
        `Needed at the peak: ${amount(first.peakBytes)} at first, ${amount(newest.peakBytes)} at last.`,
        where,
        'TELE-760',
      )
    : evidence(
        `Held at rest: ${amount(first.restingBytes)} at first, ${amount(newest.restingBytes)} at last.`,
        where,
        'TELE-780',
      );
}
