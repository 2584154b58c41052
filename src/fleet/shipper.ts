/**
 * Follows every run folder below a folder and publishes what is new, about once a second. It only reads there, keeps nothing but where
 * each file is, and reads a piece when the server is there to take it: what a dead server costs is the place in the local log.
 */
import { lstatSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { writerState } from '../log/index.ts';
import { RunFolders } from './find-folders.ts';
import { type FileName, isLock, isLog, subjectOf, tokenOf } from './names.ts';
import { type Connected, pause } from './nats.ts';
import { encode, isGoneIn, type Piece, parseWant, storedPlace, wholeIn } from './piece.ts';
import { ShippedFile, type Stored } from './shipped-file.ts';
import { apiCode, hasRoom, streamInfo } from './stream.ts';

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

export interface ShipOptions {
  runs: string;
  stream: string;
  cluster: string;
  /** Larger files than logs are left out. */
  mostBytes: number;
  /** Files that were not changed for so long when they are first seen are left alone. */
  sinceMs: number;
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
  readonly #folders: RunFolders;
  #files = new Map<string, ShippedFile>();
  /** Runs that are shipped. */
  readonly #runs = new Set<string>();
  readonly #reported = new Set<string>();
  #findDueMs = 0;
  #roomDueMs = 0;
  #room = true;
  #isTroubled = false;
  #lookedMs = new WeakMap<ShippedFile, number>();

  constructor(to: Connected, options: ShipOptions) {
    this.#to = to;
    this.#options = options;
    this.#folders = new RunFolders(options.runs);
  }

  /** Ships until the signal aborts, or, with `once`, until the stream has all that is there. Throws where the connection is closed for good. */
  async ship(signal: AbortSignal, once = false): Promise<void> {
    const { nats } = this.#to;
    const { stream, cluster } = this.#options;
    const wants = nats.subscribe(`${stream}-want.${tokenOf(cluster)}.>`, {
      callback: (error, message) => {
        const want = error === null ? parseWant(message.string()) : null;
        if (want === null) return;
        const file = this.#files.get(`${want.run}/${want.file}`);
        if (file?.want(want, Date.now())) this.#lookedMs.delete(file);
      },
    });
    try {
      while (!signal.aborted) {
        const began = performance.now();
        const isDone = await this.#tick(signal);
        if (once && isDone) return;
        const rest = this.#isTroubled ? RETRY_MS : Math.max(0, TICK_MS - (performance.now() - began));
        await pause(once ? Math.min(rest, 200) : rest, signal);
      }
    } finally {
      wants.unsubscribe();
    }
  }

  /** One look at everything, and whatever is new on its way. @returns whether nothing is left to be sent */
  async #tick(signal: AbortSignal): Promise<boolean> {
    const now = Date.now();
    if (now >= this.#findDueMs) this.#find(now);
    this.#isTroubled = false;
    if (now >= this.#roomDueMs) await this.#lookForRoom(now);
    if (!this.#room || this.#isTroubled) return false;
    const due = [...this.#files.values()].filter(file => this.#isDue(file, now));
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
      this.#room = await hasRoom(this.#to, this.#options.stream);
      this.#roomDueMs = now + ROOM_MS;
      if (had && !this.#room) {
        if ((await streamInfo(this.#to, this.#options.stream)) === null)
          this.#problem(
            'no stream',
            `The stream "${this.#options.stream}" is gone: start ship again, and it is made.`,
          );
        else
          this.#problem(
            'full',
            'The stream is half full of what no collector has read: shipping goes on when one reads; nothing is lost.',
          );
      }
    } catch (error) {
      this.#trouble(error as Error);
    }
  }

  #find(now: number): void {
    this.#findDueMs = now + FIND_MS;
    const files = new Map<string, ShippedFile>();
    for (const { run, path, files: names } of this.#folders.find()) {
      if (!this.#isRecent(run, path, names, now)) continue;
      const all = new Set([...names, ...names.flatMap(alsoLookedFor), 'labels.json']);
      for (const file of all) {
        if (!travels(file)) continue;
        const key = `${run}/${file}`;
        files.set(
          key,
          this.#files.get(key) ?? this.#newFile({ cluster: this.#options.cluster, run, file }, path),
        );
      }
    }
    this.#files = files;
    this.stats.files = files.size;
  }

  /** Whether a run is to be shipped: once it is, for as long as it is there; an old one when it is written again. */
  #isRecent(run: string, path: string, names: readonly string[], now: number): boolean {
    if (this.#runs.has(run)) return true;
    const isOld = ![path, ...names.map(name => join(path, name))].some(place => {
      const mtimeMs = lstatSync(place, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      return now - mtimeMs < this.#options.sinceMs;
    });
    if (!isOld) this.#runs.add(run);
    return !isOld;
  }

  #newFile(name: FileName, folder: string): ShippedFile {
    const { file } = name;
    const rank = Number(/^events-(\d+)\./.exec(file)?.[1] ?? -1);
    return new ShippedFile({
      name,
      path: join(folder, file),
      isGone: () => isLock(file) && writerState(folder, rank) === 'gone',
      travelsGone: isLock(file) || file === 'labels.json' || isLog(file),
      mostBytes: this.#options.mostBytes,
    });
  }

  /** @returns whether more of it is to be sent */
  async #shipFile(file: ShippedFile): Promise<boolean> {
    try {
      if (file.stored === null) await this.#resume(file);
      for (let i = 0; i < MOST_IN_A_ROW; i++) {
        const piece = file.next(Date.now());
        if (piece === null) return false;
        await this.#publish(file, piece);
      }
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
    const what = piece.gone ? `gone ${file.stored}` : `${piece.at}+${piece.body.length}`;
    const ack = await js.publish(subjectOf(this.#options.stream, name), body, {
      headers,
      msgID: `${name.cluster}/${name.run}/${name.file} ${what}${nonce}`,
      expect: { lastSubjectSequence: file.stored ?? 0 },
    });
    file.sent(piece, ack.seq);
    this.stats.pieces++;
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

  #problem(kind: string, sentence: string): void {
    if (this.#reported.has(kind) || this.#reported.size > 100) return;
    this.#reported.add(kind);
    this.#options.onProblem(sentence);
  }
}

/** Files that may have gone while nobody shipped: a closed writer's lock, a log that was packed. */
const alsoLookedFor = (name: string): string[] =>
  isLog(name)
    ? [name.replace(/\.jsonl$/, '.lock')]
    : name.endsWith('.jsonl.gz')
      ? [name.slice(0, -'.gz'.length)]
      : [];

/** Checkpoints are to go on from, on the node; what is written beside its place is not there yet. */
const travels = (name: string): boolean => !/^checkpoint|\.lock\.|\.new$|\.tmp$/.test(name);
