/** What shapes a training: kept in the run's manifest, where `--resume` finds it, and handed to the trainer. */
import type { RunFolder } from '../log/index.ts';
import { findTask, hyperparametersFor } from '../workloads/ppo/index.ts';
import { parseSimulatedDevice } from '../workloads/simulate/index.ts';
import { CommandError } from './command-error.ts';

export interface TrainingOptions {
  env: string;
  episodes: number;
  envs: number;
  steps: number;
  seed: number;
  device: string;
  /** Hyperparameters that differ from the task's defaults. */
  set: Record<string, number | boolean | null>;
  /** What the trainer does about memory pressure; null: nothing. */
  onPressure: 'shrink' | null;
}

/** The trainer's one argument. */
export interface TrainerOptions extends TrainingOptions {
  /** The run's folder, id and name. */
  folder: string;
  run: string;
  name: string;
  checkpointEvery: number;
  resume: boolean;
}

export const defaults: TrainingOptions = {
  env: 'CartPole-v1',
  episodes: 100,
  envs: 8,
  steps: 128,
  seed: 1,
  device: 'cpu',
  set: {},
  onPressure: null,
};

/** The memory of the stand-in device that a device name asks for, as its launcher reads it; null for other devices. */
export function standinMemory(device: string): string | null {
  const [, memory] = /^standin(?::(\d+(?:\.\d+)?[MGT]iB))?$/i.exec(device) ?? [];
  return memory ?? (device === 'standin' ? '8GiB' : null);
}

/** Throws one sentence where an option cannot work, before anything is created. */
export function check({ env, device, set, onPressure }: TrainingOptions): void {
  findTask(env);
  const known = hyperparametersFor(env);
  for (const name of Object.keys(set))
    if (!(name in known))
      throw new CommandError(`--set knows no "${name}": choose ${Object.keys(known).join(', ')}.`);
  hyperparametersFor(env, set);
  if (onPressure !== null && onPressure !== 'shrink')
    throw new CommandError(`--on-pressure takes shrink, not "${onPressure}".`);
  if (device === 'cpu' || /^cuda(:\d+)?$/.test(device) || standinMemory(device) !== null) return;
  if (!device.startsWith('sim'))
    throw new CommandError(
      `--device takes cpu, cuda, cuda:N, standin:8GiB, sim, sim:8GiB or sim:8GiB,expandable, not "${device}".`,
    );
  parseSimulatedDevice(device);
}

/** What the run was started with. Throws where its manifest lacks it. */
export function optionsOf(run: RunFolder): TrainingOptions {
  const config = run.manifest?.config as Partial<TrainingOptions> | undefined;
  if (config?.env === undefined)
    throw new CommandError(`${run.id} cannot be resumed: its run.json does not record how it was trained.`);
  return { ...defaults, ...config };
}

export type Setting = [name: string, value: number | boolean | null];

/** Parser of `--set name=value`. */
export function parseSetting(text: string): Setting {
  const [, name, value] = /^([A-Za-z]+)=(true|false|null|[-+.\de]+)$/.exec(text) ?? [];
  const parsed =
    value === undefined ? Number.NaN : (JSON.parse(value.replace(/^\+/, '')) as number | boolean | null);
  if (name === undefined || Number.isNaN(parsed))
    throw new CommandError(`--set takes name=value with a number, true, false or null, not "${text}".`);
  return [name, parsed];
}
