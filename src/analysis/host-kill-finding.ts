/** A process that was killed for the host's memory: by whom, at whose limit, and how much it held. */
import { uncapitalised } from '../base/index.ts';
import type { Ending } from '../contract/index.ts';
import { share } from '../present/index.ts';
import { workersKilled } from '../texts/index.ts';

import { othersKilled } from './others-killed.ts';

import {
  LESS_HOST_MEMORY,
  MORE_MACHINE,
  moreHostMemory,
  type TextFinding,
  textFinding,
  torchAmount,
} from './text-finding.ts';

/** Share of a node's memory below which it was a threshold of Ray's that was set low, not the node that was full. */
const NEARLY_FULL = 0.9;

export function hostKill(given: Ending, log: (string | null)[]): TextFinding {
  const ending = withLargest(given);
  const { by, scope, pid, process, heldBytes, usedBytes, totalBytes } = ending;
  const name = pid == null ? 'A process' : `Process ${pid}${process == null ? '' : ` (${process})`}`;
  const who =
    by === 'kernel' && (heldBytes ?? 0) > 0 ? `${name}, which held ${torchAmount(heldBytes!)},` : name;
  const workers = workersKilled(ending.evidence ?? '');
  const kills = by === 'slurm' ? (KILLS.exec(ending.evidence ?? '')?.[1] ?? null) : null;
  const isCounted = kills !== null && pid == null;
  const isLsf = by === 'lsf';
  const whose =
    scope === 'machine' && by !== 'ray'
      ? ', the whole machine’s, not a container’s limit'
      : scope === 'container'
        ? ': the limit of its container or job was reached'
        : '';
  const special =
    by === 'systemd-oomd'
      ? pressed(ending)
      : by === 'ray'
        ? byRay(ending, who)
        : by === 'dask'
          ? byDask(ending, who)
          : by === 'pbs' && isOfAddresses(ending)
            ? ofAddresses(ending)
            : /memory limit at some point/.test(ending.evidence ?? '')
              ? AT_SOME_POINT
              : null;
  return textFinding({
    kind: 'host memory',
    mark: 'killed',
    ...(special === AT_SOME_POINT && { confidence: 'likely' as const }),
    says:
      special?.says ??
      `${workers !== null && pid == null ? `${workers} workers of Ray’s were` : isCounted ? 'Processes were' : `${who} was`} killed for lack of host memory${isCounted ? ` (${kills} times by Slurm’s count)` : ''}${isCounted ? whose.replace(' its ', ' their ') : whose}. No GPU is to blame (${by}).${by === 'kubernetes' && ending.exitCode === 0 ? ' The container itself ended with exit code 0: it was another of its processes that was killed, and the pod counts as succeeded.' : ''}`,
    evidence: [
      othersKilled(ending),
      heldBytes == null
        ? null
        : Number.isInteger(heldBytes / 1024) && (by === 'kernel' || by === 'slurm')
          ? `It held ${heldBytes / 1024} kB = ${heldBytes} bytes = ${torchAmount(heldBytes)}.`
          : `It held ${torchAmount(heldBytes)}.`,
      usedBytes == null || totalBytes == null
        ? totalBytes == null
          ? by === 'pbs' && usedBytes != null
            ? `Its address space (vmem), filled or not: ${torchAmount(usedBytes)}.`
            : null
          : `Its limit: ${torchAmount(totalBytes)}.`
        : isLsf
          ? `It used ${torchAmount(usedBytes)} at the most, and ${torchAmount(totalBytes)} was asked for.`
          : `${scope === 'container' ? 'Its limit' : 'The node'}: ${torchAmount(usedBytes)} of ${torchAmount(totalBytes)} was used.`,
      ...(special?.evidence ?? []),
      ...log,
    ],
    next: [
      ...(special?.next ?? []),
      ...ofRequest(ending),
      ...(NOTEBOOKS.has(by ?? '')
        ? OF_NOTEBOOK
        : (scope === 'machine' ? MORE_MACHINE : moreHostMemory(by))
            .filter(advice => !special?.isOfOthers || advice !== LESS_HOST_MEMORY)
            .map(advice => (advice === LESS_HOST_MEMORY ? lessOf(process ?? null) : advice))),
    ],
  });
}

/** Slurm counts what the kernel killed in a step, where it was more than one. */
const KILLS = /\bDetected ([2-9]|[1-9]\d{1,5}) oom[-_]kill event/;

/** Of several that were killed, the one that held most by far is the one that filled the host. */
function withLargest(ending: Ending): Ending {
  const largest = (ending.others ?? []).reduce<Ending | NonNullable<Ending['others']>[number]>(
    (most, other) => ((other.heldBytes ?? 0) > MUCH_MORE * (most.heldBytes ?? 0) ? other : most),
    ending,
  );
  if (largest === ending || ending.heldBytes == null) return ending;
  const { pid, process, heldBytes, rank } = ending;
  return {
    ...ending,
    pid: largest.pid,
    process: largest.process,
    heldBytes: largest.heldBytes,
    rank: largest.rank,
    others: [
      ...ending.others!.filter(other => other !== largest),
      { pid: pid!, process: process ?? null, heldBytes, rank: rank ?? null },
    ],
  };
}
const MUCH_MORE = 2;

/** Programs in the browser, whose machine is given. */
const NOTEBOOKS: ReadonlySet<string> = new Set(['colab', 'kaggle']);
const OF_NOTEBOOK = [
  'Hold less at once: load the data in pieces (generators, tf.data, memory maps), in narrower types (float32, uint8), and let go of what is not needed any more (del, a fresh runtime).',
  'Take a runtime with more memory.',
];

/** Names of processes that may train: Python, its launchers and workers, and what the kernel cuts of them. */
const MAY_TRAIN = /\b(?:python|pt_|torch|accelerate|deepspeed|ray|julia|java)|train|worker|main|^run/i;

/** Of a process that is no trainer by its name, nothing that only a training has. */
const lessOf = (process: string | null): string =>
  process !== null && /vllm|sglang/i.test(process)
    ? 'Let the engine take less of the host: a smaller swap_space (--swap-space) or CPU offload, fewer workers on one node, a smaller model; as it loads, weights pass through the host.'
    : process === null || MAY_TRAIN.test(process)
      ? LESS_HOST_MEMORY
      : `Let ${process} hold less, or give it less to do at once.`;

const MORE_ADDRESSES =
  'Ask for more of it, or have it not limited (-l vmem=…, with pvmem for each process): CUDA reserves far more addresses than are ever filled, each thread and library some more.';

/** Whether it was a limit of addresses: PBS names it, and of Torque’s mail the figures show it. */
const isOfAddresses = ({ evidence, heldBytes, usedBytes, totalBytes }: Ending): boolean =>
  /killed: vmem /.test(evidence ?? '') ||
  (/memory resource limit \(vmem/.test(evidence ?? '') &&
    heldBytes != null &&
    usedBytes != null &&
    totalBytes != null &&
    heldBytes < totalBytes &&
    usedBytes > totalBytes);

/** Of a pod that was evicted: Kubernetes goes by what it asked for. Of Torque: which of its limits it was is not in its mail. */
function ofRequest(ending: Ending): string[] {
  const { evidence, heldBytes } = ending;
  if (isOfAddresses(ending)) return [];
  if (/memory resource limit \(vmem/.test(evidence ?? ''))
    return [`Where it was the address space (vmem): ${uncapitalised(MORE_ADDRESSES)}`];
  if (!/low on resource: memory\b/.test(evidence ?? '')) return [];
  return [
    `Give the container a memory request (resources.requests.memory) of what it uses${heldBytes == null ? '' : `, ${torchAmount(heldBytes)} here`}: Kubernetes evicts first what is above its request, and puts no pod on a node without room for it.`,
  ];
}

interface Special {
  says: string;
  evidence: string[];
  next: string[];
  /** Whether most of the memory is not its own. */
  isOfOthers?: boolean;
}

/** Slurm reports it when a step has ended, whether or not a process was killed. */
const AT_SOME_POINT: Special = {
  says: 'The job reached its limit of host memory at some point (slurm): where it failed, a process was killed for it; where it completed, the kernel only dropped files that it had in memory. No GPU is to blame.',
  evidence: [],
  next: [],
};

/** systemd-oomd kills for the time that is lost in waiting for memory, or for what is used of memory and swap. */
function pressed({ process, evidence }: Ending): Special {
  const [, is, limit, since] =
    /(?:being|\bis) ([\d.]{1,8}%) > ([\d.]{1,8}%)(?: for > (\w{1,8}))?/.exec(evidence ?? '') ?? [];
  const why =
    is === undefined
      ? ''
      : `: its programs waited for memory ${is} of the time${since === undefined ? '' : `, for more than ${since}`}, and ${limit} is allowed`;
  const killed = /systemd-oomd killed (\d{1,6}) process/.exec(evidence ?? '')?.[1];
  const its = `with all its processes${killed === undefined ? '' : ` (${killed})`}`;
  return {
    says: `systemd-oomd killed ${process == null ? 'a unit' : `the unit ${process}`} ${its} for lack of host memory${why}. No GPU is to blame.`,
    evidence: [],
    next: [
      'Start the training in a unit that systemd-oomd leaves alone (systemd-run --user --scope -p ManagedOOMPreference=omit …; as a service of its own), or raise ManagedOOMMemoryPressureLimit of its slice.',
    ],
  };
}

/** A limit of Torque’s and PBS’s on addresses: of them CUDA and every thread take more than they fill. */
const ofAddresses = ({ usedBytes, totalBytes }: Ending): Special => ({
  says: `The scheduler (pbs) killed the job for its address space (vmem)${usedBytes == null || totalBytes == null ? '' : `, ${torchAmount(usedBytes)}, of which it may have ${torchAmount(totalBytes)}`}: the host’s, filled or not. No GPU is to blame.`,
  evidence: [],
  next: [MORE_ADDRESSES],
});

/** Dask gives each worker a share of the host, and starts it again near the end of that. */
const byDask = ({ evidence }: Ending, who: string): Special => ({
  says: `${who === 'A process' ? 'Dask ended a worker and started it again' : `${who}, a worker of Dask’s, was ended and started again`}: it held more than ${/exceeded (\d{1,3}%)/.exec(evidence ?? '')?.[1] ?? 'nearly all'} of the host memory that it may have (memory_limit). No GPU is to blame.`,
  evidence: ['A task that ends several workers so is given up (KilledWorker).'],
  next: [
    'Give each worker more (memory_limit; fewer workers on a node), or make each task smaller: smaller partitions, fewer of them at once (nthreads).',
  ],
});

/** Ray ends a task by its own threshold, and picks the newest one that can be tried again. */
function byRay({ usedBytes, totalBytes, heldBytes, evidence }: Ending, who: string): Special | null {
  if (usedBytes == null || totalBytes == null) {
    const workers = workersKilled(evidence ?? '');
    return {
      says: `${workers === null ? (who === 'A process' ? 'Ray killed a worker' : `${who} was killed by Ray`) : `Ray killed ${workers} workers of its own`} for lack of host memory: its node was over Ray’s threshold (a container that Ray runs in counts as the node). No GPU is to blame (ray).`,
      evidence: [],
      next: [FEWER_TASKS],
    };
  }
  const threshold = /(?:memory usage threshold of|exceeds threshold) ([\d.]{0,12}\d)/.exec(
    evidence ?? '',
  )?.[1];
  const isLow = usedBytes < NEARLY_FULL * totalBytes;
  const isSmall = heldBytes != null && heldBytes < usedBytes / 4;
  return {
    says: `${who === 'A process' ? 'Ray ended a task' : `${who} was ended by Ray`} for lack of host memory: ${torchAmount(usedBytes)} of the node’s ${torchAmount(totalBytes)} was used (${share(usedBytes / totalBytes)})${threshold === undefined ? '' : `, over Ray’s threshold of ${threshold}`}.${isLow ? ' The node itself was not full.' : ''} No GPU is to blame.`,
    isOfOthers: isSmall,
    evidence: isSmall
      ? ['Ray ends the newest task that can be tried again, not the largest: most of the memory is others’.']
      : [],
    next: [
      isLow
        ? 'Raise Ray’s threshold (RAY_memory_usage_threshold, 0.95 by default) where the node is yours alone.'
        : FEWER_TASKS,
    ],
  };
}

const FEWER_TASKS = 'Run fewer tasks at once: give each more CPUs, or memory=… in ray.remote.';
