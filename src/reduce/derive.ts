/** What spans ranks: derived from the per-rank states alone, so the order in which ranks' events came is no matter. */
import {
  CONTRACT_VERSION,
  type DeviceState,
  type HostState,
  type MemoryAlarm,
  type MemoryPressure,
  type RankState,
  type RunState,
  type SanctumSnapshot,
  type StatusLevel,
} from '../contract/index.ts';
import { judge, limits } from '../records/index.ts';
import { initialHost, initialInfrastructure, initialPpo } from './initial.ts';
import { totalsOf } from './ledger.ts';

const least = (values: (number | null)[]): number | null => {
  const known = values.filter(v => v !== null);
  return known.length > 0 ? known.reduce((a, b) => Math.min(a, b)) : null;
};
const most = (values: (number | null)[]): number | null => {
  const known = values.filter(v => v !== null);
  return known.length > 0 ? known.reduce((a, b) => Math.max(a, b)) : null;
};

/** Failed as soon as one rank failed; ended once all ranks have ended. */
function stateOf(ranks: RankState[], worldSize: number | null): RunState {
  const states = new Set(ranks.map(r => r.state));
  if (states.has('failed')) return 'failed';
  if (states.has('running')) return 'running';
  if (ranks.length === 0 || (states.size === 1 && states.has('waiting')))
    return ranks.some(r => r.updates > 0) ? 'running' : 'waiting';
  if (worldSize !== null && ranks.length < worldSize) return 'running';
  return states.has('interrupted') ? 'interrupted' : 'completed';
}

/** The seed's composite alarm of one device: at the wall; device above its limit; pool critical and device unknown. */
function deviceAlarm(device: DeviceState): MemoryAlarm | null {
  const alarm = (level: MemoryAlarm['level'], reason: string, percent: number | null): MemoryAlarm => ({
    device: device.device,
    rank: device.rank,
    level,
    reason,
    percent,
  });
  const pool = device.infrastructure;
  if (device.atTheWall)
    return alarm('critical', 'at the wall: the allocator was refused memory since the last update', null);
  if (judge(limits.deviceUsedPercent, device.usedPercent) === 'critical')
    return alarm('warning', `device ${device.usedPercent!.toFixed(0)}% used`, device.usedPercent);
  if (device.usedPercent === null && pool.memoryStatus === 'critical')
    return alarm(
      'warning',
      `pool use ${pool.memoryUsagePercent.toFixed(0)}%, device unknown`,
      pool.memoryUsagePercent,
    );
  return null;
}

/** The fullest host: ranks on several hosts each tell their own. */
function hostOf(ranks: RankState[]): { rank: number; host: HostState } {
  let fullest: { rank: number; host: HostState } = {
    rank: ranks[0]?.rank ?? 0,
    host: ranks[0]?.host ?? initialHost(),
  };
  for (const { rank, host } of ranks)
    if ((host.ramUsedPercent ?? -1) > (fullest.host.ramUsedPercent ?? -1)) fullest = { rank, host };
  return fullest;
}

/** A critical pressure in words. */
const tightness = ({ pressureFraction, isUpperBound }: MemoryPressure): string =>
  `${isUpperBound ? 'may need' : 'needs'} ${(100 * pressureFraction!).toFixed(0)}% of the memory there is to have`;

const severity: Record<StatusLevel, number> = { ok: 0, warmup: 1, warning: 2, critical: 3 };

/** The run's name, as the lowest rank that knows it told it. */
export const nameOf = (ranks: readonly RankState[]): string | null =>
  ranks.find(r => r.name !== null)?.name ?? null;

/** The whole snapshot from its ranks and devices. */
export function derive(
  runId: string | null,
  ranks: RankState[],
  bareDevices: DeviceState[],
): SanctumSnapshot {
  const devices = bareDevices.map(device => ({ ...device, ...totalsOf(device, ranks) }));
  const lead = ranks[0];
  const first = <K extends keyof RankState>(key: K) => ranks.find(r => r[key] !== null)?.[key] ?? null;
  const worldSize = first('worldSize');
  const state = stateOf(ranks, worldSize);

  const alarms = devices.map(deviceAlarm).filter(a => a !== null);
  const { rank: hostRank, host } = hostOf(ranks);
  if (judge(limits.ramUsedPercent, host.ramUsedPercent) === 'critical')
    alarms.push({
      device: 'host',
      rank: hostRank,
      level: 'warning',
      reason: `host RAM ${host.ramUsedPercent!.toFixed(0)}% used`,
      percent: host.ramUsedPercent,
    });

  const ppo = lead?.ppo ?? initialPpo();
  const found: { level: StatusLevel; reason: string }[] = [];
  for (const { failure } of ranks)
    if (failure)
      found.push({ level: 'critical', reason: failure.errorType ?? failure.message ?? 'training failed' });
  for (const alarm of alarms) found.push({ level: alarm.level, reason: `${alarm.device}: ${alarm.reason}` });
  for (const { rank, ppo: own } of ranks)
    for (const reason of own.reasons)
      found.push({ level: own.status, reason: ranks.length > 1 ? `rank ${rank}: ${reason}` : reason });
  for (const { rank, device, infrastructure, pressure } of devices) {
    const warn = (reason: string) => found.push({ level: 'warning', reason: `${device}: ${reason}` });
    const isInAlarm = alarms.some(alarm => alarm.device === device && alarm.rank === rank);
    if (infrastructure.contradiction) warn(infrastructure.contradiction);
    else if (pressure.status === 'critical' && !isInAlarm) warn(tightness(pressure));
    else if (infrastructure.memoryStatus === 'critical' && !isInAlarm)
      warn(`pool use ${infrastructure.memoryUsagePercent.toFixed(0)}%`);
  }
  found.sort((a, b) => severity[b.level] - severity[a.level]);
  const warmingUp = ppo.status === 'warmup';
  const waiting = ranks.every(r => r.updates === 0);

  return {
    v: CONTRACT_VERSION,
    run: {
      id: runId,
      name: nameOf(ranks),
      algorithm: first('algorithm'),
      task: first('task'),
      state,
      startedMs: least(ranks.map(r => r.startedMs)),
      endedMs: state === 'running' || state === 'waiting' ? null : most(ranks.map(r => r.endedMs)),
      lastEventMs: most(ranks.map(r => r.lastEventMs)),
      worldSize,
    },
    status: {
      level: found[0]?.level ?? (warmingUp ? 'warmup' : 'ok'),
      reasons: [
        ...new Set(found.map(f => f.reason)),
        ...(found.length === 0 && waiting ? ['waiting for the first update'] : []),
      ],
    },
    tamiyo: {
      rank: lead?.rank ?? null,
      batch: lead?.batch ?? null,
      maxBatches: lead?.maxBatches ?? null,
      step: lead?.step ?? null,
      maxSteps: lead?.maxSteps ?? null,
      ppo,
      infrastructure: devices.find(d => d.rank === lead?.rank)?.infrastructure ?? initialInfrastructure(),
    },
    vitals: { host, hasMemoryAlarm: alarms.length > 0, memoryAlarmDevices: alarms },
    devices,
    ranks,
  };
}
