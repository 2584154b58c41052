/**
 * RAM, CPU and the trainer's resident set, as this process may use them: inside a container, the lowest limit of its
 * control groups is the host. Read from /proc and /sys; where there are none, what Node tells, and else null.
 */
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { HostSampled } from '../contract/index.ts';
import type { Emitter } from './emitter.ts';

export interface HostSamplerOptions {
  /** Process whose resident set is read: this one, unless told otherwise. */
  pid?: number;
  /** Where /proc and /sys lie. */
  root?: string;
}

interface CpuTimes {
  busy: number;
  total: number;
}
interface Ram {
  usedBytes: number | null;
  totalBytes: number;
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
    const ram = this.#ram();
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
    const told = kibibytes(this.#read(`proc/${this.#pid}/status`), 'VmRSS');
    return told ?? (this.#pid === process.pid ? process.memoryUsage.rss() : null);
  }

  /** Of the machine, or of the tightest control group around this process where that is less. */
  #ram(): Ram {
    const info = this.#read('proc/meminfo');
    const [total, available] = [kibibytes(info, 'MemTotal'), kibibytes(info, 'MemAvailable')];
    const machine = {
      totalBytes: total ?? totalmem(),
      usedBytes: total === null || available === null ? null : total - available,
    };
    return this.#groups().reduce((low, group) => (group.totalBytes < low.totalBytes ? group : low), machine);
  }

  /** The control groups with a limit that this process is in, version 2 and version 1. */
  #groups(): Ram[] {
    const groups: Ram[] = [];
    for (const line of this.#read('proc/self/cgroup')?.split('\n') ?? []) {
      const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      if (controllers === '') groups.push(...this.#upwards('sys/fs/cgroup', path!, version2));
      else if (controllers?.split(',').includes('memory'))
        groups.push(...this.#upwards('sys/fs/cgroup/memory', path!, version1));
    }
    return groups;
  }

  /** A group's limits and its ancestors'. Inside a container the path may be the host's: then only the root is there. */
  #upwards(mount: string, path: string, files: GroupFiles): Ram[] {
    const found: Ram[] = [];
    for (let at = path; ; at = dirname(at)) {
      const folder = join(mount, at);
      // No limit is the word "max", or in version 1 a number beyond any memory.
      const limit = number(this.#read(join(folder, files.limit)));
      const used = number(this.#read(join(folder, files.usage)));
      const cache = lineNumber(this.#read(join(folder, 'memory.stat')), files.inactiveFile);
      // What the kernel would drop before it refuses is not in use: as container runtimes count.
      if (limit !== null && used !== null)
        found.push({ totalBytes: limit, usedBytes: Math.max(0, used - (cache ?? 0)) });
      if (at === '/' || at === '.') return found;
    }
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
    try {
      return readFileSync(join(this.#root, path), 'latin1');
    } catch {
      return null;
    }
  }
}

interface GroupFiles {
  limit: string;
  usage: string;
  inactiveFile: string;
}
const version2 = { limit: 'memory.max', usage: 'memory.current', inactiveFile: 'inactive_file' };
const version1 = {
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  inactiveFile: 'total_inactive_file',
};

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

/** A file that is one number; null for any other. */
function number(text: string | null): number | null {
  return text !== null && /^\d+\s*$/.test(text) ? Number(text) : null;
}

/** The number after a name, as in `name 123`. */
function lineNumber(text: string | null, name: string): number | null {
  const digits = new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Bytes of a line such as `MemTotal:   123 kB`. */
function kibibytes(text: string | null, name: string): number | null {
  const digits = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')?.[1];
  return digits === undefined ? null : Number(digits) * 1024;
}
