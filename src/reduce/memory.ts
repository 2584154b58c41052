/** One reading of one device's allocator: TELE-770 and its neighbours. */
import { refusalCounts } from '../alarms/index.ts';
import { GIB } from '../base/index.ts';
import type { DeviceMemory, DeviceState, InfrastructureMetrics } from '../contract/index.ts';
import {
  contradictionOf,
  counterNames,
  fragmentationOf,
  growthOf,
  higherPeaks,
  idleShareOf,
  judge,
  limits,
  poolPeaksOf,
  poolUsePercentOf,
} from '../figures/index.ts';
import { announce } from './announced-level.ts';
import type { RankDraft } from './draft.ts';
import { aroundItself, occupancyOf } from './ledger.ts';
import { pressureOf } from './pressure.ts';

interface At {
  seq: number;
  timeMs: number;
}

/** TELE-770 of a reading: 0 where nothing is reserved or measured; kept and flagged, never clamped, above 100. */
function infrastructureOf(reading: DeviceMemory): InfrastructureMetrics {
  const {
    allocatedBytes: allocated = null,
    reservedBytes: reserved = null,
    peakAllocatedBytes: peak = null,
  } = reading;
  const isMeasured = allocated !== null && reserved !== null;
  const percent = poolUsePercentOf(reading) ?? 0;
  return {
    device: reading.device,
    cudaMemoryAllocatedGb: allocated === null ? null : allocated / GIB,
    cudaMemoryReservedGb: reserved === null ? null : reserved / GIB,
    cudaMemoryPeakGb: peak === null ? null : peak / GIB,
    cudaMemoryFragmentation: idleShareOf(reading),
    memoryUsagePercent: percent,
    memoryStatus: judge(limits.memoryUsagePercent, isMeasured ? percent : null),
    contradiction: contradictionOf(reading),
  };
}

export function deviceMemory(draft: RankDraft, event: At, batch: number, reading: DeviceMemory): void {
  const own = draft.device(reading.device);
  const device = own.state;
  const before = device.infrastructure;
  const now = infrastructureOf(reading);
  device.uuid = reading.uuid ?? device.uuid;
  device.pciBusId = reading.pciBusId ?? device.pciBusId;
  device.name = reading.name ?? device.name;
  device.batch = batch;
  device.timeMs = event.timeMs;
  device.reading = reading;
  device.infrastructure = now;
  device.poolPeaks = higherPeaks(device.poolPeaks, poolPeaksOf(reading));
  device.fragmentation = fragmentationOf(device.poolPeaks);
  const refused = count(device, reading);
  own.record({ batch, timeMs: event.timeMs, figures: reading });
  remark(draft, event, device, before, refused);
}

/** Percent below a threshold at which the pool's use counts as clear of it. */
const SWAY = 5;

/** Refusals are logged when their number has doubled: a run may live at the wall, and a log that repeats itself is not read. */
const isLogged = (before: number, after: number): boolean =>
  after > before && Math.floor(Math.log2(after)) > Math.floor(Math.log2(Math.max(before, 0.5)));

/** Log lines for what changed with this reading; `refused`: by how many the refusals grew. */
function remark(
  draft: RankDraft,
  event: At,
  device: DeviceState,
  before: InfrastructureMetrics,
  refused: Refused,
): void {
  const { memoryStatus, memoryUsagePercent, contradiction } = device.infrastructure;
  const surely = judge(limits.memoryUsagePercent, memoryUsagePercent + SWAY);
  const { announced, change } = announce(device.told, memoryStatus, surely);
  device.told = announced;
  if (change !== null) {
    const use = `${device.device} pool use${change === 'better' ? ' back to' : ''} ${memoryUsagePercent.toFixed(0)}%`;
    const isBad = change === 'worse' && isShort(draft, device);
    draft.note(event, !isBad ? 'info' : memoryStatus === 'critical' ? 'critical' : 'warning', use);
  }
  if (contradiction !== null && before.contradiction === null)
    draft.note(event, 'warning', `${device.device}: ${contradiction}`);
  const all = (device.allocRetries ?? 0) + (device.ooms ?? 0);
  if (refused.ooms > 0 || isLogged(all - refused.retries, all))
    draft.note(event, 'critical', `${device.device} at the wall: ${refusalCounts(device)} so far`);
}

/**
 * Whether a full pool matters to the run: where the device is short too, or nobody knows. On a device with room the
 * pool may grow.
 */
function isShort({ state: rank }: RankDraft, device: DeviceState): boolean {
  if (occupancyOf(device, aroundItself(rank)).usedPercent === null) return true;
  const { status } = pressureOf(device.reading!);
  return status === 'warning' || status === 'critical';
}

/** By how much the refusals grew. */
interface Refused {
  retries: number;
  ooms: number;
}

/** Adds what the cumulative counters grew by. One not read keeps its sum. */
function count(device: DeviceState, reading: DeviceMemory): Refused {
  const refused = { retries: 0, ooms: 0 };
  for (let i = 0; i < counterNames.length; i++) {
    const name = counterNames[i]!;
    const value = reading[name] ?? null;
    if (value === null) continue;
    const before = device.counters[name];
    if (value === before && device[name] !== null) continue;
    const growth = growthOf(before, value);
    device.counters[name] = value;
    device[name] = (device[name] ?? 0) + growth;
    if (name === 'allocRetries') refused.retries = growth;
    if (name === 'ooms') refused.ooms = growth;
  }
  device.atTheWall = refused.retries + refused.ooms > 0;
  return refused;
}
