/** Schedulers: Slurm, PBS, LSF, HTCondor, SGE, Kubernetes. */
import { printedBytes } from '../../base/index.ts';
import type { EndingReader, MaybeEnding } from './ending-reader.ts';

export const schedulerReaders: readonly EndingReader[] = [
  slurmCancelled,
  slurm,
  accounting,
  batchSystem,
  kubernetes,
];

/** `*** JOB 4712 ON node1 CANCELLED AT 2024-04-20T09:09:37 DUE TO TIME LIMIT ***`; without DUE TO it was a person. */
function slurmCancelled(line: string): MaybeEnding {
  if (/DUE TO NODE .{0,100}FAIL|DUE TO NODE_FAIL/.test(line)) return { kind: 'node failure', by: 'slurm' };
  if (isUnending(line)) return { kind: 'cancelled', by: 'slurm' };
  if (!/\bCANCELL?ED\b/.test(line)) return null;
  if (!/\b(?:JOB|STEP|slurmstepd|srun|CANCELL?ED AT)\b/.test(line)) return null;
  if (line.includes('TIME LIMIT')) return { kind: 'time limit', by: 'slurm' };
  if (/PREEMPT|REQUEUE/.test(line)) return { kind: 'preempted', by: 'slurm' };
  if (/NODE FAIL/.test(line)) return { kind: 'node failure', by: 'slurm' };
  if (/DUE TO (?:OUT_OF_MEMORY|OUT OF MEMORY)/.test(line))
    return { kind: 'host memory', by: 'slurm', scope: 'container' };
  return { kind: 'cancelled', by: 'slurm' };
}

/** `*** STEP 4712.0 STEPD TERMINATED ON node1 AT 2024-04-20T09:10:37 DUE TO JOB NOT ENDING WITH SIGNALS ***` */
export const isUnending = (line: string): boolean =>
  line.includes('STEPD TERMINATED') && line.includes('NOT ENDING WITH SIGNALS');

/** `slurmstepd: error: Job 7 exceeded memory limit (10489604 > 10485760), being killed`, in kB. */
function slurm(line: string): MaybeEnding {
  if (line.includes('JobId=')) return controller(line);
  if (/\bNode failure on /.test(line)) return { kind: 'node failure', by: 'slurm' };
  if (!/[Ee]xceeded (?:job |step )?memory limit/.test(line)) return null;
  const [, held, limit] = /\((\d{1,15}) > (\d{1,15})\)/.exec(line) ?? [];
  return {
    kind: 'host memory',
    by: 'slurm',
    scope: 'container',
    ...(held !== undefined && { heldBytes: Number(held) * 1024, totalBytes: Number(limit) * 1024 }),
  };
}

/** Slurm's controller, in its own log: `Time limit exhausted for JobId=71`, `_slurm_rpc_…: JobId=71 OOM failure`, `Killing JobId=71 on failed node n1`. */
function controller(line: string): MaybeEnding {
  if (/Time limit exhausted for JobId=/.test(line)) return { kind: 'time limit', by: 'slurm' };
  if (/JobId=\S{1,40} OOM failure/.test(line))
    return { kind: 'host memory', by: 'slurm', scope: 'container' };
  if (/[Pp]reempted JobId=/.test(line)) return { kind: 'preempted', by: 'slurm' };
  return /JobId=.{1,40} (?:on failed node|due to failure of node)/.test(line)
    ? { kind: 'node failure', by: 'slurm' }
    : null;
}

const STATES: Readonly<Record<string, NonNullable<MaybeEnding>>> = {
  OUT_OF_ME: { kind: 'host memory', by: 'slurm', scope: 'container' },
  TIMEOUT: { kind: 'time limit', by: 'slurm' },
  PREEMPTED: { kind: 'preempted', by: 'slurm' },
  NODE_FAIL: { kind: 'node failure', by: 'slurm' },
  CANCELLED: { kind: 'cancelled', by: 'slurm' },
};
/** Rows of `sacct`, and `State: TIMEOUT (exit code 0)` of `seff`. */
const STATE =
  /(?:^State: |\s)(OUT_OF_ME|TIMEOUT|PREEMPTED|NODE_FAIL|CANCELLED)(?:MORY|\+)?(?: by \d{1,10})?(?:\s{1,40}\d{1,3}:\d{1,3}(?:\s|$)| \(exit code \d{1,3}\))/;
function accounting(line: string): MaybeEnding {
  const state = STATE.exec(line)?.[1];
  return state === undefined ? null : STATES[state]!;
}

/** PBS, LSF, SGE and HTCondor. */
function batchSystem(line: string): MaybeEnding {
  const pbs = /job killed: (walltime|v?mem|ncpus|cput) /.exec(line)?.[1];
  if (pbs === 'walltime' || pbs === 'cput') return { kind: 'time limit', by: 'pbs' };
  if (pbs === 'mem' || pbs === 'vmem') {
    const [, used, limit] =
      /mem (?:job total )?(\d{1,15} ?[kmg]?b?) exceeded limit (\d{1,15} ?[kmg]?b?)/.exec(line) ?? [];
    return {
      kind: 'host memory',
      by: 'pbs',
      scope: 'container',
      ...(used !== undefined && { usedBytes: printedBytes(used), totalBytes: printedBytes(limit!) }),
    };
  }
  // Torque’s mail.
  if (line.includes('Job exceeded a memory resource limit'))
    return { kind: 'host memory', by: 'pbs', scope: 'container' };
  if (line.includes('Job exceeded its walltime limit')) return { kind: 'time limit', by: 'pbs' };
  if (/TERM_(?:RUNLIMIT|CPULIMIT)/.test(line)) return { kind: 'time limit', by: 'lsf' };
  if (/TERM_(?:MEMLIMIT|SWAP)/.test(line)) return { kind: 'host memory', by: 'lsf', scope: 'container' };
  if (line.includes('TERM_PREEMPT')) return { kind: 'preempted', by: 'lsf' };
  if (line.includes('TERM_OWNER') || line.includes('TERM_ADMIN')) return { kind: 'cancelled', by: 'lsf' };
  if (/exceeded (?:hard|soft) wallclock time/.test(line)) return { kind: 'time limit', by: 'sge' };
  if (/Job has gone over memory limit/.test(line))
    return { kind: 'host memory', by: 'htcondor', scope: 'container' };
  return null;
}

/** A node that was short of something else than memory, and a pod that wrote more to a disk than it may. */
const EVICTED =
  /node (?:was|is) low on resource: (?!memory)|node had condition: \[(?!Memory)\w{1,20}Pressure|ephemeral local storage usage exceeds|exceeded its local ephemeral storage limit|Usage of EmptyDir volume .{1,100} exceeds the limit/;

/** `kubectl describe`: what ended a pod, other than its own memory. */
function kubernetes(line: string): MaybeEnding {
  if (/DeadlineExceeded|longer than the specified deadline/.test(line))
    return { kind: 'time limit', by: 'kubernetes' };
  if (EVICTED.test(line)) return { kind: 'evicted', by: 'kubernetes' };
  return null;
}
