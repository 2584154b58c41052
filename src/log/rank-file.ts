/** One rank's file, read forward from where the last read ended: opened when it is there, begun again where it was truncated or replaced. */
import { lstatSync } from 'node:fs';
import { holdFile, releaseFile } from './held-files.ts';
import { isPackedLog, type LogFile, openLog } from './log-file.ts';
import { type LoggedEvent, RankLines, type TakeShaped } from './rank-lines.ts';
import { noteProblem, type ReadReport } from './read-report.ts';

/** Bytes read at once: few enough to stay in the processor's cache while they are parsed; and those of all files together that are read ahead. */
const CHUNK_BYTES = 64 * 1024;
const SMALLEST_CHUNK = 8 * 1024;
const READ_AHEAD = 4 * 1024 * 1024;

/** Bytes to be read at once of each of so many files: the events of what is read ahead are all held. */
export const chunkOf = (files: number): number =>
  Math.max(SMALLEST_CHUNK, Math.min(CHUNK_BYTES, Math.floor(READ_AHEAD / files)));

/** What is read is looked through at once: all files share a buffer, thousands of ranks too. Only a longer line has its own. */
const SHARED_BYTES = 4 * 2 ** 20;
let shared = Buffer.alloc(0);

/** Where reading may begin again: at a line's start, past so many of the events from there on. */
export interface FilePosition {
  offset: number;
  skip: number;
}

export class RankFile {
  readonly path: string;
  /** Events of the newest chunk that were passed on; the caller that passes them on keeps count here. */
  passedOn = 0;
  #report: ReadReport;
  #chunkBytes: number;
  #isOpen = false;
  /** Null also while it is open, where too many files are: then it is opened for each read. */
  #log: LogFile | null = null;
  #inode = 0;
  #offset: number;
  /** No more bytes are asked of it until the next round than up to here. */
  #size = Number.POSITIVE_INFINITY;
  /** Something was read in the newest round. */
  #hasGrown = false;
  /** It was looked at in this round: whether it is there, and the same. */
  #wasSeen = false;
  /** Where the first line of the newest chunk begins. */
  #chunkStart: number;
  /** Events still to be passed over, because an earlier reader passed them on. */
  #skip: number;
  readonly #lines: RankLines;
  #refusal = '';

  /** @param takeShaped gets lines of known shapes instead of {@link read}: of a file that is read from its beginning */
  constructor(
    path: string,
    report: ReadReport,
    chunkBytes = CHUNK_BYTES,
    from: FilePosition = { offset: 0, skip: 0 },
    takeShaped: TakeShaped | null = null,
  ) {
    this.path = path;
    this.#offset = from.offset;
    this.#chunkStart = from.offset;
    this.#skip = from.skip;
    this.#report = report;
    this.#lines = new RankLines(path, report, takeShaped);
    this.#chunkBytes = chunkBytes;
  }

  /** Where another reader goes on after what was passed on from here. */
  get place(): FilePosition {
    return { offset: this.#chunkStart, skip: this.passedOn };
  }

  /** Bytes after the last newline were read. */
  get endsTorn(): boolean {
    return this.#lines.endsTorn;
  }

  /**
   * Opens the file if it is there; begins it again where it was truncated or replaced since. Call it before each
   * round of reads. A file that cannot be opened is a problem in the report, listed once, never an error.
   */
  open(): void {
    // One that grows is there, and is looked at in a round in which nothing more is read of it.
    this.#wasSeen = !(this.#hasGrown && this.#log !== null);
    this.#hasGrown = false;
    this.#size = Number.POSITIVE_INFINITY;
    if (this.#wasSeen) this.#look();
  }

  #look(): void {
    try {
      const now = lstatSync(this.path, { throwIfNoEntry: false });
      // A deleted file stays open: its rest is read, and its inode cannot come back as another file's. A packed one never changes.
      if (now === undefined && (this.#isOpen || !isPackedLog(this.path))) return;
      const isFirst = !this.#isOpen;
      if (this.#isOpen && now !== undefined) {
        if (now.ino === this.#inode && now.size >= this.#offset) {
          this.#size = now.size;
          return;
        }
        this.#restart(now.ino === this.#inode ? 'truncated' : 'replaced');
      }
      const log = openLog(this.path);
      if (isFirst) this.#report.files++;
      this.#isOpen = true;
      this.#inode = log.inode;
      if (holdFile()) this.#log = log;
      else log.close();
    } catch (error) {
      this.#refuse(error as Error);
    }
  }

  /** Events of the next chunk; null at the end of what the file holds now. Never throws. */
  read(): LoggedEvent[] | null {
    if (!this.#isOpen || this.#offset >= this.#size) return null;
    const before = this.#lines.hold();
    const held = before.length;
    const buffer = this.#room(held);
    before.copy(buffer);
    let bytesRead: number;
    try {
      const log = this.#log ?? openLog(this.path);
      try {
        bytesRead = log.read(buffer, held, buffer.length - held, this.#offset);
      } finally {
        if (this.#log === null) log.close();
      }
    } catch (error) {
      this.#refuse(error as Error);
      return null;
    }
    if (bytesRead === 0) {
      if (this.#wasSeen) return null;
      this.#wasSeen = true;
      this.#look();
      return this.read();
    }
    // Less than was asked for is all that there is.
    if (!this.#wasSeen && bytesRead < buffer.length - held) this.#size = this.#offset + bytesRead;
    this.#hasGrown = true;
    this.#chunkStart = this.#offset - held;
    this.#offset += bytesRead;
    const events = this.#lines.read(buffer.subarray(0, held + bytesRead), held);
    this.passedOn = Math.min(this.#skip, events.length);
    this.#skip -= this.passedOn;
    return this.passedOn === 0 ? events : events.slice(this.passedOn);
  }

  /** The end of a log that nobody writes any more: a line without its newline is reported as torn. */
  finish(): void {
    this.#lines.finish();
  }

  close(): void {
    if (this.#log !== null) {
      this.#log.close();
      releaseFile();
    }
    this.#log = null;
    this.#isOpen = false;
  }

  /** A buffer with room for a chunk behind what is held: larger than usual for a long line. */
  #room(held: number): Buffer {
    const size = Math.max(this.#chunkBytes, held * 2);
    if (size > SHARED_BYTES) return Buffer.allocUnsafe(size);
    if (shared.length < size) shared = Buffer.allocUnsafe(size);
    return shared.subarray(0, size);
  }

  #restart(what: string): void {
    this.finish();
    this.close();
    this.#report.restarts++;
    noteProblem(this.#report, this.path, null, `the file was ${what}: it is read again from its start`);
    this.#offset = 0;
    this.#skip = 0;
    this.#lines.restart();
  }

  #refuse({ message }: Error): void {
    if (message === this.#refusal) return;
    if (this.#refusal === '') this.#report.unreadable++;
    noteProblem(this.#report, this.path, null, message);
    this.#refusal = message;
  }
}
