/** Where in a rank's file an event lies, without an index: `seq` grows along the file, so bytes can be bisected. */
import { isMalformed, parseEvent } from '../contract/index.ts';
import { type LogFile, openLog } from './log-file.ts';
import type { FilePosition } from './rank-file.ts';

const WINDOW = 64 * 1024;
const NEWLINE = 10;

/**
 * A place from which reading comes upon the event with this `seq`, at most some ten kB later; where there is none,
 * upon the first event after it. Events before it must be passed over. Throws where the file cannot be read.
 */
export function placeOfSeq(path: string, seq: number): FilePosition {
  const log = openLog(path);
  try {
    let low = 0;
    let high = log.size();
    while (high - low > WINDOW) {
      const middle = low + Math.floor((high - low) / 2);
      const found = firstLineFrom(log, middle, high);
      if (found === null || found.seq > seq) high = middle;
      else low = found.offset;
    }
    return { offset: low, skip: 0 };
  } finally {
    log.close();
  }
}

/** The first whole line with an event that begins after `from`; null where none begins before `to`. */
function firstLineFrom(log: LogFile, from: number, to: number): { offset: number; seq: number } | null {
  for (let size = WINDOW; ; size *= 4) {
    const bytes = Buffer.allocUnsafe(Math.min(size, to - from));
    const read = log.read(bytes, 0, bytes.length, from);
    let start = bytes.indexOf(NEWLINE) + 1;
    for (let end = bytes.indexOf(NEWLINE, start); start > 0 && end !== -1 && end < read; ) {
      const parsed = parseEvent(bytes.toString('utf8', start, end));
      if (!isMalformed(parsed)) return { offset: from + start, seq: parsed.seq };
      start = end + 1;
      end = bytes.indexOf(NEWLINE, start);
    }
    if (bytes.length === to - from) return null;
  }
}
