/** The trainer as the commands see it: a process of its own that they start, ask to end, and wait for. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError } from './command-error.ts';
import type { ScenarioOptions } from './scenario-trainer.ts';
import type { TrainerOptions } from './training-options.ts';

export interface TrainerExit {
  /** Exit code; null where a signal ended the process. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class TrainerProcess {
  readonly exited: Promise<TrainerExit>;
  /** How often the trainer was asked to end. */
  interrupts = 0;
  running = true;
  #child: ChildProcess;
  #output: string;

  /**
   * Starts a trainer in a process group of its own, so that a Ctrl-C in the terminal reaches it only through
   * `interrupt`. What it prints goes to `trainer.log` in the run's folder: a pipe would die with the view.
   */
  constructor(folder: string, command: string, args: string[], env: NodeJS.ProcessEnv = process.env) {
    this.#output = join(folder, 'trainer.log');
    const output = openSync(this.#output, 'a');
    this.#child = spawn(command, args, { stdio: ['ignore', output, output], detached: true, env });
    closeSync(output);
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code, signal) => {
        this.running = false;
        resolve({ code, signal });
      });
    });
  }

  /** Asks the trainer to end at its next update; asked again, ends it at once. */
  interrupt(): void {
    this.#child.kill(this.interrupts++ === 0 ? 'SIGINT' : 'SIGKILL');
  }

  /** The last lines that the trainer printed: why it failed, where it could say so only there. */
  lastOutput(lines = 12): string {
    try {
      return readFileSync(this.#output, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
    } catch {
      return '';
    }
  }
}

/** One of this package's own trainers, beside this file in the source tree as in the build. */
function startOwn(program: string, options: { folder: string }): TrainerProcess {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const path = fileURLToPath(new URL(`./${program}.${extension}`, import.meta.url));
  return new TrainerProcess(options.folder, process.execPath, [
    ...process.execArgv,
    path,
    JSON.stringify(options),
  ]);
}

/** PPO in TypeScript. */
export const startTrainer = (options: TrainerOptions): TrainerProcess => startOwn('trainer', options);

/** A scenario on the simulated allocator. */
export const startScenario = (options: ScenarioOptions): TrainerProcess =>
  startOwn('scenario-trainer', options);

const python = process.env.ESPER_PYTHON ?? 'python3';
const client = fileURLToPath(new URL('../../python', import.meta.url));
const pythonEnv = () => ({
  ...process.env,
  PYTHONPATH: [client, process.env.PYTHONPATH].filter(Boolean).join(delimiter),
});

/** Throws one sentence where python3 has no PyTorch that sees a CUDA device. */
export function requireTorch(): void {
  const program = 'import sys, torch; sys.exit(0 if torch.cuda.is_available() else 3)';
  const { status } = spawnSync(python, ['-c', program]);
  if (status === 3)
    throw new CommandError(`PyTorch of ${python} sees no CUDA device: train with --device sim or cpu.`);
  if (status !== 0)
    throw new CommandError(
      `--device cuda needs a ${python} with PyTorch (ESPER_PYTHON names another): train with --device sim or cpu.`,
    );
}

/** The same PPO in PyTorch, where the real allocator is. */
export function startTorchTrainer(options: TrainerOptions): TrainerProcess {
  const {
    folder,
    run,
    name,
    env: task,
    episodes,
    envs,
    steps,
    seed,
    device,
    checkpointEvery,
    onPressure,
    resume,
  } = options;
  const flags = Object.entries({
    env: task,
    episodes,
    envs,
    steps,
    seed,
    device,
    name,
    'checkpoint-every': checkpointEvery,
    ...(onPressure !== null && { 'on-pressure': onPressure }),
  });
  return new TrainerProcess(
    folder,
    python,
    [
      ...['-m', 'esper_telemetry.ppo', '--quiet', '--runs', dirname(folder)],
      ...(resume ? ['--resume', run] : ['--run-id', run]),
      ...flags.flatMap(([flag, value]) => [`--${flag}`, String(value)]),
      ...Object.entries(options.set).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ],
    pythonEnv(),
  );
}
