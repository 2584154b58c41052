/** Files that are cut off, damaged, or made to do harm: refused in one sentence, nothing run, in bounded time and memory. */
import { describe, expect, test } from 'vitest';
import { accountOf, snapshotReader, UnreadableSnapshot } from '../../src/snapshots/index.ts';
import { mutated } from './mutate.ts';
import { bytesOf, dumpOf, golden } from './read.ts';

const pickle = (...parts: (number | string)[]): Uint8Array =>
  Uint8Array.from([
    0x80,
    4,
    ...parts.flatMap(part => (typeof part === 'number' ? [part] : [...Buffer.from(part)])),
  ]);
const text = (of: string): string => `\x8c${String.fromCharCode(of.length)}${of}`;
const latin = (of: string): number[] => [...of].map(character => character.charCodeAt(0));
/** `{'segments': []}` with something in it. */
const inside = (...parts: number[]): Uint8Array =>
  pickle(0x7d, ...latin(text('segments')), ...parts, 0x73, 0x2e);

/** Reads it; what it was refused for, or null. Any other error is a fault. */
function refusal(bytes: Uint8Array): string | null {
  try {
    accountOf(dumpOf(bytes));
    return null;
  } catch (error) {
    if (error instanceof UnreadableSnapshot) return error.message;
    throw error;
  }
}

describe('pickles that could run code', () => {
  const opcodes: [name: string, opcode: number, ...argument: number[]][] = [
    ['GLOBAL', 0x63, ...latin('os\nsystem\n')],
    ['STACK_GLOBAL', 0x93],
    ['REDUCE', 0x52],
    ['BUILD', 0x62],
    ['INST', 0x69, ...latin('os\nsystem\n')],
    ['OBJ', 0x6f],
    ['NEWOBJ', 0x81],
    ['NEWOBJ_EX', 0x92],
    ['EXT1', 0x82, 1],
    ['EXT2', 0x83, 1, 1],
    ['EXT4', 0x84, 1, 1, 1, 1],
    ['PERSID', 0x50, ...latin('a\n')],
    ['BINPERSID', 0x51],
    ['NEXT_BUFFER', 0x97],
  ];
  test.each(opcodes)('%s is refused by name', (name, ...bytes) => {
    expect(refusal(inside(...bytes))).toContain(`${name}, which could run code`);
  });

  test('every opcode that is not on the list is refused', () => {
    const allowed = new Set([
      0x80, 0x95, 0x7d, 0x5d, 0x29, 0x28, 0x73, 0x75, 0x61, 0x65, 0x74, 0x85, 0x86, 0x87, 0x58, 0x8c, 0x8d,
      0x4a, 0x4b, 0x4d, 0x8a, 0x8b, 0x47, 0x4e, 0x88, 0x89, 0x94, 0x71, 0x72, 0x68, 0x6a, 0x2e,
    ]);
    // The first byte after the key: what comes behind it is refused too, and must not be what is refused here.
    const at = inside().length - 2;
    for (let opcode = 0; opcode < 256; opcode++)
      if (!allowed.has(opcode))
        expect(refusal(inside(opcode, 0, 0, 0, 0)), `0x${opcode.toString(16)}`).toMatch(
          new RegExp(`, at byte ${at}: no snapshot of PyTorch has that`),
        );
  });
});

describe('what goes beyond its bounds', () => {
  const many = (n: number, ...parts: number[]) => Array.from({ length: n }, () => parts).flat();
  test.each([
    ['nests too deep', pickle(...many(300, 0x5d, 0x28)), 'nests deeper'],
    ['piles up values', Buffer.concat([pickle(), Buffer.alloc(1_100_000, 0x4e)]), 'piles up'],
    ['a text of 4 GiB', pickle(0x58, 0xff, 0xff, 0xff, 0xff), 'a text of 4294967295 bytes'],
    ['a number of 2 GiB', pickle(0x8b, 0xff, 0xff, 0xff, 0x7f), 'a number of 2147483647 bytes'],
    ['a place of the memo far away', pickle(0x5d, 0x72, 0xff, 0xff, 0xff, 0xff), 'remembers more than'],
    ['a place of the memo with a gap', pickle(0x5d, 0x72, 0xff, 0xff, 0, 0), 'with gaps'],
    ['what was never remembered', pickle(0x68, 3), 'did not remember'],
    ['itself', pickle(0x5d, 0x94, 0x68, 0, 0x61, 0x2e), 'while empty'],
    ['an empty stack', pickle(0x61), 'empty stack'],
    ['a mark that is not there', pickle(0x75), 'not there'],
    ['no end', pickle(0x7d), 'cut off'],
    ['values left over', pickle(0x4e, 0x4e, 0x2e), 'left over'],
    ['another pickle', pickle(0x7d, 0x2e), 'no memory snapshot'],
    ['protocol 1', Uint8Array.from([0x80, 1, 0x2e]), 'protocol 1'],
  ])('%s', (_, bytes, message) => {
    expect(refusal(bytes)).toContain(message);
  });
});

test('cut off at any byte, it is refused, never half read', () => {
  const bytes = bytesOf(golden('torch-2.15-state.pickle.gz'));
  expect(refusal(bytes)).toBeNull();
  for (let end = 2; end < bytes.length; end++)
    expect(refusal(bytes.subarray(0, end)), `${end} bytes`).not.toBeNull();
  const json = bytesOf(golden('torch-2.15-training.snapshot.json.gz'));
  for (let end = 100; end < json.length; end += 997)
    expect(refusal(json.subarray(0, end))).toMatch(/cut off|no JSON/);
});

test.each([
  'torch-2.0-refused.pickle.gz',
  'torch-2.15-training.pickle.gz',
  'torch-2.15-training.snapshot.json.gz',
])('%s, damaged: refused, or read without a fault', name => {
  const bytes = bytesOf(golden(name));
  let refused = 0;
  for (let seed = 1; seed <= 600; seed++) {
    const damaged = mutated(bytes, seed);
    // What no longer begins as a snapshot is not read as one.
    if (snapshotReader(damaged.subarray(0, 4096), null) !== null && refusal(damaged) !== null) refused++;
  }
  expect(refused).toBeGreaterThan(200);
});
