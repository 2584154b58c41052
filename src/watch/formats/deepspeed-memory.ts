/**
 * DeepSpeed's `see_memory_usage`, which stands beside any trainer's log: a line with what is done, `… before forward 1`, then
 * `MA 4.96 GB  Max_MA 5.09 GB  CA 6.39 GB  Max_CA 6 GB`. Its GB are GiB, its peaks since the line before. `Max_CA` is rounded to whole
 * GiB: it is left out. Newer versions print the first line bare. Its timer's line of a step has memory too, of the rank that prints it:
 * `… global_step=10, RunningAvgSamplesPerSec=…, MemAllocated=2.1GB, MaxMemAllocated=8.9GB`, a peak of the run.
 */
import type { DeviceMemory } from '../../contract/index.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { gibBytes } from '../printed.ts';

const HEAD = /\[utils\.py:\d{1,6}:see_memory_usage\] (.{0,200})$/;
const MEMORY =
  /(?:^|\s)MA (\d{1,7}(?:\.\d{1,6})?) GB\s{1,40}Max_MA (\d{1,7}(?:\.\d{1,6})?) GB\s{1,40}CA (\d{1,7}(?:\.\d{1,6})?) GB\s{1,40}Max_CA (\d{1,7}(?:\.\d{1,6})?) GB/;
const TIMER =
  /SamplesPerSec=[\d.]{1,30}, MemAllocated=(\d{1,7}(?:\.\d{1,6})?)GB, MaxMemAllocated=(\d{1,7}(?:\.\d{1,6})?)GB/;
const EDGE = /^(before|after) (.{0,160}\S)\s{0,8}$/i;

export const deepspeedMemory: LogFormat = {
  name: 'deepspeed-memory',
  about: 'DeepSpeed’s memory lines, beside any other log',
  marks: ['see_memory_usage', 'Max_MA ', 'MaxMemAllocated=', 'before ', 'after '],
  claim: 'beside',
  open: () => new DeepspeedMemoryParser(),
};

class DeepspeedMemoryParser implements LineParser {
  /** By rank: what the line before names. */
  #phases = new Map<number, string>();
  /** A line that may name what is done: it does where memory is on the next line. */
  #bare: { number: number; text: string } | null = null;

  read({ text, source, number }: LogLine, out: Outlet): boolean {
    const rank = source?.rank ?? 0;
    const timer = text.includes('MaxMemAllocated=') ? TIMER.exec(text) : null;
    if (timer !== null) {
      const [allocatedBytes, peakAllocatedBytes] = timer.slice(1, 3).map(amount => gibBytes(amount)!.bytes);
      const reading: DeviceMemory = {
        ...{ device: 'cuda', allocatedBytes: allocatedBytes!, peakAllocatedBytes: peakAllocatedBytes! },
        ...{ peakScope: 'run', resolutionBytes: gibBytes('0.01')!.bytes },
      };
      out.memory({ phase: 'step', memory: [reading] }, rank);
      // The rest of the line is the trainer's own.
      return false;
    }
    const memory = text.includes('Max_MA ') ? MEMORY.exec(text) : null;
    if (memory === null) {
      const head = text.includes('_memory_usage') ? HEAD.exec(text)?.[1]?.trim() : undefined;
      if (head === undefined) {
        if (EDGE.test(text)) this.#bare = { number, text: text.trim() };
        return false;
      }
      // The host's memory is another reader's.
      if (head.startsWith('CPU Virtual Memory')) return false;
      this.#phases.set(rank, head);
      return true;
    }
    const [allocated, peakAllocated, reserved] = memory.slice(1, 4).map(amount => gibBytes(amount)!);
    const reading: DeviceMemory = {
      device: 'cuda',
      allocatedBytes: allocated!.bytes,
      peakAllocatedBytes: peakAllocated!.bytes,
      peakScope: 'update',
      reservedBytes: reserved!.bytes,
      // Python leaves zeros at the end out: all are of two digits.
      resolutionBytes: gibBytes('0.01')!.bytes,
    };
    const bare = this.#bare?.number === number - 1 ? this.#bare.text : null;
    const phase = this.#phases.get(rank) ?? bare ?? 'unnamed';
    this.#phases.delete(rank);
    const edge = EDGE.exec(phase);
    out.memory(
      {
        phase: edge?.[2] ?? phase,
        ...(edge !== null && {
          when: edge[1]!.toLowerCase() === 'before' ? ('before' as const) : ('after' as const),
        }),
        memory: [reading],
      },
      rank,
    );
    return true;
  }
}
