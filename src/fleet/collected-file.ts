/**
 * Pieces of files into folders. A piece is written where it fits: at the end of what is there, after the bytes that it followed on the
 * node. What is there already is left; a piece that comes too early, or does not fit, is asked for again from where it does.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, openRegular, readAt } from '../disk/index.ts';
import { digestOf } from './digest.ts';
import { type Before, checkSum, endOf, type Piece } from './piece.ts';

const { O_RDWR, O_CREAT } = constants;

/** `written`: it is there now; `known`: it was; else from where on it is needed, and whether what is there differs. */
export type Outcome = { what: 'written' | 'known' } | { what: 'wanted'; from: number; differs: boolean };

const KNOWN: Outcome = { what: 'known' };
const WRITTEN: Outcome = { what: 'written' };
const wanted = (from: number, differs: boolean): Outcome => ({ what: 'wanted', from, differs });

/** A rank's log, appended to. Throws as node:fs does. */
export function applyToLog(path: string, piece: Piece): Outcome {
  if (piece.gone) {
    rmSync(path, { force: true });
    return WRITTEN;
  }
  makeFolder(dirname(path));
  const { fd, stats } = openRegular(path, O_RDWR | O_CREAT);
  try {
    return append(fd, stats.size, piece);
  } finally {
    closeSync(fd);
  }
}

function append(fd: number, size: number, piece: Piece): Outcome {
  const { at, body, before, begins } = piece;
  if (at > size) return wanted(size, false);
  const isCut = begins && size > at && !(size === endOf(piece) && isThere(fd, at, body));
  if (isCut) {
    ftruncateSync(fd, at);
    size = at;
  }
  if (before !== null && !holds(fd, at, before)) return wanted(0, true);
  const there = Math.min(size - at, body.length);
  if (!isThere(fd, at, body.subarray(0, there))) return wanted(0, true);
  if (there === body.length) return isCut ? WRITTEN : KNOWN;
  write(fd, body.subarray(there), at + there);
  return WRITTEN;
}

/** Written at its place: another collector that writes the same writes the same bytes. */
function write(fd: number, bytes: Buffer, at: number): void {
  for (let written = 0; written < bytes.length; )
    written += writeSync(fd, bytes, written, bytes.length - written, at + written);
}

const isThere = (fd: number, at: number, bytes: Buffer): boolean =>
  bytes.length === 0 || readAt(fd, at, bytes.length).equals(bytes);

function holds(fd: number, end: number, { length, crc }: Before): boolean {
  if (length > end || length > 2 ** 20) return false;
  const bytes = readAt(fd, end - length, length);
  return bytes.length === length && checkSum(bytes) === crc;
}

/**
 * A file that is there whole or not at all: gathered in `parts`, and put into its place with its last piece. Throws as node:fs does.
 */
export function applyToWhole(path: string, piece: Piece, parts: string): Outcome {
  const { at, body, whole, gone } = piece;
  if (gone || whole === null) {
    if (gone) rmSync(path, { force: true });
    return gone ? WRITTEN : KNOWN;
  }
  const { size, digest } = whole;
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isFile() && there.size === size && digestOf(path) === digest) return KNOWN;
  if (endOf(piece) > size) return KNOWN;
  makeFolder(dirname(path));
  makeFolder(parts);
  const part = join(
    parts,
    createHash('sha256').update(`${path} ${size} ${digest}`).digest('hex').slice(0, 32),
  );
  const { fd } = openRegular(part, O_RDWR | O_CREAT);
  try {
    const have = fstatSync(fd).size;
    if (at > have) return wanted(have, false);
    write(fd, body, at);
    if (fstatSync(fd).size < size) return WRITTEN;
  } finally {
    closeSync(fd);
  }
  if (digestOf(part) === digest) {
    renameSync(part, path);
    return WRITTEN;
  }
  // The file changed on the node while it was read: its next state is on the way.
  rmSync(part, { force: true });
  return body.length === 0 ? wanted(0, true) : KNOWN;
}
