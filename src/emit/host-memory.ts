/**
 * RAM as this process may use it: inside a container, the lowest limit of its control groups is the host. Page cache that
 * the kernel would drop before it refuses is not in use, as container runtimes count. Read from /proc and /sys.
 */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';

export interface HostMemory {
  /** Null where it is not measured. */
  usedBytes: number | null;
  totalBytes: number;
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

/** Text of a file below `root`; null where it cannot be read. */
export function readText(root: string, path: string): string | null {
  try {
    return readFileSync(join(root, path), 'latin1');
  } catch {
    return null;
  }
}

/** Bytes of a line such as `MemTotal:   123 kB`; null where there is none. */
export function kibibytes(text: string | null, name: string): number | null {
  const digits = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')?.[1];
  return digits === undefined ? null : Number(digits) * 1024;
}

/**
 * RAM of the machine, or of the tightest control group around this process where that is less.
 * @param root where /proc and /sys lie
 */
export function readHostMemory(root = '/'): HostMemory & { isLimited: boolean } {
  const info = readText(root, 'proc/meminfo');
  const [total, available] = [kibibytes(info, 'MemTotal'), kibibytes(info, 'MemAvailable')];
  const machine = {
    totalBytes: total ?? totalmem(),
    usedBytes: total === null || available === null ? null : total - available,
  };
  const tightest = groups(root).reduce(
    (low, group) => (group.totalBytes < low.totalBytes ? group : low),
    machine,
  );
  return { ...tightest, isLimited: tightest !== machine };
}

/** The control groups with a limit that this process is in, version 2 and version 1. */
function groups(root: string): HostMemory[] {
  const found: HostMemory[] = [];
  for (const line of readText(root, 'proc/self/cgroup')?.split('\n') ?? []) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === '') found.push(...upwards(root, 'sys/fs/cgroup', path!, version2));
    else if (controllers?.split(',').includes('memory'))
      found.push(...upwards(root, 'sys/fs/cgroup/memory', path!, version1));
  }
  return found;
}

/** A group's limits and its ancestors'. Inside a container the path may be the host's: then only the root is there. */
function upwards(root: string, mount: string, path: string, files: GroupFiles): HostMemory[] {
  const found: HostMemory[] = [];
  for (let at = path; ; at = dirname(at)) {
    const folder = join(mount, at);
    // No limit is the word "max", or in version 1 a number beyond any memory.
    const limit = number(readText(root, join(folder, files.limit)));
    const used = number(readText(root, join(folder, files.usage)));
    const cache = lineNumber(readText(root, join(folder, 'memory.stat')), files.inactiveFile);
    if (limit !== null && used !== null)
      found.push({ totalBytes: limit, usedBytes: Math.max(0, used - (cache ?? 0)) });
    if (at === '/' || at === '.') return found;
  }
}

/** A file that is one number; null for any other. */
function number(text: string | null): number | null {
  return text !== null && /^\d+\s*$/.test(text) ? Number(text) : null;
}

/** The number after a name, as in `name 123`. */
function lineNumber(text: string | null, name: string): number | null {
  const digits = new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
