/** How close the end of memory was. */
import { amount, NOT_MEASURED } from '../base/index.ts';
import {
  type DeviceReport,
  isWarning,
  type OutOfMemory,
  type RunReport,
  type VerdictKind,
} from '../contract/index.ts';
import { judge, limits, oomContradictions } from '../figures/index.ts';
import { type Counted, countedNumber, countedOf, many } from '../present/index.ts';
import { peakAlone } from './conclusions.ts';
import type { Conclusion, ReportTone } from './document.ts';
import { peakOf, pressureText } from './words.ts';

const NEARNESS = 'How close was the end?';

const tones: Record<ReturnType<typeof judge>, ReportTone> = {
  unmeasured: 'dim',
  healthy: 'good',
  warning: 'warning',
  critical: 'critical',
};

/** Headroom from its conservative to its optimistic bound; the optimistic one alone where stranded pieces are unknown. */
function headroom({
  headroomBytes: least,
  headroomAtBestBytes: most,
  isUpperBound,
}: DeviceReport): string | null {
  if (most === null) return null;
  const left = least === null || least === most ? amount(most) : `${amount(least)} to ${amount(most)}`;
  return `${isUpperBound ? 'at least ' : ''}${left}`;
}

/** The device’s memory beyond its largest peak: others may have used some of it. Null where either is unknown. */
function mostLeft({ largestPeakBytes: peak = null, totalBytes }: DeviceReport): number | null {
  return peak === null || totalBytes === null || peak > totalBytes ? null : totalBytes - peak;
}

type Failed = NonNullable<RunReport['failure']>;

/** Findings by which a request was refused for another reason than a full memory. */
const OTHER_REASONS: ReadonlySet<VerdictKind> = new Set(['process limit', 'refused though free']);
/** An engine’s own share of the device, whose rest is no free memory. */
const OF_CACHE = /KV cache (?:is needed|memory)/i;

/** The request that ended the run, or that its last words warn of. */
function refusedLast(failure: Failed, oom: OutOfMemory, counted: Counted, isRefusedOnly: boolean): string[] {
  const asked = oom.triedBytes == null ? '' : `: ${amount(oom.triedBytes)} were requested`;
  const where = OF_CACHE.test(failure.message) ? 'left of the engine’s share' : 'free on the device';
  const free = oom.freeBytes == null ? '' : `, ${amount(oom.freeBytes)} were ${where}`;
  const what = `${oom.device === 'cpu' ? 'The host’s memory' : 'Memory'} ${isRefusedOnly ? 'was refused' : 'ran out'}`;
  const after = failure.batch == null ? '' : ` after ${countedNumber(counted, failure.batch)}`;
  return [`${what}${after}${asked}${free}.`, ...oomContradictions(oom)];
}

/**
 * How close the end was where no device was reported: what the last refusal shows; null where there was none, and where its text
 * is of no shortage.
 */
export function nearnessOfText({ run, failure, explanation }: RunReport): Conclusion | null {
  const oom = failure?.outOfMemory;
  if (failure == null || oom == null || explanation?.kind === 'not memory') return null;
  const isOtherReason = explanation != null && OTHER_REASONS.has(explanation.kind);
  return {
    question: NEARNESS,
    answer: isOtherReason ? explanation.kind : 'out of memory',
    tone: 'critical',
    says: refusedLast(failure, oom, countedOf(run), isOtherReason || isWarning(failure)).join(' '),
  };
}

/** How close the end was; for a run under way, is. */
export function nearness(device: DeviceReport, { run, failure }: RunReport, isOver: boolean): Conclusion {
  const { highestPressure: highest, isUpperBound } = device;
  const [retries, ooms, wall] = [device.retries ?? 0, device.ooms ?? 0, device.updatesAtTheWall ?? 0];
  const question = isOver ? NEARNESS : 'How close is the end?';
  const sentences: string[] = [];
  const oom = failure?.rank === device.rank ? failure.outOfMemory : null;
  if (failure && oom) sentences.push(...refusedLast(failure, oom, countedOf(run), isWarning(failure)));
  else if (ooms > 0)
    sentences.push(`${many(ooms, 'allocation')} failed with out of memory, and the run continued.`);
  if (highest !== null)
    sentences.push(
      `Nearest in ${countedNumber(countedOf(run), highest.batch)}: ${isUpperBound ? 'at most ' : ''}${peakOf(device, highest)}.`,
    );
  const left = headroom(device);
  if (left !== null) sentences.push(`After the newest update ${left} were left.`);
  if (retries > 0) {
    const failed =
      retries === 1
        ? 'One allocation failed at first'
        : `${many(retries, 'allocation')} failed at first${wall === 0 ? '' : `, in ${many(wall, 'update')}`}`;
    // TensorFlow's asks for less or for nothing; it has no cache to flush.
    const isTensorFlow = oom?.by === 'tensorflow';
    sentences.push(
      isTensorFlow
        ? `${failed}, and the program went on.`
        : `${failed}: the allocator flushed its cache and retried.`,
    );
  }
  const ranOut = oom !== null && oom !== undefined;
  if (highest === null && !ranOut && retries === 0 && ooms === 0) {
    const most = mostLeft(device);
    const says = peakAlone(device) ?? 'Peaks of updates were not measured.';
    if (most === null) return { question, answer: NOT_MEASURED, tone: 'dim', says };
    // The peak’s share of the device is the least that the pressure can have been.
    const least = tones[judge(limits.memoryPressure, 1 - most / device.totalBytes!)];
    return {
      question,
      answer: `at most ${amount(most)} left`,
      tone: least === 'good' ? 'plain' : least,
      says,
    };
  }
  const level = tones[judge(limits.memoryPressure, highest?.pressureFraction ?? null)];
  const tone: ReportTone =
    ranOut || ooms > 0 ? 'critical' : retries > 0 && level !== 'critical' ? 'warning' : level;
  const answer =
    ranOut || ooms > 0
      ? 'out of memory'
      : highest === null
        ? 'at the wall'
        : `pressure ${pressureText(highest.pressureFraction, isUpperBound)}`;
  return { question, answer, tone, says: sentences.join(' ') };
}
