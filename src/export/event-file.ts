/**
 * TensorBoard's event files: records of a length, its checksum, the data and its checksum; the data are protocol buffers of one
 * `Event` each. Only what scalars need.
 */

import { maskedCrc32c } from '../base/index.ts';

function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return bytes;
}

/** A whole number of at least 0 in the base of 128. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** A field of bytes: its number, its length, and the bytes. */
const field = (number: number, content: ArrayLike<number>): number[] => [
  (number << 3) | 2,
  ...varint(content.length),
  ...Array.from(content),
];

function double(value: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return [...bytes];
}

function float(value: number): number[] {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [...bytes];
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const WALL_TIME = 0x09;
const STEP = 0x10;
const SIMPLE_VALUE = 0x15;

/** The first record of a file. @param timeMs milliseconds since the epoch */
export const eventFileHead = (timeMs: number): Uint8Array =>
  record(Uint8Array.from([WALL_TIME, ...double(timeMs / 1000), ...field(3, utf8('brain.Event:2'))]));

/** The scalars of one step, in a record. @param step a whole number of at least 0 */
export function scalarRecord(
  timeMs: number,
  step: number,
  scalars: Readonly<Record<string, number>>,
): Uint8Array {
  const values = Object.entries(scalars).flatMap(([tag, value]) =>
    field(1, [...field(1, utf8(tag)), SIMPLE_VALUE, ...float(value)]),
  );
  return record(
    Uint8Array.from([WALL_TIME, ...double(timeMs / 1000), STEP, ...varint(step), ...field(5, values)]),
  );
}
