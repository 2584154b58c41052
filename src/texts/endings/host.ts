/** The host's memory killers: the kernel, systemd and its like, containers, Ray, notebooks. */
import { printedBytes } from '../../base/index.ts';
import type { Ending } from '../../contract/index.ts';
import { readMemoryError } from '../memory-error.ts';
import { type EndingReader, type MaybeEnding, named, numberOf } from './ending-reader.ts';

export const hostReaders: readonly EndingReader[] = [
  mereGuess,
  kernel,
  userSpaceKiller,
  ray,
  dask,
  notebook,
  memoryWords,
];

/** Ray's guess where a worker was ended from outside, in a pod. */
const POD_LIMIT = 'may have exceeded K8s pod memory limits';

/** Ray lists what may have been the cause: none of it is one yet. */
function mereGuess(line: string): MaybeEnding {
  if (
    !line.includes('potential root causes') &&
    !line.includes('common causes include') &&
    !line.includes('worker process has died') &&
    !line.includes(POD_LIMIT) &&
    !line.includes('worker died or was killed while executing a task by an unexpected system error')
  )
    return null;
  return {
    kind: 'silent',
    by: 'ray',
    ...(line.includes(POD_LIMIT) && { scope: 'container' as const }),
    ...named({ pid: numberOf(/\bWorker PID: (\d{1,10})/.exec(line)?.[1]) }),
  };
}

/** Share of its limit at which a group of processes has reached it. */
const FULL = 0.99;

/** `Out of memory: Killed process 4242 (python3) … anon-rss:31451456kB`, `oom-kill:constraint=CONSTRAINT_NONE,…` */
function kernel(line: string): MaybeEnding {
  const killed = /Kill(?:ed)? process (\d{1,10})(?:, UID \d{1,10},)? \((\(?[^()]{1,64}\)?)\)/.exec(line);
  if (killed !== null) {
    const held = /anon-rss:(\d{1,15})kB/.exec(line)?.[1];
    return {
      kind: 'host memory',
      by: 'kernel',
      ...(line.includes('emory cgroup out of memory')
        ? { scope: 'container' as const }
        : line.includes('Out of memory: Kill') && { scope: 'machine' as const }),
      pid: Number(killed[1]),
      process: killed[2],
      ...(held !== undefined && { heldBytes: Number(held) * 1024 }),
    };
  }
  const reaped = /oom_reaper: reaped process (\d{1,10}) \(([^()]{1,64})\)/.exec(line);
  if (reaped !== null)
    return { kind: 'host memory', by: 'kernel', pid: Number(reaped[1]), process: reaped[2] };
  if (line.includes('mem_cgroup_out_of_memory+'))
    return { kind: 'host memory', by: 'kernel', scope: 'container' };
  // The kernel's own pages ran out, no group's.
  if (line.includes('__alloc_pages_may_oom+')) return { kind: 'host memory', by: 'kernel', scope: 'machine' };
  if (line.includes(' invoked oom-killer')) return { kind: 'host memory', by: 'kernel' };
  // The kernel prints it of a group that it is about to kill in.
  const [, used, limit] = /\bmemory: usage (\d{1,15})kB, limit (\d{1,15})kB, failcnt [1-9]/.exec(line) ?? [];
  if (used !== undefined && Number(used) >= FULL * Number(limit))
    return { kind: 'host memory', by: 'kernel', scope: 'container' };
  if (!line.includes('oom-kill:')) return null;
  const isMachine = line.includes('CONSTRAINT_NONE') || line.includes('global_oom');
  const isContainer = line.includes('CONSTRAINT_MEMCG');
  return {
    kind: 'host memory',
    by: 'kernel',
    ...((isMachine || isContainer) && { scope: isContainer ? ('container' as const) : ('machine' as const) }),
    ...named({
      pid: numberOf(/,pid=(\d{1,10})/.exec(line)?.[1]),
      process: /,task=([^,]{1,64})/.exec(line)?.[1],
    }),
  };
}

/** systemd-oomd and earlyoom, which kill before the kernel does. */
function userSpaceKiller(line: string): MaybeEnding {
  if (line.includes('oomd')) return oomd(line);
  const early = /sending SIG(?:TERM|KILL) to process (\d{1,10})(?: uid \d{1,10})? "([^"]{1,64})"/.exec(line);
  if (early === null) return null;
  const held = /VmRSS (\d{1,9}) MiB/.exec(line)?.[1];
  return {
    kind: 'host memory',
    by: 'earlyoom',
    scope: 'machine',
    pid: Number(early[1]),
    process: early[2],
    ...(held !== undefined && { heldBytes: Number(held) * 2 ** 20 }),
  };
}

/** `Killed /user.slice/…/train.service due to memory pressure for … being 71.02% > 50.00% for > 20s`, `train.service: systemd-oomd killed 3 process(es) in this unit.` */
function oomd(line: string): MaybeEnding {
  const unit =
    /\bKilled (\/\S{1,300}) due to/.exec(line)?.[1] ??
    /(\S{1,200}): systemd-oomd killed \d{1,6} process/.exec(line)?.[1];
  if (unit !== undefined)
    return { kind: 'host memory', by: 'systemd-oomd', process: unit.slice(unit.lastIndexOf('/') + 1) };
  return /oomd attempting to kill|oomd.{0,40}: (?:Marked .{1,300} for killing|Memory pressure for .{1,300} is [\d.]{1,8}% >)/.test(
    line,
  )
    ? { kind: 'host memory', by: 'systemd-oomd' }
    : null;
}

/** `Memory on the node (IP: …) where the task (…, pid=7, memory used=102.31GB) was running was 239.51GB / 251.56GB …`, before 2.0 `NODE is used (11.8 / 12.3 GB). The top` */
function ray(line: string): MaybeEnding {
  const old = /\bis used \((\d{1,7}\.\d{1,4}) \/ (\d{1,7}\.\d{1,4}) GB\)\. The top/.exec(line);
  if (old !== null)
    return {
      kind: 'host memory',
      by: 'ray',
      scope: 'machine',
      usedBytes: Math.round(Number(old[1]) * 2 ** 30),
      totalBytes: Math.round(Number(old[2]) * 2 ** 30),
    };
  // Ray 2.0, which ended the newest task.
  const [, before, all] =
    /System memory low at node .{1,80}Used memory \((\d{1,7}\.\d{1,4})GB\) \/ total capacity \((\d{1,7}\.\d{1,4})GB\)/.exec(
      line,
    ) ?? [];
  if (before !== undefined)
    return {
      kind: 'host memory',
      by: 'ray',
      scope: 'machine',
      usedBytes: bytesOf(`${before} GiB`),
      totalBytes: bytesOf(`${all} GiB`),
    };
  if (!line.includes('Memory on the node')) return null;
  const used = /\bwas (\d{1,7}\.\d{1,4})GB \/ (\d{1,7}\.\d{1,4})GB/.exec(line);
  // Cut before its figures: Ray has so little of a task that it has ended alone.
  if (used === null)
    return / where the task \(/.test(line) ? { kind: 'host memory', by: 'ray', scope: 'machine' } : null;
  const held = /memory used=(\d{1,7}\.\d{1,4})GB/.exec(line)?.[1];
  const bytes = (gib: string) => Math.round(Number(gib) * 2 ** 30);
  return {
    kind: 'host memory',
    by: 'ray',
    scope: 'machine',
    usedBytes: bytes(used[1]!),
    totalBytes: bytes(used[2]!),
    ...named({
      pid: numberOf(/\bpid=(\d{1,10})/.exec(line)?.[1]),
      process: /\bname=([^,()]{1,64})/.exec(line)?.[1],
      heldBytes: held === undefined ? undefined : bytes(held),
    }),
  };
}

/** `distributed.nanny - WARNING - Worker tcp://127.0.0.1:34589 (pid=71) exceeded 95% memory budget. Restarting...` */
function dask(line: string): MaybeEnding {
  if (!line.includes('memory budget') || !/\bWorker .{0,80}exceeded \d{1,3}% memory budget/.test(line))
    return null;
  return {
    kind: 'host memory',
    by: 'dask',
    scope: 'container',
    ...named({ pid: numberOf(/\(pid=(\d{1,10})\)/.exec(line)?.[1]) }),
  };
}

/** How many of Ray's workers a line reports as killed for the host's memory; null where it is one, or another line. */
export function workersKilled(line: string): number | null {
  const many = /\b([2-9]|[1-9]\d{1,5}) Workers \(tasks \/ actors\) killed due to memory pressure/.exec(
    line,
  )?.[1];
  return many === undefined ? null : Number(many);
}

/** Jupyter and Colab, which show of a kill only that it happened. */
function notebook(line: string): MaybeEnding {
  if (/WARNING:root:kernel [\da-f-]{36} restarted/.test(line)) return { kind: 'silent', by: 'colab' };
  if (/session crashed after using all available RAM/.test(line))
    return { kind: 'host memory', by: 'colab', scope: 'machine' };
  if (/notebook tried to allocate more memory than is available/.test(line))
    return { kind: 'host memory', by: 'kaggle', scope: 'machine' };
  if (/session crashed for an unknown reason/.test(line)) return { kind: 'silent', by: 'colab' };
  return /[Kk]ernel (?:for .{0,200} )?(?:appears to have died|crashed while executing|Restarting)|kernel has died/.test(
    line,
  )
    ? { kind: 'silent', by: 'jupyter' }
    : null;
}

/** Docker's word on whether a container's own limit ended it (`"OOMKilled": false,`, `OOMKilled=true`); null for any other text. */
export function oomKilledIn(text: string): boolean | null {
  const word = /\bOOMKilled"? ?[:=] ?(true|false)\b/.exec(text)?.[1];
  return word === undefined ? null : word === 'true';
}

const KILLERS: ReadonlySet<string> = new Set([
  'slurm',
  'kubernetes',
  'ray',
  'systemd',
  'aws batch',
  'kernel',
]);

/** Slurm's, Ray's, systemd's and Kubernetes' words for the host's memory killer. */
function memoryWords(line: string): MaybeEnding {
  if (/node (?:was|is) low on resource: memory|node had condition: \[MemoryPressure/.test(line)) {
    const used = /\bwas using (\d{1,15}[KMG]i)\b/.exec(line)?.[1];
    return {
      kind: 'host memory',
      by: 'kubernetes',
      scope: 'machine',
      ...(used !== undefined && { heldBytes: bytesOf(used) }),
    };
  }
  const victim = /System OOM encountered, victim process: ([^,]{1,64}), pid: (\d{1,10})/.exec(line);
  if (victim !== null)
    return {
      kind: 'host memory',
      by: 'kubernetes',
      scope: 'machine',
      process: victim[1],
      pid: Number(victim[2]),
    };
  if (/\bCreated an OOM event in container\b/.test(line))
    return { kind: 'host memory', by: 'kubernetes', scope: 'container' };
  if (/\bTaskOOM event\b/.test(line)) return { kind: 'host memory', by: 'containerd', scope: 'container' };
  if (/\breplica .{1,60} ran out-of-memory and exited/.test(line))
    return { kind: 'host memory', by: 'vertex', scope: 'machine' };
  if (/ container oom [\da-f]{12,64}\b/.test(line))
    return { kind: 'host memory', by: 'docker', scope: 'container' };
  // runc, of a container whose limit does not hold its own start.
  if (/\bcontainer init was OOM-killed\b/.test(line))
    return { kind: 'host memory', by: 'runc', scope: 'container' };
  const docker = oomKilledIn(line);
  if (docker !== null) return docker ? { kind: 'host memory', by: 'docker', scope: 'container' } : null;
  const error = readMemoryError(line, { loose: false });
  if (error === null || error.memory !== 'host' || !KILLERS.has(error.by)) return null;
  const rank = /\btask (\d{1,6}): Out Of Memory/.exec(line)?.[1];
  const scope = { ray: 'machine', systemd: null, kernel: null }[error.by];
  return {
    kind: 'host memory',
    by: error.by,
    ...(scope !== null && { scope: scope ?? 'container' }),
    ...(rank !== undefined && { rank: Number(rank) }),
  };
}

/**
 * Lines that are no ending and give figures of one: the kernel's `memory: usage 67108864kB, limit 67108864kB, failcnt 1205`, and
 * `seff`'s `Memory Utilized: 63.96 GB`, `Memory Efficiency: 99.94% of 64.00 GB`, LSF's `Max Memory :  32768 MB`, Torque's
 * `resources_used.mem=37296368kb`. null for any other line.
 */
export function figuresOfHostMemory(line: string): Partial<Ending> | null {
  const cgroup = /\bmemory: usage (\d{1,15})kB, limit (\d{1,15})kB/.exec(line);
  if (cgroup !== null) return { usedBytes: Number(cgroup[1]) * 1024, totalBytes: Number(cgroup[2]) * 1024 };
  const torque = /^\s{0,8}resources_used\.(v?mem)=(\d{1,15})kb\s*$/.exec(line);
  const swap = /^\s{0,8}req_information\.total_swap\.0=(\d{1,15})kb\s*$/.exec(line);
  if (swap !== null) return { totalBytes: Number(swap[1]) * 1024 };
  if (torque !== null) return { [torque[1] === 'mem' ? 'heldBytes' : 'usedBytes']: Number(torque[2]) * 1024 };
  const lsf = /^\s*(Max|Total Requested) Memory : {1,40}(\d{1,12}(?:\.\d{1,4})? [KMGT]B)/.exec(line);
  if (lsf !== null)
    return lsf[1] === 'Max' ? { usedBytes: bytesOf(lsf[2]!) } : { totalBytes: bytesOf(lsf[2]!) };
  const seff = /^Memory (?:Utilized: |Efficiency: [\d.]{1,8}% of )(\d{1,9}(?:\.\d{1,4})? [KMGT]B)/.exec(
    line.trim(),
  );
  if (seff === null) return null;
  const bytes = bytesOf(seff[1]!);
  return line.includes('Utilized') ? { usedBytes: bytes } : { totalBytes: bytes };
}

const bytesOf = (printed: string): number => Math.round(printedBytes(printed) ?? 0);
