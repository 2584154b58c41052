/** What ended a training from outside: a killer of processes, a scheduler, a signal, a collective that hung, a fault of the GPU. */
import { capitalised } from '../base/index.ts';
import type { Ending } from '../contract/index.ts';
import { isUnending, oomKilledIn, signalName } from '../texts/index.ts';
import { explainFault } from './device-faults.ts';
import { NOT_ITS_LIMIT, SIGNALS, WINDOWS } from './exit-meanings.ts';
import { hostKill } from './host-kill-finding.ts';
import { hung } from './hung-finding.ts';
import { othersKilled } from './others-killed.ts';
import { OF_OLLAMA, type TextFinding, textFinding } from './text-finding.ts';
import { waitedFor } from './waited-for.ts';

const FEWER_WORKERS =
  'Lower num_workers: each worker is a process of its own, with what it loads ahead and its own copy of what the dataset holds.';

/** `Process 71 was killed by SIGKILL`, with the rank of the process; of the first only where the line names ranks. */
const ofRank = (message: string, { rank, evidence }: Ending): string =>
  rank == null || (rank === 0 && !/rank/.test(evidence ?? ''))
    ? message
    : message.replace(/^(?:A process|Process \d{1,10})(?= )/, `$& (rank ${rank})`);

/** Null where the end is the trainer's own error. */
export function explainEnding(ending: Ending, given: string): TextFinding | null {
  // A sentence begins with it.
  const message = capitalised(given);
  const { kind, by, evidence, signal, exitCode } = ending;
  const seen = [
    evidence == null ? null : `The log: ${evidence.replace(/^#{1,6} /, '').replace(/ {2,}/g, ' ')}`,
  ];
  switch (kind) {
    case 'host memory':
      return evidence == null || by == null ? null : hostKill(ending, seen);
    case 'time limit':
      return textFinding({
        kind: 'not memory',
        says: `The scheduler (${by}) ended the job at its time limit; the training had not finished. Memory had no part in it.`,
        evidence: seen,
        next: ['Ask for more time, or save checkpoints and resume from the newest.'],
      });
    case 'cancelled':
      if (isUnending(evidence ?? ''))
        return textFinding({
          kind: 'not memory',
          says: `The step was cancelled (${by}) by a person, an administrator or the job itself, and its processes did not end, neither when they were asked nor when they were killed: Slurm ended its own daemon of the step. Nothing shows a shortage of memory.`,
          evidence: seen,
          next: [
            'Look at that node: processes that cannot be killed wait in the kernel, mostly for a file system or the GPU’s driver (ps: state D; dmesg). Slurm mostly drains the node until somebody has.',
            'See who cancelled it: sacct -j JOB --format=JobID,State,ExitCode,Elapsed,MaxRSS (CANCELLED by UID); then resume from the newest checkpoint.',
          ],
        });
      if (/DUE TO TASK FAILURE/.test(evidence ?? ''))
        return textFinding({
          kind: 'unmeasured',
          confidence: 'possible',
          says: `The scheduler (${by}) ended the step since one of its tasks had failed: that task’s own error is the cause, and it is elsewhere in the output.`,
          evidence: seen,
          next: [
            'Look for the task that is not among those that were terminated (srun: error: … task N: Exited with exit code …), and for the first traceback in its output.',
          ],
        });
      return textFinding({
        kind: 'not memory',
        says: `The job was cancelled (${by}) by a person, an administrator or the job itself; the training had not finished. Nothing shows a shortage of memory.`,
        evidence: seen,
        next: [
          'See who cancelled it: sacct -j JOB --format=JobID,State,ExitCode,Elapsed,MaxRSS (CANCELLED by UID); then resume from the newest checkpoint.',
        ],
      });
    case 'preempted':
      return textFinding({
        kind: 'not memory',
        says: /REQUEUE/.test(evidence ?? '')
          ? `The scheduler (${by}) ended the job to start it again (requeued): for another job, at its time limit, or as it asked for itself. Memory had no part in it.`
          : `The scheduler (${by}) preempted the job for another; the training had not finished. Memory had no part in it.`,
        evidence: seen,
        next: ['Save checkpoints, requeue the job, and resume from the newest.'],
      });
    case 'node failure':
      return textFinding({
        kind: 'not memory',
        says: `A node of the job failed (${by}); the training had not finished. Why it failed is not in the text; the GPU’s memory is no cause of that.`,
        evidence: seen,
        next: ['Resume from the newest checkpoint, and leave the node out (Slurm: --exclude).'],
      });
    case 'collective timeout':
      return hung(ending, seen);
    case 'signal': {
      const isOther =
        signal === 9 && (oomKilledIn(evidence ?? '') === false || /Reason: Error/.test(evidence ?? ''));
      const { means = '', next = [] } = isOther ? NOT_ITS_LIMIT : (SIGNALS[signal ?? 0] ?? {});
      if (isOther)
        return textFinding({
          kind: 'not memory',
          confidence: 'possible',
          says: `The container was killed by SIGKILL (exit code ${exitCode}).${means}`,
          evidence: seen,
          next,
        });
      if (by === 'torchrun')
        return textFinding({
          kind: 'unmeasured',
          confidence: 'possible',
          says: `The launcher (torchrun) ended process ${ending.pid ?? 'of its own'} by ${signalName(signal ?? 15)}, as it does with all others once one has failed, or when it is stopped itself: what came first is not in this text.`,
          evidence: seen,
          next: [
            'Look for what came first: above, the newest traceback of any rank or the launcher’s “Received … death signal”; below, “failed (exitcode: …) local_rank: …” (-9: killed, most often for lack of host memory).',
          ],
        });
      return textFinding({
        // SIGBUS is mostly /dev/shm, which is the host's memory.
        kind: signal === 9 || signal === 7 ? 'host memory' : 'not memory',
        ...(signal === 9 && { mark: 'killed' as const }),
        confidence: signal === 9 || signal === 7 ? 'possible' : 'certain',
        says: `${ofRank(message, ending)}.${means}`,
        evidence: [othersKilled(ending), ...seen],
        next:
          by === 'ollama'
            ? OF_OLLAMA
            : signal === 9 && by === 'data loader'
              ? [FEWER_WORKERS, ...next]
              : next,
      });
    }
    case 'evicted':
      return textFinding({
        kind: 'not memory',
        says: `The job was evicted from its node (${by}): ${shortOf(evidence ?? '')}.`,
        evidence: seen,
        next: [shortOfDevices(evidence ?? '') ? FEWER_DEVICES : LESS_OF_THE_NODE],
      });
    case 'rendezvous timeout':
      return waitedFor(evidence ?? '', seen);
    case 'connection lost':
      if (by === 'rendezvous')
        return textFinding({
          kind: 'not memory',
          confidence: 'likely',
          says: 'The rendezvous of torchrun’s was closed: the agent of another node had ended or left the job, and this one could not join it again. It is not out of memory.',
          evidence: seen,
          next: [
            'Look at the output of the other nodes of that time: the one that ended first has the cause.',
            'Start it again under another --rdzv-id: one that is closed stays closed.',
          ],
        });
      return textFinding({
        kind: 'not memory',
        confidence: 'likely',
        says: `A rank lost its connection to another one (${by}), which had ended or could not be reached. This rank is not the first cause.`,
        evidence: [by === 'store' ? 'The store is rank 0’s: look at its output first.' : null, ...seen],
        next: ['Look at the output of the other ranks of that time: the one that ended first has the cause.'],
      });
    case 'device fault':
      if (by === 'nvswitch')
        return textFinding({
          kind: 'not memory',
          confidence: 'likely',
          says: `The driver reports a fault of an NVSwitch (SXid ${ending.xid}), which joins the machine’s GPUs, no shortage of memory.`,
          evidence: seen,
          next: [
            'Look at the Xids of the GPUs around it and at the log of the fabric manager; where the program hung or failed then, restart the machine and have its NVLinks checked.',
          ],
        });
      return explainFault(ending, seen);
    case 'launcher': {
      if (by === 'ray tune')
        return textFinding({
          kind: 'unmeasured',
          confidence: 'possible',
          says: 'All trials of Ray Tune ended with an error: what it was is in the file of each, which the table below names (error.txt), or further up.',
          evidence: seen,
          next: ['Give esper explain that file: the traceback in it has the cause.'],
        });
      if (exitCode == null && by === 'torchrun')
        return textFinding({
          kind: 'unmeasured',
          confidence: 'possible',
          says: 'The launcher (torchrun) lists this rank as what failed first; how it ended is not in the text. The others fell with it.',
          evidence: seen,
          next: ['Look above in the whole output, stderr included, for the first traceback of that rank.'],
        });
      if (exitCode == null)
        return textFinding({
          kind: 'unmeasured',
          confidence: 'possible',
          says: 'DeepSpeed’s launcher ended its processes since one of them had ended: which one, and how, is not in the text.',
          evidence: seen,
          next: [
            'Look further down for “exits with return code”, where -9 is mostly the host’s memory, and further up for the first traceback.',
          ],
        });
      const windows = WINDOWS[(exitCode ?? 0) >>> 0];
      return textFinding({
        kind: windows === undefined ? 'unmeasured' : windows.isMemory ? 'host memory' : 'not memory',
        confidence: windows === undefined ? 'possible' : 'certain',
        says: `A process ended with exit code ${exitCode}: ${windows?.says ?? 'its own error is elsewhere in its output'}.`,
        evidence: seen,
        next:
          windows === undefined && by === 'data loader'
            ? ['Run once with num_workers=0: the worker’s own error then has a traceback.']
            : windows === undefined
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
        next: [
          ...(ending.scope === 'container'
            ? [
                'Ray guesses at the pod’s memory limit: kubectl describe pod shows OOMKilled where it was reached. Then raise the container’s memory limit, or hold less on the host (fewer workers, a smaller object store).',
              ]
            : []),
          'Look at dmesg, and at the scheduler’s or container’s log of that time.',
        ],
      });
    default:
      return null;
  }
}

const LESS_OF_THE_NODE =
  'Ask for what the node was short of (ephemeral storage, process ids), or write less to its disk: checkpoints and caches to a volume of their own.';
const FEWER_DEVICES =
  'kubectl describe node shows how much of it the node has and which pods hold it: ask for as much as the container uses, or wait for a node that has it free. Where it counts less than the machine has, look at the device plugin’s log.';

/** Whether a node lacked what a device plugin counts: its name has a domain in front. */
const shortOfDevices = (message: string): boolean => /low on resource: [a-z][\w.-]{0,60}\//.test(message);

/** What a node lacked, not memory, as Kubernetes' message names it. */
function shortOf(message: string): string {
  const limit = /(?:total limit of containers|storage limit|exceeds the limit) "?(\d{1,15}[KMGT]?i?)\b/.exec(
    message,
  )?.[1];
  const volume = /Usage of EmptyDir volume "([^"]{1,80})"/.exec(message)?.[1];
  if (volume !== undefined)
    return `its volume ${volume} (emptyDir) grew over its limit${limit === undefined ? '' : ` of ${limit}`}; one of medium Memory, as for /dev/shm, is host memory`;
  if (limit !== undefined)
    return `it wrote more to the node’s disk (ephemeral storage) than its limit of ${limit}; memory had no part in it`;
  const pressed = /node had condition: \[(Disk|PID)Pressure/.exec(message)?.[1];
  if (pressed !== undefined)
    return `the node was short of ${pressed === 'Disk' ? 'disk space' : 'process ids'} (${pressed}Pressure), not of memory`;
  const resource = /low on resource: ([a-z][\w./-]{0,60}\w)/.exec(message)?.[1];
  if (resource === undefined) return 'the node was short of something other than memory';
  const used = /was using (\d{1,15}[KMGT]i)/.exec(message)?.[1];
  const what = resource === 'ephemeral-storage' ? 'disk space (ephemeral-storage)' : resource;
  return `the node was short of ${what}${/memory/.test(resource) ? '' : ', not of memory'}${used === undefined ? '' : `; the container used ${used}B of it`}`;
}
