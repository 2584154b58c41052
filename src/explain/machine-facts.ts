/** What a machine allows and how it is built, without an error: `ulimit -a`, `nvidia-smi topo -m`, `torch.cuda.mem_get_info()`, the log of NVIDIA’s MPS. */
import { amount, capitalised } from '../base/index.ts';
import { share } from '../present/index.ts';
import type { Answer } from './answer.ts';

const base = { state: null, confidence: 'certain' as const };

/** null where the text is of none of these. */
export const readMachineFacts = (text: string): Answer | null =>
  ofFree(text) ?? ofLimits(text) ?? ofTopology(text) ?? ofMps(text);

/** `(1288699904, 25438126080)` below or behind the call: what is free, and what there is. */
const FREE = /mem_get_info\([^()\n]{0,40}\)[^(\n]{0,20}\n?[^(\n]{0,20}\((\d{5,15}), (\d{7,15})\)/;

function ofFree(text: string): Answer | null {
  const [, left, all] = FREE.exec(text) ?? [];
  if (left === undefined || Number(left) > Number(all)) return null;
  const isFull = Number(left) < 0.05 * Number(all);
  return {
    ...base,
    what: 'torch.cuda.mem_get_info()',
    whose: 'GPU',
    says: `${amount(Number(left))} of the device’s ${amount(Number(all))} is free (${share(Number(left) / Number(all))}), as the driver counts it: what PyTorch keeps in its cache, and what other processes hold, is not free${isFull ? ', and nearly all of it is taken' : ''}.`,
    evidence: [],
    next: [
      'torch.cuda.memory_reserved() of this process is its own share of that; the rest is its context, or others’.',
    ],
  };
}

const LIMIT =
  /^([a-z][a-z ]{3,30}?)\s{1,30}\(([a-z0-9 ]{0,12},? ?-[a-zA-Z])\)\s{1,12}(unlimited|\d{1,15})\s*$/;
/** Limits that trainings meet: below what figure, and what then fails. */
const MET: readonly { name: string; least: number; unit: string; fails: string; raise: string }[] = [
  {
    name: 'open files',
    least: 4096,
    unit: '',
    fails: 'DataLoader workers share tensors as files: “Too many open files”, “received 0 items of ancdata”',
    raise: 'ulimit -n 65535, or torch.multiprocessing.set_sharing_strategy("file_system")',
  },
  {
    name: 'max locked memory',
    least: 2 ** 20,
    unit: 'KiB',
    fails:
      'network cards (InfiniBand, NCCL) and large page-locked buffers need more: “Cannot allocate memory”',
    raise: 'ulimit -l unlimited (docker: --ulimit memlock=-1)',
  },
  {
    name: 'virtual memory',
    least: Number.POSITIVE_INFINITY,
    unit: 'KiB',
    fails: 'CUDA reserves far more addresses than it uses, and is refused: “out of memory” with memory free',
    raise: 'ulimit -v unlimited',
  },
  {
    name: 'max user processes',
    least: 8192,
    unit: '',
    fails: 'threads count too: “can’t start new thread”, “pthread_create failed”',
    raise: 'ulimit -u, or fewer threads (OMP_NUM_THREADS)',
  },
];

function ofLimits(text: string): Answer | null {
  const limits = new Map(
    text.split('\n').flatMap(line => {
      const [, name, , value] = LIMIT.exec(line) ?? [];
      return name === undefined ? [] : [[name.trim(), value!] as const];
    }),
  );
  if (limits.size < 3) return null;
  const low = MET.filter(({ name, least }) => {
    const value = limits.get(name);
    return value !== undefined && value !== 'unlimited' && Number(value) < least;
  });
  const printed = ({ name, unit }: (typeof MET)[number]) =>
    `${name} ${limits.get(name)}${unit === '' ? '' : ` ${unit}`}`;
  return {
    ...base,
    what: 'the limits of a process (ulimit)',
    whose: null,
    says:
      low.length === 0
        ? 'No limit of these is low for a training.'
        : `Low for a training: ${low.map(printed).join(', ')}. Where an error has the words below, it is of that limit, not of a device’s memory.`,
    evidence: low.map(limit => `${printed(limit)}: ${limit.fails}.`),
    next: low.map(({ name, raise }) => `${capitalised(name)}: ${raise}.`),
  };
}

const LINK = /^\s{0,4}GPU(\d{1,3})\s(.{3,400})$/;
const KINDS = /\b(?:NV\d{1,2}|PIX|PXB|PHB|NODE|SYS)\b/g;

function ofTopology(text: string): Answer | null {
  if (!/^\s{1,12}GPU0\s.{0,400}CPU Affinity/m.test(text)) return null;
  const links = text.split('\n').flatMap(line => {
    const row = LINK.exec(line);
    return row === null || !/\sX\s|^\s*X\s/.test(` ${row[2]} `) ? [] : [row[2]!.match(KINDS) ?? []];
  });
  if (links.length < 2) return null;
  const all = links.flat();
  const nv = all.filter(kind => kind.startsWith('NV')).length;
  const isAcross = all.includes('SYS');
  return {
    ...base,
    what: 'nvidia-smi topo: how GPUs are linked',
    whose: null,
    says: `${links.length} GPUs: ${
      nv === 0
        ? 'none linked by NVLink, all over PCIe'
        : nv === all.length
          ? 'all linked by NVLink'
          : 'some linked by NVLink, others over PCIe'
    }${isAcross ? ', some across processors (SYS), the slowest way' : ''}. That is about the time of their exchange; it has no memory in it.`,
    evidence: [...new Set(all)]
      .sort()
      .map(kind => `${kind}: ${all.filter(other => other === kind).length} of ${all.length} links.`),
    next:
      nv === all.length
        ? []
        : [
            'Put what exchanges most (tensor parallelism) onto GPUs with the best link. Where NCCL hangs over PCIe: NCCL_P2P_DISABLE=1, as a trial.',
          ],
  };
}

const CLIENT = /\bServer\s{1,4}\d{1,10}\].{0,80}\bclient \{?(\d{1,10})/i;
const FATAL = /SIGNAL_CLIENT_ERROR|fatal GPU error|fatal exception/;

function ofMps(text: string): Answer | null {
  if (!/^\[[\d-]{8,10} [\d:.]{8,16} (?:Control|Server)\s{1,4}\d{1,10}\] /m.test(text)) return null;
  const lines = text.split('\n');
  const fatal = lines.find(line => FATAL.test(line));
  const client = lines
    .filter(line => FATAL.test(line))
    .map(line => CLIENT.exec(line)?.[1])
    .find(pid => pid !== undefined);
  const isMemory = fatal !== undefined && /out of memory/i.test(fatal);
  return {
    ...base,
    what: 'the log of NVIDIA’s MPS, by which processes share a GPU',
    whose: isMemory ? 'GPU' : null,
    says:
      fatal === undefined
        ? 'NVIDIA’s MPS serves processes that share a GPU, and reports no fault.'
        : isMemory
          ? `Process ${client ?? 'of a client'} was refused GPU memory under NVIDIA’s MPS: all clients share the device’s memory.`
          : `${client === undefined ? 'A process' : `Process ${client}`} failed on the GPU under NVIDIA’s MPS: a kernel of it failed, no lack of memory as far as the log shows. The server then ends every client that shares the GPU: the others’ errors come of this one.`,
    evidence: fatal === undefined ? [] : [`The log: ${fatal.trim()}`],
    next:
      fatal === undefined
        ? []
        : isMemory
          ? ['Bound each client: CUDA_MPS_PINNED_DEVICE_MEM_LIMIT=0=8G, or start fewer.']
          : ['Look at the output of that process first: an illegal address or an assertion in a kernel.'],
  };
}
