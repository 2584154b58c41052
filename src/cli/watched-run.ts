/** The run that a watched log becomes: one writer a rank, made when the rank is first heard of. */
import { rmSync } from 'node:fs';
import { EventLines } from '../emit/index.ts';
import { createRun, LogWriter, type RunFolder } from '../log/index.ts';
import type { WatchedEvent } from '../watch/index.ts';
import type { ViewedRun } from './watch-view.ts';

/** Bytes that are gathered before they are written. */
const MOST_GATHERED = 64 * 1024;
/** Logs held open at once, the newest written: well below the 1,024 files that a process often may have. */
const MOST_OPEN = 256;

/** A rank's log. Events that come of one chunk of input are written at once: before the next chunk is read, and at the end. */
class RankLog {
  readonly writer: LogWriter;
  #events: EventLines;
  #before: () => void;
  #due: NodeJS.Immediate | null = null;

  /** @param before called before each write */
  constructor(writer: LogWriter, events: EventLines, before: () => void) {
    this.writer = writer;
    this.#events = events;
    this.#before = before;
  }

  /** Events that are in no file. */
  get lost(): number {
    return this.writer.stats().dropped + this.#events.failed;
  }

  add({ type, data, timeMs }: WatchedEvent): void {
    this.#events.add(type, data, timeMs);
    if (this.#events.size >= MOST_GATHERED) this.flush();
    else this.#due ??= setImmediate(() => this.flush());
  }

  flush(): void {
    if (this.#due !== null) clearImmediate(this.#due);
    this.#due = null;
    const { bytes, lines } = this.#events.take();
    if (lines === 0) return;
    this.#before();
    this.writer.append(bytes, lines);
  }
}

export class WatchedRun {
  readonly runs: string;
  readonly name: string;
  readonly source: string;
  /** null until it is created, and where the disk refused. */
  folder: RunFolder | null = null;
  #logs = new Map<number, RankLog>();
  /** Those whose log is open, the one longest not written first. */
  #open = new Set<LogWriter>();
  #written = false;
  #more: { config?: Record<string, unknown>; createdMs?: number };

  /** @param more what the configuration has besides the source, and when the run was begun, if not now */
  constructor(
    runs: string,
    name: string,
    source: string,
    more: { config?: Record<string, unknown>; createdMs?: number } = {},
  ) {
    this.runs = runs;
    this.name = name;
    this.source = source;
    this.#more = more;
  }

  get id(): string | null {
    return this.folder?.id ?? null;
  }

  /** For a view; null where the disk refused. */
  get viewed(): ViewedRun | null {
    return this.folder === null ? null : { id: this.folder.id, runs: this.runs, path: this.folder.path };
  }

  /** Events that are in no file. */
  get lost(): number {
    return [...this.#logs.values()].reduce((sum, { lost }) => sum + lost, 0);
  }

  /** Why the newest was lost, or null. */
  get problem(): string | null {
    for (const { writer } of this.#logs.values())
      if (writer.stats().dropped > 0) return writer.stats().problem;
    return null;
  }

  /** Throws an Error of one sentence where the disk refuses. */
  create(): void {
    this.folder = createRun({
      runs: this.runs,
      name: this.name,
      config: { log: this.source, ...this.#more.config },
      command: process.argv.slice(1),
      nowMs: this.#more.createdMs,
    });
    // A log may be silent for long before its first figure: the lock shows that a writer lives.
    this.#logOf(0, this.folder);
  }

  write(event: WatchedEvent): void {
    if (this.folder === null) return;
    this.#written = true;
    this.#logOf(event.rank, this.folder).add(event);
  }

  close(): void {
    for (const log of this.#logs.values()) {
      log.flush();
      log.writer.close();
    }
  }

  /** Takes the run away again: nothing was recognised, and none of its files holds an event. After `close`. */
  discard(): void {
    if (this.folder === null || this.#written) return;
    rmSync(this.folder.path, { recursive: true, force: true });
    this.folder = null;
  }

  #logOf(rank: number, folder: RunFolder): RankLog {
    let log = this.#logs.get(rank);
    if (log === undefined) {
      this.#makeRoom();
      const writer = new LogWriter(folder.path, { rank });
      this.#open.add(writer);
      log = new RankLog(writer, new EventLines(folder.id, rank), () => this.#willWrite(writer));
      this.#logs.set(rank, log);
    }
    return log;
  }

  /** Before another log is opened: one more than so many may not be had. */
  #makeRoom(): void {
    if (this.#open.size < MOST_OPEN) return;
    const [oldest] = this.#open;
    oldest!.rest();
    this.#open.delete(oldest!);
  }

  #willWrite(writer: LogWriter): void {
    if (!this.#open.delete(writer)) this.#makeRoom();
    this.#open.add(writer);
  }
}
