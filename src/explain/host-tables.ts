/** What a machine’s own tools show of the host’s memory and of its files in memory: `df`, `free`, `top`, `htop`, `ps`, /proc/meminfo, `docker stats`. */
import { amount, printedBytes } from '../base/index.ts';
import type { Answer } from './answer.ts';

/** Share of the host’s memory below which what is left is nothing; of a file system or a container’s limit, above which it is full. */
const LEFT = 0.05;
const FULL = 0.95;

/** null where the text is of none of these. */
export const readHostTable = (text: string): Answer | null =>
  ofDisks(text) ?? ofContainers(text) ?? ofHost(text) ?? ofProcesses(text);

const base = { state: null, confidence: 'certain' as const };

const DISK =
  /^(\S{1,100})\s{1,40}(\S{1,12})\s{1,20}(\S{1,12})\s{1,20}(\S{1,12})\s{1,20}(\d{1,3})%\s{1,8}(\/\S{0,200})$/;
/** Images that are mounted as they are (snaps, discs): always full. */
const OF_IMAGES = /^(?:\/dev\/(?:loop|sr)\d|squashfs\b|\S{1,100}\s.{1,200}\s\/snap\/)/;
/** Docker’s default for /dev/shm. */
const OF_DOCKER = 64 * 2 ** 20;

function ofDisks(text: string): Answer | null {
  const rows = text.split('\n').flatMap(line => {
    const [, , size, used, left, percent, path] = DISK.exec(line.trim()) ?? [];
    return path === undefined || OF_IMAGES.test(line.trim())
      ? []
      : [{ size: size!, used: used!, left: left!, percent: Number(percent), path }];
  });
  if (rows.length === 0) return null;
  const full = rows.filter(({ percent }) => percent >= 100 * FULL);
  const shm = rows.find(({ path }) => path === '/dev/shm');
  const worst = full.find(({ path }) => path === '/dev/shm') ?? full[0];
  const isSmall = shm !== undefined && printedBytes(shm.size, 'K') === OF_DOCKER;
  const isShm = worst?.path === '/dev/shm' || (worst === undefined && isSmall);
  return {
    ...base,
    what: 'what df shows of file systems',
    whose: null,
    says:
      worst?.path === '/dev/shm'
        ? `/dev/shm, the host’s shared memory files, is full: ${worst.used} of ${worst.size} (${worst.percent}%). DataLoader workers and NCCL fail there with a bus error; the GPU has no part in it.`
        : worst !== undefined
          ? `The disk at ${worst.path} is full: ${worst.used} of ${worst.size} (${worst.percent}%), ${worst.left} left. That is no lack of memory.`
          : isSmall
            ? `/dev/shm has ${shm.size}, a container’s default, and ${shm.left} is free now: DataLoader workers that share large batches need more.`
            : `No file system is full${shm === undefined ? '' : `; /dev/shm has ${shm.left} of ${shm.size} free`}.`,
    evidence: rows.map(({ path, used, size, percent }) => `${path}: ${used} of ${size} (${percent}%).`),
    next: isShm
      ? [
          'Make it larger (docker: --shm-size or --ipc=host; Kubernetes: an emptyDir of medium Memory at /dev/shm), or use fewer DataLoader workers.',
          'Look for files that ended runs have left there: ls -l /dev/shm.',
        ]
      : worst !== undefined
        ? [
            'Make room there, or write elsewhere (the output folder, HF_HOME, TMPDIR); keep fewer checkpoints.',
          ]
        : [],
  };
}

const CONTAINER =
  /^[\da-f]{12}\s{1,8}(\S{1,100})\s{1,20}[\d.]{1,8}%\s{1,12}([\d.]{1,8}[KMGT]?i?B) \/ ([\d.]{1,8}[KMGT]?i?B)\s/;

function ofContainers(text: string): Answer | null {
  const rows = text.split('\n').flatMap(line => {
    const [, name, used, limit] = CONTAINER.exec(line) ?? [];
    return name === undefined ? [] : [{ name, used: used!, limit: limit! }];
  });
  const share = ({ used, limit }: (typeof rows)[number]) =>
    printedBytes(used, 'B')! / printedBytes(limit, 'B')!;
  const [worst] = [...rows].sort((a, b) => share(b) - share(a));
  if (worst === undefined) return null;
  const isFull = share(worst) >= FULL;
  return {
    ...base,
    what: 'what docker stats shows',
    whose: 'host',
    says: `Container ${worst.name} uses ${worst.used} of the ${worst.limit} of the host’s memory that it may have${isFull ? ': the kernel kills a process in it once that is gone. No GPU is to blame' : ': it is not short of it'}.`,
    evidence: rows.map(({ name, used, limit }) => `${name}: ${used} of ${limit}.`),
    next: isFull ? ['Raise its limit (docker run --memory), or use fewer DataLoader workers.'] : [],
  };
}

/** Rows of `free`: without a unit they are in the one that it was asked for. */
const FREE = {
  what: 'what free prints of the host’s memory',
  unit: null,
  beside: /^Swap: {1,20}\d|^\s{4,20}total\s{1,12}used\s{1,12}free\s{1,12}shared\s{1,12}buff/m,
};
const SWAP = /^Swap: {1,20}(\S{1,14}) {1,20}(\S{1,14})/m;
/** Of each tool: where what is there and what is available stand, and the unit of figures without one; top’s head names it. */
const HOSTS: readonly {
  what: string;
  total: RegExp;
  left: RegExp;
  unit: 'K' | 'M' | 'head' | null;
  beside?: RegExp;
  isUsed?: true;
}[] = [
  {
    what: 'what top shows',
    total: /^[KMGT]iB Mem\s{0,3}: {1,4}([\d.,]{1,14}) total/m,
    left: /([\d.,]{1,14}) avail Mem/,
    unit: 'head',
  },
  {
    what: 'what htop shows',
    total: /\bMem\[[|#*\s]{0,200}[\d.]{1,8}[KMGT]?\/([\d.]{1,8}[KMGT])\]/,
    left: /\bMem\[[|#*\s]{0,200}([\d.]{1,8}[KMGT])\//,
    unit: 'M',
    isUsed: true,
  },
  {
    what: '/proc/meminfo',
    total: /^MemTotal: {1,20}(\d{1,14}) kB/m,
    left: /^MemAvailable: {1,20}(\d{1,14}) kB/m,
    unit: 'K',
  },
  {
    // Before 3.3 what buffers and caches leave stands in a row of its own.
    ...FREE,
    total: /^Mem: {1,20}(\d{1,14}) /m,
    left: /^-\/\+ buffers\/cache: {1,20}\d{1,14} {1,20}(\d{1,14})\s*$/m,
  },
  {
    // In another language its rows have other names, and the same order.
    ...FREE,
    total: /^\S{3,16}: {1,20}([\d.]{1,14}[KMGT]?i?)(?: {1,20}[\d.]{1,14}[KMGTB]?i?){5}\s*$/m,
    left: /^\S{3,16}: {1,20}(?:[\d.]{1,14}[KMGTB]?i? {1,20}){5}([\d.]{1,14}[KMGT]?i?)\s*$/m,
  },
];

/** What of the host's memory is there and available, beside an error of it; null where no tool shows it. */
export function hostRoom(text: string): string | null {
  const memory = memoryOfHost(text);
  return memory === null ? null : `${memory.has} (${memory.what}).`;
}

function ofHost(text: string): Answer | null {
  const memory = memoryOfHost(text);
  if (memory === null) return null;
  const { what, has, isShort, swap } = memory;
  return {
    ...base,
    what,
    whose: 'host',
    says: `${has}${isShort ? ': the kernel kills a process once that is gone. No GPU is to blame' : ': it is not short of memory'}.`,
    evidence: [...(swap === null ? [] : [`Swap: ${swap[2]} of ${swap[1]} used.`]), ...largest(text)],
    next: isShort
      ? [
          'End what is not needed of the largest processes (ps aux --sort=-rss): DataLoader workers, checkpoints and optimizer states on the host, page-locked buffers.',
        ]
      : [],
  };
}

/** What there is of the host's memory in words without their end, and whether hardly any of it is available. */
function memoryOfHost(
  text: string,
): { what: string; has: string; isShort: boolean; swap: RegExpExecArray | null } | null {
  for (const { what, total, left, unit, beside, isUsed } of HOSTS) {
    if (beside !== undefined && !beside.test(text)) continue;
    const own =
      unit === 'head'
        ? ((/^([KMGT])iB Mem/m.exec(text)?.[1] ?? 'K') as 'K' | 'M' | 'G' | 'T')
        : (unit ?? 'K');
    const [printedAll, printedFound] = [total, left].map(of =>
      (of.exec(text)?.[1] ?? '').replaceAll(',', '.'),
    );
    const [all, found] = [printedBytes(printedAll!, own), printedBytes(printedFound!, own)];
    if (all === null || found === null || all === 0 || found > all) continue;
    const available = isUsed ? all - found : found;
    const isShort = available < LEFT * all;
    const shown = (bytes: number, printed: string) => (unit === null ? printed : amount(bytes));
    const swap = unit === null ? SWAP.exec(text) : null;
    const has = `The host has ${shown(all, printedAll!)} of memory${unit === null && /\d$/.test(printedAll!) ? ' (in the unit that free was asked for: KiB, or MiB with -m)' : ''}${isUsed ? `, ${amount(found)} of it is used` : `, and ${shown(available, printedFound!)} is available`}`;
    return { what, has, isShort, swap };
  }
  return null;
}

/** Rows of `top` and `htop` (`PID USER PR NI VIRT RES SHR …`), and of `ps aux`, whose RSS is in KiB. */
const TOP =
  /^\s{0,8}(\d{1,10}) (\S{1,20})\s{1,12}\S{1,4}\s{1,6}-?\d{1,3}\s{1,8}[\d.]{1,10}[kmgtKMGT]?\s{1,8}([\d.]{1,10}[kmgtKMGT]?)\s{1,8}[\d.]{1,10}[kmgtKMGT]?\s{1,4}[A-Z]\s{1,8}[\d.]{1,6}\s{1,8}([\d.]{1,5})\s{1,8}[\d:.hd]{3,12}\s{1,4}(\S.{0,80})$/;
const PS =
  /^(\S{1,20})\s{1,12}(\d{1,10})\s{1,8}[\d.]{1,6}\s{1,8}([\d.]{1,5})\s{1,12}\d{1,14}\s{1,12}(\d{1,14})\s{1,8}\S{1,10}\s{1,8}[A-Z]\S{0,5}\s{1,8}\S{3,8}\s{1,8}\S{3,12}\s{1,4}(\S.{0,80})$/;
/** Ray’s list of the largest: `PID  MEM(GB)  COMMAND`, in powers of two. */
const RAY_HEAD = /^\s{0,8}PID\s{1,12}MEM\(GB\)\s{1,12}COMMAND\b/m;
const RAY = /^\s{0,8}(\d{1,10})\s{1,12}(\d{1,6}\.\d{2})\s{1,12}(\S.{0,80})$/;
const MOST_PROCESSES = 5;

interface Listed {
  pid: string;
  name: string;
  held: number;
  says: string;
}

const ofRay = (text: string): Listed[] =>
  !RAY_HEAD.test(text)
    ? []
    : text.split('\n').flatMap(line => {
        const [, pid, printed, command] = RAY.exec(line.trimEnd()) ?? [];
        return pid === undefined
          ? []
          : [
              {
                pid,
                name: command!.trim(),
                held: Number(printed) * 2 ** 30,
                says: `Process ${pid} (${command!.trim()}) holds ${printed} GB of the host’s memory.`,
              },
            ];
      });

const processesIn = (text: string): Listed[] =>
  text
    .split('\n')
    .flatMap(line => {
      const top = TOP.exec(line);
      const ps = top === null ? PS.exec(line) : null;
      const [pid, printed, percent, command] =
        top !== null ? [top[1], top[3], top[4], top[5]] : [ps?.[2], ps?.[4], ps?.[3], ps?.[5]];
      const held = printedBytes(printed ?? '', 'K');
      return pid === undefined || held === null
        ? []
        : [
            {
              pid,
              name: command!.trim(),
              held,
              says: `Process ${pid} (${command!.trim()}) holds ${ps === null && /[a-z]$/i.test(printed!) ? printed : amount(held)}, ${percent}% of the host’s memory.`,
            },
          ];
    })
    .concat(ofRay(text))
    .sort((a, b) => b.held - a.held);

const largest = (text: string): string[] =>
  processesIn(text)
    .slice(0, MOST_PROCESSES)
    .map(({ says }) => says);

function ofProcesses(text: string): Answer | null {
  const all = processesIn(text);
  const [first] = all;
  if (first === undefined) return null;
  const alike = all.filter(({ name }) => name === first.name);
  const sum = alike.reduce((total, { held }) => total + held, 0);
  const together =
    alike.length < 2
      ? ''
      : ` The ${alike.length} of its name hold ${amount(sum)} together, where nothing is shared.`;
  return {
    ...base,
    what: 'a list of processes',
    whose: 'host',
    says: `${first.says} It is the largest of the list; how much the host has is not in it.${together}`,
    evidence: largest(text),
    next: ['free -h shows what is available.'],
  };
}
