/** Lines of the table that `nvidia-smi` prints: of each device its name, then its memory; then the processes. */
const DEVICE = /^\| {1,6}(\d{1,3}) {1,4}([^|\s][^|]{1,100})\|/;
/** Whether the driver keeps the device ready, behind its name. */
const PERSISTENCE = /\s(?:On|Off|N\/A)\s*$/;
/** A page may have made the columns wider. */
const MEMORY = /\| {0,12}(\d{1,8})MiB \/ {0,8}(\d{1,8})MiB {1,40}\|/;
const PROCESS =
  /^\|? {1,6}(\d{1,3}) .{0,40}? (\d{1,10}) {1,6}[CGM+]{1,4} {1,4}([^ |]{1,200}).{0,200}? (\d{1,8})MiB {0,40}(?:\||$)/;
/** A part of a GPU that is cut (MIG): the GPU, two numbers of the instance, its own; then its memory. */
const SLICE =
  /^\| {1,4}(\d{1,3}) {1,4}(\d{1,3}) {1,4}\d{1,3} {1,4}(\d{1,3}) {1,4}\| {0,12}(\d{1,8})MiB \/ {0,8}(\d{1,8})MiB/;
const HEAD = /^\| NVIDIA-SMI \d/;

export type SmiTableLine =
  | { kind: 'head' }
  | { kind: 'device'; index: number; name: string }
  | { kind: 'slice'; gpu: number; instance: number; index: number; usedMib: number; totalMib: number }
  | { kind: 'memory'; usedMib: number; totalMib: number }
  | { kind: 'process'; index: number; pid: number; name: string; usedMib: number };

/** null for any other line, one of the table's frame too. Who copies from the middle of a line leaves its first bar out. */
export function smiTableLine(line: string): SmiTableLine | null {
  if (!line.startsWith('|') && !/^ {1,6}\d{1,3} .{1,300}MiB {1,40}\|\s*$/.test(line)) return null;
  if (HEAD.test(line)) return { kind: 'head' };
  const slice = SLICE.exec(line);
  if (slice !== null) {
    const [gpu, instance, index, usedMib, totalMib] = slice.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    return { kind: 'slice', gpu, instance, index, usedMib, totalMib };
  }
  const memory = MEMORY.exec(line);
  if (memory !== null) return { kind: 'memory', usedMib: Number(memory[1]), totalMib: Number(memory[2]) };
  const process = PROCESS.exec(line);
  if (process !== null)
    return {
      kind: 'process',
      index: Number(process[1]),
      pid: Number(process[2]),
      name: process[3]!,
      usedMib: Number(process[4]),
    };
  const device = DEVICE.exec(line);
  return device === null
    ? null
    : { kind: 'device', index: Number(device[1]), name: device[2]!.replace(PERSISTENCE, '').trim() };
}

/** gpustat's: `[0] NVIDIA A100-SXM4-80GB | 45'C,  98 % | 79012 / 81920 MB | alice(78000M)`, in MiB. */
const GPUSTAT =
  /^\[(\d{1,3})\] ([^|]{2,60}?) {0,20}\|[^|]{1,60}\| {0,8}(\d{1,8}) \/ {0,8}(\d{1,8}) MB \|(.{0,300})$/;

export interface GpustatRow {
  index: number;
  name: string;
  usedMib: number;
  totalMib: number;
  /** Who holds it, as it stands there; empty where that was left out. */
  holders: string;
}

/** null for any other line. */
export function gpustatRow(line: string): GpustatRow | null {
  const [, index, name, used, total, holders] = GPUSTAT.exec(line.trim()) ?? [];
  return name === undefined
    ? null
    : {
        index: Number(index),
        name,
        usedMib: Number(used),
        totalMib: Number(total),
        holders: holders!.trim(),
      };
}
