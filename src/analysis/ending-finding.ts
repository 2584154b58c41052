/** What ended a training from outside: a killer of processes, a scheduler, a signal, a collective that hung, a fault of the GPU. */
import type { Ending, Finding } from '../contract/index.ts';
import { signalName } from '../texts/index.ts';
import { hung } from './hung-finding.ts';
import { MORE_HOST_MEMORY, textFinding, torchAmount } from './text-finding.ts';

/** Null where the end is the trainer's own error. */
export function explainEnding(ending: Ending, message: string): Finding | null {
  const { kind, by, evidence, signal, exitCode } = ending;
  const seen = [evidence == null ? null : `The log: ${evidence}`];
  switch (kind) {
    case 'host memory':
      return evidence == null ? null : hostKill(ending, seen);
    case 'time limit':
      return textFinding({
        kind: 'not memory',
        says: `The scheduler (${by}) ended the job at its time limit; the training had not finished. Memory had no part in it.`,
        evidence: seen,
        next: ['Ask for more time, or save checkpoints and resume from the newest.'],
      });
    case 'cancelled':
      return textFinding({
        kind: 'not memory',
        says: `The job was cancelled (${by}) by a person, an administrator or the job itself; the training had not finished.`,
        evidence: seen,
      });
    case 'preempted':
      return textFinding({
        kind: 'not memory',
        says: `The scheduler (${by}) preempted the job for another; the training had not finished.`,
        evidence: seen,
        next: ['Save checkpoints, requeue the job, and resume from the newest.'],
      });
    case 'node failure':
      return textFinding({
        kind: 'not memory',
        says: `A node of the job failed (${by}); the training had not finished.`,
        evidence: seen,
        next: ['Resume from the newest checkpoint, and leave the node out (Slurm: --exclude).'],
      });
    case 'collective timeout':
      return hung(ending, seen);
    case 'signal': {
      const isOther = signal === 9 && /OOMKilled": ?false|Reason: Error/.test(evidence ?? '');
      const { means = '', next = [] } = isOther ? NOT_ITS_LIMIT : (SIGNALS[signal ?? 0] ?? {});
      if (isOther)
        return textFinding({
          kind: 'not memory',
          confidence: 'possible',
          says: `The container was killed by SIGKILL (exit code ${exitCode}).${means}`,
          evidence: seen,
          next,
        });
      return textFinding({
        kind: signal === 9 ? 'host memory' : 'not memory',
        confidence: signal === 9 ? 'possible' : 'certain',
        says: `${message}.${means}`,
        evidence: seen,
        next,
      });
    }
    case 'evicted':
      return textFinding({
        kind: 'not memory',
        says: `The job was evicted from its node (${by}): ${shortOf(evidence ?? '')}.`,
        evidence: seen,
        next: [
          'Ask for what the node was short of (ephemeral storage, process ids), or write less to its disk: checkpoints and caches to a volume of their own.',
        ],
      });
    case 'rendezvous timeout':
      return textFinding({
        kind: 'not memory',
        says: 'Ranks waited for others that never joined the job, and gave up. It is not out of memory.',
        evidence: seen,
        next: [
          'Look at the output of the ranks that are missing: one may have failed before it joined.',
          'Check that every node can reach the master’s address and port, and that the number of ranks is right.',
        ],
      });
    case 'connection lost':
      return textFinding({
        kind: 'not memory',
        confidence: 'likely',
        says: `A rank lost its connection to another one (${by}), which had ended or could not be reached. This rank is not the first cause.`,
        evidence: seen,
        next: ['Look at the output of the other ranks of that time: the one that ended first has the cause.'],
      });
    case 'device fault':
      return textFinding({
        kind: 'not memory',
        says: `The driver reports a fault of the GPU${deviceIn(evidence ?? '')} (Xid ${ending.xid}${faultOf(ending.xid)}), no shortage of memory.`,
        evidence: seen,
        next: HARDWARE.has(ending.xid ?? 0)
          ? [
              'Take the GPU or its node out of use, reset or restart it, and have it checked; resume from the newest checkpoint.',
            ]
          : [
              'Mostly the program’s: an index out of range or a wrong pointer in a kernel. Run with CUDA_LAUNCH_BLOCKING=1 or compute-sanitizer to find it.',
            ],
      });
    case 'launcher': {
      const windows = WINDOWS[(exitCode ?? 0) >>> 0];
      return textFinding({
        kind: windows?.isMemory ? 'host memory' : 'not memory',
        confidence: windows === undefined ? 'likely' : 'certain',
        says: `A process ended with exit code ${exitCode}: ${windows?.says ?? 'its own error is elsewhere in its output'}.`,
        evidence: seen,
        next:
          windows === undefined
            ? ['Look above in the whole output, stderr included, for the first traceback of that process.']
            : windows.next,
      });
    }
    case 'silent':
      return textFinding({
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
/** Docker and Kubernetes report a container that its own limit ended. */
const NOT_ITS_LIMIT: SignalMeaning = {
  means:
    ' It is not reported as killed for its own memory limit: it was stopped from outside (docker stop, a deletion, a probe that failed, a preemption), or the kernel killed one of its processes, for the whole machine’s memory too.',
  next: [
    'Look at the pod’s events (kubectl describe, kubectl get events) or docker events of that time: who stopped it?',
    'Look at the node’s dmesg for “Out of memory: Killed process”: then it was the host’s memory.',
  ],
};
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
      ...MORE_HOST_MEMORY,
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

/** Exit codes of Windows, without their sign. */
const WINDOWS: Readonly<Record<number, { says: string; next: string[]; isMemory?: true }>> = {
  3221225477: {
    says: 'an access violation (0xC0000005), a crash in native code',
    next: [
      'Run with python -X faulthandler to see where; a library that does not fit the others is the usual cause.',
    ],
  },
  3221225725: {
    says: 'the stack overflowed (0xC00000FD)',
    next: ['Look for a recursion without end, or raise the thread’s stack size.'],
  },
  3221226356: {
    says: 'a corrupted heap (0xC0000374), a crash in native code',
    next: ['Run with python -X faulthandler to see where.'],
  },
  3221226505: {
    says: 'a failed check in native code (0xC0000409)',
    next: ['Run with python -X faulthandler to see where.'],
  },
  3221225786: { says: 'Ctrl-C (0xC000013A)', next: [] },
  3221225495: { says: 'the host had no memory left (0xC0000017)', next: MORE_HOST_MEMORY, isMemory: true },
  3221225773: {
    says: 'the host’s memory and its page file were used up (0xC000012D)',
    next: ['Make the page file larger.', ...MORE_HOST_MEMORY],
    isMemory: true,
  },
};

/** What a node lacked, not memory, as Kubernetes' message names it. */
function shortOf(message: string): string {
  const resource = /low on resource: ([a-z-]{2,40})/.exec(message)?.[1];
  if (resource === undefined) return 'the node was short of something other than memory';
  const used = /was using (\d{1,15}[KMGT]i)/.exec(message)?.[1];
  const what = resource === 'ephemeral-storage' ? 'disk space (ephemeral-storage)' : resource;
  return `the node was short of ${what}, not of memory${used === undefined ? '' : `; the container used ${used}B of it`}`;
}

/** ` 0000:3b:00`, the address of the device that a line of the driver names. */
function deviceIn(line: string): string {
  const address = /Xid \(PCI:([\da-fA-F:.]{4,20})\)/.exec(line)?.[1];
  return address === undefined ? '' : ` ${address}`;
}

/** Faults of the hardware, by NVIDIA's number; others are mostly the program's. */
// biome-ignore format: one row
const HARDWARE: ReadonlySet<number> = new Set([48, 62, 63, 64, 74, 79, 92, 94, 95, 110, 119, 120, 121, 140, 143, 144, 145, 146, 147, 148, 149, 150]);
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
  109: 'switching between contexts took too long',
  110: 'security fault',
  119: 'the GPU’s own processor does not answer',
  120: 'the GPU’s own processor failed',
  121: 'the link between chips',
  140: 'memory error that was not recovered from',
  144: 'NVLink',
  145: 'NVLink',
  146: 'NVLink',
  147: 'NVLink',
  148: 'NVLink',
  149: 'NVLink',
  150: 'NVLink',
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
  return textFinding({
    kind: 'host memory',
    says: `${who} was killed for lack of host memory${whose}. No GPU is to blame (${by}).`,
    evidence: [
      heldBytes == null
        ? null
        : Number.isInteger(heldBytes / 1024) && (by === 'kernel' || by === 'slurm')
          ? `It held ${heldBytes / 1024} kB = ${heldBytes} bytes = ${torchAmount(heldBytes)}.`
          : `It held ${torchAmount(heldBytes)}.`,
      usedBytes == null || totalBytes == null
        ? totalBytes == null
          ? null
          : `Its limit: ${torchAmount(totalBytes)}.`
        : `${scope === 'container' ? 'Its limit' : 'The node'}: ${torchAmount(usedBytes)} of ${torchAmount(totalBytes)} was used.`,
      ...evidence,
    ],
    next: MORE_HOST_MEMORY,
  });
}
