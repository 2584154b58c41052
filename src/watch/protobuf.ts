/** Protocol buffers as far as their wire format goes: fields by number, without the types that a schema gives them. */

/** One field of a protocol buffer: a number of 4 or 8 bytes, a varint, or bytes. */
export interface Field {
  number: number;
  value: bigint | Uint8Array;
}

/** Fields of a message; none where it is no protocol buffer. */
export function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; at < bytes.length && shift < 70n; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const key = varint();
    const [number, wire] = [Number(key >> 3n), Number(key & 7n)];
    const length = wire === 1 ? 8 : wire === 5 ? 4 : wire === 2 ? Number(varint()) : 0;
    if (wire === 0) fields.push({ number, value: varint() });
    else if ((wire === 1 || wire === 5 || wire === 2) && at + length <= bytes.length) {
      fields.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    } else return [];
  }
  return fields;
}

/** Bytes of the first field of a number; null where there is none. */
export const bytesIn = (fields: readonly Field[], number: number): Uint8Array | null => {
  const value = fields.find(field => field.number === number)?.value;
  return value instanceof Uint8Array ? value : null;
};

/** All messages of a repeated field, as their fields. */
export const messagesIn = (fields: readonly Field[], number: number): Field[][] =>
  fields.flatMap(({ number: own, value }) =>
    own === number && value instanceof Uint8Array ? [fieldsOf(value)] : [],
  );

/** Text of a field; empty where there is none, as the format has it. */
export const textIn = (fields: readonly Field[], number: number): string =>
  Buffer.from(bytesIn(fields, number) ?? []).toString('utf8');

/** A signed whole number of a field; 0 where there is none, as the format has it. */
export const integerIn = (fields: readonly Field[], number: number): number => {
  const value = fields.find(field => field.number === number)?.value;
  return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : 0;
};

export const dataView = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
