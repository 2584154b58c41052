/** After an out-of-memory error: the command that finds without a GPU what fits the same device. */
import { MIB } from '../base/index.ts';
import { commandLine } from './invocation.ts';

/** An argument that gives the size of a batch: `--batch-size 64`, `--per_device_train_batch_size=8`. */
const BATCH = /^--([\w-]*batch[_-]?size)(?:=(\d{1,6}))?$/;
/** Programs that run Python. */
const PYTHON = /(?:^|\/)(?:python[\d.]*|torchrun|accelerate|deepspeed)$/;

/** An argument that gives the number of processes on this machine, each with a device of its own. */
const PROCESSES = /^--(?:nproc[-_]per[-_]node|num[-_](?:processes|gpus))(?:=(\d{1,3}))?$/;
/** Devices that a rehearsal has at most. */
const MOST_DEVICES = 64;
/** Updates that a rehearsal sees without being asked for all, and those that it sees in a short time. */
const SEEN = 5;
const SOON = 500;

export interface RefusedRun {
  /** Of the device that refused. */
  totalBytes: number;
  /** Devices that the run names, from 0 on, among them those that it leaves alone. */
  devices: number;
  /** Updates before it. */
  updates: number;
  /** Whether each update brought it nearer, so that a few of them show it. */
  isGradual: boolean;
}

/**
 * @param command that ran out of memory
 * @returns null where nothing can be rehearsed of it: no program in Python, or the stand-in device itself
 */
export function rehearseHint(command: readonly string[], refusal: RefusedRun): string | null {
  if (!command.some(word => PYTHON.test(word)) || command.includes('esper_telemetry.standin')) return null;
  const batch = countIn(command, BATCH);
  const devices = Math.min(MOST_DEVICES, Math.max(refusal.devices, countIn(command, PROCESSES)?.count ?? 1));
  const isLate = !refusal.isGradual && refusal.updates > SEEN && refusal.updates <= SOON;
  const options = [
    ...['--memory', `${Math.floor(refusal.totalBytes / MIB)}MiB`],
    ...(devices > 1 ? ['--gpus', `${devices}`] : []),
    ...(isLate ? ['--steps', 'all'] : []),
    ...(batch === null ? [] : ['--vary', `${batch.name}=1..${batch.count}`]),
  ];
  return `What fits, without a GPU: ${commandLine('esper', ['rehearse', ...options, '--', ...command])}`;
}

/** Null where no argument of the form gives a number, or it is 1. */
function countIn(command: readonly string[], form: RegExp): { name: string; count: number } | null {
  for (const [i, word] of command.entries()) {
    const found = form.exec(word);
    if (found === null) continue;
    const value = found.at(-1) ?? command[i + 1];
    if (value !== undefined && /^\d{1,6}$/.test(value) && Number(value) > 1)
      return { name: found[1] ?? '', count: Number(value) };
  }
  return null;
}
