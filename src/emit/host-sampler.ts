/**
 * RAM, CPU and the trainer's resident set, as this process may use them: inside a container, the lowest limit of its
 * control groups is the host. Read from /proc and /sys; where there are none, what Node reports, else null.
 */
import { cpus } from 'node:os';
import type { HostSampled } from '../contract/index.ts';
import type { Emitter } from './emitter.ts';
import { kibibytes, readHostMemory, readText } from './host-memory.ts';

export interface HostSamplerOptions {
  /** Process whose resident set is read: default: this one. */
  pid?: number;
  /** Where /proc and /sys lie. */
  root?: string;
}

interface CpuTimes {
  busy: number;
  total: number;
}

export class HostSampler {
  #pid: number;
  #root: string;
  #cpu: CpuTimes | null;

  constructor({ pid = process.pid, root = '/' }: HostSamplerOptions = {}) {
    this.#pid = pid;
    this.#root = root;
    this.#cpu = this.#cpuTimes();
  }

  /** One reading. `cpuPercent` is of the time since the previous one, or since the sampler was made. Never throws. */
  sample(): HostSampled {
    const ram = readHostMemory(this.#root);
    return {
      ramUsedBytes: ram.usedBytes,
      ramTotalBytes: ram.totalBytes,
      cpuPercent: this.#cpuPercent(),
      processRssBytes: this.#residentSet(),
    };
  }

  /** Emits HOST_SAMPLED every `intervalMs` until the returned function is called. Keeps no process alive. */
  start(emitter: Emitter, intervalMs = 2000): () => void {
    const timer = setInterval(() => {
      const began = performance.now();
      const sample = this.sample();
      emitter.emit('HOST_SAMPLED', sample, performance.now() - began);
    }, intervalMs).unref();
    return () => clearInterval(timer);
  }

  #residentSet(): number | null {
    const resident = kibibytes(this.#read(`proc/${this.#pid}/status`), 'VmRSS');
    return resident ?? (this.#pid === process.pid ? process.memoryUsage.rss() : null);
  }

  #cpuPercent(): number | null {
    const [before, now] = [this.#cpu, this.#cpuTimes()];
    this.#cpu = now;
    if (before === null || now === null || now.total <= before.total) return null;
    return ((now.busy - before.busy) / (now.total - before.total)) * 100;
  }

  /** Ticks of all cores since boot. /proc/stat first: `os.cpus` also opens a file for each core. */
  #cpuTimes(): CpuTimes | null {
    const line = /^cpu +(.*)$/m.exec(this.#read('proc/stat') ?? '')?.[1];
    if (line !== undefined) {
      // user nice system idle iowait irq softirq steal; guest time is in user already.
      const ticks = line.split(' ').slice(0, 8).map(Number);
      const total = sum(ticks);
      return { total, busy: total - ticks[3]! - (ticks[4] ?? 0) };
    }
    const cores = cpus().map(core => core.times);
    const total = sum(cores.map(times => sum(Object.values(times))));
    return total === 0 ? null : { total, busy: total - sum(cores.map(times => times.idle)) };
  }

  #read(path: string): string | null {
    return readText(this.#root, path);
  }
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
