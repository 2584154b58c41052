/**
 * What stands beside a training of the host's memory: DeepSpeed's `CPU Virtual Memory:  used = 50.5 GB, percent = 40.2%`, Ray's `Memory usage on this node:
 * 61.8/251.6 GiB`, and loops that print `RAM: 12.2/23.7 GB`. Their GB are GiB. It is no device's.
 */
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { bytesOf } from '../printed.ts';

const AMOUNT = '(\\d{1,7}(?:\\.\\d{1,6})?)';
const VIRTUAL = new RegExp(`\\bCPU Virtual Memory: {1,4}used = ${AMOUNT} ?GB\\b`);
const OF_TOTAL = new RegExp(
  `(?:\\bMemory usage on this node: |(?<!(?:gpu|cuda|device|video|v)[ _-]?)\\bRAM(?: usage| used)?[:=] {0,2})${AMOUNT} ?(?:Gi?B)? ?\\/ ?${AMOUNT} ?(Gi?B|Mi?B)\\b`,
  'i',
);

export const hostMemory: LogFormat = {
  name: 'host-memory',
  about: 'the host’s memory as DeepSpeed, Ray and loops print it, beside any other log',
  marks: ['cpu virtual memory', 'memory usage on this node', 'ram: ', 'ram=', 'ram usage', 'ram used'],
  claim: 'beside',
  open: () => new HostMemoryParser(),
};

class HostMemoryParser implements LineParser {
  read({ text }: LogLine, out: Outlet): boolean {
    if (text.length > 600) return false;
    const virtual = VIRTUAL.exec(text);
    const [, usedText, totalText, unit = 'GB'] = virtual ?? OF_TOTAL.exec(text) ?? [];
    const used = amountOf(usedText, unit);
    if (used === null) return false;
    const total = amountOf(totalText, unit);
    if (total !== null && used > total) return false;
    out.host({ ramUsedBytes: used, ...(total !== null && { ramTotalBytes: total }) });
    // The rest of the line may be a report.
    return virtual !== null || text.includes(' on this node');
  }
}

const amountOf = (text: string | undefined, unit: string): number | null =>
  text === undefined ? null : (bytesOf({ value: Number(text), text }, unit)?.bytes ?? null);
