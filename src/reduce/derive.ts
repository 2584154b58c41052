/** What spans ranks: derived from the per-rank states alone, so the order in which ranks' events came is no matter. */
import { type AlarmRule, memoryAlarms } from '../alarms/index.ts';
import {
  CONTRACT_VERSION,
  type DeviceState,
  type HostState,
  isOver,
  type RankState,
  type SanctumSnapshot,
  type StatusLevel,
} from '../contract/index.ts';
import { initialHost, initialInfrastructure, initialPpo } from './initial.ts';
import { runStateOf, totalOf } from './run-state.ts';

const least = (values: (number | null)[]): number | null => {
  const known = values.filter(v => v !== null);
  return known.length > 0 ? known.reduce((a, b) => Math.min(a, b)) : null;
};
const most = (values: (number | null)[]): number | null => {
  const known = values.filter(v => v !== null);
  return known.length > 0 ? known.reduce((a, b) => Math.max(a, b)) : null;
};

/** The fullest host: ranks on several hosts each report their own. */
function hostOf(ranks: RankState[]): { rank: number; host: HostState } {
  let fullest: { rank: number; host: HostState } = {
    rank: ranks[0]?.rank ?? 0,
    host: ranks[0]?.host ?? initialHost(),
  };
  for (const { rank, host } of ranks)
    if ((host.ramUsedPercent ?? -1) > (fullest.host.ramUsedPercent ?? -1)) fullest = { rank, host };
  return fullest;
}

const severity: Record<StatusLevel, number> = { ok: 0, warmup: 1, warning: 2, critical: 3 };

/** The run's name, as the lowest rank that knows it reported it. */
export const runNameOf = (ranks: readonly RankState[]): string | null =>
  ranks.find(r => r.name !== null)?.name ?? null;

/** The whole snapshot from its ranks and devices; `rules` are those by which their alarms were moved. */
export function derive(
  runId: string | null,
  ranks: RankState[],
  devices: DeviceState[],
  rules: readonly AlarmRule[],
): SanctumSnapshot {
  const lead = ranks[0];
  const first = <K extends keyof RankState>(key: K) => ranks.find(r => r[key] !== null)?.[key] ?? null;
  const worldSize = first('worldSize');
  const state = runStateOf(ranks, worldSize);

  const alarms = memoryAlarms(ranks, devices, rules);
  const { host } = hostOf(ranks);

  const ppo = lead?.ppo ?? initialPpo();
  const found: { level: StatusLevel; reason: string }[] = [];
  for (const { failure } of ranks)
    if (failure)
      found.push({ level: 'critical', reason: failure.errorType ?? failure.message ?? 'training failed' });
  const place = (rank: number, device: string) =>
    device === 'host' || ranks.length < 2 ? device : `rank ${rank} ${device}`;
  for (const { level, rank, device, reason } of alarms)
    found.push({ level, reason: `${place(rank, device)}: ${reason}` });
  for (const { rank, ppo: own } of ranks)
    for (const reason of own.reasons)
      found.push({ level: own.status, reason: ranks.length > 1 ? `rank ${rank}: ${reason}` : reason });
  const inAlarm = new Set(alarms.map(({ rank, device }) => `${rank} ${device}`));
  for (const { rank, device, infrastructure, pressure, usedPercent } of devices) {
    const warn = (reason: string) =>
      found.push({ level: 'warning', reason: `${place(rank, device)}: ${reason}` });
    const isInAlarm = inAlarm.has(`${rank} ${device}`);
    // A full pool on a device with room is no state of the run: the pool may grow.
    const mayMatter = usedPercent === null || pressure.status === 'warning' || pressure.status === 'critical';
    if (infrastructure.contradiction) warn(infrastructure.contradiction);
    else if (infrastructure.memoryStatus === 'critical' && !isInAlarm && mayMatter)
      warn(`pool use ${infrastructure.memoryUsagePercent.toFixed(0)}%`);
  }
  found.sort((a, b) => severity[b.level] - severity[a.level]);
  const warmingUp = ppo.status === 'warmup';
  const waiting = ranks.every(r => r.updates === 0);

  return {
    v: CONTRACT_VERSION,
    run: {
      id: runId,
      name: runNameOf(ranks),
      algorithm: first('algorithm'),
      task: first('task'),
      state,
      startedMs: least(ranks.map(r => r.startedMs)),
      endedMs: !isOver(state) ? null : most(ranks.map(r => r.endedMs)),
      lastEventMs: most(ranks.map(r => r.lastEventMs)),
      updateGapMs: least(ranks.map(r => r.updateGapMs)),
      worldSize,
    },
    status: {
      level: found[0]?.level ?? (warmingUp ? 'warmup' : 'ok'),
      reasons: [
        ...new Set(found.map(f => f.reason)),
        ...(found.length === 0 && waiting && !isOver(state) ? ['waiting for the first update'] : []),
      ],
    },
    tamiyo: {
      rank: lead?.rank ?? null,
      batch: lead?.batch ?? null,
      maxBatches: totalOf(lead?.batch ?? null, lead?.maxBatches ?? null),
      step: lead?.step ?? null,
      maxSteps: totalOf(lead?.step ?? null, lead?.maxSteps ?? null),
      ...(lead?.numbered !== undefined && { numbered: lead.numbered }),
      ...(lead?.stepsPerEpoch !== undefined && { stepsPerEpoch: lead.stepsPerEpoch }),
      ppo,
      infrastructure: devices.find(d => d.rank === lead?.rank)?.infrastructure ?? initialInfrastructure(),
    },
    vitals: { host, hasMemoryAlarm: alarms.length > 0, memoryAlarmDevices: alarms },
    devices,
    ranks,
  };
}
