/**
 * The file of a W&B run, `run-ID.wandb`: a head of 7 bytes, then blocks of 32 KiB as LevelDB's log has them, whose pieces (checksum, length, kind, bytes) make records; each
 * record a protocol buffer `Record` of one of several kinds. Read: history, statistics of the system, configuration, the run, its exit and the definitions of metrics.
 * Texts of the console, files, artifacts and requests are passed over.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from '../base/index.ts';
import { bytesIn, type Field, fieldsOf, integerIn, messagesIn, textIn } from './protobuf.ts';

const HEAD = 7;
const IDENT = ':W&B';
const MAGIC = 0xbee1;
const BLOCK = 32 * 1024;
/** Of a piece: checksum, length, kind. */
const PIECE_HEAD = 7;
const [FULL, FIRST, MIDDLE, LAST] = [1, 2, 3, 4];

/** A figure's value as W&B stored it in JSON. */
export type WandbValues = Record<string, unknown>;

export type WandbRecord =
  /** One `wandb.log`. */
  | { kind: 'history'; values: WandbValues; step: number }
  /** What the client measured of the machine; `timeMs` is null where the record has no time. */
  | { kind: 'stats'; values: WandbValues; timeMs: number | null }
  | { kind: 'config'; values: WandbValues }
  | { kind: 'run'; id: string; name: string; host: string; startMs: number | null; config: WandbValues }
  /** `define_metric`: `metric` is drawn over `over`. */
  | { kind: 'metric'; over: string }
  | { kind: 'exit'; code: number };

/** Why a file is not read on. */
export interface WandbFileEnd {
  /** In one clause; null while all is well. */
  problem: string | null;
  /** Whether the last record is unfinished: its writer was ended, or still writes. */
  torn: boolean;
}

/** Hands on the records of a file in its order, a block in memory at a time. Throws what the file system throws. */
export function eachWandbRecord(path: string, take: (record: WandbRecord) => void): WandbFileEnd {
  let number = 0;
  const pieces = piecesOf(path);
  for (;;) {
    const next = pieces.next();
    if (next.done) return next.value;
    number++;
    const fields = fieldsOf(next.value);
    if (fields.length === 0 && next.value.length > 0)
      return { problem: `record ${number} is no record of W&B`, torn: false };
    const record = recordIn(fields);
    if (record !== null) take(record);
  }
}

/** The bytes of each record. */
function* piecesOf(path: string): Generator<Uint8Array, WandbFileEnd> {
  const file = openSync(path, 'r');
  try {
    const block = Buffer.alloc(BLOCK);
    let held: Uint8Array[] = [];
    let number = 1;
    const damaged = (what: string): WandbFileEnd => ({
      problem: `record ${number} ${what}: the file is damaged from there on`,
      torn: false,
    });
    for (let offset = 0; ; offset += BLOCK) {
      const length = readBlock(file, block, offset);
      let at = 0;
      if (offset === 0) {
        const problem = headProblem(block.subarray(0, length));
        if (problem !== null) return { problem, torn: false };
        at = HEAD;
      }
      while (at + PIECE_HEAD <= length) {
        const [checksum, size, kind] = [
          block.readUInt32LE(at),
          block.readUInt16LE(at + 4),
          block[at + 6]!,
        ] as const;
        // A rest of zeros fills a block.
        if (kind === 0 && size === 0 && checksum === 0) break;
        const end = at + PIECE_HEAD + size;
        if (end > BLOCK) return damaged('has no valid length');
        if (end > length) return { problem: null, torn: true };
        if (crc32(block.subarray(at + 6, end)) !== checksum) return damaged('does not match its checksum');
        const begins = kind === FULL || kind === FIRST;
        if ((!begins && kind !== MIDDLE && kind !== LAST) || begins !== (held.length === 0))
          return damaged('has a piece that is out of order');
        // A copy: the block is used again.
        held.push(Uint8Array.from(block.subarray(at + PIECE_HEAD, end)));
        at = end;
        if (kind === FULL || kind === LAST) {
          yield held.length === 1 ? held[0]! : Buffer.concat(held);
          held = [];
          number++;
        }
      }
      if (length < BLOCK)
        return { problem: null, torn: held.length > 0 || (at < length && !isZero(block, at, length)) };
    }
  } finally {
    closeSync(file);
  }
}

/** Bytes that were read: fewer than a block at the end alone. */
function readBlock(file: number, block: Buffer, offset: number): number {
  let length = 0;
  while (length < BLOCK) {
    const read = readSync(file, block, length, BLOCK - length, offset + length);
    if (read === 0) break;
    length += read;
  }
  return length;
}

const isZero = (bytes: Uint8Array, from: number, to: number) => bytes.subarray(from, to).every(b => b === 0);

function headProblem(bytes: Buffer): string | null {
  if (bytes.length === 0) return 'it is empty';
  const isOwn = bytes.toString('latin1', 0, IDENT.length) === IDENT && bytes.length >= HEAD;
  if (!isOwn || bytes.readUInt16LE(IDENT.length) !== MAGIC) return 'it is no file of a W&B run';
  const version = bytes[HEAD - 1]!;
  return version === 0 ? null : `it has version ${version} of W&B’s format, of which 0 is read`;
}

/** Numbers of the fields in W&B's published `wandb_internal.proto`. */
const RECORD = { history: 2, config: 5, stats: 7, metric: 12, run: 17, exit: 18 } as const;

/** null for a record of a kind that is not read. */
function recordIn(fields: readonly Field[]): WandbRecord | null {
  const of = (number: number): Field[] | null => {
    const bytes = bytesIn(fields, number);
    return bytes === null ? null : fieldsOf(bytes);
  };
  const history = of(RECORD.history);
  if (history !== null) {
    const values = valuesIn(history, 1);
    const step = messagesIn(history, 2)[0];
    return {
      kind: 'history',
      values,
      step: step === undefined && typeof values._step === 'number' ? values._step : integerIn(step ?? [], 1),
    };
  }
  const stats = of(RECORD.stats);
  if (stats !== null) return { kind: 'stats', values: valuesIn(stats, 3), timeMs: timeIn(stats, 2) };
  const config = of(RECORD.config);
  if (config !== null) return { kind: 'config', values: valuesIn(config, 1) };
  const metric = of(RECORD.metric);
  if (metric !== null) return { kind: 'metric', over: textIn(metric, 4) };
  const exit = of(RECORD.exit);
  if (exit !== null) return { kind: 'exit', code: integerIn(exit, 1) };
  const run = of(RECORD.run);
  if (run === null) return null;
  return {
    kind: 'run',
    id: textIn(run, 1),
    name: textIn(run, 8),
    host: textIn(run, 13),
    startMs: timeIn(run, 17),
    config: valuesIn(messagesIn(run, 4)[0] ?? [], 1),
  };
}

/** Items of a key (or of the parts of one) and a value in JSON; what is no JSON is left out. */
function valuesIn(fields: readonly Field[], number: number): WandbValues {
  const values: WandbValues = {};
  for (const item of messagesIn(fields, number)) {
    const parts = item.flatMap(({ number: own, value }) =>
      own === 2 && value instanceof Uint8Array ? [Buffer.from(value).toString('utf8')] : [],
    );
    const key = parts.length > 0 ? parts.join('/') : textIn(item, 1);
    try {
      values[key] = JSON.parse(textIn(item, 16).replace(/^(?:NaN|-?Infinity)$/, '"$&"'));
    } catch {
      // One value is no reason to refuse the others.
    }
  }
  return values;
}

/** A `Timestamp { 1: seconds, 2: nanos }`, as milliseconds since the epoch; null where it is left out. */
function timeIn(fields: readonly Field[], number: number): number | null {
  const time = messagesIn(fields, number)[0];
  if (time === undefined) return null;
  const ms = integerIn(time, 1) * 1000 + Math.floor(integerIn(time, 2) / 1e6);
  return ms > 0 ? ms : null;
}
