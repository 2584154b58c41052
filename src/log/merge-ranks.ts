/** Several ranks' files as one stream, in the order of their clocks. */
import type { RankFile } from './rank-file.ts';
import type { LoggedEvent } from './rank-lines.ts';

const BATCH = 256;
/** After the first chunks of so many files others have their turn. */
const FILES = 64;

/**
 * Yields, in batches, what the files hold now, then ends; call it again when they have grown. Events come by
 * `timeMs`, files in their given order where times are equal; within a file the order is the file's, even
 * where its clock jumps. A chunk without an event gives an empty batch, so that a reader of garbage can do other things
 * in between; so do the first chunks of many files.
 */
export function* mergeRanks(files: readonly RankFile[]): Generator<LoggedEvent[]> {
  if (files.length === 1) {
    const file = files[0]!;
    for (let batch = file.read(); batch !== null; batch = file.read()) {
      file.passedOn += batch.length;
      yield batch;
    }
    return;
  }
  const heads: Head[] = [];
  for (const [index, file] of files.entries()) {
    const head = new Head(file, index);
    let found = head.next();
    for (; found === 'nothing'; found = head.next()) yield [];
    if (found === 'event') push(heads, head);
    if (index % FILES === FILES - 1) yield [];
  }
  let batch: LoggedEvent[] = [];
  while (heads.length > 0) {
    const first = heads[0]!;
    batch.push(first.pass());
    let found = first.next();
    for (; found === 'nothing'; found = first.next()) yield [];
    if (found === 'end') {
      const last = heads.pop()!;
      if (last !== first) heads[0] = last;
    }
    sink(heads, 0);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length === 0) return;
  yield batch;
  // What is read for the next time holds none of this.
  batch = [];
}

/** A file's next event. */
class Head {
  timeMs = 0;
  readonly index: number;
  #event: LoggedEvent | null = null;
  #file: RankFile;
  #events: LoggedEvent[] = [];
  #at = 0;

  constructor(file: RankFile, index: number) {
    this.#file = file;
    this.index = index;
  }

  /** Goes to the next event, of the chunk in hand or of one more, which may have none; `end` of what the file holds now. */
  next(): 'event' | 'nothing' | 'end' {
    if (this.#at === this.#events.length) {
      const events = this.#file.read();
      if (events === null) return 'end';
      this.#events = events;
      this.#at = 0;
      if (events.length === 0) return 'nothing';
    }
    this.#event = this.#events[this.#at++]!;
    this.timeMs = this.#event.timeMs;
    return 'event';
  }

  /** The event, which counts as passed on. */
  pass(): LoggedEvent {
    this.#file.passedOn++;
    return this.#event!;
  }

  isBefore(other: Head): boolean {
    return this.timeMs < other.timeMs || (this.timeMs === other.timeMs && this.index < other.index);
  }
}

/** A heap: no head is before the one at half its index. Ten thousand ranks take a dozen looks an event. */
function push(heads: Head[], head: Head): void {
  let at = heads.push(head) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!head.isBefore(heads[above]!)) break;
    heads[at] = heads[above]!;
    at = above;
  }
  heads[at] = head;
}

function sink(heads: Head[], from: number): void {
  const head = heads[from];
  if (head === undefined) return;
  let at = from;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heads.length) break;
    if (below + 1 < heads.length && heads[below + 1]!.isBefore(heads[below]!)) below++;
    if (!heads[below]!.isBefore(head)) break;
    heads[at] = heads[below]!;
    at = below;
  }
  heads[at] = head;
}
