/**
 * Appends one rank's events to its file. A line is one write and is in the file when `append` returns: it outlives
 * a `kill -9` of this process; one that comes between two pages of a write tears that line, whose `append` has not
 * returned. Every half second what is new is synced to the disk, by the thread pool, so that a crash of the machine
 * loses at most the last second.
 *
 * Nothing here throws into training, waits or queues: what cannot be written is dropped and counted. After an
 * error the file is closed and opened again, at most once a second.
 */
import { closeSync, constants, fdatasync, fdatasyncSync, lstatSync, statSync, writeSync } from 'node:fs';
import type { LineSink } from '../contract/index.ts';
import { absolute, makeFolder, openRegular } from '../disk/index.ts';
import { MAX_LINE_BYTES } from './limits.ts';
import { endsTorn, seqAfter, seqBeyond } from './log-end.ts';
import { isPackedLog } from './log-file.ts';
import { eventsFile } from './run-folder.ts';
import { lockRank, RunInUseError, type WriterLock } from './writer-lock.ts';

const { O_RDWR, O_APPEND, O_CREAT } = constants;
const SYNC_MS = 500;
const REOPEN_MS = 1000;
/** Different problems reported; the rest are only counted. */
const KINDS_REPORTED = 10;
const NEWLINE = Buffer.from('\n');
const NEVER = Number.POSITIVE_INFINITY;
/** Files of all writers that are synced at once: each is open until it is. */
const MOST_SYNCING = 64;
let syncing = 0;

export interface WriterStats {
  /** Lines that are whole in the file. */
  lines: number;
  /** Bytes of those lines. */
  bytes: number;
  /** Lines that are not: refused by the disk, or written to a file that was deleted (at most so many). */
  dropped: number;
  /** Why, of the newest; null where nothing went wrong. */
  problem: string | null;
}

export interface WriterOptions {
  rank?: number;
  /** Monotonic clock, milliseconds. */
  now?: () => number;
  /** Given one sentence about what goes wrong, each kind once; it must not throw. */
  onProblem?: (sentence: string) => void;
}

export class LogWriter implements LineSink {
  readonly path: string;
  /** seq to go on with: 0 in a new log, one past the last event where a run is resumed. */
  readonly nextSeq: number;
  #folder: string;
  #rank: number;
  #now: () => number;
  #onProblem: (sentence: string) => void;
  #reported = new Set<string>();
  #lock: WriterLock | null = null;
  #fd: number | null = null;
  #inode = 0;
  /** The file ends within a line: what follows must begin with a newline. */
  #torn = false;
  #closed = false;
  #reopenDueMs = 0;
  #lookDueMs = 0;
  #linesSinceLook = 0;
  #dirty = false;
  #syncingFd: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #timerDueMs = NEVER;
  #stats: WriterStats = { lines: 0, bytes: 0, dropped: 0, problem: null };

  /**
   * Opens a rank's log, a new one or one to go on with. A torn last line is ended, never cut off.
   * Throws {@link RunInUseError} where another process writes it, or it is packed; a disk that refuses is no error but
   * counts drops until it recovers.
   */
  constructor(
    folder: string,
    { rank = 0, now = () => performance.now(), onProblem = () => {} }: WriterOptions = {},
  ) {
    this.#folder = absolute(folder);
    this.path = eventsFile(this.#folder, rank);
    this.#rank = rank;
    this.#now = now;
    this.#onProblem = onProblem;
    // What is written beside a packed log would hide it.
    if (isPackedLog(this.path))
      throw new RunInUseError(
        `${this.path} is packed: "esper pack --undo" makes a log of it that can be gone on with.`,
      );
    const refused = this.#open(this.#now());
    if (refused instanceof RunInUseError) throw refused;
    this.nextSeq = this.#seqAfter();
  }

  /** @param lines how many lines it is: several may be written at once, as bytes too. */
  append(line: string | Uint8Array, lines = 1): void {
    const now = this.#now();
    if (this.#fd !== null && now >= this.#lookDueMs) this.#look(now);
    if (this.#fd === null && now >= this.#reopenDueMs) this.#open(now);
    if (this.#fd === null) {
      this.#stats.dropped += lines;
      return;
    }
    try {
      const bytes = typeof line === 'string' ? Buffer.byteLength(line) : line.length;
      if (bytes > MAX_LINE_BYTES)
        throw new RangeError(`a line of ${bytes} bytes is too long to be read back`);
      this.#write(this.#fd, line, bytes);
      this.#stats.lines += lines;
      this.#stats.bytes += bytes;
      this.#linesSinceLook += lines;
    } catch (error) {
      this.#stats.dropped += lines;
      this.#fail(error, now);
    }
    this.#dirty = true;
    const overdueMs = now - this.#timerDueMs;
    if (this.#timer === null || (overdueMs >= 0 && this.#syncingFd === null)) this.#syncInBackground(now);
    // Neither the timer nor the end of the last sync came: training does not yield to the event loop.
    else if (overdueMs >= SYNC_MS) this.sync();
  }

  /** Syncs to the disk before it returns, for the end and for signals. Never throws. */
  sync(): void {
    this.#dirty = false;
    this.#timerDueMs = this.#now();
    if (this.#fd === null) return;
    try {
      fdatasyncSync(this.#fd);
    } catch (error) {
      this.#note(error);
    }
  }

  /** Syncs, closes and lets the next writer in. Never throws; what is appended afterwards is dropped. */
  close(): void {
    if (this.#closed) return;
    this.sync();
    this.#closeFile();
    this.#lock?.release();
    clearTimeout(this.#timer ?? undefined);
    this.#closed = true;
    this.#reopenDueMs = NEVER;
  }

  /**
   * Gives its descriptor back until the next line; the log stays locked. For a process that writes more logs than it may
   * have files open. What is new is synced in the background, while few others are: else the kernel does it in its time.
   */
  rest(): void {
    if (this.#fd === null) return;
    if (this.#dirty) this.#startSync();
    this.#closeFile();
    this.#reopenDueMs = Number.NEGATIVE_INFINITY;
  }

  stats(): WriterStats {
    return { ...this.#stats };
  }

  #seqAfter(): number {
    try {
      if (this.#fd !== null) return seqAfter(this.#fd);
    } catch (error) {
      this.#note(error);
    }
    try {
      return seqBeyond(statSync(this.path, { throwIfNoEntry: false })?.size ?? 0);
    } catch {
      return 0;
    }
  }

  /** Returns what went wrong, or null. */
  #open(now: number): Error | null {
    this.#reopenDueMs = now + REOPEN_MS;
    let fd: number | null = null;
    try {
      makeFolder(this.#folder);
      if (this.#lock === null) this.#lock = lockRank(this.#folder, this.#rank);
      else this.#lock.hold();
      // A pipe in its place must not hold the training, and a link not lead it elsewhere.
      const opened = openRegular(this.path, O_RDWR | O_APPEND | O_CREAT);
      fd = opened.fd;
      this.#inode = opened.stats.ino;
      this.#torn = endsTorn(fd);
      this.#fd = fd;
      this.#lookDueMs = now + SYNC_MS;
      this.#linesSinceLook = 0;
      return null;
    } catch (error) {
      if (fd !== null) closeQuietly(fd);
      this.#note(error);
      return error as Error;
    }
  }

  /** One write; more only where the disk took a part of the line and then has room for the rest. */
  #write(fd: number, line: string | Uint8Array, bytes: number): void {
    const whole = this.#torn ? bytes + 1 : bytes;
    const text = this.#torn ? Buffer.concat([NEWLINE, Buffer.from(line)]) : line;
    let written = typeof text === 'string' ? writeSync(fd, text) : writeSync(fd, text);
    if (written !== whole) {
      const rest = Buffer.from(text);
      while (written < whole) written += writeSync(fd, rest, written);
    }
    this.#torn = false;
  }

  /** A deleted or moved file takes writes as before, and nobody will ever read them: only a look finds it. */
  #look(now: number): void {
    this.#lookDueMs = now + SYNC_MS;
    try {
      if (lstatSync(this.path, { throwIfNoEntry: false })?.ino === this.#inode) {
        this.#linesSinceLook = 0;
        return;
      }
      this.#stats.lines -= this.#linesSinceLook;
      this.#stats.dropped += this.#linesSinceLook;
      this.#fail(new Error(`${this.path} was deleted or moved`), now);
      this.#reopenDueMs = now;
    } catch (error) {
      this.#fail(error, now);
    }
  }

  #fail(error: unknown, now: number): void {
    this.#note(error);
    if (error instanceof RangeError) return;
    this.#closeFile();
    this.#reopenDueMs = now + REOPEN_MS;
  }

  /** Keeps the newest problem; the first of a kind is reported, however often it comes back. */
  #note(error: unknown): void {
    const { message, code } = error as NodeJS.ErrnoException;
    this.#stats.problem = message;
    const kind = code ?? message;
    if (error instanceof RunInUseError || this.#reported.has(kind) || this.#reported.size >= KINDS_REPORTED)
      return;
    this.#reported.add(kind);
    this.#onProblem(`The log ${this.path} cannot be written as it should (${message}); training goes on.`);
  }

  #closeFile(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null && fd !== this.#syncingFd) closeQuietly(fd);
  }

  /** Syncs without waiting, unless it does already, or too many writers of this process do. */
  #startSync(): void {
    const fd = this.#fd;
    if (fd === null || this.#syncingFd !== null || syncing >= MOST_SYNCING) return;
    this.#dirty = false;
    this.#syncingFd = fd;
    syncing++;
    fdatasync(fd, error => {
      syncing--;
      this.#syncingFd = null;
      if (error !== null) this.#note(error);
      if (fd !== this.#fd) closeQuietly(fd);
    });
  }

  /** Syncs now, without waiting; then, as long as lines come, every SYNC_MS. */
  #syncInBackground(now: number): void {
    this.#startSync();
    this.#timerDueMs = now + SYNC_MS;
    clearTimeout(this.#timer ?? undefined);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#timerDueMs = NEVER;
      if (this.#dirty) this.#syncInBackground(this.#now());
    }, SYNC_MS).unref();
  }
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // A failing close has nothing left to lose: every write was checked when it was made.
  }
}
