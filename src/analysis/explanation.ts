/**
 * What a text alone reveals of an end, where no memory was measured or none of it explains the end: whose memory it was,
 * what killed the training, what to try. The sums of an out-of-memory message are done here: what is neither
 * PyTorch's nor free is somebody's.
 */
import { torchSize } from '../base/index.ts';
import type { Ending, Finding, OutOfMemory, VerdictKind } from '../contract/index.ts';
import { oomContradictions } from '../figures/index.ts';
import { share } from '../present/index.ts';
import { type MemoryError, readMemoryError, signalName } from '../texts/index.ts';

/** Shares of the device: what others hold that is somebody's doing, and unallocated memory that is in pieces. */
const OTHERS = 0.08;
const PIECES = 0.04;
/** Below this a device is a carve-out of the host's memory, or a toy. */
const SMALL_BYTES = 2 * 1024 ** 3;
/** What a process has outside its allocator without anyone's doing: the CUDA context, NCCL, cuBLAS. */
const CONTEXT_BYTES = 1.5 * 1024 ** 3;

export interface FailureText {
  errorType: string | null;
  message: string | null;
  outOfMemory: OutOfMemory | null;
  ending: Ending | null;
}

/** null where the text is of an error that has nothing to do with memory, and of no ending from outside. */
export function explain({ errorType, message, outOfMemory, ending }: FailureText): Finding | null {
  const killed = ending === null ? null : explainEnding(ending, message ?? '');
  if (killed !== null) return killed;
  const error = readMemoryError(message ?? '', { errorType });
  if (error !== null && error.outOfMemory === null) return explainOther(error, message ?? '');
  const figures = outOfMemory ?? error?.outOfMemory ?? null;
  if (figures === null) return null;
  return figures.device === 'cpu' ? explainHost(figures) : explainDevice(figures);
}

const amount = (bytes: number | null): string => (bytes === null ? 'an unknown amount' : torchSize(bytes));

interface Parts {
  kind: VerdictKind;
  says: string;
  evidence?: (string | null)[];
  next?: string[];
  confidence?: Finding['confidence'];
}

const finding = ({ kind, says, evidence = [], next = [], confidence = 'certain' }: Parts): Finding => ({
  kind,
  confidence,
  says,
  evidence: evidence
    .filter(text => text !== null)
    .map(text => ({ says: text, fromBatch: null, toBatch: null, figures: [] })),
  next,
});

/** A device that was full, from the figures of the text. */
function explainDevice(error: OutOfMemory): Finding {
  const { triedBytes, totalBytes, freeBytes, processBytes, allocatedBytes, allowedBytes, by } = error;
  const unallocated = error.reservedUnallocatedBytes ?? error.cachedBytes ?? null;
  const torch = allocatedBytes == null ? null : allocatedBytes + (unallocated ?? 0);
  const asked = triedBytes == null ? 'an allocation' : amount(triedBytes);
  const device = error.device ?? 'the device';
  const others = othersOf(error, torch);
  const figures = [
    triedBytes == null ? null : `asked ${amount(triedBytes)}`,
    totalBytes == null ? null : `total ${amount(totalBytes)}`,
    freeBytes == null ? null : `free ${amount(freeBytes)}`,
    processBytes == null ? null : `this process ${amount(processBytes)}`,
    allocatedBytes == null ? null : `PyTorch’s tensors ${amount(allocatedBytes)}`,
    error.activeBytes == null ? null : `active ${amount(error.activeBytes)}`,
    error.privatePoolBytes == null ? null : `of them in private pools ${amount(error.privatePoolBytes)}`,
    unallocated === null ? null : `unallocated in PyTorch’s cache ${amount(unallocated)}`,
    allowedBytes == null ? null : `allowed ${amount(allowedBytes)}`,
  ].filter(part => part !== null);
  const evidence = [
    figures.length === 0 ? 'The text has no figures.' : `The text: ${figures.join(', ')}.`,
    torch !== null && totalBytes != null
      ? `PyTorch holds ${amount(torch)} of ${amount(totalBytes)} (${share(torch / totalBytes)}).`
      : null,
    others.says,
    ...oomContradictions(error),
  ];
  const sums = { evidence, confidence: 'likely' as const };

  if (by === 'physx')
    return finding({
      kind: 'full',
      says: `Out of GPU memory outside PyTorch, in the simulator (PhysX): ${asked} was refused. Errors 700 that follow come of it.`,
      evidence,
      next: [
        'Make the simulator’s contact and pair buffers smaller, or simplify terrain meshes: they are allocated whatever the number of environments.',
        'Then fewer environments, or a GPU of its own for the simulator.',
      ],
    });
  const limit = allowedBytes ?? null;
  const held = processBytes ?? torch;
  if (limit !== null && held !== null && held + (triedBytes ?? 0) > limit * 0.999)
    return finding({
      kind: 'process limit',
      says: `The process reached its own limit: it may use ${amount(limit)}, holds ${amount(held)} and asked for ${asked}${freeBytes == null ? '' : `, while ${amount(freeBytes)} of ${device} is free`}.`,
      evidence,
      next: [
        error.device === 'mps'
          ? 'Close what else holds memory, or raise the limit: PYTORCH_MPS_HIGH_WATERMARK_RATIO.'
          : 'Raise or remove the limit: torch.cuda.set_per_process_memory_fraction, or per_process_memory_fraction in PYTORCH_ALLOC_CONF.',
      ],
    });
  if (freeBytes != null && triedBytes != null && freeBytes >= triedBytes)
    return finding({
      kind: 'process limit',
      says: `${asked} was refused though ${amount(freeBytes)} of ${device} is free: a limit on the process, a container’s share of the GPU, or memory that freed itself meanwhile.`,
      ...sums,
      next: [
        'Look for a limit: torch.cuda.set_per_process_memory_fraction, MIG or vGPU profiles, MPS limits.',
      ],
    });
  if (others.bytes !== null && totalBytes != null && others.bytes >= OTHERS * totalBytes)
    return finding({
      kind: 'neighbour',
      says: `Others take ${device}’s memory: ${amount(others.bytes)} of ${amount(totalBytes)} is neither PyTorch’s nor free${others.who}.`,
      evidence,
      confidence: others.who === '' ? 'likely' : 'certain',
      next: [
        'See who it is with nvidia-smi: end what is left over from an earlier run, or give the training a device of its own.',
        'Where both must share, bound each: torch.cuda.set_per_process_memory_fraction, or the inference engine’s own share.',
      ],
    });
  const isSmall = totalBytes != null && totalBytes < SMALL_BYTES;
  if (
    unallocated !== null &&
    triedBytes != null &&
    !isSmall &&
    unallocated >= 2 * triedBytes &&
    unallocated >= PIECES * (totalBytes ?? 0)
  )
    return finding({
      kind: 'fragmentation',
      says: `PyTorch keeps ${amount(unallocated)} that no tensor uses, in pieces that ${asked} does not fit into.`,
      ...sums,
      next: [
        'Set PYTORCH_ALLOC_CONF=expandable_segments:True.',
        'Make shapes alike from step to step: pad or bucket sequences.',
      ],
    });
  const byLibrary = by != null && !['pytorch', 'metal', 'unknown'].includes(by);
  return finding({
    kind: 'full',
    says: isSmall
      ? `${device} is too small as it is configured: ${amount(totalBytes!)} in all, PyTorch holds ${amount(torch)} and asked for ${asked}. This is not fragmentation.`
      : allocatedBytes != null && totalBytes != null
        ? `${device} is full of the training’s own tensors: ${amount(allocatedBytes)} of ${amount(totalBytes)}, and ${asked} more was asked for.`
        : byLibrary
          ? `Out of GPU memory outside PyTorch’s allocator: ${by} asked the device for ${asked} and was refused.`
          : `Out of GPU memory: ${asked} was refused${totalBytes == null ? ', and the text does not say who holds the rest' : ''}.`,
    evidence,
    confidence: allocatedBytes != null ? 'certain' : 'likely',
    next: isSmall
      ? [
          'Give the integrated GPU a larger share of memory (firmware: UMA frame buffer), or use a smaller model.',
        ]
      : [
          ...(byLibrary
            ? [
                'Leave memory outside PyTorch: set_per_process_memory_fraction below 1, or a smaller share for the inference engine.',
              ]
            : []),
          'Use smaller microbatches with gradient accumulation, activation checkpointing, or shorter sequences.',
          'Look at nvidia-smi while it runs: who else holds memory of the device?',
        ],
  });
}

/** What is neither PyTorch's nor free, and the processes that the text names. */
function othersOf(
  { totalBytes, freeBytes, processBytes, otherProcesses }: OutOfMemory,
  torch: number | null,
): { bytes: number | null; who: string; says: string | null } {
  // What PyTorch has and what the listed processes have is more than what is in use: it is counted in one of them.
  const isAll = (held: number) =>
    totalBytes != null &&
    freeBytes != null &&
    (otherProcesses ?? []).reduce((all, { bytes }) => all + bytes, held) > (totalBytes - freeBytes) * 1.01;
  // In a container the driver does not know this process's number, and lists it among the others.
  const own =
    processBytes == null && torch !== null
      ? (otherProcesses ?? []).find(
          ({ bytes }) => bytes >= torch * 0.99 && (bytes <= torch + CONTEXT_BYTES || isAll(torch)),
        )
      : undefined;
  const listed = (otherProcesses ?? []).filter(process => process !== own);
  const listedBytes = listed.reduce((all, { bytes }) => all + bytes, 0);
  const held = processBytes ?? own?.bytes ?? (torch === null ? null : torch + CONTEXT_BYTES);
  const rest =
    totalBytes == null || held === null || freeBytes == null
      ? null
      : Math.max(0, totalBytes - freeBytes - held);
  const who = listed.map(({ pid, bytes }) => `process ${pid} has ${amount(bytes)}`).join(', ');
  const unnamed =
    totalBytes != null && freeBytes != null && torch !== null && processBytes == null && own === undefined
      ? totalBytes - freeBytes - torch
      : null;
  return {
    bytes: listed.length > 0 ? Math.max(listedBytes, rest ?? 0) : rest,
    who: who === '' ? '' : `: ${who}`,
    says:
      who !== ''
        ? `Other processes hold ${amount(listedBytes)}: ${who}.`
        : unnamed !== null && unnamed > 0
          ? `${amount(unnamed)} is neither PyTorch’s nor free: this process outside PyTorch (CUDA context, NCCL, a simulator), or others.`
          : processBytes != null && torch !== null && processBytes - torch > CONTEXT_BYTES
            ? `${amount(processBytes - torch)} of this process is outside PyTorch: the CUDA context, NCCL, a simulator, an inference engine.`
            : null,
  };
}

function explainHost({ triedBytes, processBytes, by }: OutOfMemory): Finding {
  return finding({
    kind: 'host memory',
    says: `Out of the host’s memory, not the GPU’s${triedBytes == null ? '' : `: ${amount(triedBytes)} (${triedBytes} bytes) was asked for`}${by == null ? '' : ` (${by})`}.`,
    evidence: [
      processBytes == null ? null : `The process held ${amount(processBytes)} (${processBytes} bytes).`,
    ],
    next: HOST_NEXT,
  });
}

const HOST_NEXT = [
  'Ask for more host memory (Slurm: --mem; Kubernetes and Docker: the container’s limit).',
  'Use fewer DataLoader workers, load data in pieces (memory maps, streaming), keep fewer checkpoints and optimizer states on the host.',
];

/** What sounds like a full GPU and is something else. */
function explainOther({ memory, by }: MemoryError, message: string): Finding {
  const needs = /Required: (\d{1,15}),? Hardware limit: ?(\d{1,15})/.exec(message);
  switch (memory) {
    case 'on-chip':
      return finding({
        kind: 'not memory',
        says: `Not out of GPU memory: a kernel (${by}) asks for ${needs === null ? 'more on-chip shared memory or registers than a block has' : `${needs[1]} bytes of on-chip shared memory, and a block has ${needs[2]}`}. A smaller batch does not help.`,
        next: [
          'Use smaller block sizes, fewer stages (num_stages), or a smaller head dimension; or another attention implementation.',
        ],
      });
    case 'shared memory files':
      return finding({
        kind: 'not memory',
        says: `Not out of GPU memory: /dev/shm, the host’s shared memory files, is full (${by}).`,
        next: [
          'Make it larger (docker: --shm-size or --ipc=host; Kubernetes: an emptyDir of medium Memory at /dev/shm), or use fewer DataLoader workers.',
        ],
      });
    case 'page-locked':
      return finding({
        kind: 'not memory',
        says: `Not out of GPU memory: page-locked host memory could not be had (${by}).`,
        next: ['Turn pin_memory off or pin less, raise `ulimit -l`, or give the host more memory.'],
      });
    case 'page file':
      return finding({
        kind: 'host memory',
        says: 'Not out of GPU memory: Windows’ page file is too small for what the host was asked for.',
        next: ['Make the page file larger, or use fewer DataLoader workers.'],
      });
    case 'configured buffer':
      return finding({
        kind: 'not memory',
        says: `Not out of GPU memory: a buffer of a configured size is too small (${by}); the message names it.`,
        next: ['Raise the capacity that the message names.'],
      });
    default:
      return finding({
        kind: 'not memory',
        says: 'Not out of memory: the disk is full.',
        next: ['Make room on the disk that the path is on.'],
      });
  }
}

/** What ended the training from outside; null where that is the trainer's own error. */
function explainEnding(ending: Ending, message: string): Finding | null {
  const { kind, by, evidence, signal, exitCode } = ending;
  const seen = [evidence == null ? null : `The log: ${evidence}`];
  switch (kind) {
    case 'host memory':
      return evidence == null ? null : hostKill(ending, seen);
    case 'time limit':
      return finding({
        kind: 'not memory',
        says: `The scheduler (${by}) ended the job at its time limit; the training had not finished. Memory had no part in it.`,
        evidence: seen,
        next: ['Ask for more time, or save checkpoints and resume from the newest.'],
      });
    case 'cancelled':
      return finding({
        kind: 'not memory',
        says: `The job was cancelled (${by}) by a person or an administrator; the training had not finished.`,
        evidence: seen,
      });
    case 'preempted':
      return finding({
        kind: 'not memory',
        says: `The scheduler (${by}) preempted the job for another; the training had not finished.`,
        evidence: seen,
        next: ['Save checkpoints, requeue the job, and resume from the newest.'],
      });
    case 'node failure':
      return finding({
        kind: 'not memory',
        says: `A node of the job failed (${by}); the training had not finished.`,
        evidence: seen,
        next: ['Resume from the newest checkpoint, and leave the node out (Slurm: --exclude).'],
      });
    case 'collective timeout':
      return hung(ending, seen);
    case 'signal': {
      const { means = '', next = [] } = SIGNALS[signal ?? 0] ?? {};
      return finding({
        kind: signal === 9 ? 'host memory' : 'not memory',
        confidence: signal === 9 ? 'possible' : 'certain',
        says: `${message}.${means}`,
        evidence: seen,
        next,
      });
    }
    case 'evicted':
      return finding({
        kind: 'not memory',
        says: `The job was evicted from its node (${by}): the node was short of something other than memory.`,
        evidence: seen,
        next: [
          'Ask for what the node was short of (ephemeral storage, process ids), or write less to its disk.',
        ],
      });
    case 'rendezvous timeout':
      return finding({
        kind: 'not memory',
        says: 'Ranks waited for others that never joined the job, and gave up. It is not out of memory.',
        evidence: seen,
        next: [
          'Look at the output of the ranks that are missing: one may have failed before it joined.',
          'Check that every node can reach the master’s address and port, and that the number of ranks is right.',
        ],
      });
    case 'connection lost':
      return finding({
        kind: 'not memory',
        confidence: 'likely',
        says: `A rank lost its connection to another one (${by}), which had ended or could not be reached. This rank is not the first cause.`,
        evidence: seen,
        next: ['Look at the output of the other ranks of that time: the one that ended first has the cause.'],
      });
    case 'device fault':
      return finding({
        kind: 'not memory',
        says: `The driver reports a fault of the GPU (Xid ${ending.xid}${faultOf(ending.xid)}), no shortage of memory.`,
        evidence: seen,
        next: HARDWARE.has(ending.xid ?? 0)
          ? [
              'Take the GPU or its node out of use, reset or restart it, and have it checked; resume from the newest checkpoint.',
            ]
          : [
              'Mostly the program’s: an index out of range or a wrong pointer in a kernel. Run with CUDA_LAUNCH_BLOCKING=1 or compute-sanitizer to find it.',
            ],
      });
    case 'launcher':
      return finding({
        kind: 'not memory',
        says: `A process ended with exit code ${exitCode}: its own error is elsewhere in its output.`,
        evidence: seen,
      });
    case 'silent':
      return finding({
        kind: 'unmeasured',
        confidence: 'possible',
        says: `${by == null ? `The training died without a word: ${message}` : message}. A kill from outside (${signalName(9)}, the host’s memory killer, a lost connection) leaves just that.`,
        evidence: seen,
        next: ['Look at dmesg, and at the scheduler’s or container’s log of that time.'],
      });
    default:
      return null;
  }
}

interface SignalMeaning {
  means: string;
  next?: string[];
}
/** What a signal most often means for a training. */
const SIGNALS: Readonly<Record<number, SignalMeaning>> = {
  1: {
    means: ' The terminal or the session that the training was started from was closed.',
    next: ['Start it with nohup, tmux or a scheduler.'],
  },
  6: {
    means: ' The program gave itself up: the reason is above, as “terminate called” or an assertion.',
  },
  7: {
    means: ' Most often /dev/shm, the host’s shared memory files, is full; or a mapped file was cut.',
    next: ['Make /dev/shm larger (docker: --shm-size or --ipc=host), or use fewer DataLoader workers.'],
  },
  9: {
    means:
      ' SIGKILL without an error of the trainer is most often the kernel’s or a container’s memory killer: the host’s memory, not the GPU’s.',
    next: [
      'Look for the killer: dmesg (“Out of memory: Killed process”), or the container’s and scheduler’s own log.',
      ...HOST_NEXT,
    ],
  },
  11: {
    means: ' A crash in native code: a library that does not fit, or a fault of an extension.',
    next: ['Run with python -X faulthandler to see where.'],
  },
  15: {
    means: ' It was asked to end: by a person, a scheduler, or a launcher after another process had failed.',
  },
};

/** Faults of the hardware, by NVIDIA's number; others are mostly the program's. */
const HARDWARE: ReadonlySet<number> = new Set([48, 62, 63, 64, 74, 79, 92, 94, 95, 119, 120, 140]);
const FAULTS: Readonly<Record<number, string>> = {
  13: 'a kernel’s exception',
  31: 'a kernel used an address that is not its own',
  43: 'a kernel was stopped',
  45: 'work was cleaned up after another fault or a kill',
  48: 'memory error that cannot be corrected',
  63: 'a row of memory was replaced',
  64: 'a row of memory could not be replaced',
  74: 'NVLink',
  79: 'the GPU is no longer on the bus',
  94: 'memory error, contained',
  95: 'memory error, not contained',
  119: 'the GPU’s own processor does not answer',
};
const faultOf = (xid: number | null | undefined): string => {
  const fault = FAULTS[xid ?? 0];
  return fault === undefined ? '' : `: ${fault}`;
};

function hostKill(
  { by, scope, pid, process, heldBytes, usedBytes, totalBytes }: Ending,
  evidence: (string | null)[],
): Finding {
  const who = pid == null ? 'A process' : `Process ${pid}${process == null ? '' : ` (${process})`}`;
  const whose =
    scope === 'machine'
      ? ', the whole machine’s, not a container’s limit'
      : scope === 'container'
        ? ': the limit of its container or job was reached'
        : '';
  return finding({
    kind: 'host memory',
    says: `${who} was killed for lack of host memory${whose}. No GPU is to blame (${by}).`,
    evidence: [
      heldBytes == null
        ? null
        : `It held ${heldBytes / 1024} kB = ${heldBytes} bytes = ${amount(heldBytes)}.`,
      usedBytes == null || totalBytes == null
        ? null
        : `The node used ${amount(usedBytes)} of ${amount(totalBytes)}.`,
      ...evidence,
    ],
    next: HOST_NEXT,
  });
}

/** A collective that hung: who waited, and who is missing. */
function hung({ collectives, by }: Ending, evidence: (string | null)[]): Finding {
  const all = collectives ?? [];
  const known = all.find(({ operation }) => operation != null) ?? all[0];
  const waited = all.flatMap(({ rank }) => (rank == null ? [] : [rank])).sort((a, b) => a - b);
  const missing = Array.from({ length: Math.max(-1, ...waited) + 1 }, (_, rank) => rank).filter(
    rank => !waited.includes(rank),
  );
  const behind = all.reduce(
    (least, { lastCompleted }) => Math.min(least, lastCompleted ?? least),
    Number.POSITIVE_INFINITY,
  );
  const late = all.filter(({ lastCompleted }) => lastCompleted != null && lastCompleted === behind);
  const differs = all.some(({ lastCompleted }) => lastCompleted != null && lastCompleted !== behind);
  const operations = new Set(all.flatMap(({ operation }) => operation ?? []));
  const what = [
    known?.operation,
    known?.work == null ? null : `work ${known.work}`,
    known?.limitMs == null ? null : `limit ${known.limitMs / 1000} s`,
    known?.ranMs == null ? null : `ran ${known.ranMs} ms`,
    known?.lastCompleted == null ? null : `last completed ${known.lastCompleted}`,
  ].filter(part => part != null);
  const list = (ranks: number[]) => `rank${ranks.length > 1 ? 's' : ''} ${ranks.join(', ')}`;
  return finding({
    kind: 'not memory',
    confidence: 'certain',
    says: `A collective operation hung and timed out (${by}${what.length > 0 ? `: ${what.join(', ')}` : ''}). It is not out of memory.`,
    evidence: [
      waited.length === 0
        ? null
        : `${list(waited)} waited${missing.length > 0 ? `; ${list(missing)} has no line: look there first` : ''}.`,
      differs
        ? `Behind the others: ${list(late.flatMap(({ rank }) => rank ?? []))}, last completed ${behind}: the suspect.`
        : null,
      operations.size > 1
        ? `The ranks are in different operations (${[...operations].join(', ')}): they have fallen out of step.`
        : null,
      ...evidence,
    ],
    next: [
      'Look at the rank that is missing or behind: its data ended earlier, it died, or it went another way in the code.',
      'Find where it hangs: TORCH_NCCL_TRACE_BUFFER_SIZE=2000, py-spy dump.',
    ],
  });
}
