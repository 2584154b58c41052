/** The machine beside its GPU: Node, room for runs, and the limits that a container sets. */
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmdirSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { amount } from '../base/index.ts';
import { readHostMemory } from '../emit/index.ts';
import { judge, limits } from '../figures/index.ts';
import { blocked, type DoctorFinding, note, ok, risk } from './finding.ts';

const LEAST_NODE = 20;
/** A day of updates is some 100 MiB; below this a long run may not fit. */
const LEAST_FREE_BYTES = 1024 ** 3;

export function nodeFindings(version: string): DoctorFinding[] {
  return Number(version.split('.')[0]) >= LEAST_NODE
    ? [ok('node', `Node ${version}.`)]
    : [
        blocked(
          'node',
          `Node ${version} is older than ${LEAST_NODE}.`,
          `Install Node ${LEAST_NODE} or newer.`,
        ),
      ];
}

/** The folder of runs, or the nearest one above it that exists: there it would be made. */
export function runsFindings(runs: string): DoctorFinding[] {
  let folder = resolve(runs);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    // Root may do anything by the letter, and still not write to a read-only disk.
    rmdirSync(mkdtempSync(join(folder, '.esper-doctor-')));
  } catch (error) {
    return [
      blocked(
        'runs.writable',
        `Runs cannot be written to ${runs}: ${(error as Error).message}.`,
        'Choose another folder with --runs or ESPER_RUNS.',
      ),
    ];
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  return free < LEAST_FREE_BYTES
    ? [
        risk(
          'runs.space',
          `${amount(free)} are free for runs in ${runs}.`,
          'Make room, or choose another folder with --runs.',
        ),
      ]
    : [ok('runs', `Runs go to ${runs}: writable, ${amount(free)} free.`)];
}

export interface ContainerFiles {
  /** Text of a file; null where there is none. */
  read(path: string): string | null;
}

const files: ContainerFiles = {
  read: path => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return null;
    }
  },
};

/**
 * RAM as every sample of the host reads it: page cache that the kernel would drop is not in use.
 * @param root where /proc and /sys lie
 */
export function memoryFindings(root = '/'): DoctorFinding[] {
  const { usedBytes: used, totalBytes: total, isLimited: limited } = readHostMemory(root);
  const findings: DoctorFinding[] = [];
  const percent = used === null ? null : (used / total) * 100;
  const amounts = `${used === null ? '' : `${amount(used)} of `}${amount(total)} RAM${used === null ? '' : ' in use'}${limited ? ', by the container’s limit' : ''}`;
  if (judge(limits.ramUsedPercent, percent) === 'critical')
    findings.push(
      risk(
        'host.ram',
        `${amounts}: the kernel may end training to make room.`,
        'End what you do not need, or raise the limit.',
      ),
    );
  else findings.push(ok('host.ram', `${amounts}.`));
  return findings;
}

/** What being in a container hides of a GPU. */
export function containerFindings({ read }: ContainerFiles = files): DoctorFinding[] {
  const inside =
    read('/.dockerenv') !== null ||
    read('/run/.containerenv') !== null ||
    /docker|kubepods|containerd/.test(read('/proc/1/cgroup') ?? '');
  if (!inside) return [];
  return [
    note(
      'host.container',
      'This is a container: the driver reports process ids of the host, which differ from those seen here, so your process outside PyTorch and your neighbours stay one sum.',
      'Start it with --pid=host to separate them.',
    ),
  ];
}
