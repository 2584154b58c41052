/** The status line of a run: how it is, how far, how full its memory, whether events still arrive. Judged nowhere here. */
import { capitalised, gib } from '../base/index.ts';
import type {
  Health,
  InfrastructureMetrics,
  MemoryAlarm,
  MemoryPressure,
  RunState,
  SanctumSnapshot,
  StatusLevel,
} from '../contract/index.ts';
import { countedIn, isStepLoop, judge, limits } from '../figures/index.ts';
import { age, percent, scaled, short } from './figure-text.ts';
import { placeName } from './judgement.ts';
import {
  healthTone,
  type LabelledValue,
  levelTone,
  type Newest,
  type NewestDevice,
  type Outline,
  plain,
  type StyledText,
} from './styled-text.ts';

/** TELE-770 as `[Mem:45%]`; null where it is 0. A figure that cannot be true carries a question mark. */
export function memoryFigure(infrastructure: InfrastructureMetrics): StyledText | null {
  const { memoryUsagePercent, memoryStatus, contradiction } = infrastructure;
  if (memoryUsagePercent === 0) return null;
  const impossible = contradiction !== null || memoryUsagePercent < 0 || memoryUsagePercent > 100;
  return {
    text: `[Mem:${percent(memoryUsagePercent)}${impossible ? '?' : ''}]`,
    tone: impossible ? 'critical' : healthTone[memoryStatus],
  };
}

/** `Batch:84/200`, or `Step:…` for a loop that is not PPO, `Report:…` where a log shows no number; null before the first. */
export function counter(tamiyo: SanctumSnapshot['tamiyo']): string | null {
  const { batch, maxBatches, step, maxSteps, stepsPerEpoch } = tamiyo;
  const [at, of] = isStepLoop(tamiyo) ? [step, maxSteps] : [batch, maxBatches];
  const counted = countedIn(tamiyo);
  const perEpoch = stepsPerEpoch === undefined ? '' : ` (${stepsPerEpoch}/epoch)`;
  const label = capitalised(counted);
  return at === null && of === null ? null : `${label}:${at ?? 0}${of === null ? perEpoch : `/${of}`}`;
}

const marks: Record<StatusLevel, string> = { ok: '✓', warmup: '~', warning: '!', critical: '✗' };
const words: Partial<Record<RunState, string>> = {
  completed: 'FINISHED',
  interrupted: 'INTERRUPTED',
  unknown: 'END UNKNOWN',
  waiting: 'WAITING',
};

/** `[✓] LEARNING` */
export function status({ run, status: { level } }: Pick<Newest, 'run' | 'status'>): StyledText {
  const word =
    level === 'warning' || level === 'critical'
      ? level.toUpperCase()
      : (words[run.state] ?? (level === 'warmup' ? 'WARMING UP' : 'LEARNING'));
  // That nothing was wrong with its figures does not make an unknown end a good one.
  const mark = run.state === 'unknown' && level === 'ok' ? '?' : marks[level];
  return { text: `[${mark}] ${word}`, tone: mark === '?' ? 'dim' : levelTone[level], isStrong: true };
}

/** Why the status is not ok, the worst first. A contradiction is listed even where it is no reason. */
export function reasons({
  status: { level, reasons: listed },
  tamiyo,
}: Pick<Newest, 'status' | 'tamiyo'>): StyledText[] {
  const { contradiction } = tamiyo.infrastructure;
  const isUnlisted = contradiction !== null && !listed.some(reason => reason.includes(contradiction));
  const tone = isUnlisted ? 'critical' : level === 'warmup' ? 'dim' : levelTone[level];
  const all = isUnlisted ? [contradiction, ...listed] : listed;
  return all.map(text => ({ text, tone, isStrong: true }));
}

/** `0.71`; null where it is not known. `≤` where the peak is that of the whole run, `?` where no update can have had it. */
export function pressureFigure({
  pressureFraction,
  isUpperBound,
  status: level,
}: MemoryPressure): LabelledValue | null {
  if (pressureFraction === null) return null;
  const tone = level === 'healthy' ? 'plain' : healthTone[level];
  const doubt = !isUpperBound && pressureFraction > 1 ? '?' : '';
  const text = `${isUpperBound ? '≤' : ''}${pressureFraction.toFixed(2)}${doubt}`;
  return { label: 'pressure', value: { text, tone }, figure: 'pressureFraction' };
}

/** `1.90–2.30 GiB`: stranded pieces lost, and used; one figure where stranded pieces are not reported. `?` as of pressure. */
export function headroomFigure(pressure: MemoryPressure): LabelledValue | null {
  const { headroomBytes: least, headroomAtBestBytes: most, isUpperBound } = pressure;
  if (most === null) return null;
  const bound = isUpperBound ? (least === null ? '~' : '≥') : least === null ? '≤' : '';
  const range = least === null || gib(least) === gib(most) ? gib(most) : `${gib(least)}–${gib(most)}`;
  return {
    label: 'headroom',
    value: plain(`${bound}${range} GiB${!isUpperBound && most < 0 ? '?' : ''}`),
    figure: 'headroomBytes',
  };
}

/** The banner's figures that were measured, the first device's pressure before the learner's. */
export function bannerFigures({
  tamiyo,
  devices,
}: {
  tamiyo: Newest['tamiyo'];
  /** The first device of the lowest rank has its pressure. */
  devices: readonly (Pick<NewestDevice, 'rank'> & Partial<Pick<NewestDevice, 'pressure'>>)[];
}): LabelledValue[] {
  const { ppo, batch, rank } = tamiyo;
  const own = devices.find(device => device.rank === rank)?.pressure;
  const fact = (label: string, value: number | null, figure: string, write = short): LabelledValue[] =>
    value === null ? [] : [{ label, value: plain(write(value)), figure }];
  return [
    ...[own ? pressureFigure(own) : null, own ? headroomFigure(own) : null].filter(known => known !== null),
    ...fact('return', ppo.episodicReturn, 'episodicReturn'),
    ...(batch === null ? fact('loss', ppo.totalLoss, 'totalLoss') : []),
    ...fact('KL', ppo.approxKl, 'approxKl'),
    ...fact(batch === null ? 'samples/s' : 'SPS', ppo.stepsPerSecond, 'stepsPerSecond', scaled),
    ...fact('entropy', ppo.entropy, 'entropy'),
    ...fact('expl.var', ppo.explainedVariance, 'explainedVariance'),
    ...fact('steps', ppo.totalSteps, 'totalSteps', scaled),
  ];
}

/** `✓ System`, or the worst alarm: `⚠ cuda:0 pressure 0.95`. Nothing measured is not healthy: `– System`. */
export function system({
  vitals,
  devices,
  ranks,
}: Pick<Outline, 'vitals' | 'devices' | 'ranks'>): StyledText {
  const alarms = vitals.memoryAlarmDevices;
  const worst: MemoryAlarm | undefined = alarms.find(alarm => alarm.level === 'critical') ?? alarms[0];
  if (worst) {
    const others = alarms.length > 1 ? ` +${alarms.length - 1}` : '';
    return {
      text: `⚠ ${placeName(worst, ranks.length > 1)} ${worst.short}${others}`,
      tone: worst.level,
      isStrong: true,
    };
  }
  const measured =
    vitals.host.ramUsedPercent !== null ||
    devices.some(d => d.usedPercent !== null || d.infrastructure.memoryStatus !== 'unmeasured');
  return measured ? { text: '✓ System', tone: 'ok' } : { text: '– System', tone: 'dim' };
}

const ended: Partial<Record<RunState, StyledText>> = {
  completed: { text: '■ FINISHED', tone: 'plain', isStrong: true },
  interrupted: { text: '■ INTERRUPTED', tone: 'warning', isStrong: true },
  unknown: { text: '■ END UNKNOWN', tone: 'warning', isStrong: true },
  failed: { text: '■ FAILED', tone: 'critical', isStrong: true },
};

/** Milliseconds between updates at which the bounds of the connection's age are as they stand. */
const QUICK_MS = 1000;
/** Before the second update nobody knows: models take their time to load. */
const UNKNOWN_MS = 30_000;

/**
 * Whether events still arrive. A training that reports every minute is not silent after five seconds: where the time between its updates is
 * longer than a second, the bounds are as many times longer.
 * @param updateGapMs usual time between two updates; null before the second
 */
export const connectionHealth = (ageMs: number, updateGapMs: number | null): Health =>
  judge(limits.connectionAgeMs, ageMs / Math.max(1, (updateGapMs ?? UNKNOWN_MS) / QUICK_MS));

/**
 * Whether events still arrive: judged here, because only a view knows the time.
 * @param run its state, where `gone`: nobody writes it any more; and when its events came
 */
export function connectionText(
  { state, lastEventMs, updateGapMs }: Pick<SanctumSnapshot['run'], 'state' | 'lastEventMs' | 'updateGapMs'>,
  nowMs: number,
): StyledText {
  const over = ended[state];
  if (over) return over;
  if (state === 'gone') return { text: '■ ENDED UNEXPECTEDLY', tone: 'critical', isStrong: true };
  if (lastEventMs === null) return { text: '○ WAITING', tone: 'dim' };
  const ageMs = Math.max(0, nowMs - lastEventMs);
  const health = connectionHealth(ageMs, updateGapMs);
  if (health === 'critical') return { text: `○ STALE ${age(ageMs)}`, tone: 'critical', isStrong: true };
  return health === 'warning'
    ? { text: `◐ SLOW ${age(ageMs)}`, tone: 'warning', isStrong: true }
    : { text: '● LIVE', tone: 'ok', isStrong: true };
}
