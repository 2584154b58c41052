/** Files of W&B runs as its client writes them, made of records, for tests: pieces in blocks of 32 KiB, protocol buffers of keys and JSON. */
import { crc32 } from '../../../src/base/index.ts';

const BLOCK = 32 * 1024;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}
const bytesField = (number: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(content.length)]), content]);
const numberField = (number: number, value: number): Buffer =>
  Buffer.from([...varint(number * 8), ...varint(value)]);
const text = (number: number, value: string) => bytesField(number, Buffer.from(value));
const items = (number: number, values: Record<string, unknown>): Buffer =>
  Buffer.concat(
    Object.entries(values).map(([key, value]) =>
      bytesField(number, Buffer.concat([text(1, key), text(16, JSON.stringify(value))])),
    ),
  );
const time = (number: number, ms: number) =>
  bytesField(
    number,
    Buffer.concat([numberField(1, Math.floor(ms / 1000)), numberField(2, (ms % 1000) * 1e6)]),
  );

export const history = (step: number, values: Record<string, unknown>): Buffer =>
  bytesField(2, Buffer.concat([items(1, values), bytesField(2, numberField(1, step))]));
export const stats = (timeMs: number, values: Record<string, unknown>): Buffer =>
  bytesField(7, Buffer.concat([time(2, timeMs), items(3, values)]));
export const run = (id: string, name: string, startMs: number, config: Record<string, unknown>): Buffer =>
  bytesField(
    17,
    Buffer.concat([text(1, id), bytesField(4, items(1, config)), text(8, name), time(17, startMs)]),
  );
export const exit = (code: number): Buffer => bytesField(18, numberField(1, code));
/** A line of the console, which is not read. */
export const output = (line: string): Buffer => bytesField(13, text(3, line));

export function wandbFile(records: readonly Buffer[], version = 0): Buffer {
  const parts: Buffer[] = [Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, version])];
  let at = 7;
  for (const record of records) {
    let from = 0;
    for (let first = true; first || from < record.length; first = false) {
      if (BLOCK - (at % BLOCK) < 7) {
        parts.push(Buffer.alloc(BLOCK - (at % BLOCK)));
        at += parts.at(-1)!.length;
      }
      const data = record.subarray(from, from + BLOCK - (at % BLOCK) - 7);
      from += data.length;
      const last = from === record.length;
      const kind = Buffer.concat([Buffer.from([first ? (last ? 1 : 2) : last ? 4 : 3]), data]);
      const head = Buffer.alloc(6);
      head.writeUInt32LE(crc32(kind), 0);
      head.writeUInt16LE(data.length, 4);
      parts.push(head, kind);
      at += 6 + kind.length;
    }
  }
  return Buffer.concat(parts);
}
