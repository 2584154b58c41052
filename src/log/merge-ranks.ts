/** Several ranks' files as one stream, in the order of their clocks. */
import type { LoggedEvent, RankFile } from './rank-file.ts';

const BATCH = 256;

/**
 * Yields, in batches, what the files hold now, then ends; call it again when they have grown. Events come by
 * `timeMs`, files in their given order where times are equal; within a file the order is the file's, even
 * where its clock jumps.
 */
export function* mergeRanks(files: readonly RankFile[]): Generator<LoggedEvent[]> {
  if (files.length === 1) {
    const file = files[0]!;
    for (let batch = file.read(); batch !== null; batch = file.read()) {
      file.passedOn += batch.length;
      if (batch.length > 0) yield batch;
    }
    return;
  }
  const heads = files.map(file => new Head(file)).filter(head => head.next());
  let batch: LoggedEvent[] = [];
  while (heads.length > 0) {
    let first = heads[0]!;
    for (const head of heads) if (head.timeMs < first.timeMs) first = head;
    batch.push(first.pass());
    if (!first.next()) heads.splice(heads.indexOf(first), 1);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** A file's next event. */
class Head {
  timeMs = 0;
  #event: LoggedEvent | null = null;
  #file: RankFile;
  #events: LoggedEvent[] = [];
  #at = 0;

  constructor(file: RankFile) {
    this.#file = file;
  }

  /** False at the end of what the file holds now. */
  next(): boolean {
    while (this.#at === this.#events.length) {
      const events = this.#file.read();
      if (events === null) return false;
      this.#events = events;
      this.#at = 0;
    }
    this.#event = this.#events[this.#at++]!;
    this.timeMs = this.#event.timeMs;
    return true;
  }

  /** The event, which is thereby passed on. */
  pass(): LoggedEvent {
    this.#file.passedOn++;
    return this.#event!;
  }
}
