/**
 * Lines of memory that scripts and libraries print beside any trainer's figures: `Peak memory usage: 74321.55MiB` (nanochat), `Memory used:
 * 13.98 GB` (LitGPT), `Max CUDA memory allocated was 21 GB` (Llama recipes), `Maximum memory allocated so far is 12345MB` (icefall),
 * `peak memory allocated: 34000 MiB reserved: 35000 MiB`, `Peak reserved memory = 5.9 GB.` (Unsloth): peaks of the run. EasyR1's
 * `Before vllm offload in sharding manager: 58.32 GB / 79.19 GB.` is what the whole device has in use; so is `used_GB` of slime's
 * `[Rank 0] Memory-Usage before offload model: {'gpu': '0', 'total_GB': 139.8, …}`, which has the allocator besides.
 */
import type { DeviceMemory } from '../../contract/index.ts';
import { memoryIn, type Names } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { held } from '../known-keys.ts';
import { type LogLine, workerOf } from '../log-line.ts';
import { poolIn } from '../pool-lines.ts';
import { bytesOf, printedFigure } from '../printed.ts';
import { readDict } from '../python-dict.ts';

const AMOUNT = '(\\d{1,9}(?:\\.\\d{1,9})?) ?([KMGT]i?B)\\b';
const ALLOCATED = new RegExp(
  `(?:\\b[Pp]eak (?:GPU |CUDA )?memory(?: usage| allocated| allocation| alloc)?|\\b[Mm]ax(?:imum)? (?:CUDA |GPU )?memory (?:usage|allocated)(?: was| so far is)?)(?: ?[:=])? {0,4}${AMOUNT}`,
);
const RESERVED = new RegExp(
  `(?:\\b[Pp]eak reserved memory|\\b[Pp]eak memory reserved|\\b[Mm]ax(?:imum)? (?:CUDA |GPU )?memory reserved(?: was)?|\\bmemory allocated: [\\d.]{1,12} ?[KMGT]i?B,? reserved)(?: ?[:=])? {0,4}${AMOUNT}`,
);
/** LitGPT's last words, above its `Memory used`, which is in powers of ten. */
const TRAINED = /^(?:Training time: \d{1,9}\.\d{2}s|\| - Training Time {0,30}: {1,4}\d{1,9}\.\d{2} s)$/;
const USED = /^(?:\| - )?Memory [Uu]sed {0,30}[:=]? {0,4}(\d{1,9}(?:\.\d{1,9})?) ?([KMGT]i?B)$/;
/** Lines from the one to the other. */
const TO_MEMORY = 6;
const TOTAL = new RegExp(
  `\\b(?:GPU(?: =|:) .{1,80}|NVIDIA .{1,60})\\. (?:Num GPUs = \\d{1,4}\\. )?Max memory(?: =|:) ${AMOUNT}`,
);
/** Unsloth's notebooks, before they train: `10.5 GB of memory reserved.` */
const RESERVED_SO_FAR = new RegExp(`^(?:.{0,60} - )?${AMOUNT} of memory reserved\\.?$`);
/** `Allocated: 5123.4MB / Reserved: 6144.0MB`, in a line of its own: what is held now. */
const HELD = new RegExp(
  `\\b[Aa]llocated(?: memory)? ?[:=] {0,4}${AMOUNT}(?: ?[,;/|])? {1,4}(?:[Mm]emory )?(?:[Rr]eserved|[Cc]ached)(?: memory)? ?[:=] {0,4}${AMOUNT}`,
);
const ACTIVE = new RegExp(`\\b(?:[Pp]eak active CUDA memory was|GPU peak memory active:) ${AMOUNT}`);
/** Colossal-AI: `GPU: allocated 544.23 MB, max allocated 1228.89 MB, cached: 1620.0 MB, max cached: 1620.0 MB`. */
const COLOSSAL = new RegExp(
  `\\bGPU: allocated ${AMOUNT}, max allocated ${AMOUNT},(?: cached: ${AMOUNT}, max cached: ${AMOUNT})?`,
);
/** MaxText's statistics of JAX, by device: `Using (GB) 44.63 / 95.74 (46.6%) on TPU_0(process=0,(0,0,0,0))`. */
const JAX =
  /\bUsing \(GB\) (\d{1,6}(?:\.\d{1,3})?) \/ (\d{1,6}(?:\.\d{1,3})?) \([\d.]{1,12}%\) on (\w{2,12}?)[_:(]{1,2}(?:id=)?(\d{1,5})/;
/** PEFT's examples, in MiB. */
const PEFT = /^(?:GPU )?Total Peak Memory consumed during the train \(max\): (\d{1,9})$/;
const OF_STEP = /\b(?:step|iter(?:ation)?|epoch)s?\b.{0,200}\bloss\b/i;
const IN_USE = new RegExp(`^(Before|After) (.{1,80}): ${AMOUNT} \\/ ${AMOUNT}\\.?$`);

/** An evaluation of torchvision's references, DETR, MAE, DINO: `Test:  [ 0/50]  eta: … loss: 1.2 (1.2)  …  max mem: 4321`, in MiB. It trains nothing. */
const EVALUATION =
  /^(?:.{0,80}\s)?(?:Test|Val\w{0,8}|Eval\w{0,8})\b[^[\]]{0,40}\[ {0,8}\d{1,9}\/\d{1,9}\].{0,600}\smax mem: (\d{1,9})\s*$/i;

/** axolotl's, by rank: allocated, what its cache has besides, what the device has in use besides; what is nothing is left out. */
const AXOLOTL =
  /(?:\[RANK:(\d{1,6})\] )?(?:GPU|cuda|npu|hip) memory usage (.{1,60}?): (\d{1,6}\.\d{1,3})GB \((?:\+(\d{1,6}\.\d{1,3})GB cache)?(?:, )?(?:\+\d{1,6}\.\d{1,3}GB misc)?\)/;
const USAGE =
  /^(?:.{0,200}?- )?\[Rank (\d{1,6})\] Memory-Usage (?:(before|after) )?(.{1,80}?)(?: \(cleared before print\))?: \{/;
/** slime's names, all in GiB of two digits. */
const usageNames: Names = {
  total_GB: held('deviceTotalBytes', 'GiB'),
  free_GB: held('deviceFreeBytes', 'GiB'),
  allocated_GB: held('allocatedBytes', 'GiB'),
  reserved_GB: held('reservedBytes', 'GiB'),
};

export const memoryLines: LogFormat = {
  name: 'memory-lines',
  about: 'lines of peak memory that scripts print, beside any other log',
  marks: [
    ...['peak', 'max', 'maximum'].flatMap(most =>
      ['', 'gpu ', 'cuda '].map(whose => `${most} ${whose}memory`),
    ),
    'training time: ',
    '| - training time',
    ...['memory used:', 'memory used ', 'memory used='],
    'peak reserved memory',
    'memory allocated: ',
    'allocated: ',
    'allocated=',
    'allocated memory: ',
    ' gb / ',
    'memory-usage',
    'of memory reserved',
    'active cuda memory',
    'total peak memory consumed',
    'gpu: allocated ',
    'max mem: ',
    'using (gb) ',
    'gpu memory usage ',
    'cuda memory usage ',
    'npu memory usage ',
    'hip memory usage ',
    ...['mem', 'memory', 'mempool', 'mem pool', 'memory pool'].map(pool => `${pool} used: `),
  ],
  claim: 'beside',
  open: () => new MemoryLinesParser(),
};

class MemoryLinesParser implements LineParser {
  #totalBytes: number | null = null;
  /** Number of a line with how long the training took. */
  #trainedAt = -TO_MEMORY;

  read(line: LogLine, out: Outlet): boolean {
    const text = line.text.trim();
    if (text.length > 400) return false;
    if (text.includes('max mem: ')) return this.#evaluation(text, out);
    if (TRAINED.test(text)) this.#trainedAt = line.number;
    if (/(?:GPU|cuda|npu|hip) memory usage /.test(text) && text.includes('GB ('))
      return this.#axolotl(text, out);
    if (text.includes('Memory-Usage')) return this.#usage(line, out);
    const jax = JAX.exec(text);
    if (jax !== null) return this.#jax(jax, out);
    const pool = poolIn(text);
    if (pool !== null) {
      out.memory({ phase: 'report', memory: [pool] });
      return true;
    }
    const colossal = COLOSSAL.exec(text);
    if (colossal !== null) return this.#colossal(colossal, out);
    const inUse = IN_USE.exec(text);
    if (inUse !== null) return this.#inUse(inUse, line, out);
    const total = amountIn(TOTAL, text);
    if (total !== null) {
      this.#totalBytes = total.bytes;
      return true;
    }
    // A step's own line has it: the step's reader takes it.
    if (OF_STEP.test(text)) return false;
    const holds = /peak|max/i.test(text) ? null : HELD.exec(text);
    if (holds !== null) return this.#held(holds, out);
    const peft = PEFT.exec(text);
    const used = USED.exec(text);
    const isTrained = this.#trainedAt >= line.number - TO_MEMORY;
    const allocated =
      used !== null
        ? bytes(used[1]!, used[2]!, used[2] === 'GB' && isTrained ? 'GB of ten' : used[2])
        : peft === null
          ? amountIn(ALLOCATED, text)
          : bytes(peft[1]!, 'MB');
    const reserved = amountIn(RESERVED, text) ?? amountIn(RESERVED_SO_FAR, text);
    const active = amountIn(ACTIVE, text);
    const resolutionBytes = (allocated ?? reserved ?? active)?.resolutionBytes;
    if (allocated === null && reserved === null && active === null) return false;
    // A peak that its print rounded away is not zero.
    if (used !== null && isTrained) out.finished();
    if (![allocated, reserved, active].some(amount => amount !== null && amount.bytes > 0)) return true;
    const reading: DeviceMemory = {
      device: 'cuda',
      ...(allocated?.bytes && { peakAllocatedBytes: allocated.bytes }),
      ...(reserved?.bytes && { peakReservedBytes: reserved.bytes }),
      ...(active?.bytes && { peakActiveBytes: active.bytes }),
      peakScope: 'run',
      ...(this.#totalBytes !== null && { deviceTotalBytes: this.#totalBytes }),
      ...(resolutionBytes != null && { resolutionBytes }),
    };
    out.memory({ phase: 'peak of the run', memory: [reading] });
    return true;
  }

  #held([, allocated, unit, reserved, ofReserved]: RegExpExecArray, out: Outlet): boolean {
    const isTen = unit === 'GB' && ofReserved === 'GB' && [allocated!, reserved!].every(isOfTen);
    const of = isTen ? ' of ten' : '';
    const held = bytes(allocated!, unit!, `${unit}${of}`);
    const cache = bytes(reserved!, ofReserved!, `${ofReserved}${of}`);
    // An allocator has reserved whatever it has handed out.
    if (held === null || cache === null || held.bytes > cache.bytes) return false;
    const reading: DeviceMemory = {
      device: 'cuda',
      allocatedBytes: held.bytes,
      reservedBytes: cache.bytes,
      ...(held.resolutionBytes !== null && { resolutionBytes: held.resolutionBytes }),
    };
    out.memory({ phase: 'report', memory: [reading] });
    return true;
  }

  #evaluation(text: string, out: Outlet): boolean {
    const peak = amountIn(EVALUATION, text, 'MiB');
    if (peak === null) return false;
    const reading: DeviceMemory = {
      device: 'cuda',
      peakAllocatedBytes: peak.bytes,
      peakScope: 'run',
      ...(peak.resolutionBytes !== null && { resolutionBytes: peak.resolutionBytes }),
    };
    out.memory({ phase: 'evaluation', memory: [reading] });
    return true;
  }

  #jax([, used, limit, kind, index]: RegExpExecArray, out: Outlet): boolean {
    const [allocated, total] = [bytes(used!, 'GB'), bytes(limit!, 'GB')];
    if (allocated === null || total === null) return false;
    const reading: DeviceMemory = {
      device: `${kind!.toLowerCase()}:${Number(index)}`,
      allocatedBytes: allocated.bytes,
      deviceTotalBytes: total.bytes,
      ...(allocated.resolutionBytes !== null && { resolutionBytes: allocated.resolutionBytes }),
    };
    out.memory({ phase: 'statistics', memory: [reading] });
    return true;
  }

  #colossal(found: RegExpExecArray, out: Outlet): boolean {
    const [allocated, peak, cached, mostCached] = [1, 3, 5, 7].map(at =>
      found[at] === undefined ? null : bytes(found[at]!, found[at + 1]!),
    );
    const reading: DeviceMemory = {
      device: 'cuda',
      ...(allocated && { allocatedBytes: allocated.bytes }),
      ...(peak && { peakAllocatedBytes: peak.bytes }),
      ...(cached && { reservedBytes: cached.bytes }),
      ...(mostCached && { peakReservedBytes: mostCached.bytes }),
      peakScope: 'run',
      ...(allocated?.resolutionBytes && { resolutionBytes: allocated.resolutionBytes }),
    };
    out.memory({ phase: 'report', memory: [reading] });
    return true;
  }

  #axolotl(text: string, out: Outlet): boolean {
    const [, rank, phase, held, cache] = AXOLOTL.exec(text) ?? [];
    const allocated = bytes(held ?? '', 'GB');
    const rest = bytes(cache ?? '0', 'GB');
    if (allocated === null || rest === null) return false;
    const reading: DeviceMemory = {
      device: 'cuda',
      allocatedBytes: allocated.bytes,
      reservedBytes: allocated.bytes + rest.bytes,
      ...(allocated.resolutionBytes !== null && { resolutionBytes: allocated.resolutionBytes }),
    };
    out.memory({ phase: phase!, memory: [reading] }, rank === undefined ? undefined : Number(rank));
    return true;
  }

  #usage(line: LogLine, out: Outlet): boolean {
    const head = USAGE.exec(line.text);
    if (head === null) return false;
    const figures = readDict(line.text.slice(head[0].length - 1));
    // What is used is the rest of the device.
    figures?.delete('used_GB');
    const reading = figures === null ? null : memoryIn(figures, 'cuda', usageNames);
    if (reading === null) out.almost('a memory line that cannot be read');
    else {
      const [, rank, when, phase] = head;
      const edge = when === 'before' || when === 'after' ? ({ when } as const) : {};
      out.memory({ phase: phase!, ...edge, memory: [reading] }, Number(rank));
    }
    return true;
  }

  #inUse(found: RegExpExecArray, line: LogLine, out: Outlet): boolean {
    const [, edge, phase, used, usedUnit, all, allUnit] = found;
    const usedBytes = bytes(used!, usedUnit!);
    const total = bytes(all!, allUnit!);
    if (usedBytes === null || total === null || usedBytes.bytes > total.bytes) return false;
    const worker = workerOf(line);
    out.memory({
      phase: phase!,
      when: edge === 'Before' ? 'before' : 'after',
      ...(worker !== null && { worker }),
      memory: [
        {
          device: worker === null ? 'cuda' : `worker ${worker.split(' ').at(-1)}`,
          deviceTotalBytes: total.bytes,
          deviceFreeBytes: total.bytes - usedBytes.bytes,
          ...(usedBytes.resolutionBytes !== null && { resolutionBytes: usedBytes.resolutionBytes }),
        },
      ],
    });
    return true;
  }
}

/** Billions of bytes with all their digits: the allocator hands out pieces of 512 bytes. */
const isOfTen = (number: string): boolean =>
  /\.\d{5,8}[1-9]$/.test(number) && Math.round(Number(number) * 1e9) % 512 === 0;
const bytes = (number: string, printed: string, unit = printed) => {
  const read = printedFigure(`${number}${printed}`);
  return read === null ? null : bytesOf(read, unit);
};
const amountIn = (pattern: RegExp, text: string, unit?: string) => {
  const found = pattern.exec(text);
  return found === null ? null : bytes(found[1]!, unit ?? found[2]!);
};
