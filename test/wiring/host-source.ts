/** The host sampler on a made-up machine: a folder with the files of /proc that it reads. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostSampled } from '../../src/contract/index.ts';
import { HostSampler } from '../../src/emit/index.ts';

const PID = 77;
/** Clock ticks of all cores together between the two readings, and idle ones before them. */
const TICKS = 10_000;
const IDLE = 100_000;

const kibibytes = (bytes: number) => Math.round(bytes / 1024);

const sampled = new Map<string, HostSampled>();

/** What the real sampler reports of a host that is as given, every figure of it. Asked again, it reports the same. */
export function sampleHost(host: HostSampled): HostSampled {
  const key = JSON.stringify(host);
  const sample = sampled.get(key) ?? sampleOnce(host);
  sampled.set(key, sample);
  return sample;
}

function sampleOnce({ ramUsedBytes, ramTotalBytes, cpuPercent, processRssBytes }: HostSampled): HostSampled {
  const root = mkdtempSync(join(tmpdir(), 'esper-host-'));
  const write = (file: string, text: string) => writeFileSync(join(root, 'proc', file), text);
  const stat = (busy: number, idle: number) => write('stat', `cpu  ${busy} 0 0 ${idle} 0 0 0 0 0 0\n`);
  try {
    mkdirSync(join(root, 'proc', String(PID)), { recursive: true });
    const total = kibibytes(ramTotalBytes!);
    write('meminfo', `MemTotal: ${total} kB\nMemAvailable: ${total - kibibytes(ramUsedBytes!)} kB\n`);
    write(join(String(PID), 'status'), `Name:\ttrainer\nVmRSS:\t ${kibibytes(processRssBytes!)} kB\n`);
    stat(0, IDLE);
    const sampler = new HostSampler({ pid: PID, root });
    const busy = Math.round((cpuPercent! / 100) * TICKS);
    stat(busy, IDLE + TICKS - busy);
    return sampler.sample();
  } finally {
    rmSync(root, { recursive: true });
  }
}
