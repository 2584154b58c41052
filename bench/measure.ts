import { readFileSync } from 'node:fs';

/** What benchmarks print of many timings. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** A figure of the kernel's on the memory of a process, such as VmRSS or VmHWM, MiB; NaN where it reports none. Linux. */
export const memoryOf = (pid: number, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) /
  1024;
