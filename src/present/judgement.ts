/**
 * What a run is as a whole, in one object that every view reads: its state, the most important finding of the worst
 * device, how sure that is, and when memory runs out. A status that takes the verdict and the alarms is made from it.
 */
import { amount, columns, count, printable } from '../base/index.ts';
import {
  type DeviceReport,
  type Finding,
  type GuiltyLine,
  type Interval,
  isOver,
  type MemoryAlarm,
  type RunReport,
  type RunState,
  type StatusLevel,
  type VerdictKind,
} from '../contract/index.ts';
import { judge, limits } from '../figures/index.ts';
import { interval, many, minutes } from './amounts.ts';
import { levelTone, type Newest, type StyledText } from './styled-text.ts';

/** When memory runs out if the run goes on like this; each holds the truth in nine of ten cases. */
export interface RunsOut {
  updates: Interval;
  /** Null where the pace is not known. */
  minutes: Interval | null;
  /** By the trainer's own count. */
  batch: Interval | null;
  /** The run is planned to end before. */
  isAfterEnd: boolean;
}

export interface RunJudgement {
  level: StatusLevel;
  /** `gone`: no process writes the run any more, and its log does not record how it ended. */
  state: RunState;
  /** Updates so far; null where no verdict is known. */
  updates: number | null;
  /** Null before the first update, and where it is too early to judge. */
  kind: VerdictKind | null;
  confidence: Finding['confidence'] | null;
  /** Where the finding is; null where no device is known. */
  device: string | null;
  rank: number | null;
  /** The run has several, so that the rank belongs to the place. */
  hasRanks: boolean;
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

/** Findings that are no state of a healthy run. */
const unwell: readonly VerdictKind[] = [
  'leak',
  'growth',
  'fragmentation',
  'neighbour',
  'cache starvation',
  'allocator configuration',
];

/** A spike is reported, and troubles where it came near the budget. */
const isUnwell = (kind: VerdictKind, { spikes }: DeviceReport): boolean =>
  kind === 'spike'
    ? spikes.highest.some(
        ({ peakBytes, budgetBytes }) => judge(limits.memoryPressure, peakBytes / budgetBytes) === 'critical',
      )
    : unwell.includes(kind);

function runsOutOf({ forecast }: DeviceReport, { maxBatches }: RunReport['run']): RunsOut | null {
  const { status, updates, minutes: time, batch } = forecast;
  if (status !== 'ahead' || updates === null) return null;
  const isAfterEnd = batch !== null && maxBatches !== null && batch.low > maxBatches;
  return { updates, minutes: time, batch, isAfterEnd };
}

/** Null where nothing is wrong with the device. */
function troubleOf(device: DeviceReport, run: RunReport['run'], over: boolean) {
  const finding = device.findings.find(({ kind }) => isUnwell(kind, device));
  const runsOut = over ? null : runsOutOf(device, run);
  if (finding === undefined && runsOut === null) return null;
  const isUrgent = runsOut !== null && !runsOut.isAfterEnd;
  return { device, finding: finding ?? device.findings[0], runsOut, isUrgent };
}

/**
 * The judgement of a run.
 * @param report the report of its log so far; null before it is known
 * @param state of the snapshot, which may be newer than the report; `gone` once no process writes the run any more
 */
export function judgementOf(report: RunReport | null, state: RunState): RunJudgement {
  const over = isOver(state);
  const endedBadly = state === 'failed' || state === 'gone';
  const nothing: RunJudgement = {
    level: endedBadly ? 'critical' : 'warmup',
    state,
    updates: report?.run.updates ?? null,
    kind: null,
    confidence: null,
    device: null,
    rank: null,
    hasRanks: false,
    runsOut: null,
    failure: null,
    others: 0,
    line: null,
    says: '',
    next: [],
  };
  if (report === null) return nothing;
  const { run, devices, failure } = report;
  const troubles = devices.map(device => troubleOf(device, run, over)).filter(found => found !== null);
  const worst = troubles.find(({ isUrgent }) => isUrgent) ?? troubles[0];
  const device = worst?.device ?? devices[0];
  const finding = worst?.finding ?? device?.findings[0] ?? report.explanation ?? undefined;
  const isEarly = finding?.kind === 'unmeasured' && device?.forecast.status === 'too short';
  // A run that trains without a device, as on the CPU, has nothing to measure.
  const isKnown = !isEarly && (finding !== undefined || run.updates > 0);
  const level: StatusLevel =
    endedBadly || worst?.isUrgent ? 'critical' : worst ? 'warning' : isKnown || over ? 'ok' : 'warmup';
  return {
    ...nothing,
    level,
    kind: isKnown ? (finding?.kind ?? 'unmeasured') : null,
    confidence: isKnown ? (finding?.confidence ?? null) : null,
    device: device?.device ?? null,
    rank: device?.rank ?? null,
    hasRanks: run.ranks > 1,
    runsOut: worst?.runsOut ?? null,
    failure:
      state !== 'failed' || failure === null
        ? null
        : {
            isOutOfMemory: failure.outOfMemory !== null,
            errorType: failure.errorType,
            batch: failure.batch ?? run.lastBatch,
          },
    others: Math.max(0, troubles.length - 1),
    line: isKnown ? (finding?.line ?? null) : null,
    says: finding?.says ?? '',
    next: finding?.next ?? [],
  };
}

/** Of each kind, its name and one for a line with little room. */
const names: Record<VerdictKind, [string, string]> = {
  leak: ['leak', 'leak'],
  growth: ['growth', 'growth'],
  spike: ['spike', 'spike'],
  fragmentation: ['fragmentation', 'fragm.'],
  neighbour: ['neighbour', 'neighb.'],
  'cache starvation': ['cache starvation', 'starv.'],
  'allocator configuration': ['allocator configuration', 'conf.'],
  'process limit': ['process limit', 'limit'],
  full: ['device full', 'full'],
  'host memory': ['host memory', 'host'],
  'not memory': ['not memory', 'no mem.'],
  steady: ['steady', 'steady'],
  unmeasured: ['memory not measured', 'not measured'],
};

const marks: Record<StatusLevel, string> = { ok: '✓', warmup: '~', warning: '!', critical: '✗' };

/** How the run ended, longest first; none while it runs, and where it ended as planned. */
function endings({ state, failure, updates }: RunJudgement): string[] {
  if (state === 'gone' && updates === null) return ['ended unexpectedly', 'gone'];
  if (state === 'gone')
    return [`ended unexpectedly after ${many(updates ?? 0, 'update')}`, 'ended unexpectedly', 'gone'];
  if (state === 'failed' && failure !== null) {
    const what = failure.isOutOfMemory ? 'out of memory' : `failed: ${failure.errorType}`;
    const brief = failure.isOutOfMemory ? 'OOM' : 'failed';
    const at = failure.batch === null ? '' : `after batch ${count(failure.batch)}`;
    const short = failure.batch === null ? '' : ` at ${count(failure.batch)}`;
    return [`${what} ${at}`.trim(), `${what}${short}`, `${brief}${short}`];
  }
  if (state === 'unknown') return ['how it ended is unknown', 'end unknown'];
  return state === 'failed' ? ['failed'] : [];
}

/** What is to come, longest first; none where no end is in sight. */
function endsAhead({ runsOut }: RunJudgement): string[] {
  if (runsOut === null) return [];
  const updates = interval(runsOut.updates, count, '–');
  const time = runsOut.minutes === null ? '' : `, ${interval(runsOut.minutes, minutes, '–')}`;
  const batch = runsOut.batch === null ? '' : ` (batch ${interval(runsOut.batch, count, '–')})`;
  const after = runsOut.isAfterEnd ? ', after its planned end' : '';
  return [
    `memory runs out in ${updates} updates${time}${batch}${after}`,
    `memory runs out in ${updates} updates${time}${after}`,
    `out of memory in ${updates} updates${after}`,
    `OOM in ${updates} updates`,
    `OOM ${updates} upd`,
    `OOM ${updates}`,
  ];
}

/** What a line does, in a few words: `` `train.py:88 update` keeps 12.0 MiB an update ``. */
export function lineWords(kind: VerdictKind, { line, bytesPerUpdate, bytesMore }: GuiltyLine): string {
  if (bytesMore !== null) return `\`${line}\` held ${amount(bytesMore)} more`;
  const each = bytesPerUpdate === null ? '–' : amount(Math.round(bytesPerUpdate));
  return kind === 'leak'
    ? `\`${line}\` keeps ${each} an update`
    : `\`${line}\` needs ${each} more each update`;
}

/** Which line it is, and what it does, longest first; none where no line is known. */
function causesOf({ kind, line }: RunJudgement): string[] {
  if (line == null || kind === null) return [];
  const place = line.line.split(' ')[0]!;
  return [`: ${lineWords(kind, line)}`, `: \`${line.line}\``, `: ${place}`];
}

/**
 * The judgement in one line, from the longest form to the shortest, which has at most 40 columns unless names or counts
 * are very long: `✗ leak certain · memory runs out in 203–242 updates, 4.1–4.9 min · sim:0`.
 */
export function headlines(judgement: RunJudgement): string[] {
  const { level, kind, confidence, updates, device, rank, hasRanks, others } = judgement;
  const places =
    device === null ? [''] : !hasRanks ? [device] : [`rank ${rank} ${device}`, `r${rank} ${device}`];
  const more = others > 0 ? ` +${others}` : '';
  const ended = endings(judgement);
  const ends = [...ended, ...endsAhead(judgement)];
  const early =
    updates === null
      ? 'no verdict yet'
      : updates === 0
        ? 'no update yet'
        : `too early to judge after ${many(updates, 'update')}`;
  const sure = kind === 'unmeasured' || confidence === null ? '' : ` ${confidence}`;
  const line = (end: string, named: string, place: string, separator: string, cause = ''): string => {
    const verdict = kind === null ? (ended.length > 0 ? '' : named) : `${named}${sure}${cause}`;
    const where = kind === null || kind === 'unmeasured' ? '' : `${place}${more}`;
    const parts = ended.length > 0 ? [end, verdict, where] : [verdict, end, where];
    const mark = level === 'ok' && kind === 'unmeasured' ? '–' : marks[level];
    // The cause of a failure and names of devices come from outside: a headline is one line all the same.
    return printable(`${mark} ${parts.filter(part => part !== '').join(separator)}`);
  };
  const [name, brief] = kind === null ? [early, early] : names[kind];
  const lines = (ends.length > 0 ? ends : ['']).map(end => line(end, name, places[0]!, ' · '));
  const last = ends.at(-1) ?? '';
  const beforeLast = ends.at(-2) ?? last;
  // The line is worth more than the length of the forecast.
  const caused = causesOf(judgement).flatMap(cause =>
    (ends.length > 0 ? ends : ['']).map(end => line(end, name, places[0]!, ' · ', cause)),
  );
  return [
    ...caused,
    ...lines,
    line(last, name, places.at(-1)!, ' · '),
    line(beforeLast, name, places.at(-1)!, ' '),
    line(last, name, places.at(-1)!, ' '),
    line(last, brief, places.at(-1)!, ' '),
  ];
}

/** The longest form that fits `width` columns; the shortest where none does. */
export function headline(judgement: RunJudgement, width = Number.POSITIVE_INFINITY): StyledText {
  const lines = headlines(judgement);
  const text = lines.find(line => columns(line) <= width) ?? lines.at(-1)!;
  const { level, kind } = judgement;
  const tone = level === 'ok' && (kind === 'unmeasured' || kind === null) ? 'dim' : levelTone[level];
  return { text, tone, isStrong: true };
}

/** What is wrong, without where: `leak, out of memory in 203–242 updates`; empty where nothing is. */
function trouble(judgement: RunJudgement): string {
  const { level, kind } = judgement;
  if (level !== 'warning' && level !== 'critical') return '';
  const isCause = kind !== null && (kind === 'spike' || unwell.includes(kind));
  const ends = judgement.runsOut === null ? [] : [endsAhead(judgement)[2]!];
  const where = judgement.line == null ? '' : ` (${judgement.line.line})`;
  return [...(isCause ? [`${names[kind][0]}${where}`] : []), ...ends].join(', ');
}

/** Why the status is not ok, in the words of the verdict: `sim:0: leak, out of memory in 203–242 updates`; null where it is. */
export function reasonOf(judgement: RunJudgement): string | null {
  const { device, rank, hasRanks } = judgement;
  const what = trouble(judgement);
  if (what === '') return null;
  const place = [hasRanks ? `rank ${rank}` : null, device].filter(Boolean).join(' ');
  return place === '' ? what : `${place}: ${what}`;
}

const severity: Record<StatusLevel, number> = { ok: 0, warmup: 1, warning: 2, critical: 3 };

/** The verdict as one of the alarms about memory; null where nothing is wrong, and where it is no device's. */
export function alarmOf(judgement: RunJudgement, atMs: number | null): MemoryAlarm | null {
  const { level, device, rank, kind, runsOut } = judgement;
  const reason = trouble(judgement);
  if (reason === '' || device === null || rank === null || (level !== 'warning' && level !== 'critical'))
    return null;
  const short = kind !== null && kind !== 'steady' ? names[kind][0] : runsOut === null ? reason : 'OOM ahead';
  return { device, rank, rule: 'verdict', level, reason, short, percent: null, raisedMs: atMs ?? 0 };
}

/** The snapshot with the one status that takes its alarms and the verdict: what every view shows. */
export function withJudgement<Snapshot extends Newest>(
  snapshot: Snapshot,
  judgement: RunJudgement,
): Snapshot {
  const reason = reasonOf(judgement);
  if (reason === null) return snapshot;
  const { level, reasons } = snapshot.status;
  const own = judgement.level;
  const isWorse = severity[own] >= severity[level];
  const alarm = alarmOf(judgement, snapshot.run.lastEventMs);
  const { vitals } = snapshot;
  return {
    ...snapshot,
    status: {
      level: isWorse ? own : level,
      reasons: isWorse ? [reason, ...reasons] : [...reasons, reason],
    },
    vitals:
      alarm === null
        ? vitals
        : {
            ...vitals,
            hasMemoryAlarm: true,
            memoryAlarmDevices: [alarm, ...vitals.memoryAlarmDevices],
          },
  };
}
