/** The tables of `nvidia-smi`, `gpustat`, `rocm-smi`, `npu-smi` and the like: memory in use of each device, and who runs out first. */
import {
  beyondNeighbours,
  guestsOn,
  type Held,
  heldBeyond,
  isUnused,
  USE_OTHERS,
  unlistedOn,
} from '../analysis/index.ts';
import { many } from '../present/index.ts';
import { gpustatRow, smiTableLine } from '../watch/index.ts';
import type { Answer } from './answer.ts';
import { npuTableLine } from './npu-table-line.ts';
import { ToolRows } from './tool-rows.ts';

/** `GPU[0] : VRAM Total Used Memory (B): 67702699520` */
const ROCM = /^GPU\[(\d{1,3})\]\s{0,20}: VRAM Total (Used )?Memory \(B\): (\d{1,15})/;
/** `0    45.0c   40.0W …   98%   100%` below a head that ends in `VRAM%  GPU%`: shares alone. */
const CONCISE_HEAD = /^(?:GPU|Device) .{10,160}VRAM% {1,6}GPU%\s*$/;
const CONCISE = /^(\d{1,3}) .{10,160}? (\d{1,3})% {1,8}\d{1,3}%\s*$/;
/** `nvidia-smi -q`: the head of a device, its name, and the rows of `FB Memory Usage`. */
const QUERY = /^(?:GPU [\da-fA-F:.]{8,20}|\s{4}Product Name {1,40}: (.{2,60}))$/;
const QUERY_ROW = /^\s{8}(Total|Used) {1,40}: (\d{1,8}) MiB$/;
const FULL = 0.95;

interface Device {
  index: number;
  name: string;
  usedMib: number;
  totalMib: number;
  /** Both amounts, where the tool prints them coarser. */
  printed?: string;
  /** Whether only the share is known, in hundredths. */
  isShare?: true;
  /** Beside the share, where the tool prints it. */
  heldMib?: number;
}

/** `|  0    1   0   0  |  19931MiB / 20096MiB | …`: GPU, instance, compute instance, number, memory. */
const MIG =
  /^\| {1,4}(\d{1,3}) {1,4}(\d{1,3}) {1,4}(\d{1,3}) {1,4}(\d{1,3}) {1,4}\| {0,12}(\d{1,8})MiB \/ {0,8}(\d{1,8})MiB/;

/**
 * null where the text has no such table.
 * @param isBesideError whether the text has an error of a device: a table of idle ones is of another time.
 */
export function readSmiTable(text: string, isBesideError = false): Answer | null {
  const devices: Device[] = [];
  // Of a device that is printed again and again the newest counts.
  const put = (device: Device) => {
    const at = devices.findIndex(({ index }) => index === device.index);
    if (at === -1) devices.push(device);
    else devices[at] = device;
  };
  const processes: string[] = [];
  const held: Held[] = [];
  let index: number | null = null;
  let name = '';
  let tool = 'nvidia-smi';
  let isConcise = false;
  let mig = 0;
  let queried: Partial<Device> | null = null;
  const rows = new ToolRows();
  for (const line of text.split('\n').map(line => line.trimEnd())) {
    isConcise ||= CONCISE_HEAD.test(line);
    const concise = isConcise ? CONCISE.exec(line) : null;
    if (concise !== null) {
      tool = 'rocm-smi';
      put({
        index: Number(concise[1]),
        name: 'AMD',
        usedMib: Number(concise[2]),
        totalMib: 100,
        isShare: true,
      });
      continue;
    }
    if (line.trim() === 'FB Memory Usage') queried = {};
    const asked = queried === null ? null : QUERY_ROW.exec(line);
    if (asked !== null) {
      queried![asked[1] === 'Total' ? 'totalMib' : 'usedMib'] = Number(asked[2]);
      if (queried!.usedMib !== undefined && queried!.totalMib !== undefined) {
        devices.push({
          index: devices.length,
          name: name || 'as nvidia-smi -q lists it',
          usedMib: queried!.usedMib,
          totalMib: queried!.totalMib,
        });
        queried = null;
      }
      continue;
    }
    name = QUERY.exec(line)?.[1] ?? name;
    const slice = MIG.exec(line);
    if (slice !== null) {
      // A whole device that is cut has no memory of its own in the table.
      put({
        index: mig++,
        name: `MIG device ${slice[4]} of GPU ${slice[1]}, instance ${slice[2]}`,
        usedMib: Number(slice[5]),
        totalMib: Number(slice[6]),
      });
      index = null;
      continue;
    }
    const stat = gpustatRow(line);
    if (stat !== null) {
      tool = 'gpustat';
      put({ index: stat.index, name: stat.name, usedMib: stat.usedMib, totalMib: stat.totalMib });
      if (stat.holders !== '')
        processes.push(
          `device ${stat.index}: ${stat.holders}${stat.holders.includes('(null)(') ? ' – (null) is a process that gpustat cannot name: another user’s or container’s, or one that has ended and still holds memory' : ''}`,
        );
      continue;
    }
    const rocm = ROCM.exec(line.trim());
    if (rocm !== null) {
      tool = 'rocm-smi';
      const [own, mib] = [Number(rocm[1]), Number(rocm[3]) / 2 ** 20];
      const known = devices.find(device => device.index === own) ?? {
        index: own,
        name: 'AMD',
        usedMib: 0,
        totalMib: 0,
      };
      if (!devices.includes(known)) devices.push(known);
      if (rocm[2] === undefined) known.totalMib = Math.round(mib);
      else known.usedMib = Math.round(mib);
      continue;
    }
    const row = rows.read(line);
    if (row !== null) {
      tool = row.tool;
      if (row.kind === 'process') processes.push(row.says);
      else if (row.kind === 'device') put(row);
      else
        put({
          index: row.index,
          name: row.name,
          usedMib: row.percent,
          totalMib: 100,
          isShare: true,
          ...(row.usedMib !== null && { heldMib: row.usedMib }),
        });
      continue;
    }
    const npu = npuTableLine(line);
    if (npu !== null) {
      tool = 'npu-smi';
      if (npu.kind === 'device') name = npu.name;
      else if (npu.kind === 'process') processes.push(npu.says);
      else put({ ...npu, index: npu.index ?? devices.length, name });
      continue;
    }
    // The first of a few that were copied may have lost its edge.
    const read = smiTableLine(/^\s{1,8}\d{1,3}\s.{10,200}MiB \|$/.test(line) ? `|${line}` : line);
    if (read?.kind === 'device') {
      index = read.index;
      name = read.name;
    } else if (read?.kind === 'memory' && index !== null) {
      put({ index, name, usedMib: read.usedMib, totalMib: read.totalMib });
      index = null;
    } else if (read?.kind === 'process') {
      held.push(read);
      processes.push(`device ${read.index}: process ${read.pid} (${read.name}) ${read.usedMib} MiB`);
    }
  }
  const whole = devices.filter(({ totalMib }) => totalMib > 0);
  const isIdle = whole.length > 0 && whole.every(({ usedMib, totalMib }) => isUnused(usedMib, totalMib));
  if (isBesideError && isIdle) return null;
  if (whole.length === 0 && held.length > 0) return processesAlone(held, processes);
  return whole.length === 0
    ? unmeasured(text)
    : answerOf(tool, whole, processes, held, /No running processes found/.test(text));
}

/** The lower half of the table, without the devices. */
function processesAlone(held: Held[], processes: string[]): Answer {
  const devices = [...new Set(held.map(({ index }) => index))];
  const sums = devices.map(device => {
    const here = held.filter(({ index }) => index === device);
    return `device ${device} ${here.reduce((all, { usedMib }) => all + usedMib, 0)} MiB (${many(here.length, 'process', 'processes')})`;
  });
  const guests = guestsOn(held);
  return {
    what: `the processes of nvidia-smi: ${many(devices.length, 'device')}`,
    whose: 'GPU',
    state: null,
    confidence: 'certain',
    says: `Listed processes hold on ${sums.join(', ')}. How much each device has does not stand in these rows.${guests === null ? '' : ` ${guests.says}`}`,
    evidence: processes,
    next: [
      ...(guests?.next ?? []),
      'Take the upper half of the table too: it has what is in use, and how much there is.',
    ],
  };
}

/** `0  1  0x740f, 32031  N/A  …  N/A  N/A  N/A`, below the head of rocm-smi’s table. */
const CONCISE_WITHOUT = /^\d{1,3} .{10,160} N\/A {1,8}(?:N\/A|\d{1,3}%)\s*$/m;

/** A table of rocm-smi’s that knows nothing of the memory. */
function unmeasured(text: string): Answer | null {
  if (!text.split('\n').some(line => CONCISE_HEAD.test(line.trimEnd())) || !CONCISE_WITHOUT.test(text))
    return null;
  return {
    what: 'the table of rocm-smi',
    whose: null,
    state: null,
    confidence: 'certain',
    says: 'rocm-smi lists a device of AMD’s and has no figures of it (N/A): how full its memory is does not stand in the table. The driver does not answer it there: a container without rights, an older tool, a device that is a part of another one or sleeps.',
    evidence: [],
    next: [
      'Try rocm-smi --showmeminfo vram, or amd-smi monitor -v, on the host itself; and torch.cuda.mem_get_info() in the program.',
    ],
  };
}

const used = ({ usedMib, totalMib }: Device) => usedMib / totalMib;
const amounts = ({ printed, usedMib, totalMib }: Device) => printed ?? `${usedMib} of ${totalMib} MiB`;
const percent = (fraction: number) => `${(100 * fraction).toFixed(1)}%`;

/** What is no table of a tool. */
const SOURCES: Readonly<Record<string, string>> = {
  program: 'lines of a program’s own',
  kaldi: 'lines of Kaldi’s',
};
/** PyTorch’s module for the devices of a tool. */
const TORCH: Readonly<Record<string, string>> = { 'xpu-smi': 'torch.xpu', 'npu-smi': 'torch.npu' };

function answerOf(
  tool: string,
  devices: Device[],
  processes: string[],
  held: Held[],
  isUnlisted: boolean,
): Answer {
  const fullest = devices.reduce((a, b) => (used(b) > used(a) ? b : a));
  const others = devices.filter(device => device !== fullest).map(({ usedMib }) => usedMib);
  // Devices that one is cut into are given to programs of their own.
  const isCut = devices.some(({ name }) => name.startsWith('MIG device'));
  const beyond = isCut ? null : beyondNeighbours(fullest.usedMib, others, fullest.totalMib);
  const figures = devices.map(device =>
    device.isShare
      ? `Device ${device.index} (${device.name}): ${device.usedMib}% of its memory in use${device.heldMib === undefined ? '. The table has no amounts.' : ` (${device.heldMib} MiB).`}`
      : `Device ${device.index} (${device.name}): ${amounts(device)} in use (${percent(used(device))}).`,
  );
  const first = `Device ${fullest.index} is at ${percent(used(fullest))}`;
  const base = {
    what: `${SOURCES[tool] ?? `the table of ${tool}`}: ${many(devices.length, 'device')}`,
    whose: 'GPU' as const,
    state: null,
    evidence: [...figures, ...processes],
  };
  const unlisted = tool === 'nvidia-smi' && !isCut ? unlistedOn(held, fullest, isUnlisted) : null;
  if (beyond !== null) {
    const known = heldBeyond(held, fullest.index, fullest.isShare ? null : beyond);
    const isNobodys = !known.isCertain && unlisted !== null && unlisted.mib >= beyond / 2;
    const { isCertain, says, next } = isNobodys ? { ...unlisted, isCertain: true } : known;
    return {
      ...base,
      confidence: isCertain ? 'certain' : 'likely',
      says: `${first} and holds ${beyond}${fullest.isShare ? '% of its memory' : ' MiB'} more than its neighbours: it runs out first. ${says}`,
      next,
    };
  }
  const isFull = used(fullest) >= FULL;
  if (unlisted !== null)
    return {
      ...base,
      confidence: 'certain',
      says: `${first}${isFull ? '' : ': no device is full'}. ${unlisted.says}`,
      next: unlisted.next,
    };
  const isAlone =
    isFull && !isCut && others.length > 0 && others.every(mib => isUnused(mib, fullest.totalMib));
  return {
    ...base,
    confidence: 'certain',
    says: isFull
      ? `${first}: nearly all of it is in use. That counts all that its programs have reserved, needed or not.${isAlone ? ' The other devices are nearly unused.' : ''}`
      : `${first}: no device is full.`,
    next: isAlone
      ? [USE_OTHERS]
      : isFull
        ? tool === 'kaldi'
          ? []
          : [
              `See how much of it tensors need: esper watch on the log, or ${TORCH[tool] ?? 'torch.cuda'}.memory_allocated().`,
            ]
        : [],
  };
}
