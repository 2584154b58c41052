/** A rank's log in parts of whole lines, read side by side on the machine's processors, and handed on in their order. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { openLog } from '../log/index.ts';
import { DependentLinesError, type PointColumns, PointColumnsReader } from './point-columns.ts';

/** Bytes of text in a part. */
const PART_BYTES = 8 * 2 ** 20;
const WINDOW = 64 * 1024;
/** Bytes that are read at once: they stay in a processor's cache until they are parsed. */
const READ_BYTES = 256 * 1024;
const NEWLINE = 10;
/** More threads than this are not faster: one takes what they read. */
const MOST_THREADS = 4;

/** From the beginning of a line to the end of one. */
export interface PartOfLog {
  from: number;
  to: number;
}

export class PartReader {
  readonly #path: string;
  readonly #reader: PointColumnsReader;
  #room: Buffer = Buffer.allocUnsafe(READ_BYTES);

  constructor({ path, rank }: { path: string; rank: number }) {
    this.#path = path;
    this.#reader = new PointColumnsReader(rank);
  }

  /** Throws a {@link DependentLinesError}, and the file system's error. */
  read({ from, to }: PartOfLog): PointColumns {
    const log = openLog(this.#path);
    try {
      this.#reader.begin(to - from);
      for (let at = from, held = 0; at < to; ) {
        if (held === this.#room.length) this.#room = Buffer.concat([this.#room], 2 * held);
        const room = this.#room;
        const read = log.read(room, held, Math.min(room.length - held, to - at), at);
        if (read === 0) throw new Error('the log became shorter while it was read');
        at += read;
        const there = held + read;
        // What is held has no newline.
        const last = room.subarray(held, there).lastIndexOf(NEWLINE);
        const whole = last < 0 ? 0 : held + last + 1;
        if (whole > 0) this.#reader.add(room.subarray(0, whole), from === 0);
        room.copyWithin(0, whole, there);
        held = there - whole;
      }
      return this.#reader.finish();
    } finally {
      log.close();
    }
  }
}

/** The parts of the log as it is: what follows its last newline is in none. Throws the file system's error. */
export function logParts(path: string, partBytes = PART_BYTES): PartOfLog[] {
  const log = openLog(path);
  try {
    const size = log.size();
    const window = Buffer.allocUnsafe(WINDOW);
    const lineAfter = (position: number): number | null => {
      for (let at = position; at < size; at += WINDOW) {
        const read = log.read(window, 0, Math.min(WINDOW, size - at), at);
        const newline = window.subarray(0, read).indexOf(NEWLINE);
        if (newline >= 0) return at + newline + 1;
      }
      return null;
    };
    const parts: PartOfLog[] = [];
    for (let from = 0; from < size; ) {
      const next = from + partBytes < size ? lineAfter(from + partBytes - 1) : null;
      const to = next ?? lastLineEnd(log, size, from, window);
      if (to === null || to <= from) break;
      parts.push({ from, to });
      from = to;
    }
    return parts;
  } finally {
    log.close();
  }
}

function lastLineEnd(
  log: ReturnType<typeof openLog>,
  size: number,
  from: number,
  window: Buffer,
): number | null {
  for (let end = size; end > from; ) {
    const start = Math.max(from, end - WINDOW);
    const read = log.read(window, 0, end - start, start);
    const newline = window.subarray(0, read).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return null;
}

/**
 * Columns of all parts, in order.
 * Throws a {@link DependentLinesError} where parts cannot be read by themselves, and the file system's error.
 */
export async function* columnsOfLog(
  path: string,
  rank: number,
  signal: AbortSignal,
  partBytes = PART_BYTES,
): AsyncGenerator<PointColumns> {
  const parts = logParts(path, partBytes);
  // From the sources there is no file that a thread could load.
  if (import.meta.url.endsWith('.ts') || parts.length < 2) {
    const reader = new PartReader({ path, rank });
    for (const part of parts) yield reader.read(part);
    return;
  }
  const threads = Array.from(
    { length: Math.min(parts.length, MOST_THREADS, availableParallelism()) },
    () => new Thread(path, rank),
  );
  try {
    const reading = new Map<number, Promise<PointColumns>>();
    let next = 0;
    const begin = (thread: Thread): void => {
      if (next >= parts.length || signal.aborted) return;
      const columns = thread.read(parts[next]!);
      reading.set(next++, columns);
      // A thread goes on with the next part at once, unless what it read is not taken.
      columns.then(
        () => {
          if (reading.size < 4 * threads.length) begin(thread);
          else waiting.push(thread);
        },
        () => {},
      );
    };
    const waiting: Thread[] = [];
    for (const thread of threads) begin(thread);
    for (let i = 0; i < parts.length; i++) {
      if (signal.aborted) return;
      const columns = await reading.get(i)!;
      reading.delete(i);
      const idle = waiting.pop();
      if (idle !== undefined) begin(idle);
      yield columns;
    }
  } finally {
    for (const thread of threads) thread.end();
  }
}

class Thread {
  readonly #worker: Worker;

  constructor(path: string, rank: number) {
    this.#worker = new Worker(new URL('../query/series-worker.js', import.meta.url), {
      workerData: { path, rank },
    });
    this.#worker.unref();
  }

  read(part: PartOfLog): Promise<PointColumns> {
    return new Promise((resolve, reject) => {
      this.#worker.once('error', reject);
      this.#worker.once('message', ({ columns, refusal }: { columns?: PointColumns; refusal?: string }) => {
        this.#worker.off('error', reject);
        if (columns !== undefined) resolve(columns);
        else reject(new DependentLinesError(refusal));
      });
      this.#worker.postMessage(part);
    });
  }

  end(): void {
    void this.#worker.terminate();
  }
}
