/** The three questions a reader has of a run's memory, answered from its report: how near, at what cost, what next. */
import type { DeviceReport, Finding, Forecast, Interval, RunReport } from '../contract/index.ts';
import { amount, count, many, NOT_MEASURED, share, signed } from '../present/index.ts';
import { judge, limits } from '../records/index.ts';
import type { Conclusion, ReportTone } from './document.ts';
import { minutes, pressure, range, within } from './words.ts';

const tones: Record<ReturnType<typeof judge>, ReportTone> = {
  unmeasured: 'dim',
  healthy: 'good',
  warning: 'warning',
  critical: 'critical',
};

/** How loud each finding is. */
export const findingTones: Record<Finding['kind'], ReportTone> = {
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

/** Headroom from the careful to the hopeful; where stranded pieces are unknown, the hopeful alone. */
function headroom({
  headroomBytes: careful,
  headroomAtBestBytes: hopeful,
  isUpperBound,
}: DeviceReport): string | null {
  if (hopeful === null) return null;
  const left =
    careful === null || careful === hopeful ? amount(hopeful) : `${amount(careful)} to ${amount(hopeful)}`;
  return `${isUpperBound ? 'at least ' : ''}${left}`;
}

/** How close the end was; for a run under way, is. */
export function nearness(device: DeviceReport, { failure }: RunReport, isOver: boolean): Conclusion {
  const { highestPressure: highest, isUpperBound } = device;
  const [retries, ooms, wall] = [device.retries ?? 0, device.ooms ?? 0, device.updatesAtTheWall ?? 0];
  const question = isOver ? 'How close was the end?' : 'How close is the end?';
  const sentences: string[] = [];
  const oom = failure?.rank === device.rank ? failure.outOfMemory : null;
  if (oom) {
    const asked = oom.triedBytes == null ? '' : `: ${amount(oom.triedBytes)} more were asked for`;
    const free = oom.freeBytes == null ? '' : `, ${amount(oom.freeBytes)} were free on the device`;
    sentences.push(
      `Memory ran out${failure?.batch == null ? '' : ` after batch ${count(failure.batch)}`}${asked}${free}.`,
    );
  } else if (ooms > 0)
    sentences.push(`Memory was refused for good ${many(ooms, 'time')}, and the run went on.`);
  if (highest !== null)
    sentences.push(
      `Nearest in batch ${count(highest.batch)}: ${isUpperBound ? 'at most ' : ''}${amount(highest.peakBytes)} of the ${amount(highest.budgetBytes)} that it could have.`,
    );
  const left = headroom(device);
  if (left !== null) sentences.push(`After the newest update ${left} were left.`);
  if (retries > 0) {
    const often =
      retries === 1 ? 'once, in one update' : `${many(retries, 'time')}, in ${many(wall, 'update')}`;
    sentences.push(`The device refused memory ${often}: the allocator flushed its cache and asked again.`);
  }
  const ranOut = oom !== null && oom !== undefined;
  if (highest === null && !ranOut && retries === 0 && ooms === 0)
    return {
      question,
      answer: NOT_MEASURED,
      tone: 'dim',
      says: 'Peaks, or what the device had free, are not told.',
    };
  const level = tones[judge(limits.memoryPressure, highest?.pressureFraction ?? null)];
  const tone: ReportTone =
    ranOut || ooms > 0 ? 'critical' : retries > 0 && level !== 'critical' ? 'warning' : level;
  const answer =
    ranOut || ooms > 0
      ? 'out of memory'
      : highest === null
        ? 'at the wall'
        : `pressure ${pressure(highest.pressureFraction, isUpperBound)}`;
  return { question, answer, tone, says: sentences.join(' ') };
}

/** Updates of a run so short that it may be warm-up. */
const FEW = 12;

/** What the allocator's stalls cost. */
export function cost({ attribution, timeline }: DeviceReport): Conclusion {
  const { status, lostFraction, busy, compared, quiet, updates } = attribution;
  const question = 'What did it cost?';
  const looked = many(updates, 'update');
  const made = `${count(compared)} of ${many(busy, 'busy update')} held against ${many(quiet, 'quiet one')}, among ${looked}`;
  switch (status) {
    case 'evidence':
      return {
        question,
        answer: lostFraction === null ? NOT_MEASURED : `${share(lostFraction.mid)} of the time`,
        tone: 'warning',
        says: `${lostFraction === null ? 'Time' : `${within(lostFraction, share)} of the time`} went to the allocator’s stalls: ${made}.`,
      };
    case 'no evidence':
      return {
        question,
        answer: 'no evidence of a cost',
        tone: 'good',
        says:
          busy === 0
            ? `In none of ${looked} was the allocator busier than usual.`
            : `${lostFraction === null ? 'Nothing beyond chance' : `${within(lostFraction, share)} of the time, which may be chance`}: ${made}.`,
      };
    case 'nothing to compare':
      return {
        question,
        answer: 'cannot be told',
        tone: 'plain',
        says: `${many(busy, 'update was', 'updates were')} busy with memory, and too few quiet ones did the same work near them, among ${looked}.`,
      };
    case 'unmeasured':
      if (timeline.some(({ tookMs }) => tookMs > 0) && timeline.length < FEW)
        return {
          question,
          answer: 'too early to tell',
          tone: 'plain',
          says: 'Each process’s warm-up is left out, and nothing is beyond it.',
        };
      return {
        question,
        answer: NOT_MEASURED,
        tone: 'dim',
        says: 'Durations or the allocator’s counters are not told.',
      };
  }
}

/** The forecast in words; `isOver`: the run has ended, and it is what would have been. */
export function outlook(
  { forecast, rank }: DeviceReport,
  { failure }: RunReport,
  isOver: boolean,
): Conclusion {
  const question = isOver ? 'Where was it heading?' : 'What lies ahead?';
  const made = fitted(forecast);
  switch (forecast.status) {
    case 'ahead': {
      const { updates, minutes: time, batch } = forecast;
      const when =
        updates === null ? '' : ` in ${range(updates, count)} updates (likeliest ${count(updates.mid)})`;
      const clock = time === null ? '' : `, ${range(time, minutes)}`;
      const at = batch === null ? '' : `: batch ${range(batch, count)}`;
      const ranOut = failure?.rank === rank && failure.outOfMemory !== null;
      const how = ranOut
        ? 'After the newest update, memory was to run'
        : isOver
          ? 'Had it gone on like this, memory would have run'
          : 'If it goes on like this, memory runs';
      return {
        question,
        answer: `out of memory${updates === null ? '' : ` in ${range(updates, count)} updates`}`,
        tone: 'critical',
        says: `${how} out${when}${clock}${at}. ${made}`,
      };
    }
    case 'far':
      return {
        question,
        answer: 'shrinking, end not in sight',
        tone: 'warning',
        says: `What is left shrinks, but would run out only beyond what this run can tell. ${made}`,
      };
    case 'no trend':
      return {
        question,
        answer: 'no trend',
        tone: 'good',
        says: `What was left did not shrink beyond doubt. ${made}`,
      };
    case 'too short':
      return {
        question,
        answer: 'too early to tell',
        tone: 'plain',
        says: `${many(forecast.points, 'update')} since the run began, or changed, are too few for a line.`,
      };
    case 'unmeasured':
      return {
        question,
        answer: NOT_MEASURED,
        tone: 'dim',
        says: 'Peaks, or what the process could have, are not told.',
      };
  }
}

const bases = {
  peak: 'the updates’ peaks',
  rest: 'the memory at rest, as only the run’s peak is told',
  'peak of the run': 'the run’s peak',
} as const;

function fitted({ since, until, points, slopeBytes, basis }: Forecast): string {
  if (since === null || until === null || basis === null) return '';
  const slope = slopeBytes === null ? '' : `: ${shrinking(slopeBytes)}`;
  return `Fitted to ${bases[basis]}, ${many(points, 'point')} of batches ${count(since)} to ${count(until)}${slope}.`;
}

/** How what is left moves from update to update, in words. */
export function shrinking(slope: Interval): string {
  const { low, mid, high } = slope;
  if (low === 0 && high === 0) return 'what is left stays the same to the byte';
  if (low > 0) return `${within(slope, amount)} less is left after each update`;
  const change = { low: -high, mid: -mid, high: -low };
  return `what is left changes by ${within(change, signed)} an update`;
}
