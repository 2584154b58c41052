/**
 * Live streams (server-sent events). One hub a run makes each message once for all its readers. The id of a message
 * is the next `seq` of every rank, so that a client that reconnects with the last one it saw gets what it missed.
 * Back-pressure: a slow client skips messages, gets the newest state when it drains, and is dropped in the end.
 */
import type { LiveMessage } from './api.ts';
import { FLUSH_MS, HEARTBEAT_MS, RESUME_POINTS, STREAM_BYTES, STREAM_PATIENCE_MS } from './limits.ts';
import type { FeedUpdate, RunFeed } from './run-feed.ts';
import { pageViewOf, viewOf } from './run-view.ts';

const utf8 = new TextEncoder();

/** Whose points a reader gets: of one rank, of the lowest that there is, or of all. */
export type PointsOf = number | 'lead' | null;

/** What a reader gets. */
export interface Wanted {
  of: PointsOf;
  /** Of other ranks no more than a page needs; see {@link PageView}. */
  isBrief: boolean;
}

interface Reader extends Wanted {
  controller: ReadableStreamDefaultController<Uint8Array>;
  /** Messages were skipped: the next one must mark that points are missing. */
  behind: boolean;
  /** Since when it has not read; null while it does. */
  stuckSinceMs: number | null;
  closed: () => void;
}

/** Messages of thousands of ranks take their time, here and in every page: the next one waits so many times what the quicker of two took. */
const TIMES_ITS_COST = 10;

/** Characters of a message's id. */
const LONGEST_ID = 4096;

const isOf = (rank: number, wanted: number | null): boolean => wanted === null || wanted === rank;

interface ViewText {
  ranks: readonly { rank: number; nextSeq: number }[];
  /** JSON of an object that is not closed yet. */
  open: string;
}

/** `0:57,1:56` → rank 0 was sent up to before 57. Null where it is no such id. */
function parseId(id: string | undefined): Map<number, number> | null {
  if (id === undefined || !/^\d+:\d+(,\d+:\d+)*$/.test(id) || id.length > LONGEST_ID) return null;
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
  /** Of the newest message and of the one before; a single slow one is the machine's. */
  #tookMs: [number, number] = [0, 0];

  constructor(feed: RunFeed) {
    this.#feed = feed;
  }

  /** Whether this is the hub of that feed; a run that was put away and opened again has a new one. */
  serves(feed: RunFeed): boolean {
    return this.#feed === feed;
  }

  /** A stream that begins with the present state, and with the points since `lastId` where it is given. */
  async open(
    lastId: string | undefined,
    wanted: Wanted,
    closed: () => void,
  ): Promise<ReadableStream<Uint8Array>> {
    const seen = parseId(lastId);
    // From now on points of its rank are made.
    const leave = this.#feed.subscribe(
      () => {},
      rank => isOf(rank, this.#rankOf(wanted.of)),
    );
    const first = await this.#firstMessage(seen, wanted).catch(error => {
      leave();
      throw error;
    });
    const reader: Reader = {
      ...wanted,
      controller: null as never,
      behind: false,
      stuckSinceMs: null,
      closed,
    };
    return new ReadableStream<Uint8Array>(
      {
        start: controller => {
          reader.controller = controller;
          this.#readers.add(reader);
          this.#start();
          leave();
          controller.enqueue(utf8.encode('retry: 1000\n\n'));
          controller.enqueue(first);
        },
        pull: () => {
          reader.stuckSinceMs = null;
          if (!reader.behind) return;
          reader.behind = false;
          this.#send(reader, this.#message(this.#viewNow(reader), this.#rankOf(reader.of), [], true));
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
    this.#unsubscribe = this.#feed.subscribe(
      update => this.#take(update),
      rank => this.#wants(rank),
    );
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

  #wants(rank: number): boolean {
    for (const { of } of this.#readers) if (isOf(rank, this.#rankOf(of))) return true;
    return false;
  }

  /** The first of a burst goes out at once, the rest together. */
  #take({ points, reset }: FeedUpdate): void {
    for (const { rank, point } of points) if (this.#wants(rank)) this.#points.push({ rank, ...point });
    this.#reset ||= reset || this.#points.length > RESUME_POINTS;
    if (this.#reset) this.#points = [];
    const dueMs = this.#flushedMs + this.#pauseMs;
    this.#timer ??= setTimeout(() => this.#flush(), Math.max(0, dueMs - performance.now()));
  }

  #flush(): void {
    this.#timer = null;
    const [points, reset] = [this.#points, this.#reset];
    this.#points = [];
    this.#reset = false;
    this.#sendAll(points, reset);
  }

  /** Each message is made once for all that get the same. */
  #sendAll(points: LiveMessage['points'], reset: boolean): void {
    const began = performance.now();
    const views = new Map<number | null, ViewText>();
    const messages = new Map<string, Uint8Array>();
    for (const reader of this.#readers) {
      const rank = this.#rankOf(reader.of);
      const key = `${rank} ${reader.isBrief}`;
      let message = messages.get(key);
      if (message === undefined) {
        const looksAt = reader.isBrief ? rank : null;
        const view = views.get(looksAt) ?? this.#viewNow(reader);
        views.set(looksAt, view);
        const own = rank === null ? points : points.filter(point => point.rank === rank);
        message = this.#message(view, rank, own, reset);
        messages.set(key, message);
      }
      this.#send(reader, message);
    }
    this.#flushedMs = performance.now();
    this.#tookMs = [this.#tookMs[1], this.#flushedMs - began];
  }

  get #pauseMs(): number {
    return Math.max(FLUSH_MS, TIMES_ITS_COST * Math.min(...this.#tookMs));
  }

  #rankOf(of: PointsOf): number | null {
    return of === 'lead' ? (this.#feed.snapshot.tamiyo.rank ?? 0) : of;
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
    if (this.#feed.indexing !== null && performance.now() >= this.#flushedMs + this.#pauseMs) {
      this.#sendAll([], true);
      return;
    }
    const here = utf8.encode(': here\n\n');
    for (const reader of this.#readers) this.#send(reader, here);
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

  async #firstMessage(seen: Map<number, number> | null, reader: Wanted): Promise<Uint8Array> {
    const wanted = this.#rankOf(reader.of);
    const resetting = () => this.#message(this.#viewNow(reader), wanted, [], true);
    if (seen === null || !this.#feed.isReduced) return resetting();
    const points: LiveMessage['points'] = [];
    const { snapshot } = this.#feed;
    const ranks = snapshot.ranks
      .filter(({ rank }) => wanted === null || rank === wanted)
      .map(({ rank, nextSeq }) => ({ rank, from: seen.get(rank) ?? 0, to: nextSeq }));
    const missed = ranks.reduce((sum, { from, to }) => sum + (to - from), 0);
    // Figures of a rank that makes no updates are numbered from the log's beginning.
    const isLost = ({ rank, from, to }: (typeof ranks)[number]) =>
      from > to || (from < to && !this.#feed.index.hasUpdates(rank));
    if (missed > RESUME_POINTS || ranks.some(isLost)) return resetting();
    for (const { rank, from, to } of ranks) {
      if (from === to) continue;
      for (const point of await this.#feed.points(rank, from, to - 1)) points.push({ rank, ...point });
    }
    // What came while the file was read was sent to the others: this client must ask.
    return this.#feed.snapshot === snapshot
      ? this.#message(this.#viewNow(reader), wanted, points, false)
      : resetting();
  }

  /** What all messages of this moment to such a reader have alike. */
  #viewNow({ of, isBrief }: Wanted): ViewText {
    const rank = isBrief ? this.#rankOf(of) : null;
    const view = rank === null ? viewOf(this.#feed) : pageViewOf(this.#feed, rank);
    return { ranks: view.snapshot.ranks, open: JSON.stringify(view).slice(0, -1) };
  }

  /** @param of the rank whose points these are; null: of all */
  #message(
    { ranks, open }: ViewText,
    of: number | null,
    points: LiveMessage['points'],
    reset: boolean,
  ): Uint8Array {
    const id = ranks
      .filter(({ rank }) => of === null || rank === of)
      .map(({ rank, nextSeq }) => `${rank}:${nextSeq}`)
      .join(',');
    // A client sends it back in a header, which a server takes to a certain length.
    const line = id === '' || id.length > LONGEST_ID ? '' : `id: ${id}\n`;
    return utf8.encode(`${line}data: ${open},"points":${JSON.stringify(points)},"reset":${reset}}\n\n`);
  }
}
