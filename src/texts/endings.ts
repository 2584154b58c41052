/**
 * What programs other than the trainer print when a training ends: the kernel, schedulers, launchers, shells, the
 * watchdogs of collectives. One line → the ending it tells, with what it names. Lines that tell none are most lines:
 * `endingSign` is cheap to look for first.
 */
import type { Ending } from '../contract/index.ts';
import { readMemoryError } from './memory-error.ts';

type Told = Ending | null;

/** Every line that tells an ending, and every trainer's last words, has one of these. */
export const endingSign =
  // biome-ignore format: one a word
  /Killed|killed|oom-kill|oom_kill|CANCELLED|CANCELED|Out Of Memory|exitcode|exit code|Exit Code|return code|SIGKILL|SIGTERM|SIGSEGV|SIGABRT|SIGBUS|Terminated|Segmentation fault|Bus error|core dumped|low on memory|Memory on the node|memory pressure|OOMKilled|Evicted|Watchdog caught|Timeout at NCCL work|failure detected by watchdog|Timed out waiting|NVRM: Xid|walltime|TERM_|on signal |Preempted|preempted|NODE FAIL|raining (?:is |has )?(?:done|complete|finished)|inished training|one training|stopped: `?max_/;

const LONGEST = 300;
const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));

/** The ending that a line tells; null for none. Time is linear in the line. */
export function readEnding(line: string): Ending | null {
  if (!endingSign.test(line)) return null;
  for (const reader of readers) {
    const told = reader(line);
    if (told !== null) return { ...told, evidence: line.trim().slice(0, LONGEST) };
  }
  return null;
}

/** In the order in which they are tried: the most telling first. */
const readers: readonly ((line: string) => Told)[] = [
  kernel,
  slurmCancelled,
  batchSystem,
  hostMemory,
  collective,
  xid,
  exitCode,
  shell,
];

/** `Out of memory: Killed process 4242 (python3) … anon-rss:31451456kB`, `oom-kill:constraint=CONSTRAINT_NONE,…` */
function kernel(line: string): Told {
  const killed =
    /Killed process (\d{1,10}) \(([^()]{1,64})\)/.exec(line) ??
    /Kill process (\d{1,10}) \(([^()]{1,64})\)/.exec(line);
  if (killed !== null) {
    const held = /anon-rss:(\d{1,15})kB/.exec(line)?.[1];
    return {
      kind: 'host memory',
      by: 'kernel',
      ...(line.includes('emory cgroup out of memory') && { scope: 'container' as const }),
      pid: Number(killed[1]),
      process: killed[2],
      ...(held !== undefined && { heldBytes: Number(held) * 1024 }),
    };
  }
  if (!line.includes('oom-kill:')) return null;
  const pid = /,pid=(\d{1,10})/.exec(line)?.[1];
  const process = /,task=([^,]{1,64})/.exec(line)?.[1];
  const isMachine = line.includes('CONSTRAINT_NONE') || line.includes('global_oom');
  const isContainer = line.includes('CONSTRAINT_MEMCG');
  return {
    kind: 'host memory',
    by: 'kernel',
    ...((isMachine || isContainer) && { scope: isContainer ? ('container' as const) : ('machine' as const) }),
    ...(pid !== undefined && { pid: Number(pid) }),
    ...(process !== undefined && { process }),
  };
}

/** `*** JOB 4712 ON node1 CANCELLED AT 2024-04-20T09:09:37 DUE TO TIME LIMIT ***`; without DUE TO it was a person. */
function slurmCancelled(line: string): Told {
  if (!/\bCANCELL?ED\b/.test(line))
    return line.includes('DUE TO NODE FAIL') ? { kind: 'node failure', by: 'slurm' } : null;
  if (!/\b(?:JOB|STEP|slurmstepd|srun|CANCELL?ED AT)\b/.test(line)) return null;
  if (line.includes('TIME LIMIT')) return { kind: 'time limit', by: 'slurm' };
  if (/PREEMPT/.test(line)) return { kind: 'preempted', by: 'slurm' };
  if (/NODE FAIL/.test(line)) return { kind: 'node failure', by: 'slurm' };
  if (/DUE TO (?:OUT_OF_MEMORY|OUT OF MEMORY)/.test(line))
    return { kind: 'host memory', by: 'slurm', scope: 'container' };
  return { kind: 'cancelled', by: 'slurm' };
}

/** PBS and LSF. */
function batchSystem(line: string): Told {
  if (/job killed: walltime/.test(line)) return { kind: 'time limit', by: 'pbs' };
  if (line.includes('TERM_RUNLIMIT')) return { kind: 'time limit', by: 'lsf' };
  if (line.includes('TERM_MEMLIMIT')) return { kind: 'host memory', by: 'lsf', scope: 'container' };
  if (line.includes('TERM_PREEMPT')) return { kind: 'preempted', by: 'lsf' };
  if (line.includes('TERM_OWNER') || line.includes('TERM_ADMIN')) return { kind: 'cancelled', by: 'lsf' };
  return null;
}

/** Slurm's, Ray's and Kubernetes' words for the host's memory killer. */
function hostMemory(line: string): Told {
  if (/node (?:was|is) low on resource: memory/.test(line))
    return { kind: 'host memory', by: 'kubernetes', scope: 'machine' };
  const used = /\bwas (\d{1,7}\.\d{1,4})GB \/ (\d{1,7}\.\d{1,4})GB/.exec(line);
  if (used !== null && line.includes('Memory on the node'))
    return {
      kind: 'host memory',
      by: 'ray',
      scope: 'machine',
      usedBytes: Math.round(Number(used[1]) * 2 ** 30),
      totalBytes: Math.round(Number(used[2]) * 2 ** 30),
    };
  const error = readMemoryError(line, { loose: false });
  if (error === null || error.memory !== 'host' || !['slurm', 'kubernetes', 'ray'].includes(error.by))
    return null;
  const rank = /\btask (\d{1,6}): Out Of Memory/.exec(line)?.[1];
  return {
    kind: 'host memory',
    by: error.by,
    ...(error.by === 'ray' ? { scope: 'machine' as const } : { scope: 'container' as const }),
    ...(rank !== undefined && { rank: Number(rank) }),
  };
}

/** NCCL's watchdog in its wordings, and Gloo's. */
function collective(line: string): Told {
  const isTimeout = line.includes('collective operation timeout');
  const isStatus = line.includes('Timeout at NCCL work') || line.includes('failure detected by watchdog');
  const isGloo = /Timed out waiting \d{1,12}ms for \w{1,12} operation/.test(line);
  if (!isTimeout && !isStatus && !isGloo) return null;
  const figure = (pattern: RegExp) => numberOf(pattern.exec(line)?.[1]) ?? null;
  const rank = figure(/\bRank (\d{1,6})\]/) ?? figure(/\brank(\d{1,6})\]/);
  return {
    kind: 'collective timeout',
    by: isGloo ? 'gloo' : 'nccl',
    ...(rank !== null && { rank }),
    collectives: [
      {
        rank,
        operation: /\bOpType=(\w{1,40})/.exec(line)?.[1] ?? null,
        work:
          figure(/\bSeqNum=(\d{1,15})/) ??
          figure(/NCCL work: (\d{1,15})/) ??
          figure(/work sequence id: (\d{1,15})/),
        limitMs: figure(/\bTimeout\(ms\)=(\d{1,15})/) ?? (isGloo ? figure(/waiting (\d{1,12})ms/) : null),
        ranMs: figure(/\bran for (\d{1,15}) milliseconds/),
        lastEnqueued: figure(/last enqueued (?:NCCL )?work: (\d{1,15})/),
        lastCompleted: figure(/last completed (?:NCCL )?work: (\d{1,15})/),
      },
    ],
  };
}

/** `NVRM: Xid (PCI:0000:3b:00): 79, pid=…` */
function xid(line: string): Told {
  const number = /NVRM: Xid \([^()]{1,40}\): (\d{1,3})/.exec(line)?.[1];
  if (number === undefined) return null;
  const pid = /\bpid=(\d{1,10})/.exec(line)?.[1];
  return {
    kind: 'device fault',
    by: 'nvidia driver',
    xid: Number(number),
    ...(pid !== undefined && { pid: Number(pid) }),
  };
}

/** Launchers: torchrun, DeepSpeed, accelerate, srun, mpirun, Docker and Kubernetes. */
function exitCode(line: string): Told {
  const code =
    /\bexitcode {0,4}: {0,2}(-?\d{1,5})/.exec(line) ??
    /\breturn code = (-?\d{1,5})/.exec(line) ??
    /\b[Ee]xit(?:ed with exit)? [Cc]ode:? {0,12}(-?\d{1,5})/.exec(line);
  const named =
    /\b[Ss]ignal (\d{1,2}) \(SIG[A-Z]{2,6}\)/.exec(line) ??
    /<Signals\.SIG[A-Z]{2,6}: (\d{1,2})>/.exec(line) ??
    /\bexited on signal (\d{1,2})\b/.exec(line);
  const task =
    /\berror: [^ ]{1,80} tasks? (\d{1,6})(?:[-,\d]{0,40}): (Killed|Terminated|Segmentation fault|Bus error|Aborted)/.exec(
      line,
    );
  const rank =
    /\blocal_rank: (\d{1,6})/.exec(line)?.[1] ?? task?.[1] ?? /\brank (\d{1,6}) with PID/.exec(line)?.[1];
  const pid = /\(pid: (\d{1,10})\)/.exec(line)?.[1] ?? /\breceived by PID (\d{1,10})/.exec(line)?.[1];
  const names = {
    ...(rank !== undefined && { rank: Number(rank) }),
    ...(pid !== undefined && { pid: Number(pid) }),
  };
  if (named !== null) return { kind: 'signal', by: 'launcher', signal: Number(named[1]), ...names };
  if (task !== null) return { kind: 'signal', by: 'slurm', signal: shellSignals[task[2]!]!, ...names };
  if (code === null) return null;
  const number = Number(code[1]);
  if (number === 0) return null;
  // A shell and a container add 128 to the signal, Python takes it below zero.
  const signal = number < 0 ? -number : number > 128 && number < 160 ? number - 128 : null;
  return signal === null
    ? { kind: 'launcher', by: 'launcher', exitCode: number, ...names }
    : { kind: 'signal', by: 'launcher', signal, exitCode: number, ...names };
}

const shellSignals: Readonly<Record<string, number>> = {
  Killed: 9,
  killed: 9,
  Terminated: 15,
  terminated: 15,
  'Segmentation fault': 11,
  'segmentation fault': 11,
  'Bus error': 7,
  Aborted: 6,
  'bus error': 7,
  abort: 6,
};

/** `Killed`, `run.sh: line 28:  8156 Killed      python3 train.py`, `[1]+  Killed  python`, `zsh: killed     python`. */
function shell(line: string): Told {
  const text = line.trim();
  const bare =
    /^(?:zsh: )?(Killed|killed|Terminated|terminated|Segmentation fault|segmentation fault|Bus error|bus error|Aborted|abort)(?: \(core dumped\)| {2}.*)?$/.exec(
      text,
    );
  const job =
    /^(?:[^ ]{1,200}: line \d{1,7}: {1,12}|\[\d{1,4}\][+-]? {1,12})(?:(\d{1,10}) )?(?:Exit \d{1,3} {1,40}|Done {1,40})?(Killed|Terminated|Segmentation fault|Bus error|Aborted)\b/.exec(
      text,
    );
  const word = bare?.[1] ?? job?.[2];
  if (word === undefined) return null;
  const pid = job?.[1];
  return {
    kind: 'signal',
    by: 'shell',
    signal: shellSignals[word]!,
    ...(pid !== undefined && { pid: Number(pid) }),
  };
}

export const signalNames: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};
export const signalName = (signal: number): string => signalNames[signal] ?? `signal ${signal}`;

const LAST_WORDS = [
  'training done',
  'training is done',
  'training complete',
  'training finished',
  'training has finished',
  'finished training',
  'done training',
  '`trainer.fit` stopped: `max_',
  'trainer.fit stopped: max_',
];
/** Words by which trainers say that they are done, whatever their format. */
export function isLastWords(line: string): boolean {
  const lower = line.slice(0, 400).toLowerCase();
  return (
    LAST_WORDS.some(words => lower.includes(words)) &&
    !/\bnot (?:yet )?(?:done|complete|finished)|incomplete|%/.test(lower)
  );
}
