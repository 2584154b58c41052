/**
 * One rank's file, read forward from where the last read ended. Bytes are split at newlines and each line is
 * decoded by itself, so that no chunk's edge can fall into a character. What follows the last newline is held
 * until its rest comes. Invalid UTF-8 within a line that is an event becomes U+FFFD.
 */
import { lstatSync } from 'node:fs';
import {
  isMalformed,
  isUnknown,
  parseEvent,
  passSeq,
  type SeqPlace,
  type TelemetryEvent,
  type UnknownEvent,
} from '../contract/index.ts';
import { EventShapes } from './event-shapes.ts';
import { holdFile, releaseFile } from './held-files.ts';
import { MAX_LINE_BYTES } from './limits.ts';
import { linesIn } from './line-shape.ts';
import { isPackedLog, type LogFile, openLog } from './log-file.ts';
import { noteProblem, type ReadReport } from './read-report.ts';

export type LoggedEvent = TelemetryEvent | UnknownEvent;

/** Bytes read at once: few enough to stay in the processor's cache while they are parsed; and those of all files together that are read ahead. */
const CHUNK_BYTES = 64 * 1024;
const SMALLEST_CHUNK = 8 * 1024;
const READ_AHEAD = 4 * 1024 * 1024;

/** Bytes to be read at once of each of so many files: the events of what is read ahead are all held. */
export const chunkOf = (files: number): number =>
  Math.max(SMALLEST_CHUNK, Math.min(CHUNK_BYTES, Math.floor(READ_AHEAD / files)));

const NONE = Buffer.alloc(0);
/** What is read is looked through at once: all files share a buffer, thousands of ranks too. Only a longer line has its own. */
const SHARED_BYTES = 4 * 2 ** 20;
let shared = NONE;
const NEWLINE = 10;
const SPACE = 32;
const BYTE_ORDER_MARK = 0xfeff;

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
  /** Bytes that the file had at the newest look: no more are asked of it until the next. */
  #size = Number.POSITIVE_INFINITY;
  /** Where the first line of the newest chunk begins. */
  #chunkStart: number;
  /** Events still to be passed over, because an earlier reader passed them on. */
  #skip: number;
  /** Bytes whose newline has not come yet. */
  #held: Buffer = NONE;
  /** The line being read is too long: its bytes are dropped until its newline. */
  #tooLong = false;
  #line = 0;
  /** By rank: a file has one, unless somebody joined several. */
  #places = new Map<number, SeqPlace>();
  readonly #shapes = new EventShapes();
  #refusal = '';

  constructor(
    path: string,
    report: ReadReport,
    chunkBytes = CHUNK_BYTES,
    from: FilePosition = { offset: 0, skip: 0 },
  ) {
    this.path = path;
    this.#offset = from.offset;
    this.#chunkStart = from.offset;
    this.#skip = from.skip;
    this.#report = report;
    this.#chunkBytes = chunkBytes;
  }

  /** Where another reader goes on after what was passed on from here. */
  get place(): FilePosition {
    return { offset: this.#chunkStart, skip: this.passedOn };
  }

  /** Bytes after the last newline were read. */
  get endsTorn(): boolean {
    return this.#held.length > 0 || this.#tooLong;
  }

  /**
   * Opens the file if it is there; begins it again where it was truncated or replaced since. Call it before each
   * round of reads. A file that cannot be opened is a problem in the report, listed once, never an error.
   */
  open(): void {
    try {
      const now = lstatSync(this.path, { throwIfNoEntry: false });
      this.#size = Number.POSITIVE_INFINITY;
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
    const buffer = this.#room();
    const held = this.#held.length;
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
    if (bytesRead === 0) return null;
    this.#chunkStart = this.#offset - held;
    this.#offset += bytesRead;
    const events = this.#split(buffer.subarray(0, held + bytesRead), held);
    this.passedOn = Math.min(this.#skip, events.length);
    this.#skip -= this.passedOn;
    return this.passedOn === 0 ? events : events.slice(this.passedOn);
  }

  /** The end of a log that nobody writes any more: a line without its newline is reported as torn. */
  finish(): void {
    if (!this.endsTorn) return;
    this.#report.torn++;
    noteProblem(this.#report, this.path, this.#line + 1, 'torn: the line has no end');
  }

  close(): void {
    if (this.#log !== null) {
      this.#log.close();
      releaseFile();
    }
    this.#log = null;
    this.#isOpen = false;
  }

  /** @param held bytes at the start that were looked through before */
  #split(bytes: Buffer, held: number): LoggedEvent[] {
    const events: LoggedEvent[] = [];
    const lines = linesIn(bytes);
    const shapes = this.#shapes;
    let from = 0;
    // What is held has no newline.
    let searched = held;
    for (;;) {
      const next = this.#tooLong ? -1 : shapes.read(lines, from);
      const to = next < 0 ? bytes.indexOf(NEWLINE, searched) : next - 1;
      if (to === -1) break;
      this.#line++;
      this.#report.lines++;
      if (next >= 0) this.#take(shapes.event, events);
      else if (this.#tooLong) this.#endTooLong();
      else if (from === to) this.#report.empty++;
      else this.#parse(bytes, from, to, events);
      from = to + 1;
      searched = from;
    }
    shapes.leave(lines);
    this.#held = this.#tooLong || from === bytes.length ? NONE : Buffer.from(bytes.subarray(from));
    return events;
  }

  #parse(bytes: Buffer, from: number, to: number, events: LoggedEvent[]): void {
    const report = this.#report;
    let line = bytes.toString('utf8', from, to);
    if (this.#line === 1 && line.charCodeAt(0) === BYTE_ORDER_MARK) line = line.slice(1);
    // Only a line of white space begins with any: JSON written by the book begins with a brace.
    if ((bytes[from] as number) <= SPACE && line.trim() === '') {
      report.empty++;
      return;
    }
    const parsed = parseEvent(line);
    if (isMalformed(parsed)) {
      report.malformed++;
      noteProblem(report, this.path, this.#line, parsed.malformed);
      return;
    }
    this.#shapes.learn(bytes.subarray(from, to), parsed);
    this.#take(parsed, events);
  }

  #take(event: LoggedEvent, events: LoggedEvent[]): void {
    const report = this.#report;
    if (isUnknown(event)) {
      report.unknown++;
      const { v, type } = event;
      report.firstUnknown ??= {
        file: this.path,
        line: this.#line,
        reason: `${type} of version ${v}`.slice(0, 200),
      };
    } else report.events++;
    this.#countRepeated(event);
    events.push(event);
  }

  #countRepeated({ rank, seq, type }: LoggedEvent): void {
    let place = this.#places.get(rank);
    if (place === undefined) {
      // A file that is read from its middle begins at any number.
      place = { nextSeq: seq, seqGap: null };
      this.#places.set(rank, place);
    }
    if (passSeq(place, seq) !== null) return;
    this.#report.repeated++;
    this.#report.firstRepeated ??= {
      file: this.path,
      line: this.#line,
      reason: `${type} with seq ${seq} came before`.slice(0, 200),
    };
  }

  /** A buffer that begins with what is held: larger than usual for a long line, which past the limit is given up. */
  #room(): Buffer {
    if (this.#held.length > MAX_LINE_BYTES) {
      this.#tooLong = true;
      this.#held = NONE;
    }
    const size = Math.max(this.#chunkBytes, this.#held.length * 2);
    if (size <= SHARED_BYTES && shared.length < size) shared = Buffer.allocUnsafe(size);
    const buffer = size <= SHARED_BYTES ? shared.subarray(0, size) : Buffer.allocUnsafe(size);
    this.#held.copy(buffer);
    return buffer;
  }

  #endTooLong(): void {
    this.#tooLong = false;
    this.#report.malformed++;
    noteProblem(this.#report, this.path, this.#line, `longer than ${MAX_LINE_BYTES} bytes`);
  }

  #restart(what: string): void {
    this.finish();
    this.close();
    this.#report.restarts++;
    noteProblem(this.#report, this.path, null, `the file was ${what}: it is read again from its start`);
    this.#offset = 0;
    this.#skip = 0;
    this.#held = NONE;
    this.#tooLong = false;
    this.#line = 0;
    this.#places.clear();
  }

  #refuse({ message }: Error): void {
    if (message === this.#refusal) return;
    if (this.#refusal === '') this.#report.unreadable++;
    noteProblem(this.#report, this.path, null, message);
    this.#refusal = message;
  }
}
