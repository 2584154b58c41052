/**
 * Follows every run folder below a folder and publishes what is new, about once a second. It only reads there, keeps nothing but where
 * each file is, and reads a piece when the server is there to take it: what a dead server costs is the place in the local log.
 */
import { hostname } from 'node:os';
import { type FileName, subjectOf, tokenOf } from './names.ts';
import { type Connected, pause } from './nats.ts';
import { onceOfAKind } from './once.ts';
import { encode, isGoneIn, type Piece, parseWant, storedPlace, type Want, wholeIn } from './piece.ts';
import type { ShippedFile, Stored } from './shipped-file.ts';
import { type Shipped, ShippedFiles } from './shipped-files.ts';
import { apiCode, roomIn } from './stream.ts';

const TICK_MS = 1000;
const FIND_MS = 3000;
/** Files that rest are looked at this often. */
const RESTING_MS = 30_000;
const RESTS_AFTER_MS = 10 * 60_000;
/** Pieces under way at once: with {@link MOST_BYTES} the bound of what is in memory. */
const MOST_UNDER_WAY = 32;
/** Pieces of one file in a row, so that no other waits long. */
const MOST_IN_A_ROW = 32;
const ROOM_MS = 2000;
const RETRY_MS = 1000;
const WRONG_LAST = 10071;
const WRONG_LAST_CLUSTERED = 10164;

export interface ShipOptions extends Shipped {
  stream: string;
  /** One sentence, each kind of trouble once. */
  onProblem: (sentence: string) => void;
}

export interface ShipStats {
  files: number;
  pieces: number;
  /** Of files, before compression. */
  bytes: number;
  /** On the wire. */
  sent: number;
}

export class Shipper {
  readonly stats: ShipStats = { files: 0, pieces: 0, bytes: 0, sent: 0 };
  readonly #to: Connected;
  readonly #options: ShipOptions;
  readonly #files: ShippedFiles;
  readonly #problem: (kind: string, sentence: string) => void;
  #findDueMs = 0;
  #roomDueMs = 0;
  #room = true;
  /** Bytes sent since the last look for room, and how many there may be until the next. */
  #sinceRoom = 0;
  #roomBytes = 0;
  #isTroubled = false;
  /** A file had more than its turn allows: the next tick need not wait. */
  #hasMore = false;
  #lookedMs = new WeakMap<ShippedFile, number>();

  constructor(to: Connected, options: ShipOptions) {
    this.#to = to;
    this.#options = options;
    this.#problem = onceOfAKind(options.onProblem);
    this.#files = new ShippedFiles(options);
  }

  /** Ships until the signal aborts, or, with `once`, until the stream has all that is there. Throws where the connection is closed for good. */
  async ship(signal: AbortSignal, once = false): Promise<void> {
    const { nats } = this.#to;
    const { stream, cluster } = this.#options;
    const wants = nats.subscribe(`${stream}-want.${tokenOf(cluster)}.>`, {
      callback: (error, message) => {
        const want = error === null ? parseWant(message.string()) : null;
        if (want !== null) this.#want(want);
      },
    });
    try {
      while (!signal.aborted) {
        const began = performance.now();
        const isDone = await this.#tick(signal);
        if (once && isDone) return;
        const rest = this.#restAfter(began);
        await pause(once ? Math.min(rest, 200) : rest, signal);
      }
    } finally {
      wants.unsubscribe();
    }
  }

  /** Milliseconds until the next tick. */
  #restAfter(began: number): number {
    if (this.#isTroubled) return RETRY_MS;
    if (this.#hasMore && this.#room) return 0;
    return Math.max(0, TICK_MS - (performance.now() - began));
  }

  #want(want: Want): void {
    const file = this.#files.of(want.run, want.file);
    if (!file?.want(want, Date.now())) return;
    this.#lookedMs.delete(file);
    if (want.from > 0) return;
    // All of the run may be lacking.
    for (const other of this.#files.all)
      if (other.source.name.run === want.run) {
        other.announceAgain();
        this.#lookedMs.delete(other);
      }
  }

  /** One look at everything, and whatever is new on its way. @returns whether nothing is left to be sent */
  async #tick(signal: AbortSignal): Promise<boolean> {
    const now = Date.now();
    if (now >= this.#findDueMs) {
      this.#findDueMs = now + FIND_MS;
      this.#files.look(now);
      this.stats.files = this.#files.size;
    }
    this.#isTroubled = false;
    this.#hasMore = false;
    if (now >= this.#roomDueMs) await this.#lookForRoom(now);
    if (!this.#room || this.#isTroubled) return false;
    const due = [...this.#files.all].filter(file => this.#isDue(file, now));
    let [next, left] = [0, 0];
    const worker = async () => {
      while (next < due.length && !signal.aborted && !this.#isTroubled) {
        const file = due[next++]!;
        if (await this.#shipFile(file)) left++;
        this.#lookedMs.set(file, now);
      }
    };
    await Promise.all(Array.from({ length: Math.min(MOST_UNDER_WAY, due.length) }, worker));
    return left === 0 && next >= due.length && !this.#isTroubled;
  }

  #isDue(file: ShippedFile, now: number): boolean {
    if (file.stored === null || now - file.changedMs < RESTS_AFTER_MS) return true;
    return now - (this.#lookedMs.get(file) ?? 0) > RESTING_MS;
  }

  async #lookForRoom(now: number): Promise<void> {
    try {
      const had = this.#room;
      this.#sinceRoom = 0;
      this.#roomDueMs = now + ROOM_MS;
      const { stream } = this.#options;
      const room = await roomIn(this.#to, stream);
      this.#room = room?.hasRoom ?? false;
      this.#roomBytes = room?.step ?? 0;
      if (!had || this.#room) return;
      if (room === null)
        this.#problem('no stream', `The stream ${stream} is gone: start ship again, and it is made.`);
      else
        this.#problem(
          'full',
          'The stream is half full of what no collector has read: shipping goes on when one reads; nothing is lost.',
        );
    } catch (error) {
      this.#trouble(error as Error);
    }
  }

  /** @returns whether more of it is to be sent */
  async #shipFile(file: ShippedFile): Promise<boolean> {
    try {
      if (file.stored === null) await this.#resume(file);
      for (let i = 0; i < MOST_IN_A_ROW; i++) {
        const piece = file.next(Date.now());
        if (piece === null) return file.isFresh;
        if (this.#sinceRoom > this.#roomBytes) await this.#lookForRoom(Date.now());
        if (!this.#room || this.#isTroubled) return true;
        await this.#publish(file, piece);
      }
      this.#hasMore = true;
      return true;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const api = apiCode(error);
      if (api === WRONG_LAST || api === WRONG_LAST_CLUSTERED) {
        // Another shipper, or an answer that was lost: the stream knows.
        file.stored = null;
        return true;
      }
      if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) {
        if (code !== 'ENOENT')
          this.#problem(`${code} ${file.source.path}`, `${file.source.path} cannot be read: ${message}.`);
        return false;
      }
      this.#trouble(error as Error);
      return true;
    }
  }

  async #resume(file: ShippedFile): Promise<void> {
    file.resume(await this.#storedOf(file.source.name));
  }

  async #storedOf(name: FileName): Promise<Stored | null> {
    const subject = subjectOf(this.#options.stream, name);
    const message = await this.#to.manager.streams.getMessage(this.#options.stream, {
      last_by_subj: subject,
    });
    if (message === null) return null;
    const { header: headers, seq } = message;
    const place = storedPlace(headers);
    const none = { at: 0, length: 0, crc: 0, before: null };
    return { seq, ...(place ?? none), whole: wholeIn(headers), gone: isGoneIn(headers) };
  }

  async #publish(file: ShippedFile, piece: Piece): Promise<void> {
    const { js, transport } = this.#to;
    const { name } = file.source;
    const headers = transport.headers();
    const body = encode(piece, headers);
    headers.set('Esper-Node', hostname());
    const nonce = file.nonce === 0 ? '' : ` ${file.nonce}`;
    const place = `${piece.at}+${piece.body.length}`;
    const what = piece.body.length === 0 ? `${piece.gone ? 'gone' : place} ${file.stored}` : place;
    const ack = await js.publish(subjectOf(this.#options.stream, name), body, {
      headers,
      msgID: `${name.cluster}/${name.run}/${name.file} ${what}${nonce}`,
      expect: { lastSubjectSequence: file.stored ?? 0 },
    });
    this.stats.pieces++;
    this.#sinceRoom += body.length;
    if (!ack.duplicate) file.sent(piece, ack.seq);
    else {
      // Sent before, when the answer was lost; but a stream that was purged does not hold it any more.
      await this.#resume(file);
      file.sendAgainFrom(piece.at);
    }
    this.stats.bytes += piece.body.length;
    this.stats.sent += body.length;
  }

  /** The server does not take it now: nothing more is read until it does. */
  #trouble({ message }: Error): void {
    this.#isTroubled = true;
    this.#problem(
      `server ${message}`,
      `The server does not take what is sent (${message}); it is tried again.`,
    );
  }
}
