/**
 * The driver's view of every GPU of this host, from one `nvidia-smi` that runs as long as the training and prints
 * a row a device and interval. It is on every machine that has the driver and needs no native module built for Node's
 * version; asking NVML in its own process, it cannot crash or stall the trainer, and starting it once costs what
 * starting it every second would cost every second. When the trainer dies, its next write to the closed pipe ends it.
 *
 * No nvidia-smi means no samples: not measured, and no error. One that dies is started again, ever less often.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { DeviceProcess, DeviceSample } from '../contract/index.ts';
import type { Emitter } from './emitter.ts';
import { DEVICE_QUERY, PROCESS_QUERY, parseDevice, parseProcesses } from './nvidia-smi-rows.ts';

export interface DeviceSamplerOptions {
  /** Program to run; found on PATH. */
  command?: string;
  /** How often to ask which processes use the devices: it starts a program each time, so seldom. */
  processesEveryMs?: number;
  /** The first pause before a dead nvidia-smi is started again; it doubles, up to 300 of it. */
  restartMs?: number;
}

/** Rows of one interval come at once: after this long without one, the interval's rows are complete. */
const QUIET_MS = 100;
const PROCESSES_TIMEOUT_MS = 5000;
const FORMAT = '--format=csv,noheader,nounits';

export class DeviceSampler {
  #options: Required<DeviceSamplerOptions>;
  #emitter: Emitter | null = null;
  #intervalMs = 0;
  #child: ChildProcess | null = null;
  #restart: NodeJS.Timeout | undefined;
  #restartMs: number;
  #rest = '';
  #round = new Map<string, DeviceSample>();
  #quiet: NodeJS.Timeout | undefined;
  #gatheredMs = 0;
  #processes: Map<string, DeviceProcess[]> | null = null;
  #processesDueMs = 0;

  constructor({
    command = 'nvidia-smi',
    processesEveryMs = 10_000,
    restartMs = 1000,
  }: DeviceSamplerOptions = {}) {
    this.#options = { command, processesEveryMs, restartMs };
    this.#restartMs = restartMs;
  }

  /** Emits DEVICE_SAMPLED every `intervalMs`, as long as nvidia-smi reports anything. Keeps no process alive. */
  start(emitter: Emitter, intervalMs = 1000): void {
    this.stop();
    this.#emitter = emitter;
    this.#intervalMs = intervalMs;
    this.#spawn();
  }

  /** Ends nvidia-smi. */
  stop(): void {
    this.#emitter = null;
    clearTimeout(this.#restart);
    clearTimeout(this.#quiet);
    this.#round.clear();
    this.#rest = '';
    this.#child?.kill();
    this.#child = null;
  }

  #spawn(): void {
    const child = spawn(
      this.#options.command,
      [`--query-gpu=${DEVICE_QUERY}`, FORMAT, '-lms', String(this.#intervalMs)],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    this.#child = child;
    this.#rest = '';
    child.unref();
    (child.stdout as unknown as Socket).unref();
    child.stdout.setEncoding('latin1').on('data', text => {
      if (child === this.#child) this.#read(text);
    });
    child.once('error', error => this.#ended(child, (error as NodeJS.ErrnoException).code));
    child.once('exit', () => this.#ended(child));
  }

  #ended(child: ChildProcess, code?: string): void {
    if (child !== this.#child) return;
    this.#child = null;
    if (code === 'ENOENT' || code === 'EACCES') return;
    this.#restart = setTimeout(() => this.#spawn(), this.#restartMs).unref();
    this.#restartMs = Math.min(this.#restartMs * 2, this.#options.restartMs * 300);
  }

  #read(text: string): void {
    const began = performance.now();
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      const device = parseDevice(line);
      if (device === null) continue;
      // The next interval has begun although this one's rows came without a pause.
      if (this.#round.has(device.uuid!)) this.#finishRound();
      this.#round.set(device.uuid!, device);
    }
    this.#gatheredMs += performance.now() - began;
    clearTimeout(this.#quiet);
    if (this.#round.size > 0) this.#quiet = setTimeout(() => this.#finishRound(), QUIET_MS).unref();
  }

  #finishRound(): void {
    const devices = [...this.#round.values()].map(device => ({
      ...device,
      processes: this.#processes === null ? null : (this.#processes.get(device.uuid!) ?? []),
    }));
    this.#round.clear();
    this.#restartMs = this.#options.restartMs;
    this.#emitter?.emit('DEVICE_SAMPLED', { devices }, this.#gatheredMs);
    this.#gatheredMs = 0;
    this.#askForProcesses();
  }

  /** In the background; the answer is part of the samples after it. */
  #askForProcesses(): void {
    const now = performance.now();
    if (now < this.#processesDueMs) return;
    this.#processesDueMs = now + this.#options.processesEveryMs;
    execFile(
      this.#options.command,
      [`--query-compute-apps=${PROCESS_QUERY}`, FORMAT],
      { timeout: PROCESSES_TIMEOUT_MS },
      (error, answer) => {
        this.#processes = error === null ? parseProcesses(answer) : null;
      },
    ).unref();
  }
}
