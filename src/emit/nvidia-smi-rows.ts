/** Rows of `nvidia-smi --format=csv,noheader,nounits` → samples. The name is asked for last: it may hold commas. */
import type { DeviceSample, DeviceProcess as Process } from '../contract/index.ts';

export const DEVICE_QUERY =
  'uuid,pci.bus_id,index,memory.used,memory.total,utilization.gpu,temperature.gpu,power.draw,name';
export const PROCESS_QUERY = 'gpu_uuid,pid,used_memory,process_name';

const MIB = 1024 ** 2;

/** `[N/A]`, `[Not Supported]`, `[Unknown Error]` and the like mean that nothing was measured. */
const text = (field: string | undefined): string | null =>
  field === undefined || field === '' || /^(\[.*\]|N\/A|ERR!)$/i.test(field) ? null : field;

/** A number, its unit tolerated: some drivers print it although asked not to. */
function number(field: string | undefined): number | null {
  const digits = /^(-?\d+(?:\.\d+)?)(?: ?(?:MiB|%|W|C))?$/.exec(field ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

function count(field: string | undefined): number | null {
  const value = number(field);
  return value !== null && Number.isInteger(value) && value >= 0 ? value : null;
}

function bytes(field: string | undefined): number | null {
  const mebibytes = number(field);
  return mebibytes === null || mebibytes < 0 ? null : Math.round(mebibytes * MIB);
}

/** Fields of a row, none of half a row; the last takes whatever commas are left. */
export function rowFields(row: string, query: string): string[] {
  const fields: string[] = [];
  let rest = row;
  for (let left = query.split(',').length - 1; left > 0; left--) {
    const comma = rest.indexOf(',');
    if (comma === -1) return [];
    fields.push(rest.slice(0, comma).trim());
    rest = rest.slice(comma + 1);
  }
  return [...fields, rest.trim()];
}

const isDevice = (uuid: string | undefined) => /^(GPU|MIG)-/.test(uuid ?? '');

/** One device; null for a row that names none: an error message, half a row. */
export function parseDevice(row: string): DeviceSample | null {
  const [uuid, busId, index, used, total, utilization, temperature, power, name] = rowFields(
    row,
    DEVICE_QUERY,
  );
  if (!isDevice(uuid)) return null;
  return {
    uuid: uuid!,
    pciBusId: text(busId),
    index: count(index),
    name: text(name),
    usedBytes: bytes(used),
    totalBytes: bytes(total),
    utilizationPercent: number(utilization),
    temperatureCelsius: number(temperature),
    powerWatts: number(power),
  };
}

/** Processes by the UUID of their device, from the whole answer. */
export function parseProcesses(answer: string): Map<string, Process[]> {
  const byDevice = new Map<string, Process[]>();
  for (const row of answer.split('\n')) {
    const [uuid, pid, used, name] = rowFields(row, PROCESS_QUERY);
    if (!isDevice(uuid)) continue;
    const process = { pid: count(pid), name: text(name), usedBytes: bytes(used) };
    byDevice.set(uuid!, [...(byDevice.get(uuid!) ?? []), process]);
  }
  return byDevice;
}
