/** Three conclusions of a report about a run's memory: how close the end was, what it cost, what lies ahead. */
import { amount, capitalised, count, NOT_MEASURED, signed } from '../base/index.ts';
import type { DeviceReport, Finding, Forecast, Interval, RunReport, RunState } from '../contract/index.ts';
import {
  type Counted,
  countedOf,
  countedRange,
  findingName,
  interval,
  many,
  minutes,
  share,
} from '../present/index.ts';
import type { Conclusion, FindingBlock, ReportTone } from './document.ts';
import { within } from './words.ts';

/** The tone of each finding. */
export const findingTones: Record<Finding['kind'], ReportTone> = {
  'process limit': 'warning',
  'refused though free': 'warning',
  full: 'critical',
  'host memory': 'critical',
  'not memory': 'warning',
  leak: 'critical',
  growth: 'warning',
  spike: 'warning',
  fragmentation: 'warning',
  neighbour: 'warning',
  'cache starvation': 'warning',
  'allocator configuration': 'warning',
  steady: 'good',
  unmeasured: 'dim',
};

/** A finding with its evidence, as a report shows it. */
export const findingBlock = (
  { kind, isRead, confidence, says, evidence, next }: Finding,
  counted: Counted,
): FindingBlock => ({
  type: 'finding',
  title: capitalised(findingName({ kind, isRead })),
  confidence,
  tone: findingTones[kind],
  says,
  evidence: evidence.map(seen => ({
    says: seen.says,
    where: [countedRange(counted, seen.fromBatch, seen.toBatch), ...seen.figures].filter(text => text !== ''),
  })),
  next,
});

/** That figures cannot all be true, so that what rests on them is doubted; null where they can. */
export function doubt({ contradiction }: DeviceReport, counted: Counted): string | null {
  if (contradiction == null) return null;
  const { says, updates, fromBatch, toBatch } = contradiction;
  return `Figures disagree in ${many(updates, 'update')} (${countedRange(counted, fromBatch, toBatch)}): ${says}. What rests on them may be wrong.`;
}

/** The largest peak, where what was free beside it is unknown; null where none was measured. */
export function peakAlone({ largestPeakBytes: peak = null, totalBytes }: DeviceReport): string | null {
  if (peak === null) return null;
  const of = totalBytes === null ? '' : ` of the device’s ${amount(totalBytes)}`;
  return `The largest peak was ${amount(peak)}${of}. What was free beside it was not measured.`;
}

/** Updates of a run so short that it may be warm-up. */
const FEW = 12;

/** What the allocator's stalls cost. */
export function cost({ attribution, timeline, findings }: DeviceReport): Conclusion {
  const { status, lostFraction, busy, compared, quiet, updates } = attribution;
  const question = 'What did it cost?';
  const looked = many(updates, 'update');
  const made = `${count(compared)} of ${many(busy, 'busy update')} compared with ${many(quiet, 'quiet one')}, of ${looked}`;
  switch (status) {
    case 'evidence':
      return {
        question,
        answer: lostFraction === null ? NOT_MEASURED : `${share(lostFraction.mid)} of the time`,
        // On its own it is no trouble: a busy host takes time, too.
        tone: findings[0]?.kind === 'steady' ? 'plain' : 'warning',
        says: `${lostFraction === null ? 'Time' : `${within(lostFraction, share)} of the time`} went to the allocator’s stalls: ${made}.`,
      };
    case 'no evidence':
      return {
        question,
        answer: 'no evidence of a cost',
        tone: 'good',
        says:
          busy === 0
            ? `The allocator was busier than usual in none of ${looked}.`
            : `${lostFraction === null ? 'Nothing beyond chance' : `${within(lostFraction, share)} of the time, which may be chance`}: ${made}.`,
      };
    case 'nothing to compare':
      return {
        question,
        answer: 'cannot be estimated',
        tone: 'plain',
        says: `${many(busy, 'update was', 'updates were')} busy with memory, and too few quiet ones did the same work near them, among ${looked}.`,
      };
    case 'unmeasured':
      if (timeline.some(({ tookMs }) => tookMs > 0) && timeline.length < FEW)
        return {
          question,
          answer: 'too few updates',
          tone: 'plain',
          says: 'The warm-up of each process is left out, and there are no updates after it.',
        };
      return {
        question,
        answer: NOT_MEASURED,
        tone: 'dim',
        says: 'Durations or the allocator’s counters were not measured.',
      };
  }
}

/** Whether a forecast is of use: not of a run that failed, or whose trainer is gone. */
export const hasOutlook = ({ run: { state } }: { run: { state: RunState } }, isOver: boolean): boolean =>
  !isOver || state === 'completed' || state === 'interrupted' || state === 'unknown';

/** The forecast in words; `isOver`: the run has ended, and it is what would have been. */
export function outlook(device: DeviceReport, { run, failure }: RunReport, isOver: boolean): Conclusion {
  const { forecast, rank } = device;
  const question = isOver ? 'Where was it heading?' : 'What lies ahead?';
  const counted = countedOf(run);
  const made = fitted(forecast, counted);
  switch (forecast.status) {
    case 'ahead': {
      const { updates, minutes: time, batch } = forecast;
      const when =
        updates === null ? '' : ` in ${interval(updates, count)} updates (likeliest ${count(updates.mid)})`;
      const clock = time === null ? '' : `, ${interval(time, minutes)}`;
      const at = batch === null ? '' : `: ${counted} ${interval(batch, count)}`;
      const ranOut = failure?.rank === rank && failure.outOfMemory !== null;
      if (forecast.of === 'device')
        return {
          question,
          answer: `device full${updates === null ? '' : ` in ${interval(updates, count)} updates`}`,
          tone: 'critical',
          says:
            `${isOver ? 'Had this trend continued, its peak would have reached' : 'If this trend continues, its peak reaches'} the device’s ${amount(device.totalBytes)}${when}${clock}${at}. ` +
            `${made} What was free beside it was not measured: memory that others hold brings this nearer, cache that can be released puts it off.`,
        };
      const how = ranOut
        ? 'After the newest update, memory was to run'
        : isOver
          ? 'Had this trend continued, memory would have run'
          : 'If this trend continues, memory runs';
      return {
        question,
        answer: `out of memory${updates === null ? '' : ` in ${interval(updates, count)} updates`}`,
        tone: 'critical',
        says: `${how} out${when}${clock}${at}. ${made}`,
      };
    }
    case 'far':
      return {
        question,
        answer: 'shrinking, end not in sight',
        tone: 'warning',
        says: `What is left shrinks, but would run out only beyond the range that this run can forecast. ${made}`,
      };
    case 'no trend':
      return {
        question,
        answer: 'no trend',
        tone: 'good',
        says: `What was left did not shrink significantly. ${made}`,
      };
    case 'too short':
      return {
        question,
        answer: 'too few updates',
        tone: 'plain',
        says:
          forecast.points === 0
            ? 'The warm-up of each process is left out, and there are no updates after it.'
            : `${many(forecast.points, 'update')} since the run began, or changed, are too few to fit a line.`,
      };
    case 'unmeasured':
      return {
        question,
        answer: NOT_MEASURED,
        tone: 'dim',
        says:
          peakAlone(device) === null
            ? 'Peaks of updates were not measured.'
            : 'How much the process could have had was not measured.',
      };
  }
}

const bases = {
  peak: 'the updates’ peaks',
  rest: 'the memory at rest, as only the run’s peak is known',
  'peak of the run': 'the run’s peak',
} as const;

function fitted({ since, until, points, slopeBytes, basis }: Forecast, counted: Counted): string {
  if (since === null || until === null || basis === null) return '';
  const slope = slopeBytes === null ? '' : `: ${shrinking(slopeBytes)}`;
  return `Fitted to ${bases[basis]}, ${many(points, 'point')} of ${countedRange(counted, since, until, (first, last) => `${first} to ${last}`)}${slope}.`;
}

/** How what is left moves from update to update, in words. */
export function shrinking(slope: Interval): string {
  const { low, mid, high } = slope;
  if (low === 0 && high === 0) return 'what is left stays the same to the byte';
  if (low > 0) return `${within(slope, amount)} less is left after each update`;
  const change = { low: -high, mid: -mid, high: -low };
  return `what is left changes by ${within(change, signed)} an update`;
}
