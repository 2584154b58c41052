/**
 * One file on its way into the stream. The stream is the only memory: where it ends, shipping goes on, after a look at whether the
 * local file still holds there what was sent. Each piece names the last one that the server stored of this file, so that two shippers
 * never interleave, and one whose answer was lost is not stored again.
 */
import { closeSync, lstatSync, type Stats } from 'node:fs';
import { openRegular, readAt } from '../disk/index.ts';
import { digestOf } from './digest.ts';
import { type FileName, isLog } from './names.ts';
import { type Before, checkSum, MOST_BYTES, type Piece, type Want } from './piece.ts';

/** What the stream holds last of a file. */
export interface Stored {
  /** Number in the stream; 0 where it holds nothing of the file. */
  seq: number;
  at: number;
  length: number;
  crc: number;
  before: Before | null;
  whole: Piece['whole'];
  gone: boolean;
}

export interface FileSource {
  name: FileName;
  path: string;
  /** Whether the file is to be shown as removed, though it may be there: a lock whose holder died. */
  isGone(): boolean;
  /** Whether its absence travels too. */
  travelsGone: boolean;
  mostBytes: number;
  /** After so long without a change the end is announced: what a collector lacks, it asks for. */
  announceMs: number;
}

/** A file that is there whole is taken once it has rested: another program may be writing it. */
const RESTED_MS = 1000;
/** Wants that come within this after one was met are of pieces that were under way. */
const WANT_MS = 3000;

export class ShippedFile {
  readonly source: FileSource;
  /** Stored last; null before the stream was asked. */
  stored: number | null = null;
  /** It has changed, and has not rested yet: it is taken later. */
  isFresh = false;
  /** Milliseconds of the last change that was seen; 0 before the first look. */
  changedMs = 0;
  #at = 0;
  #before: Before | null = null;
  #begins = false;
  #whole: { size: number; digest: string; key: string } | null = null;
  #goneSent = false;
  #announced = false;
  #inode: number | null = null;
  #movedMs = 0;
  #key = '';

  constructor(source: FileSource) {
    this.source = source;
  }

  get #isLog(): boolean {
    return isLog(this.source.name.file);
  }

  /** Distinguishes pieces that are sent again on purpose from those whose answer was lost. */
  get nonce(): number {
    return this.#movedMs;
  }

  /** Takes up where the stream ends. Throws as node:fs does. */
  resume(stored: Stored | null): void {
    this.stored = stored?.seq ?? 0;
    this.#at = 0;
    this.#before = null;
    this.#begins = false;
    this.#whole = null;
    this.#goneSent = stored?.gone ?? false;
    this.#announced = false;
    this.#inode = null;
    const stats = this.#look();
    if (stored === null || stored.gone || stats === null) {
      // Nothing of it is known there: nothing has to be taken back.
      if (stored === null) this.#goneSent = true;
      return;
    }
    const end = stored.at + stored.length;
    if (this.#isLog) {
      const last = stored.length > 0 ? { length: stored.length, crc: stored.crc } : stored.before;
      if (stats.size >= end && (last === null || this.#holds(end - last.length, last))) {
        this.#at = end;
        this.#before = last;
      } else this.#move(0, true);
      this.#inode = stats.ino;
    } else if (stored.whole !== null && stats.size === stored.whole.size) {
      if (digestOf(this.source.path, stats.size) === stored.whole.digest) {
        this.#whole = { ...stored.whole, key: keyOf(stats) };
        this.#at = end;
      }
    }
  }

  /** What is to be sent next; null where nothing is. Throws as node:fs does. */
  next(nowMs: number): Piece | null {
    const stats = this.source.isGone() ? null : this.#look();
    if (stats === null) return this.#takenBack();
    const key = keyOf(stats);
    if (key !== this.#key) {
      this.#key = key;
      this.changedMs = this.changedMs === 0 ? stats.mtimeMs : nowMs;
    }
    this.#goneSent = false;
    this.isFresh = false;
    if (this.#isLog) return this.#nextOfLog(stats, nowMs);
    return stats.size > this.source.mostBytes ? null : this.#nextOfWhole(stats, nowMs);
  }

  /** The server stored the piece. */
  sent(piece: Piece, seq: number): void {
    this.stored = seq;
    if (piece.gone) {
      this.#goneSent = true;
      this.#whole = null;
      this.#at = 0;
      this.#key = '';
      return;
    }
    this.#begins = false;
    this.#announced = piece.body.length === 0;
    if (piece.body.length === 0) return;
    this.#at = piece.at + piece.body.length;
    this.#before = { length: piece.body.length, crc: checkSum(piece.body) };
  }

  /** What the server took for a piece that it had, and has not: it is sent as another. */
  sendAgainFrom(at: number): void {
    if (this.#at <= at) this.#movedMs = Date.now();
  }

  /** A collector lacks something. @returns whether something is sent again */
  want({ from, differs }: Want, nowMs: number): boolean {
    if (this.stored === null || nowMs - this.#movedMs < WANT_MS) return false;
    if (!differs && this.#at < from) return false;
    this.#move(this.#isLog && differs ? 0 : from, differs && this.#isLog);
    this.#goneSent = false;
    return true;
  }

  /** Its end is announced once more: a collector may have lost it. */
  announceAgain(): void {
    this.#announced = false;
  }

  #move(at: number, begins: boolean): void {
    this.#at = at;
    this.#before = null;
    this.#begins = begins;
    this.#announced = false;
    this.#movedMs = Date.now();
  }

  #look(): Stats | null {
    const stats = lstatSync(this.source.path, { throwIfNoEntry: false });
    return stats?.isFile() ? stats : null;
  }

  #takenBack(): Piece | null {
    if (this.#goneSent || !this.source.travelsGone) return null;
    return { at: 0, body: Buffer.alloc(0), before: null, begins: false, whole: null, gone: true };
  }

  #nextOfLog(stats: Stats, nowMs: number): Piece | null {
    const isOther = this.#inode !== null && stats.ino !== this.#inode;
    if (isOther || stats.size < this.#at) this.#move(0, true);
    this.#inode = stats.ino;
    const body = this.#read(this.#at, Math.min(MOST_BYTES, stats.size - this.#at));
    if (body.length === 0 && !this.#begins && !this.#isToAnnounce(nowMs)) return null;
    return this.#piece(body, null);
  }

  #nextOfWhole(stats: Stats, nowMs: number): Piece | null {
    const key = keyOf(stats);
    if (this.#whole?.key !== key) {
      this.isFresh = nowMs - stats.mtimeMs < RESTED_MS && nowMs >= stats.mtimeMs;
      if (this.isFresh) return null;
      const digest = digestOf(this.source.path, stats.size);
      const isSame = this.#whole?.digest === digest && this.#whole.size === stats.size;
      this.#whole = { size: stats.size, digest, key };
      if (!isSame) this.#move(0, false);
      if (!isSame && stats.size === 0) return this.#piece(Buffer.alloc(0), this.#whole);
    }
    const body = this.#read(this.#at, Math.min(MOST_BYTES, stats.size - this.#at));
    if (body.length === 0 && !this.#isToAnnounce(nowMs)) return null;
    return this.#piece(body, this.#whole);
  }

  #piece(body: Buffer, whole: Piece['whole']): Piece {
    const [at, before, begins] = [this.#at, this.#before, this.#begins];
    return {
      at,
      body,
      before,
      begins,
      whole: whole && { size: whole.size, digest: whole.digest },
      gone: false,
    };
  }

  #isToAnnounce = (nowMs: number): boolean =>
    !this.#announced &&
    this.#at > 0 &&
    nowMs - this.changedMs > this.source.announceMs &&
    nowMs - this.#movedMs > this.source.announceMs;

  #read(at: number, length: number): Buffer {
    if (length <= 0) return Buffer.alloc(0);
    const { fd } = openRegular(this.source.path);
    try {
      return readAt(fd, at, length);
    } finally {
      closeSync(fd);
    }
  }

  #holds(at: number, { length, crc }: Before): boolean {
    const bytes = at < 0 || length > MOST_BYTES ? Buffer.alloc(0) : this.#read(at, length);
    return bytes.length === length && checkSum(bytes) === crc;
  }
}

const keyOf = ({ ino, size, mtimeMs }: Stats): string => `${ino} ${size} ${mtimeMs}`;
