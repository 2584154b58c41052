/** The notice of a raised or cleared alarm: the reason in words, and the figures behind it. */
import { amount } from '../base/index.ts';
import type { DeviceState, RankState, SanctumSnapshot } from '../contract/index.ts';
import { beyondDevice } from '../figures/index.ts';
import { many } from '../present/index.ts';
import { isMet } from './condition.ts';
import type { AlarmChange, ClearedBy } from './engine.ts';
import type { AlarmFigure } from './figure.ts';
import type { AlarmRule } from './rule.ts';

/** Plain JSON; what a webhook, a file and a command are given. */
export interface AlarmNotice {
  /** Names one raise of one alarm: its clearing has the same. */
  id: string;
  what: 'raised' | 'cleared';
  rule: string;
  level: 'warning' | 'critical';
  /** One sentence without its full stop. */
  reason: string;
  run: string;
  name: string | null;
  rank: number;
  /** Null for an alarm of a whole rank. */
  device: string | null;
  /** Time of the event with which it happened, and of the one that raised it; ms since the epoch. */
  timeMs: number;
  raisedMs: number;
  /** Newest batch, or step of a loop that is not PPO. */
  batch: number | null;
  /** Figure that the rule watches, its value, and the condition that was met. */
  figure: string;
  value: number | boolean | null;
  condition: string;
  /** Figures of the device, or of the rank's host; null is not measured. */
  figures: Record<string, number | null>;
}

/** Characters of a reason: a trainer's message may be of any length and hold anything. */
const REASON_LENGTH = 2000;

const deviceFigures = ({ infrastructure, pressure, usedPercent, ...device }: DeviceState) => ({
  memoryUsagePercent: infrastructure.memoryStatus === 'unmeasured' ? null : infrastructure.memoryUsagePercent,
  pressureFraction: pressure.pressureFraction,
  peakBytes: pressure.peakBytes,
  budgetBytes: pressure.budgetBytes,
  headroomBytes: pressure.headroomBytes,
  usedPercent,
  totalBytes: device.totalBytes,
  allocRetries: device.allocRetries,
  ooms: device.ooms,
});

/** A value in the figure's own unit. */
function shown(value: number | boolean | null, units: string): string {
  if (typeof value !== 'number') return String(value);
  if (units === 'bytes') return amount(value);
  if (units.startsWith('percent')) return `${value.toFixed(0)}%`;
  return String(Number(value.toPrecision(3)));
}

function pressureReason({ pressure, totalBytes }: DeviceState): string {
  const { pressureFraction, peakBytes, budgetBytes, isUpperBound } = pressure;
  const impossible = beyondDevice(peakBytes, totalBytes);
  return `pressure ${isUpperBound ? '≤ ' : ''}${pressureFraction!.toFixed(2)}: at its peak the process needed ${amount(peakBytes!)}${impossible === null ? ` of the ${amount(budgetBytes!)} it can have` : `, which ${impossible}`}`;
}

/** What is left, and what takes it: the peak, and pieces of the pool that no large request fits. */
function headroomReason({ pressure, reading }: DeviceState): string {
  const { headroomBytes, peakBytes, budgetBytes, isUpperBound } = pressure;
  const stranded = amount(reading?.inactiveSplitBytes ?? 0);
  return (
    `headroom ${isUpperBound ? '≥ ' : ''}${amount(headroomBytes!)}: at its peak the process needed ${amount(peakBytes!)} of the ` +
    `${amount(budgetBytes!)} it can have, and ${stranded} of its pool lies in pieces that a large request may not fit`
  );
}

type Value = number | boolean | null;

/** Names for figures whose screen label is too short for a sentence. */
const names: Readonly<Record<string, string>> = {
  memoryUsagePercent: 'pool use',
  ramUsedPercent: 'host RAM used',
};
const nameOf = ({ name, label }: AlarmFigure): string => names[name] ?? label;

/** What the allocator was refused; null is not measured. */
export type Refusals = Pick<DeviceState, 'allocRetries' | 'ooms'>;

/** `1 retry and 0 OOMs`: of the two those that are measured. */
export function refusalCounts({ allocRetries, ooms }: Refusals): string {
  const counts = [
    allocRetries === null ? null : many(allocRetries, 'retry', 'retries'),
    ooms === null ? null : many(ooms, 'OOM'),
  ];
  return counts.filter(text => text !== null).join(' and ');
}

export const wallReason = (refusals: Refusals): string =>
  `at the wall: the allocator was refused memory, ${refusalCounts(refusals)} so far`;

/** Why the alarm is raised, or with which value it is cleared. One sentence without its full stop. */
function reasonOf(rule: AlarmRule, value: Value, rank: RankState, device: DeviceState | null): string {
  const { figure } = rule.raise;
  if (device !== null && figure.name === 'atTheWall' && value === true) return wallReason(device);
  if (device !== null && value !== null) {
    if (figure.name === 'pressureFraction') return pressureReason(device);
    if (figure.name === 'headroomFraction') return headroomReason(device);
  }
  if (figure.name === 'failed' && value === true)
    return `training failed: ${rank.failure?.message ?? rank.failure?.errorType ?? 'no reason given'}`;
  return figure.type === 'flag'
    ? `${value === true ? '' : 'not '}${figure.label}`
    : `${nameOf(figure)} ${value === null ? 'not measured' : shown(value, figure.units)}`;
}

/** Why an alarm stands: its reason, or, while its figure is better again, what it takes for it to clear. */
export function standingReason(
  rule: AlarmRule,
  value: Value,
  rank: RankState,
  device: DeviceState | null,
): string {
  const { figure, bound } = rule.raise;
  if (bound === null) return reasonOf(rule, rule.raise.flag, rank, device);
  if (value !== null && isMet(rule.raise, value)) return reasonOf(rule, value, rank, device);
  const now = value === null ? 'not measured' : shown(value, figure.units);
  const clears = `${rule.clear.bound!.operator} ${shown(rule.clear.bound!.value, figure.units)}`;
  return `${nameOf(figure)} ${now}; the alarm clears once it is ${clears} for ${rule.clearHoldMs / 1000} s`;
}

/** Of each figure that a default rule watches: what stands before its value in a word. */
const shortLabels: Readonly<Record<string, string>> = {
  pressureFraction: 'pressure ',
  memoryUsagePercent: 'pool ',
  usedPercent: '',
  ramUsedPercent: '',
};

/** The alarm in a word or two. */
export function shortReason(
  { raise: { figure } }: AlarmRule,
  value: Value,
  device: DeviceState | null,
): string {
  if (figure.type === 'flag') return figure.label;
  if (figure.name === 'headroomFraction') return `headroom ${amount(device?.pressure.headroomBytes ?? 0)}`;
  const bound = figure.name === 'pressureFraction' && device?.pressure.isUpperBound ? '≤' : '';
  const text = figure.name === 'pressureFraction' ? (value as number | null)?.toFixed(2) : undefined;
  return `${shortLabels[figure.name] ?? `${figure.label} `}${bound}${text ?? shown(value, figure.units)}`;
}

/** @param device null for an alarm of a whole rank */
export function noticeOf(
  run: Pick<SanctumSnapshot['run'], 'id' | 'name'>,
  rank: RankState,
  device: DeviceState | null,
  { rule, what, value, raisedMs, clearedBy }: AlarmChange,
): AlarmNotice {
  const reasons: Record<ClearedBy, () => string> = {
    figure: () => reasonOf(rule, value, rank, device),
    ended: () => 'the run has ended',
    rests: () => `${rule.unlessMeasured?.label} is measured now`,
  };
  const condition = what === 'raised' ? rule.raise : rule.clear;
  return {
    id: [run.id, rule.name, rank.rank, device?.device ?? '-', raisedMs].join('/'),
    what,
    rule: rule.name,
    level: rule.level,
    reason: reasons[clearedBy ?? 'figure']().replaceAll('\0', '').slice(0, REASON_LENGTH),
    run: run.id ?? '',
    name: run.name,
    rank: rank.rank,
    device: device?.device ?? null,
    timeMs: rank.lastEventMs!,
    raisedMs,
    batch: rank.batch ?? rank.step,
    figure: rule.raise.figure.name,
    value,
    condition: condition.text,
    figures: device === null ? { ...rank.host } : deviceFigures(device),
  };
}

/**
 * A trainer that ended without a last event, killed perhaps by the kernel for lack of memory. No log records it, so it is no alarm of
 * {@link updateAlarms}: the code that watches the processes raises it.
 * @param folder the run's, whose name and time stand where no event has any
 */
export function goneNotice(
  { run, ranks }: SanctumSnapshot,
  folder: { id: string; createdMs: number },
): AlarmNotice {
  const lead = ranks[0];
  const timeMs = run.lastEventMs ?? folder.createdMs;
  return {
    id: [run.id ?? folder.id, 'trainer-gone', timeMs].join('/'),
    what: 'raised',
    rule: 'trainer-gone',
    level: 'critical',
    reason:
      lead === undefined
        ? 'no process writes the log, and it has no event: the trainer ended before its first'
        : 'no process writes the log any more, and it has no end: the trainer was killed',
    run: run.id ?? folder.id,
    name: run.name,
    rank: lead?.rank ?? 0,
    device: null,
    timeMs,
    raisedMs: timeMs,
    batch: lead?.batch ?? lead?.step ?? null,
    figure: 'writer',
    value: null,
    condition: 'gone',
    figures: lead === undefined ? {} : { ...lead.host },
  };
}

/** The notice on one line. */
export function noticeLine(notice: AlarmNotice): string {
  const { what, level, rule, reason, rank, device, timeMs, raisedMs } = notice;
  const time = new Date(timeMs).toISOString().replace('T', ' ').slice(0, 19);
  const where = [rank === 0 ? null : `rank ${rank}`, device].filter(Boolean).join(' ');
  const lasted = what === 'cleared' ? ` after ${((timeMs - raisedMs) / 1000).toFixed(0)} s` : '';
  const label = what === 'raised' ? level.toUpperCase() : 'cleared';
  // A trainer's message may have lines of its own.
  return `${time} ${label.padEnd(8)} ${rule}${lasted}${where && `  ${where}`}: ${reason}`.replace(
    /\s*\n\s*/g,
    ' ',
  );
}
