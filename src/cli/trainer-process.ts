/** The trainer as the commands see it: a process of its own that they start, ask to end, and wait for. */
import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { constants, fstatSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printable } from '../base/index.ts';
import { openRegular } from '../disk/index.ts';
import { pythonOf, withPythonPath } from '../doctor/index.ts';
import { nextSeqOf } from '../log/index.ts';
import { CommandError } from './command-error.ts';
import { freeEnv, holdLeash, leashedEnv } from './leash.ts';
import type { ScenarioOptions } from './scenario-trainer.ts';
import { standinMemory, type TrainerOptions } from './training-options.ts';

export interface TrainerExit {
  /** Exit code; null where a signal ended the process. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Of what a trainer printed last. */
const MOST_OUTPUT = 16 * 1024;

interface StartOptions {
  env?: NodeJS.ProcessEnv;
  detach?: boolean;
}

export class TrainerProcess {
  readonly exited: Promise<TrainerExit>;
  readonly pid: number | undefined;
  /** `seq` of the first event that this trainer can write: the log may be longer than its part. */
  readonly firstSeq: number;
  /** Milliseconds since the epoch. */
  readonly startedMs = Date.now();
  /** How often the trainer was asked to end. */
  interrupts = 0;
  running = true;
  #child: ChildProcess;
  /** Open for as long as this process lives: what the trainer prints can be read even where the folder was deleted. */
  #output: number;
  /** Where this trainer's own output begins. */
  #outputFrom: number;

  /**
   * Starts a trainer in a process group of its own, so that a Ctrl-C in the terminal reaches it only through
   * `interrupt`. What it prints goes to `trainer.log` in the run's folder: a pipe would die with the view.
   * @param detach whether it lives on when this process is gone; otherwise it ends then, cleanly.
   */
  constructor(
    folder: string,
    command: string,
    args: string[],
    { env = process.env, detach = false }: StartOptions = {},
  ) {
    this.firstSeq = nextSeqOf(folder, 0);
    const { fd, stats } = openRegular(
      join(folder, 'trainer.log'),
      constants.O_RDWR | constants.O_APPEND | constants.O_CREAT,
    );
    this.#output = fd;
    this.#outputFrom = stats.size;
    const stdio: StdioOptions = ['ignore', this.#output, this.#output];
    this.#child = spawn(command, args, {
      stdio: detach ? stdio : [...stdio, 'pipe'],
      detached: true,
      env: detach ? freeEnv(env) : leashedEnv(env),
    });
    this.pid = this.#child.pid;
    if (detach) this.#child.unref();
    else holdLeash(this.#child);
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

  /** The last lines that this trainer printed: why it failed, where it is recorded only there. */
  lastOutput(lines = 12): string {
    try {
      const from = Math.max(this.#outputFrom, fstatSync(this.#output).size - MOST_OUTPUT);
      const bytes = Buffer.alloc(MOST_OUTPUT);
      const read = readSync(this.#output, bytes, 0, MOST_OUTPUT, from);
      return bytes.toString('utf8', 0, read).trimEnd().split('\n').slice(-lines).map(printable).join('\n');
    } catch {
      return '';
    }
  }
}

/** One of this package's own trainers, beside this file in the source tree as in the build. */
function startOwn(program: string, options: { folder: string }, detach: boolean): TrainerProcess {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const path = fileURLToPath(new URL(`./${program}.${extension}`, import.meta.url));
  const args = [...process.execArgv, path, JSON.stringify(options)];
  return new TrainerProcess(options.folder, process.execPath, args, { detach });
}

/** PPO in TypeScript. */
export const startTrainer = (options: TrainerOptions, detach: boolean): TrainerProcess =>
  startOwn('trainer', options, detach);

/** A scenario on the simulated allocator. */
export const startScenario = (options: ScenarioOptions): TrainerProcess =>
  startOwn('scenario-trainer', options, false);

const python = pythonOf(process.env);

/** What comes between Python and its program: nothing, or the launcher of the stand-in device. */
function launcher(device: string): string[] {
  const memory = standinMemory(device);
  return memory === null ? [] : ['-m', 'esper_telemetry.standin', '--quiet', '--memory', memory];
}

/** Throws one sentence where python3 has no PyTorch that sees a CUDA device, or none that the stand-in device can serve. */
export function requireTorch(device: string): void {
  const program = 'import sys, torch; sys.exit(0 if torch.cuda.is_available() else 3)';
  const { status, stderr } = spawnSync(python, [...launcher(device), '-c', program], {
    env: withPythonPath(process.env),
    encoding: 'utf8',
  });
  const instead = 'train with --device sim or cpu';
  if (status === 0) return;
  if (standinMemory(device) !== null) {
    const reason = stderr
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^.*?esper_telemetry\.standin: /, '')
      .replace(/\.$/, '');
    throw new CommandError(`--device ${device} cannot be had of ${python}: ${reason}; ${instead}.`);
  }
  if (status === 3) throw new CommandError(`PyTorch of ${python} sees no CUDA device: ${instead}.`);
  throw new CommandError(
    `--device cuda needs a ${python} with PyTorch (ESPER_PYTHON names another): ${instead}.`,
  );
}

/** The same PPO in PyTorch, where the real allocator is. */
export function startTorchTrainer(options: TrainerOptions, detach: boolean): TrainerProcess {
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
    device: standinMemory(device) === null ? device : 'cuda:0',
    name,
    'checkpoint-every': checkpointEvery,
    ...(onPressure !== null && { 'on-pressure': onPressure }),
  });
  return new TrainerProcess(
    folder,
    python,
    [
      ...launcher(device),
      ...['-m', 'esper_telemetry.ppo', '--quiet', '--runs', dirname(folder)],
      ...(resume ? ['--resume', run] : ['--run-id', run]),
      ...flags.flatMap(([flag, value]) => [`--${flag}`, String(value)]),
      ...Object.entries(options.set).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ],
    { env: withPythonPath(process.env), detach },
  );
}
