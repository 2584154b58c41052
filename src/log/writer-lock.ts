/**
 * One writer a rank's log. The lock is a file made with O_EXCL that names its holder; a holder that died leaves
 * it behind, and that is how "ended unexpectedly" is known. A process is a pid, its start time and its pid
 * namespace: pids are used again, and a container on this host counts its own.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, lstatSync, openSync, readFileSync, readlinkSync, renameSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readRegular, writeFully } from '../disk/index.ts';

interface Holder {
  pid: number;
  /** Clock ticks between boot and the start of the process; null where there is no /proc. */
  startTicks: number | null;
  hostname: string;
  /** null where there is no /proc. */
  pidNamespace: string | null;
  /** Distinguishes two hosts of one name; null where it has none, and absent in older locks. */
  machine?: string | null;
  /** Distinguishes two writers of one process. */
  writer: string;
}

/** `gone`: the writer died without closing. `unknown`: it is (or was) on another host, out of sight. */
export type WriterState = 'writing' | 'closed' | 'gone' | 'unknown';

/** Another writer has the log. The message is one sentence that names it. */
export class RunInUseError extends Error {
  override name = 'RunInUseError';
}

/** A lock without text is one being made right now, unless it is older than this. */
const MAKING_MS = 5_000;
const MAX_LOCK_BYTES = 64 * 1024;

const lockFile = (folder: string, rank: number) => join(folder, `events-${rank}.lock`);
const orNull = <T>(read: () => T): T | null => {
  try {
    return read();
  } catch {
    return null;
  }
};
const machine = () => orNull(() => readFileSync('/etc/machine-id', 'latin1').trim()) || null;
const pidNamespace = () => orNull(() => readlinkSync('/proc/self/ns/pid'));

/** Start of a live process; null for a dead one (a zombie is dead) or where there is no /proc. */
function startTicks(pid: number): number | null {
  const stat = orNull(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The command's name, in parentheses, may hold anything; the fields after it are numbered from 3.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return fields[0] === undefined || 'ZX'.includes(fields[0]) ? null : Number(fields[22 - 3]);
}

const thisHolder = (): Holder => ({
  pid: process.pid,
  startTicks: startTicks(process.pid),
  hostname: hostname(),
  pidNamespace: pidNamespace(),
  machine: machine(),
  writer: randomUUID(),
});

function stateOf({ pid, startTicks: since, ...place }: Holder): WriterState {
  if (place.hostname !== hostname() || place.pidNamespace !== pidNamespace()) return 'unknown';
  const ours = machine();
  if (ours !== null && place.machine && place.machine !== ours) return 'unknown';
  if (since !== null) return startTicks(pid) === since ? 'writing' : 'gone';
  try {
    process.kill(pid, 0);
    return 'writing';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'writing' : 'gone';
  }
}

/** This process may open no more files, or not this one: nothing is known of the lock. */
const UNSEEN = new Set(['EMFILE', 'ENFILE', 'EACCES', 'EPERM']);

/** Null where there is none; no text where there is something else in its place, or too much of it. Throws where it cannot be seen. */
function textOf(path: string): string | null {
  try {
    return readRegular(path, MAX_LOCK_BYTES);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (UNSEEN.has(code!)) throw error;
    return code === 'ENOENT' ? null : '';
  }
}

/** A process that can be: any other text is garbage, which holds nobody. */
const isHolder = (holder: Holder | null): holder is Holder =>
  Number.isSafeInteger(holder?.pid) && holder!.pid > 0 && typeof holder!.hostname === 'string';

/** The lock's content now; `holder` is null where its text is missing or broken. */
function look(path: string): { state: WriterState; holder: Holder | null; text: string | null } {
  const text = textOf(path);
  if (text === null) return { state: 'closed', holder: null, text };
  const holder = orNull(() => JSON.parse(text) as Holder);
  if (isHolder(holder)) return { state: stateOf(holder), holder, text };
  const ageMs = Date.now() - (orNull(() => lstatSync(path).mtimeMs) ?? 0);
  return { state: ageMs < MAKING_MS ? 'unknown' : 'gone', holder: null, text };
}

/** What became of the writer of a rank's log. A log that never had one is `closed`, one that cannot be seen `unknown`. Never throws. */
export const writerState = (folder: string, rank: number): WriterState => writerOf(folder, rank).state;

/** The process that writes, or wrote, a rank's log. */
export interface Writer {
  state: WriterState;
  /** null where the lock is gone or broken. */
  pid: number | null;
  hostname: string | null;
}

/** Who writes a rank's log. Never throws. */
export function writerOf(folder: string, rank: number): Writer {
  const { state, holder } = orNull(() => look(lockFile(folder, rank))) ?? { state: 'unknown', holder: null };
  return { state, pid: holder?.pid ?? null, hostname: holder?.hostname ?? null };
}

function refusal(path: string, state: WriterState, holder: Holder | null): RunInUseError {
  const who = holder === null ? 'another process' : `process ${holder.pid} on ${holder.hostname}`;
  return new RunInUseError(
    state === 'writing'
      ? `${who} is writing this run: wait until it ends, or start a run of your own.`
      : `${who} may be writing this run and cannot be seen from here: once it has ended, delete ${path}.`,
  );
}

export interface WriterLock {
  /** Takes the lock again where its file was deleted. Throws as {@link lockRank}. */
  hold(): void;
  /** Never throws. */
  release(): void;
}

/** Takes the lock of a rank's log. Throws {@link RunInUseError}, or the file system's error. */
export function lockRank(folder: string, rank: number): WriterLock {
  const path = lockFile(folder, rank);
  const mine = JSON.stringify(thisHolder());
  const hold = () => {
    for (let attempt = 0; ; attempt++) {
      const { state, holder, text } = look(path);
      if (text === mine) return;
      if (state === 'writing' || state === 'unknown' || attempt === 10) throw refusal(path, state, holder);
      if (state === 'gone') clear(path, text!);
      else if (make(path, mine)) return;
    }
  };
  hold();
  return {
    hold,
    release: () => {
      orNull(() => look(path).text === mine && unlinkSync(path));
    },
  };
}

/** False where another process was faster. */
function make(path: string, text: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeFully(fd, text);
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(fd);
  }
  return true;
}

/** Removes a dead writer's lock, and only that: another process may have put its own there meanwhile. */
function clear(path: string, stale: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (textOf(aside) === stale) unlinkSync(aside);
  else renameSync(aside, path);
}
