/** CRC-32C (Castagnoli), as iSCSI has it, and as the records of TensorBoard store it; and CRC-32, as gzip has it. */

const tableOf = (polynomial: number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });

const CASTAGNOLI = tableOf(0x82f63b78);
const IEEE = tableOf(0xedb88320);

function crcBy(table: Uint32Array, bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

export const crc32c = (bytes: Uint8Array): number => crcBy(CASTAGNOLI, bytes);
export const crc32 = (bytes: Uint8Array): number => crcBy(IEEE, bytes);

/** Turned and shifted, so that a record within a record is no trouble. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
