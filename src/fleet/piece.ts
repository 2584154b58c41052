/**
 * What travels: a piece of a file with its place, its check sum and that of the piece before it, so that a collector writes nothing at
 * a place that it does not fit. Headers describe the piece, the body is the piece, compressed where that is shorter. An empty piece
 * announces where a file ends.
 */
import * as zlib from 'node:zlib';
import { crc32 } from '../base/index.ts';

/** CRC-32 by the processor's own instructions where Node has it: a fifth of the time that a piece takes, without. */
export const checkSum = (zlib as { crc32?: (bytes: Uint8Array) => number }).crc32 ?? crc32;

/** Bytes of a file in one message, at most: also uncompressed below the servers' usual limit of 1 MiB. */
export const MOST_BYTES = 256 * 1024;

/** A piece of more is of a backlog. */
const LARGE_BYTES = 64 * 1024;

/** Place and check sum of bytes that end where a piece begins. */
export interface Before {
  length: number;
  crc: number;
}

export interface Piece {
  /** Where in the file the piece begins. */
  at: number;
  body: Buffer;
  /** null where nothing is known of what is before it. */
  before: Before | null;
  /** The file was begun again: what there is from `at` on is of no use any more. */
  begins: boolean;
  /** Of a file that is there whole: its bytes and its digest; null for a log. */
  whole: { size: number; digest: string } | null;
  /** The file is not there any more. */
  gone: boolean;
}

/** As the client has them: names of headers in any case. */
export interface Headers {
  get(name: string): string;
  set(name: string, value: string): void;
}

export const endOf = ({ at, body }: Piece): number => at + body.length;

/** Puts the piece into the headers. @returns the body as it travels */
export function encode(piece: Piece, headers: Headers): Uint8Array {
  const { at, body, before, begins, whole, gone } = piece;
  headers.set('Esper-At', String(at));
  headers.set('Esper-Length', String(body.length));
  if (before !== null) headers.set('Esper-Before', `${before.length} ${before.crc}`);
  if (begins) headers.set('Esper-Begins', '1');
  if (whole !== null) headers.set('Esper-Whole', `${whole.size} ${whole.digest}`);
  if (gone) headers.set('Esper-Gone', '1');
  if (body.length === 0) return body;
  headers.set('Esper-Crc', String(checkSum(body)));
  // A small window costs less to make, and a piece has no more.
  const windowBits = body.length <= 4096 ? 12 : 15;
  // A backlog moves by large pieces: a third of the time for a sixth more bytes.
  const level = body.length > LARGE_BYTES ? 2 : 6;
  const packed = zlib.deflateRawSync(body, { level, windowBits, memLevel: windowBits === 12 ? 5 : 8 });
  if (packed.length >= body.length) return body;
  headers.set('Esper-Coding', 'deflate');
  return packed;
}

const wholeNumber = (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null);

function twoOf(text: string): [number, string] | null {
  const [, first, second] = /^(\d{1,15}) ([0-9a-f]{1,64})$/.exec(text) ?? [];
  return first === undefined ? null : [Number(first), second!];
}

/** What the headers alone hold of a stored piece: where it is, how long, and its check sum; null where they hold none. */
export function storedPlace(headers: Headers): (Before & { at: number; before: Before | null }) | null {
  const [at, length] = [wholeNumber(headers.get('Esper-At')), wholeNumber(headers.get('Esper-Length'))];
  if (at === null || length === null) return null;
  return { at, length, crc: Number(headers.get('Esper-Crc') || 0), before: beforeOf(headers) };
}

function beforeOf(headers: Headers): Before | null {
  const two = twoOf(headers.get('Esper-Before'));
  return two === null ? null : { length: two[0], crc: Number(two[1]) };
}

export function wholeIn(headers: Headers): Piece['whole'] {
  const two = twoOf(headers.get('Esper-Whole'));
  return two === null ? null : { size: two[0], digest: two[1] };
}

export const isGoneIn = (headers: Headers): boolean => headers.get('Esper-Gone') === '1';

/** null where the message is no piece, or a damaged one. Takes memory for one piece at most, whatever was sent. */
export function decode(headers: Headers, data: Uint8Array): Piece | null {
  const place = storedPlace(headers);
  if (place === null || place.length > MOST_BYTES) return null;
  let body: Buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  try {
    if (headers.get('Esper-Coding') === 'deflate')
      // In one piece of memory; it ends a byte later, so that its end is seen at once.
      body = zlib.inflateRawSync(body, {
        maxOutputLength: Math.max(1, place.length),
        chunkSize: Math.max(64, place.length + 1),
      });
  } catch {
    return null;
  }
  if (body.length !== place.length || (body.length > 0 && checkSum(body) !== place.crc)) return null;
  const begins = headers.get('Esper-Begins') === '1';
  return {
    at: place.at,
    body,
    before: place.before,
    begins,
    whole: wholeIn(headers),
    gone: isGoneIn(headers),
  };
}

/** What may travel of a place that is asked for. */
export interface Want {
  run: string;
  file: string;
  /** From which byte on. */
  from: number;
  /** What was sent does not fit what there is: the file is to be begun again. */
  differs: boolean;
}

/** null where the text is no want. */
export function parseWant(text: string): Want | null {
  try {
    const { run, file, from, differs } = JSON.parse(text) as Partial<Want>;
    if (typeof run !== 'string' || typeof file !== 'string' || !Number.isSafeInteger(from)) return null;
    return { run, file, from: Math.max(0, from!), differs: differs === true };
  } catch {
    return null;
  }
}
