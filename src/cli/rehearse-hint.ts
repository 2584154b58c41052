/** After an out-of-memory error: the command that finds without a GPU what fits the same device. */
import { MIB } from '../base/index.ts';
import { commandLine } from './invocation.ts';

/** An argument that gives the size of a batch: `--batch-size 64`, `--per_device_train_batch_size=8`. */
const BATCH = /^--([\w-]*batch[_-]?size)(?:=(\d{1,6}))?$/;
/** Programs that run Python. */
const PYTHON = /(?:^|\/)(?:python[\d.]*|torchrun|accelerate|deepspeed)$/;

/**
 * @param command that ran out of memory
 * @param totalBytes of the device
 * @returns null where nothing can be rehearsed of it: no program in Python, or the stand-in device itself
 */
export function rehearseHint(command: readonly string[], totalBytes: number): string | null {
  if (!command.some(word => PYTHON.test(word)) || command.includes('esper_telemetry.standin')) return null;
  const batch = batchIn(command);
  const vary = batch === null ? [] : ['--vary', `${batch.name}=1..${batch.size}`];
  const memory = `${Math.floor(totalBytes / MIB)}MiB`;
  return `What fits, without a GPU: ${commandLine('esper', ['rehearse', '--memory', memory, ...vary, '--', ...command])}`;
}

/** Null where no argument names it, or it is 1. */
function batchIn(command: readonly string[]): { name: string; size: number } | null {
  for (const [i, word] of command.entries()) {
    const [, name, value = command[i + 1]] = BATCH.exec(word) ?? [];
    if (name !== undefined && value !== undefined && /^\d{1,6}$/.test(value) && Number(value) > 1)
      return { name, size: Number(value) };
  }
  return null;
}
