/**
 * Live streams (server-sent events). One hub a run makes each message once for all its readers. The id of a message
 * is the next `seq` of every rank, so that a client that reconnects with the last one it saw gets what it missed.
 * Back-pressure: a slow client skips messages, gets the newest state when it drains, and is dropped in the end.
 */
import type { LiveMessage } from './api.ts';
import { FLUSH_MS, HEARTBEAT_MS, RESUME_POINTS, STREAM_BYTES, STREAM_PATIENCE_MS } from './limits.ts';
import type { FeedUpdate, RunFeed } from './run-feed.ts';
import { viewOf } from './run-view.ts';

const utf8 = new TextEncoder();

interface Reader {
  controller: ReadableStreamDefaultController<Uint8Array>;
  /** Messages were skipped: the next one must mark that points are missing. */
  behind: boolean;
  /** Since when it has not read; null while it does. */
  stuckSinceMs: number | null;
  closed: () => void;
}

/** `0:57,1:56` → rank 0 was sent up to before 57. Null where it is no such id. */
export function parseId(id: string | undefined): Map<number, number> | null {
  if (id === undefined || !/^\d+:\d+(,\d+:\d+)*$/.test(id) || id.length > 4096) return null;
  return new Map(id.split(',').map(part => part.split(':').map(Number) as [number, number]));
}

export class LiveHub {
  #feed: RunFeed;
  #readers = new Set<Reader>();
  #unsubscribe: (() => void) | null = null;
  #points: LiveMessage['points'] = [];
  #reset = false;
  #timer: NodeJS.Timeout | null = null;
  #heartbeat: NodeJS.Timeout | null = null;
  #flushedMs = Number.NEGATIVE_INFINITY;

  constructor(feed: RunFeed) {
    this.#feed = feed;
  }

  /** Whether this is the hub of that feed; a run that was put away and opened again has a new one. */
  serves(feed: RunFeed): boolean {
    return this.#feed === feed;
  }

  /** A stream that begins with the present state, and with the points since `lastId` where it is given. */
  async open(lastId: string | undefined, closed: () => void): Promise<ReadableStream<Uint8Array>> {
    const seen = parseId(lastId);
    const first = await this.#firstMessage(seen);
    const reader: Reader = { controller: null as never, behind: false, stuckSinceMs: null, closed };
    return new ReadableStream<Uint8Array>(
      {
        start: controller => {
          reader.controller = controller;
          this.#readers.add(reader);
          this.#start();
          controller.enqueue(utf8.encode('retry: 1000\n\n'));
          controller.enqueue(first);
        },
        pull: () => {
          reader.stuckSinceMs = null;
          if (!reader.behind) return;
          reader.behind = false;
          this.#send(reader, this.#message([], true));
        },
        cancel: () => this.#leave(reader),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: STREAM_BYTES }),
    );
  }

  close(): void {
    for (const reader of [...this.#readers]) {
      reader.controller.close();
      this.#leave(reader);
    }
  }

  #start(): void {
    if (this.#unsubscribe !== null) return;
    this.#unsubscribe = this.#feed.subscribe(update => this.#take(update));
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  #end(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    clearInterval(this.#heartbeat ?? undefined);
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
    this.#points = [];
    this.#reset = false;
  }

  /** The first of a burst goes out at once, the rest together. */
  #take({ points, reset }: FeedUpdate): void {
    for (const { rank, point } of points) {
      this.#points.push({ rank, ...point });
    }
    this.#reset ||= reset || this.#points.length > RESUME_POINTS;
    if (this.#reset) this.#points = [];
    this.#timer ??= setTimeout(
      () => this.#flush(),
      Math.max(0, this.#flushedMs + FLUSH_MS - performance.now()),
    );
  }

  #flush(): void {
    this.#timer = null;
    this.#flushedMs = performance.now();
    const message = this.#message(this.#points, this.#reset);
    this.#points = [];
    this.#reset = false;
    for (const reader of this.#readers) this.#send(reader, message);
  }

  #send(reader: Reader, message: Uint8Array): void {
    if ((reader.controller.desiredSize ?? 0) > 0) {
      reader.controller.enqueue(message);
      return;
    }
    reader.behind = true;
    reader.stuckSinceMs ??= performance.now();
    if (performance.now() - reader.stuckSinceMs > STREAM_PATIENCE_MS) this.#dismiss(reader);
  }

  #beat(): void {
    const message = this.#feed.indexing === null ? utf8.encode(': here\n\n') : this.#message([], true);
    for (const reader of this.#readers) this.#send(reader, message);
  }

  /** An error, not an end: what such a reader has not taken yet is dropped with its connection. */
  #dismiss(reader: Reader): void {
    const error = new Error('A live view that reads nothing was dropped.');
    // The server prints the error's stack on the terminal: a sentence, once a reader.
    error.stack = `esper serve: ${error.message}`;
    reader.controller.error(error);
    this.#leave(reader);
  }

  #leave(reader: Reader): void {
    if (!this.#readers.delete(reader)) return;
    reader.closed();
    if (this.#readers.size === 0) this.#end();
  }

  async #firstMessage(seen: Map<number, number> | null): Promise<Uint8Array> {
    if (seen === null) return this.#message([], true);
    const points: LiveMessage['points'] = [];
    const { snapshot } = this.#feed;
    const ranks = snapshot.ranks.map(({ rank, nextSeq }) => ({
      rank,
      from: seen.get(rank) ?? 0,
      to: nextSeq,
    }));
    const missed = ranks.reduce((sum, { from, to }) => sum + (to - from), 0);
    // Figures of a rank that makes no updates are numbered from the log's beginning.
    const isLost = ({ rank, from, to }: (typeof ranks)[number]) =>
      from > to || (from < to && !this.#feed.index.hasUpdates(rank));
    if (missed > RESUME_POINTS || ranks.some(isLost)) return this.#message([], true);
    for (const { rank, from, to } of ranks) {
      if (from === to) continue;
      for (const point of await this.#feed.points(rank, from, to - 1)) points.push({ rank, ...point });
    }
    // What came while the file was read was sent to the others: this client must ask.
    return this.#feed.snapshot === snapshot ? this.#message(points, false) : this.#message([], true);
  }

  #message(points: LiveMessage['points'], reset: boolean): Uint8Array {
    const message: LiveMessage = { ...viewOf(this.#feed), points, reset };
    const id = message.snapshot.ranks.map(({ rank, nextSeq }) => `${rank}:${nextSeq}`).join(',');
    return utf8.encode(`${id === '' ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`);
  }
}
