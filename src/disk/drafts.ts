/**
 * Drafts of files that are not whole yet. A signal that ends the process removes them first; those of processes that could not do
 * so, as of one that was killed, are removed by the next writer of the same file.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A younger draft may be that of a process on another machine, whose number means nothing here. */
const STALE_MS = 10 * 60_000;

const drafts = new Set<string>();
let isListening = false;

/** Where a file is written before it is renamed to `path`. Its place is held by {@link holdDraft}. */
export const draftOf = (path: string): string => join(dirname(path), `.${basename(path)}.${process.pid}.new`);

/** @returns what is called once the draft is renamed or removed */
export function holdDraft(draft: string): () => void {
  if (!isListening) {
    isListening = true;
    for (const signal of signals) process.on(signal, end);
    process.on('exit', removeAll);
  }
  drafts.add(draft);
  return () => {
    drafts.delete(draft);
    // A signal that came meanwhile is handed on in the loop's next turn, and would be lost without a listener.
    setImmediate(leave);
  };
}

function leave(): void {
  if (!isListening || drafts.size > 0) return;
  isListening = false;
  for (const signal of signals) process.off(signal, end);
  process.off('exit', removeAll);
}

function removeAll(): void {
  for (const draft of drafts) rmSync(draft, { force: true });
  drafts.clear();
}

/** Where something else listens, the process may go on. */
function end(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  leave();
  process.kill(process.pid, signal);
}

/** Removes what dead processes left of drafts of this file. */
export function removeStale(path: string): void {
  const start = `.${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(start) || !name.endsWith('.new')) continue;
    const pid = name.slice(start.length, -'.new'.length);
    const draft = join(dirname(path), name);
    if (/^\d+$/.test(pid) && !isAlive(Number(pid)) && isStale(draft)) rmSync(draft, { force: true });
  }
}

const isStale = (draft: string): boolean => {
  const stats = statSync(draft, { throwIfNoEntry: false });
  return stats?.isFile() === true && Date.now() - stats.mtimeMs > STALE_MS;
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
