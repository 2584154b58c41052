/** The table of `nvidia-smi`: memory in use of each device, and who runs out first. */
import { many } from '../present/index.ts';
import type { Answer } from './answer.ts';

const DEVICE = /^\| {1,6}(\d{1,3}) {1,4}([^|]{2,60}?) {0,40}(?:On|Off|N\/A)? {0,4}\|/;
const MEMORY = /\| {0,12}(\d{1,8})MiB \/ {0,8}(\d{1,8})MiB \|/;
const PROCESS =
  /^\| {1,6}(\d{1,3}) .{0,40}? (\d{1,10}) {1,6}[CG+]{1,3} {1,4}([^ |]{1,200}).{0,200}? (\d{1,8})MiB \|/;
/** Share of its own memory that a device holds beyond its neighbours' where that is somebody's doing. */
const BEYOND = 0.03;
const FULL = 0.95;

interface Device {
  index: number;
  name: string;
  usedMib: number;
  totalMib: number;
}

/** null where the text has no such table. */
export function readSmiTable(text: string): Answer | null {
  const devices: Device[] = [];
  const processes: string[] = [];
  let index: number | null = null;
  let name = '';
  for (const line of text.split('\n')) {
    const memory = MEMORY.exec(line);
    if (memory !== null && index !== null) {
      devices.push({ index, name, usedMib: Number(memory[1]), totalMib: Number(memory[2]) });
      index = null;
      continue;
    }
    const process = PROCESS.exec(line);
    if (process !== null)
      processes.push(`device ${process[1]}: process ${process[2]} (${process[3]}) ${process[4]} MiB`);
    const device = DEVICE.exec(line);
    if (device !== null && process === null) {
      index = Number(device[1]);
      name = device[2]!.trim();
    }
  }
  return devices.length === 0 ? null : answerOf(devices, processes);
}

const used = ({ usedMib, totalMib }: Device) => usedMib / totalMib;
const percent = (fraction: number) => `${(100 * fraction).toFixed(1)}%`;

function answerOf(devices: Device[], processes: string[]): Answer {
  const fullest = devices.reduce((a, b) => (used(b) > used(a) ? b : a));
  const others = devices.filter(device => device !== fullest).map(({ usedMib }) => usedMib);
  const usual = others.length === 0 ? null : [...others].sort((a, b) => a - b)[others.length >> 1]!;
  const beyond = usual === null ? 0 : fullest.usedMib - usual;
  const isUneven = beyond > BEYOND * fullest.totalMib;
  const figures = devices.map(
    device =>
      `Device ${device.index} (${device.name}): ${device.usedMib} of ${device.totalMib} MiB in use (${percent(used(device))}).`,
  );
  const first = `Device ${fullest.index} is at ${percent(used(fullest))}`;
  const base = {
    what: `the table of nvidia-smi: ${many(devices.length, 'device')}`,
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
