/** The standing alarms about memory, as the snapshot has them: of each device, and of the host, the first rule that stands. */
import type { AlarmStates, DeviceState, MemoryAlarm, RankState } from '../contract/index.ts';
import { measuredValue } from './figure.ts';
import { shortReason, standingReason } from './notice.ts';
import type { AlarmRule } from './rule.ts';

function first(
  rules: readonly AlarmRule[],
  each: 'device' | 'rank',
  states: AlarmStates,
  rank: RankState,
  device: DeviceState | null,
): MemoryAlarm | null {
  for (const rule of rules) {
    const raisedMs = states[rule.name]?.raisedMs ?? null;
    if (!rule.isMemory || rule.raise.figure.each !== each || raisedMs === null) continue;
    const value = measuredValue(rule.raise.figure, device ?? rank);
    return {
      device: device?.device ?? 'host',
      rank: rank.rank,
      rule: rule.name,
      level: rule.level,
      reason: standingReason(rule, value, rank, device),
      short: shortReason(rule, value, device),
      percent: percentOf(rule, value),
      raisedMs,
    };
  }
  return null;
}

function percentOf({ raise: { figure } }: AlarmRule, value: number | boolean | null): number | null {
  if (typeof value !== 'number') return null;
  if (figure.units.startsWith('percent')) return value;
  return figure.units.startsWith('fraction') ? 100 * value : null;
}

/** By rank and device, then the hosts: ranks on one host report the same host; the fullest host is reported. */
export function memoryAlarms(
  ranks: readonly RankState[],
  devices: readonly DeviceState[],
  rules: readonly AlarmRule[],
): MemoryAlarm[] {
  const byRank = new Map(ranks.map(rank => [rank.rank, rank]));
  const ofDevices = devices.map(device =>
    first(rules, 'device', device.alarms, byRank.get(device.rank)!, device),
  );
  const ofHosts = new Map<string | null, MemoryAlarm>();
  for (const rank of ranks) {
    const alarm = first(rules, 'rank', rank.alarms, rank, null);
    const known = ofHosts.get(rank.hostname);
    if (alarm !== null && (known === undefined || (alarm.percent ?? 0) > (known.percent ?? 0)))
      ofHosts.set(rank.hostname, alarm);
  }
  return [...ofDevices.filter(alarm => alarm !== null), ...ofHosts.values()];
}
