/** One play of chaos: its seed, its folder, what it found; and how its processes are found again, whichever process started them. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../src/base/index.ts';

export const ESPER = resolve('dist/cli/esper.js');
/** Every process of a play has this in its environment, and so have those that it starts. */
const MARK = 'ESPER_CHAOS';

export class Play {
  readonly seed: number;
  readonly folder = mkdtempSync(join(tmpdir(), 'esper-chaos-'));
  readonly faults: string[] = [];
  /** Processes that were killed, and that were asked to end, stopped or cut off. */
  kills = 0;
  others = 0;
  /** 0–1. Equal seeds give equal schedules; what the kernel makes of them differs. */
  readonly random: () => number;
  #mark = randomUUID();

  constructor(seed: number) {
    this.seed = seed;
    this.random = seededRandom(seed);
  }

  below = (n: number): number => Math.floor(this.random() * n);
  one = <T>(items: readonly T[]): T => items[this.below(items.length)]!;
  shuffled<T>(items: readonly T[]): T[] {
    const list = [...items];
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [list[i], list[j]] = [list[j]!, list[i]!];
    }
    return list;
  }

  check(holds: boolean, what: string): void {
    if (holds) return;
    this.faults.push(what);
    console.error(`FAULT ${what} (seed ${this.seed})`);
  }

  start(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
      env: { ...process.env, ...options.env, [MARK]: this.#mark },
    });
    // A pipe whose other end was killed.
    for (const stream of child.stdio) stream?.on('error', () => {});
    return child;
  }

  /** Processes of this play that live, zombies not. */
  living(): { pid: number; command: string }[] {
    return readdirSync('/proc').flatMap(name => {
      if (!/^\d+$/.test(name)) return [];
      try {
        if (!readFileSync(`/proc/${name}/environ`, 'latin1').includes(`${MARK}=${this.#mark}`)) return [];
        if (!isAlive(Number(name))) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), command }];
      } catch {
        return [];
      }
    });
  }

  signal(pid: number | null | undefined, signal: NodeJS.Signals): void {
    if (pid === null || pid === undefined) return;
    try {
      process.kill(pid, signal);
      if (signal === 'SIGKILL') this.kills++;
      else if (signal !== 'SIGCONT') this.others++;
    } catch {
      // It was faster.
    }
  }

  /** Ends what is left, and reports what it was. */
  async sweep(why: string): Promise<void> {
    await until(() => this.living().length === 0, 20_000);
    for (const { pid, command } of this.living()) {
      this.check(false, `${why}: ${command} was left`);
      process.kill(pid, 'SIGKILL');
    }
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
};

export async function until(holds: () => boolean, patienceMs = 15_000): Promise<boolean> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await sleep(20))
    if (holds()) return true;
  return holds();
}
