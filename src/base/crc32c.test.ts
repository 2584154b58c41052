/** Check sums: the published values, and the same whether bytes are taken eight at once or one after the other. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32, crc32c } from './index.ts';

test('the values that their definitions name', () => {
  const digits = Buffer.from('123456789');
  expect(crc32(digits)).toBe(0xcbf43926);
  expect(crc32c(digits)).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(0))).toBe(0);
});

test('any bytes of any length: as one bit after the other', () => {
  const slow = (polynomial: number, bytes: Uint8Array): number => {
    let crc = 0xffffffff;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    }
    return (crc ^ 0xffffffff) >>> 0;
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      expect(crc32c(bytes)).toBe(slow(0x82f63b78, bytes));
      expect(crc32(bytes)).toBe(slow(0xedb88320, bytes));
    }),
  );
});
