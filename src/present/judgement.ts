/**
 * What a run is as a whole, in one object that every view reads: its state, the most important finding of the worst
 * device, how sure that is, and when memory runs out. A status that takes the verdict and the alarms is made from it.
 */
import {
  type DeviceReport,
  type Finding,
  type Interval,
  isOver,
  isWarning,
  type RankFinding,
  type RunReport,
  type RunState,
  type StatusLevel,
  type VerdictKind,
} from '../contract/index.ts';
import { type Counted, countedOf, judge, limits } from '../figures/index.ts';
import { learnerTrouble } from './learner-trouble.ts';
import type { Outline, OutlinedDevice } from './styled-text.ts';

/** When memory runs out if the run goes on like this; each holds the truth in nine of ten cases. */
export interface RunsOut {
  updates: Interval;
  /** Null where the pace is not known. */
  minutes: Interval | null;
  /** By the trainer's own count. */
  batch: Interval | null;
  /** The run is planned to end before. */
  isAfterEnd: boolean;
  /** It is the device's whole memory that is reached: what is free of it was not measured. */
  isOfDevice: boolean;
}

export interface RunJudgement {
  level: StatusLevel;
  /** What is worse than that now, or was as it ended, in a few words: an alarm, figures that cannot be true, a learner whose figures are critical. */
  alarm: { level: 'warning' | 'critical'; text: string; device: string | null } | null;
  /** `gone`: no process writes the run any more, and its log does not record how it ended. */
  state: RunState;
  /** What went wrong with the learner over the run, where no alarm and no verdict is worse. */
  learner: { level: 'warning'; text: string; device: null } | null;
  /** Updates so far; null where no verdict is known. */
  updates: number | null;
  /** What the numbers of updates count. */
  counted: Counted;
  /** Null before the first update, and where it is too early to judge. */
  kind: VerdictKind | null;
  confidence: Finding['confidence'] | null;
  /** Of `unmeasured`: memory was read, and too little of it for a verdict. */
  isRead: boolean;
  /** Where the finding is; null where no device is known. */
  device: string | null;
  rank: number | null;
  /** The run has several, so that the rank belongs to the place. */
  hasRanks: boolean;
  /** Host of that rank; null where it is not known, and of a run of one rank. */
  host: string | null;
  /** What is wrong with ranks beside the others, the worst first. */
  across: readonly RankFinding[];
  /** Null of a run that has ended, and where no end is in sight. */
  runsOut: RunsOut | null;
  /** Of a run that failed. */
  failure: { isOutOfMemory: boolean; errorType: string; batch: number | null } | null;
  /** Other devices with a finding that is not well. */
  others: number;
  /** The line of the program that the finding is about; null where none is known. */
  line: Finding['line'] | null;
  /** The finding in one sentence; empty where there is none. */
  says: string;
  /** What to try, the first thing first. */
  next: readonly string[];
}

/** The worse, the higher. */
export const levelRank: Record<StatusLevel, number> = { ok: 0, warmup: 1, warning: 2, critical: 3 };

/** Findings that are no state of a healthy run. */
const unwell: readonly VerdictKind[] = [
  'leak',
  'growth',
  'fragmentation',
  'neighbour',
  'cache starvation',
  'allocator configuration',
];

/** Whether a finding of this kind may be what is wrong with a run. */
export const isCause = (kind: VerdictKind | null): kind is VerdictKind =>
  kind !== null && (kind === 'spike' || unwell.includes(kind));

/** A spike is reported, and troubles where it came near the budget. */
const isUnwell = (kind: VerdictKind, { spikes }: DeviceReport): boolean =>
  kind === 'spike'
    ? spikes.highest.some(
        ({ peakBytes, budgetBytes }) => judge(limits.memoryPressure, peakBytes / budgetBytes) === 'critical',
      )
    : unwell.includes(kind);

function runsOutOf({ forecast }: DeviceReport, { maxBatches }: RunReport['run']): RunsOut | null {
  const { status, updates, minutes: time, batch, of } = forecast;
  if (status !== 'ahead' || updates === null) return null;
  const isAfterEnd = batch !== null && maxBatches !== null && batch.low > maxBatches;
  return { updates, minutes: time, batch, isAfterEnd, isOfDevice: of === 'device' };
}

/** Null where nothing is wrong with the device. */
function troubleOf(device: DeviceReport, run: RunReport['run'], over: boolean) {
  const finding = device.findings.find(({ kind }) => isUnwell(kind, device));
  const runsOut = over ? null : runsOutOf(device, run);
  if (finding === undefined && runsOut === null) return null;
  const isUrgent = runsOut !== null && !runsOut.isAfterEnd;
  return { device, finding: finding ?? device.findings[0], runsOut, isUrgent };
}

/** `rank 37 cuda:5`; the device alone where the run has one rank. */
export const placeName = (
  { rank, device }: { rank: number | null; device: string | null },
  hasRanks: boolean,
): string => [hasRanks && rank !== null ? `rank ${rank}` : null, device].filter(Boolean).join(' ');

type Standing = Pick<Outline, 'status' | 'vitals' | 'ranks'> & {
  devices: readonly { infrastructure: Pick<OutlinedDevice['infrastructure'], 'contradiction'> }[];
};

/**
 * What the snapshot by itself finds worse than the verdict does. A learner's figure beyond its warning is none: single updates of a
 * healthy run are, and the status has it.
 */
function alarmBeyond({ status, vitals, devices, ranks }: Standing, own: StatusLevel): RunJudgement['alarm'] {
  const { level, reasons } = status;
  if ((level !== 'warning' && level !== 'critical') || levelRank[level] <= levelRank[own]) return null;
  const alarm = vitals.memoryAlarmDevices.find(standing => standing.level === level);
  if (alarm !== undefined)
    return { level, text: `${placeName(alarm, ranks.length > 1)} ${alarm.short}`, device: alarm.device };
  const impossible = reasons.find(reason =>
    devices.some(({ infrastructure: { contradiction } }) => contradiction && reason.includes(contradiction)),
  );
  const text = level === 'critical' ? reasons[0] : impossible;
  return text === undefined ? null : { level, text, device: null };
}

/**
 * The judgement of a run.
 * @param report the report of its log so far; null before it is known
 * @param state of the snapshot, which may be newer than the report; `gone` once no process writes the run any more
 * @param snapshot as the log has it, whose alarms stand in the first line; null for the verdict alone
 */
export function judgementOf(
  report: RunReport | null,
  state: RunState,
  snapshot: Standing | null = null,
): RunJudgement {
  const verdict = verdictOf(report, state);
  const alarm = snapshot === null ? null : alarmBeyond(snapshot, verdict.level);
  const isWorse = alarm !== null || verdict.level === 'warning' || verdict.level === 'critical';
  const text =
    snapshot === null || report === null || isWorse ? null : learnerTrouble(report.learning, verdict.counted);
  return { ...verdict, alarm, learner: text === null ? null : { level: 'warning', text, device: null } };
}

function verdictOf(report: RunReport | null, state: RunState): RunJudgement {
  const over = isOver(state);
  const endedBadly = state === 'failed' || state === 'gone';
  const nothing: RunJudgement = {
    level: endedBadly ? 'critical' : 'warmup',
    alarm: null,
    state,
    learner: null,
    updates: report?.run.updates ?? null,
    counted: report === null ? 'batch' : countedOf(report.run),
    kind: null,
    confidence: null,
    isRead: false,
    device: null,
    rank: null,
    hasRanks: false,
    host: null,
    across: [],
    runsOut: null,
    failure: null,
    others: 0,
    line: null,
    says: '',
    next: [],
  };
  if (report === null) return nothing;
  const { run, devices, failure } = report;
  const across = (report.acrossRanks ?? []).filter(({ level }) => level !== 'info');
  const troubles = devices.map(device => troubleOf(device, run, over)).filter(found => found !== null);
  const worst = troubles.find(({ isUrgent }) => isUrgent) ?? troubles[0];
  const device = worst?.device ?? devices[0];
  // As the verdict: where nothing that was measured explains an end, its text does.
  const measured = worst?.finding ?? device?.findings[0];
  const isSilent = measured === undefined || measured.kind === 'unmeasured' || measured.kind === 'steady';
  const explained = isSilent ? report.explanation : null;
  const finding = explained ?? measured;
  // A text may be about another device than the one that was read.
  const place = explained == null ? device : undefined;
  const isEarly = finding?.kind === 'unmeasured' && device?.forecast.status === 'too short';
  // A text with a warning alone has no end, and is not well.
  const isWarned = state === 'unknown' && failure !== null && isWarning(failure);
  // A run that trains without a device, as on the CPU, has nothing to measure.
  const isKnown = !isEarly && (finding !== undefined || run.updates > 0);
  const own: StatusLevel =
    endedBadly || worst?.isUrgent
      ? 'critical'
      : worst || isWarned || explained !== null
        ? 'warning'
        : isKnown || over
          ? 'ok'
          : 'warmup';
  const level = across.reduce<StatusLevel>(
    (most, finding) =>
      finding.level !== 'info' && levelRank[finding.level] > levelRank[most] ? finding.level : most,
    own,
  );
  return {
    ...nothing,
    level,
    kind: isKnown ? (finding?.kind ?? 'unmeasured') : null,
    confidence: isKnown ? (finding?.confidence ?? null) : null,
    isRead: isKnown && finding?.isRead === true,
    device: place?.device ?? null,
    rank: place?.rank ?? null,
    hasRanks: run.ranks > 1,
    host: place?.host ?? null,
    across,
    runsOut: worst?.runsOut ?? null,
    failure:
      state !== 'failed' || failure === null
        ? null
        : {
            isOutOfMemory: failure.outOfMemory !== null && explained?.kind !== 'not memory',
            errorType: failure.errorType,
            batch: failure.batch ?? run.lastBatch,
          },
    others: Math.max(0, troubles.length - 1),
    line: isKnown ? (finding?.line ?? null) : null,
    says: finding?.says ?? '',
    next: finding?.next ?? [],
  };
}
