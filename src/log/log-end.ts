/**
 * How a log ends: where the next writer goes on. The file is read backwards, a window at a time, until an event is
 * found: memory is bounded however much garbage follows the last event.
 */
import { closeSync, fstatSync, readSync } from 'node:fs';
import { isMalformed, parseEvent, seqToGoOn } from '../contract/index.ts';
import { openRegular } from '../disk/index.ts';
import { MAX_LINE_BYTES } from './limits.ts';
import { eventsFile } from './run-folder.ts';

const NEWLINE = 10;
const WINDOW = 64 * 1024;
/** No event is shorter: an envelope with the shortest values. */
const SHORTEST_EVENT = 64;

/** Whether the file's last line lacks its newline: it was torn, and whatever follows must begin a new line. */
export function endsTorn(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] !== NEWLINE;
}

/** The `seq` that follows the newest events of an open log; 0 where it holds no event. Throws as node:fs does. */
export function seqAfter(fd: number): number {
  const { size } = fstatSync(fd);
  const window = Buffer.alloc(WINDOW);
  /** What was read of the line that begins before `from`, its end first; and how long that is. */
  let pieces: Buffer[] = [];
  let pending = 0;
  /** Of the newest events, the newest first: two distinguish a wrong number from a right one. */
  const seqs: number[] = [];
  const take = (seq: number | null) => {
    if (seq !== null) seqs.push(seq);
  };
  for (let from = size; from > 0; ) {
    const length = Math.min(WINDOW, from);
    from -= length;
    fill(fd, window, length, from);
    let end = length;
    // The last line may be torn: one that lacks only its newline counts.
    for (let at = lastNewline(window, end); at !== -1; at = lastNewline(window, end)) {
      take(seqOf([window.subarray(at + 1, end), ...pieces.reverse()], pending));
      pieces = [];
      pending = 0;
      end = at;
    }
    if (seqs.length > 1 && from > 0) return seqToGoOn(seqs, false);
    pending += end;
    // A line beyond the limit is no event: its bytes need not be kept.
    if (pending > MAX_LINE_BYTES) pieces = [];
    else pieces.push(Buffer.from(window.subarray(0, end)));
  }
  take(seqOf(pieces.reverse(), pending));
  return seqToGoOn(seqs, true);
}

/** Likewise of a rank's log in a run's folder; 0 where there is none or it cannot be read. */
export function nextSeqOf(folder: string, rank: number): number {
  let fd: number | null = null;
  try {
    ({ fd } = openRegular(eventsFile(folder, rank)));
    return seqAfter(fd);
  } catch {
    return 0;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/**
 * A `seq` that no event of a log of this size has reached, for a log whose end cannot be read: readers drop an event
 * whose `seq` was there before, and only count those that a gap leaves out.
 */
export const seqBeyond = (bytes: number): number => Math.ceil(bytes / SHORTEST_EVENT);

const lastNewline = (window: Buffer, end: number) => (end === 0 ? -1 : window.lastIndexOf(NEWLINE, end - 1));

function fill(fd: number, window: Buffer, length: number, from: number): void {
  for (let read = 0; read < length; ) {
    const got = readSync(fd, window, read, length - read, from + read);
    if (got === 0) throw new Error('the log became shorter while its end was read');
    read += got;
  }
}

/** @param older bytes of the line that were read, or given up, before this window's */
function seqOf(pieces: Buffer[], older: number): number | null {
  if (older > MAX_LINE_BYTES) return null;
  const line = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  // What cannot be an event is not parsed: refusing a line costs far more than reading it.
  if (!line.includes('seq') && !line.includes('\\u')) return null;
  const parsed = parseEvent(line.toString('utf8'));
  return isMalformed(parsed) ? null : parsed.seq;
}
