/** How a log ends: where the next writer goes on. Only the end is read, more of it until an event is found. */
import { fstatSync, readSync } from 'node:fs';
import { isMalformed, parseEvent } from '../contract/index.ts';

const NEWLINE = 10;
const FIRST_WINDOW = 64 * 1024;

/** Whether the file's last line lacks its newline: it was torn, and whatever follows must begin a new line. */
export function endsTorn(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] !== NEWLINE;
}

/** One past the highest `seq` near the end of an open log; 0 where it holds no event. */
export function seqAfter(fd: number): number {
  const { size } = fstatSync(fd);
  for (let window = FIRST_WINDOW; ; window *= 4) {
    const from = Math.max(0, size - window);
    const bytes = Buffer.alloc(size - from);
    readSync(fd, bytes, 0, bytes.length, from);
    const lines = bytes.toString('utf8').split('\n');
    // The window's first line may have begun before it. The last may be torn: one that lacks only its newline counts.
    const seqs = lines.slice(from === 0 ? 0 : 1).map(seqOf);
    const next = Math.max(-1, ...seqs) + 1;
    if (next > 0 || from === 0) return next;
  }
}

function seqOf(line: string): number {
  const parsed = parseEvent(line);
  return isMalformed(parsed) ? -1 : parsed.seq;
}
