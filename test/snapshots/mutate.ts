/** Damaged and hostile snapshots, the same for the same seed. */
import { seededRandom } from '../../src/base/index.ts';

/** Opcodes of pickles: those that no snapshot has, and those that one has. */
const OPCODES = [
  0x63, 0x93, 0x52, 0x62, 0x69, 0x6f, 0x81, 0x92, 0x82, 0x83, 0x84, 0x50, 0x51, 0x97, 0x98, 0x30, 0x31, 0x32,
  0x28, 0x29, 0x5d, 0x7d, 0x65, 0x61, 0x75, 0x73, 0x94, 0x68, 0x6a, 0x71, 0x72, 0x85, 0x86, 0x87, 0x74, 0x4e,
  0x88, 0x89, 0x47, 0x8a, 0x8b, 0x58, 0x8c, 0x8d, 0x95, 0x2e, 0x4a, 0x4b, 0x4d,
];

/** The bytes with a few things wrong: bits, opcodes, lengths, parts cut out or repeated. */
export function mutated(bytes: Uint8Array, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  let out = Uint8Array.from(bytes);
  for (let times = 1 + below(4); times > 0 && out.length > 0; times--) {
    const at = below(out.length);
    const end = Math.min(out.length, at + below(64));
    switch (below(7)) {
      case 0:
        out[at] = out[at]! ^ (1 << below(8));
        break;
      case 1:
        out[at] = OPCODES[below(OPCODES.length)]!;
        break;
      case 2:
        out[at] = below(256);
        break;
      case 3:
        out = out.slice(0, at);
        break;
      case 4:
        out = joined(out.subarray(0, at), out.subarray(end));
        break;
      case 5: {
        const to = below(out.length);
        out = joined(out.subarray(0, to), out.subarray(at, end), out.subarray(to));
        break;
      }
      case 6:
        out.fill(0xff, at, Math.min(out.length, at + 1 + below(8)));
        break;
    }
  }
  return out;
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
