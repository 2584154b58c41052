/** The glance in words, as Sanctum says it: from the snapshot alone, judged nowhere else. */
import type {
  Health,
  InfrastructureMetrics,
  MemoryAlarm,
  MemoryPressure,
  SanctumSnapshot,
  StatusLevel,
} from '../contract/index.ts';
import { age, gib, judge, limits, percent, scaled, short } from '../records/index.ts';
import type { RunRow, SlimSnapshot } from '../serve/index.ts';

/** How a piece of text looks; the style sheet gives it a colour and a weight. */
export type Tone = 'plain' | 'dim' | 'ok' | 'info' | 'warning' | 'critical';
export interface Said {
  text: string;
  tone: Tone;
}

export const healthTone: Record<Health, Tone> = {
  unmeasured: 'dim',
  healthy: 'dim',
  warning: 'warning',
  critical: 'critical',
};
const levelTone: Record<StatusLevel, Tone> = {
  ok: 'ok',
  warmup: 'info',
  warning: 'warning',
  critical: 'critical',
};
const marks: Record<StatusLevel, string> = { ok: '✓', warmup: '~', warning: '!', critical: '✗' };

/** TELE-770 as `[Mem:45%]`; null where it is 0. A figure that cannot be true carries a question mark. */
export function memoryFigure(infrastructure: InfrastructureMetrics): Said | null {
  const { memoryUsagePercent, memoryStatus, contradiction } = infrastructure;
  if (memoryUsagePercent === 0) return null;
  const impossible = contradiction !== null || memoryUsagePercent < 0 || memoryUsagePercent > 100;
  return {
    text: `[Mem:${percent(memoryUsagePercent)}${impossible ? '?' : ''}]`,
    tone: impossible ? 'critical' : healthTone[memoryStatus],
  };
}

/** `Batch:84/200`, or `Step:…` for a loop that is not PPO; null before the first. */
export function counter({ batch, maxBatches, step, maxSteps }: SanctumSnapshot['tamiyo']): string | null {
  const [label, at, of] =
    batch === null && step !== null ? ['Step', step, maxSteps] : ['Batch', batch, maxBatches];
  return at === null && of === null ? null : `${label}:${at ?? 0}${of === null ? '' : `/${of}`}`;
}

/** `[✓] LEARNING` */
export function status({ run, status: { level } }: Pick<SlimSnapshot, 'run' | 'status'>): Said {
  const words: Partial<Record<SanctumSnapshot['run']['state'], string>> = {
    completed: 'FINISHED',
    interrupted: 'INTERRUPTED',
    waiting: 'WAITING',
  };
  const word =
    level === 'warning' || level === 'critical'
      ? level.toUpperCase()
      : (words[run.state] ?? (level === 'warmup' ? 'WARMING UP' : 'LEARNING'));
  return { text: `[${marks[level]}] ${word}`, tone: levelTone[level] };
}

/** Why the status is not ok. A contradiction is told even where it is no reason. */
export function reasons({ status: { level, reasons: told }, tamiyo }: SlimSnapshot): Said[] {
  const { contradiction } = tamiyo.infrastructure;
  const untold = contradiction !== null && !told.some(reason => reason.includes(contradiction));
  const tone = level === 'warmup' ? 'dim' : levelTone[level];
  return [
    ...(untold ? [{ text: contradiction, tone: 'critical' as const }] : []),
    ...told.map(text => ({ text, tone })),
  ];
}

/** A figure of the banner: its label, its text, and the record that tells what it means. */
export interface BannerFigure {
  label: string;
  said: Said;
  record: string;
}

/** `0.71`; null where it is not known. `≤` where the peak is that of the whole run. */
export function pressure({ pressureFraction, isUpperBound, status: level }: MemoryPressure): Said | null {
  if (pressureFraction === null) return null;
  const tone = level === 'healthy' ? 'plain' : healthTone[level];
  return { text: `${isUpperBound ? '≤' : ''}${pressureFraction.toFixed(2)}`, tone };
}

/** `1.90–2.30 GiB`: stranded pieces lost, and used; one figure where stranded pieces are not told. */
export function headroom({ headroomBytes, headroomAtBestBytes, isUpperBound }: MemoryPressure): Said | null {
  const [least, most] = [headroomBytes, headroomAtBestBytes];
  if (most === null) return null;
  const bound = isUpperBound ? (least === null ? '~' : '≥') : least === null ? '≤' : '';
  const range = least === null || gib(least) === gib(most) ? gib(most) : `${gib(least)}–${gib(most)}`;
  return { text: `${bound}${range} GiB`, tone: 'plain' };
}

/** The banner's figures that were measured. */
export function figures({ tamiyo, devices }: SlimSnapshot): BannerFigure[] {
  const { ppo, batch, rank } = tamiyo;
  const own = devices.find(device => device.rank === rank)?.pressure;
  const plain = (value: number | null, write = short): Said | null =>
    value === null ? null : { text: write(value), tone: 'plain' };
  const all: [label: string, said: Said | null, record: string][] = [
    ['pressure', own ? pressure(own) : null, 'pressureFraction'],
    ['headroom', own ? headroom(own) : null, 'headroomBytes'],
    ['return', plain(ppo.episodicReturn), 'episodicReturn'],
    ['loss', batch === null ? plain(ppo.totalLoss) : null, 'totalLoss'],
    ['KL', plain(ppo.approxKl), 'approxKl'],
    [batch === null ? 'samples/s' : 'SPS', plain(ppo.stepsPerSecond, scaled), 'stepsPerSecond'],
    ['entropy', plain(ppo.entropy), 'entropy'],
    ['expl.var', plain(ppo.explainedVariance), 'explainedVariance'],
    ['steps', plain(ppo.totalSteps, scaled), 'totalSteps'],
  ];
  return all.flatMap(([label, said, record]) => (said === null ? [] : [{ label, said, record }]));
}

/** `✓ System`, or the worst alarm: `⚠ cuda:0 95%`. Nothing measured is not healthy: `– System`. */
export function system({ vitals, devices }: SlimSnapshot): Said {
  const alarms = vitals.memoryAlarmDevices;
  const worst: MemoryAlarm | undefined = alarms.find(alarm => alarm.level === 'critical') ?? alarms[0];
  if (worst) {
    const figure = worst.percent === null ? worst.reason.split(':', 1)[0]! : percent(worst.percent);
    const others = alarms.length > 1 ? ` +${alarms.length - 1}` : '';
    return { text: `⚠ ${worst.device} ${figure}${others}`, tone: worst.level };
  }
  const measured =
    vitals.host.ramUsedPercent !== null ||
    devices.some(d => d.usedPercent !== null || d.infrastructure.memoryStatus !== 'unmeasured');
  return measured ? { text: '✓ System', tone: 'ok' } : { text: '– System', tone: 'dim' };
}

const ended: Partial<Record<RunRow['state'], Said>> = {
  completed: { text: '■ FINISHED', tone: 'plain' },
  interrupted: { text: '■ INTERRUPTED', tone: 'warning' },
  failed: { text: '■ FAILED', tone: 'critical' },
  gone: { text: '■ ENDED WITHOUT GOODBYE', tone: 'critical' },
};

/** Whether the run still speaks: judged here, because only a view knows the time. */
export function connection(state: RunRow['state'], lastEventMs: number | null, nowMs: number): Said {
  const over = ended[state];
  if (over) return over;
  if (lastEventMs === null) return { text: '○ WAITING', tone: 'dim' };
  const ageMs = Math.max(0, nowMs - lastEventMs);
  const health = judge(limits.connectionAgeMs, ageMs);
  if (health === 'critical') return { text: `○ STALE ${age(ageMs)}`, tone: 'critical' };
  return health === 'warning'
    ? { text: `◐ SLOW ${age(ageMs)}`, tone: 'warning' }
    : { text: '● LIVE', tone: 'ok' };
}
