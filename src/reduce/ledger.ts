/** What a device's own process and the driver report together: its totals and its byte ledger. */
import type { DeviceSample, DeviceState, Ledger, RankState } from '../contract/index.ts';
import { deviceUsedBytesOf, heldBytesOf } from '../figures/index.ts';

const uuidOf = (text: string | null | undefined): string | null =>
  text?.toLowerCase().replace(/^gpu-/, '') || null;
/** 00000000:65:00.0 and 0000:65:00.0 are one bus id. */
const busOf = (text: string | null | undefined): string | null =>
  text?.toLowerCase().replace(/^0+(?=[0-9a-f]{4}:)/, '') || null;

/** What distinguishes a device from others; null or absent where unknown. */
export type DeviceIdentity = Partial<Pick<DeviceSample, 'uuid' | 'pciBusId'>>;

/** Same device by UUID or else by PCI bus id; never by index, which CUDA and the driver count apart. */
export function isSameDevice(device: DeviceIdentity, sample: DeviceIdentity): boolean {
  const [ours, theirs] = [uuidOf(device.uuid), uuidOf(sample.uuid)];
  if (ours !== null && theirs !== null) return ours === theirs;
  const bus = busOf(device.pciBusId);
  return bus !== null && bus === busOf(sample.pciBusId);
}

/** What a device needs of the ranks. */
interface Around {
  /** Its own; undefined where it is not among them. */
  rank: RankState | undefined;
  /** Those of its host that a driver was sampled on. */
  sampled: readonly RankState[];
}

const none: readonly RankState[] = [];

/** Of its own rank alone. */
export const aroundItself = (rank: RankState): Around => ({
  rank,
  sampled: rank.driverTimeMs === null ? none : [rank],
});

/** Of all ranks, for each device: with thousands of both, a walk over all ranks would take their product. */
export function aroundIn(ranks: readonly RankState[]): (device: DeviceState) => Around {
  const sampled = new Map<string | null, RankState[]>();
  for (const rank of ranks) {
    if (rank.driverTimeMs === null) continue;
    const there = sampled.get(rank.hostname);
    if (there === undefined) sampled.set(rank.hostname, [rank]);
    else there.push(rank);
  }
  const of = new Map(ranks.map(rank => [rank.rank, rank]));
  return device => {
    const rank = of.get(device.rank);
    return { rank, sampled: sampled.get(rank?.hostname ?? null) ?? none };
  };
}

/** The newest driver sample of this device, from any rank on the same host. */
function driverOf(device: DeviceState, ranks: readonly RankState[]): [DeviceSample | null, number] {
  let newest: [DeviceSample | null, number] = [null, Number.NEGATIVE_INFINITY];
  for (const rank of ranks) {
    if (rank.driverTimeMs === null || rank.driverTimeMs <= newest[1]) continue;
    const sample = rank.driver.find(s => isSameDevice(device, s));
    if (sample !== undefined) newest = [sample, rank.driverTimeMs];
  }
  return newest;
}

/** What the device has in all and everyone uses of it: the newer of what the process and the driver of these ranks reported. */
export function occupancyOf(
  device: DeviceState,
  { sampled }: Around,
): Pick<DeviceState, 'driver' | 'totalBytes' | 'usedBytes' | 'usedPercent'> {
  const [driver, driverTimeMs] = driverOf(device, sampled);
  const reading = device.reading;

  // Both report total and used; the newer one is believed, the other fills its gaps.
  const torch = {
    total: reading?.deviceTotalBytes ?? null,
    used: reading && deviceUsedBytesOf(reading),
  };
  const smi = { total: driver?.totalBytes ?? null, used: driver?.usedBytes ?? null };
  const [first, second] =
    driverTimeMs > (device.timeMs ?? Number.NEGATIVE_INFINITY) ? [smi, torch] : [torch, smi];
  const [totalBytes, usedBytes] =
    first.used !== null && first.total !== null
      ? [first.total, first.used]
      : [second.total ?? first.total, second.used ?? first.used];
  const usedPercent = usedBytes !== null && totalBytes ? (usedBytes / totalBytes) * 100 : null;
  return { driver, totalBytes, usedBytes, usedPercent };
}

/** The device's totals, ledger and driver's view, derived from the states of all ranks that are given. */
export function totalsOf(
  device: DeviceState,
  around: Around,
): ReturnType<typeof occupancyOf> & Pick<DeviceState, 'ledger'> {
  const use = occupancyOf(device, around);
  const pid = around.rank?.pid;
  const own = use.driver?.processes?.find(p => p.pid != null && p.pid === pid)?.usedBytes ?? null;
  // Both from the driver, of one moment: the process may have given memory back since.
  const neighbour = own === null ? null : minus(use.driver?.usedBytes ?? use.usedBytes, own);
  const other = minus(use.usedBytes, device.reading?.reservedBytes ?? null);
  // Processes are listed more seldom than the device is read: what this one took since then is nobody else's.
  const isOlder = neighbour !== null && other !== null && other >= 0 && neighbour > other;
  const listed = isOlder ? listedBeside(use.driver?.processes ?? [], pid) : null;
  const beside = listed !== null && listed <= other! ? listed : neighbour;
  return { ...use, ledger: ledgerOf(device, use.totalBytes, use.usedBytes, beside) };
}

/** What the listed processes but this one hold; null where one of them has no figure. */
function listedBeside(
  processes: readonly { pid?: number | null; usedBytes?: number | null }[],
  own: number | null | undefined,
): number | null {
  let sum: number | null = 0;
  for (const { pid, usedBytes } of processes)
    if (pid == null || pid !== own) sum = sum === null || usedBytes == null ? null : sum + usedBytes;
  return sum;
}

const minus = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a - b;

function ledgerOf(
  device: DeviceState,
  totalBytes: number | null,
  usedBytes: number | null,
  neighbourBytes: number | null,
): Ledger {
  const reserved = device.reading?.reservedBytes ?? null;
  const active = device.reading && heldBytesOf(device.reading);
  const stranded = device.reading?.inactiveSplitBytes ?? null;
  const other = minus(usedBytes, reserved);
  const ledger: Ledger = {
    totalBytes,
    activeBytes: active,
    cacheBytes: reserved === null || active === null ? null : reserved - active - (stranded ?? 0),
    strandedBytes: stranded,
    otherBytes: other,
    contextBytes: minus(other, neighbourBytes),
    neighbourBytes,
    freeBytes: minus(totalBytes, usedBytes),
    contradiction: null,
  };
  const negative = parts.find(part => (ledger[part] ?? 0) < 0);
  if (negative !== undefined)
    ledger.contradiction = `${negative.replace('Bytes', '')} would be negative: the sources disagree`;
  return ledger;
}

const parts = [
  'totalBytes',
  'activeBytes',
  'cacheBytes',
  'strandedBytes',
  'otherBytes',
  'contextBytes',
  'neighbourBytes',
  'freeBytes',
] as const;
