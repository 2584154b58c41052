/** The tables of `nvidia-smi`, `gpustat` and `rocm-smi`: memory in use of each device, and who runs out first. */
import { many } from '../present/index.ts';
import { smiTableLine } from '../watch/index.ts';
import type { Answer } from './answer.ts';

/** `[0] NVIDIA A100-SXM4-80GB | 45'C,  98 % | 79012 / 81920 MB | alice(78000M)` */
const GPUSTAT =
  /^\[(\d{1,3})\] ([^|]{2,60}?) {0,20}\|[^|]{1,60}\| {0,8}(\d{1,8}) \/ {0,8}(\d{1,8}) MB \|(.{0,300})$/;
/** `GPU[0] : VRAM Total Used Memory (B): 67702699520` */
const ROCM = /^GPU\[(\d{1,3})\]\s{0,8}: VRAM Total (Used )?Memory \(B\): (\d{1,15})/;
/** Share of its own memory that a device holds beyond its neighbours' where that is somebody's doing. */
const BEYOND = 0.03;
const FULL = 0.95;
/** Share of the fullest device’s use below which its neighbours do nothing. */
const IDLE = 0.1;

interface Device {
  index: number;
  name: string;
  usedMib: number;
  totalMib: number;
}

/** null where the text has no such table. */
export function readSmiTable(text: string): Answer | null {
  const devices: Device[] = [];
  // Of a device that is printed again and again the newest counts.
  const put = (device: Device) => {
    const at = devices.findIndex(({ index }) => index === device.index);
    if (at === -1) devices.push(device);
    else devices[at] = device;
  };
  const processes: string[] = [];
  let index: number | null = null;
  let name = '';
  let tool = 'nvidia-smi';
  for (const line of text.split('\n')) {
    const stat = GPUSTAT.exec(line.trim());
    if (stat !== null) {
      tool = 'gpustat';
      put({
        index: Number(stat[1]),
        name: stat[2]!,
        usedMib: Number(stat[3]),
        totalMib: Number(stat[4]),
      });
      if (stat[5]!.trim() !== '') processes.push(`device ${stat[1]}: ${stat[5]!.trim()}`);
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
    const read = smiTableLine(line);
    if (read?.kind === 'device') {
      index = read.index;
      name = read.name;
    } else if (read?.kind === 'memory' && index !== null) {
      put({ index, name, usedMib: read.usedMib, totalMib: read.totalMib });
      index = null;
    } else if (read?.kind === 'process')
      processes.push(`device ${read.index}: process ${read.pid} (${read.name}) ${read.usedMib} MiB`);
  }
  const whole = devices.filter(({ totalMib }) => totalMib > 0);
  return whole.length === 0 ? null : answerOf(tool, whole, processes);
}

const used = ({ usedMib, totalMib }: Device) => usedMib / totalMib;
const percent = (fraction: number) => `${(100 * fraction).toFixed(1)}%`;

function answerOf(tool: string, devices: Device[], processes: string[]): Answer {
  const fullest = devices.reduce((a, b) => (used(b) > used(a) ? b : a));
  const others = devices.filter(device => device !== fullest).map(({ usedMib }) => usedMib);
  const usual = others.length === 0 ? null : [...others].sort((a, b) => a - b)[others.length >> 1]!;
  const beyond = usual === null ? 0 : fullest.usedMib - usual;
  // Where the others are idle, nothing of theirs is on this one.
  const isUneven = beyond > BEYOND * fullest.totalMib && (usual ?? 0) > IDLE * fullest.usedMib;
  const figures = devices.map(
    device =>
      `Device ${device.index} (${device.name}): ${device.usedMib} of ${device.totalMib} MiB in use (${percent(used(device))}).`,
  );
  const first = `Device ${fullest.index} is at ${percent(used(fullest))}`;
  const base = {
    what: `the table of ${tool}: ${many(devices.length, 'device')}`,
    whose: 'GPU' as const,
    state: null,
    evidence: [...figures, ...processes],
  };
  if (isUneven)
    return {
      ...base,
      confidence: 'likely',
      says: `${first} and holds ${beyond} MiB more than its neighbours: it runs out first. The usual cause is that the other ranks opened a context or loaded a checkpoint there.`,
      next: [
        'Pin each rank to its device before anything touches CUDA: torch.cuda.set_device(local_rank), or CUDA_VISIBLE_DEVICES for each process.',
        "Load checkpoints with map_location='cpu', or onto the rank's own device.",
      ],
    };
  const isFull = used(fullest) >= FULL;
  return {
    ...base,
    confidence: 'certain',
    says: isFull
      ? `${first}: nearly all of it is in use. The table counts what PyTorch has reserved, needed or not.`
      : `${first}: no device is full.`,
    next: isFull
      ? ['See how much of it tensors need: esper watch on the log, or torch.cuda.memory_allocated().']
      : [],
  };
}
