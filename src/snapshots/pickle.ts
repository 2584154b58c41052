/**
 * Pickles of protocol 2 to 5, as they come in, by an allow-list of opcodes: those that a snapshot has. A pickle is a program; the
 * opcodes that could make it run code are refused by name, and so is every other one that is not on the list.
 */
import type { Dump } from './dump.ts';
import { BIG, BOOL, FLOAT, FRESH_DICT, FRESH_LIST, INT, NONE, TEXT } from './kinds.ts';
import { Machine } from './machine.ts';
import { UnreadableSnapshot } from './tables.ts';

/** Bytes of the longest text and the longest number; texts of frames are short. */
const LONGEST_TEXT = 2 ** 24;
const LONGEST_NUMBER = 255;

/** Opcodes that call, import or ask: none of them is ever carried out. */
const RUNS_CODE: Record<number, string> = {
  99: 'GLOBAL',
  147: 'STACK_GLOBAL',
  82: 'REDUCE',
  98: 'BUILD',
  105: 'INST',
  111: 'OBJ',
  129: 'NEWOBJ',
  146: 'NEWOBJ_EX',
  130: 'EXT1',
  131: 'EXT2',
  132: 'EXT4',
  80: 'PERSID',
  81: 'BINPERSID',
  151: 'NEXT_BUFFER',
};

export class PickleReader {
  readonly #machine: Machine;
  #rest = new Uint8Array(0);
  /** Bytes before `#rest`. */
  #offset = 0;
  #protocol = -1;
  #dump: Dump | null = null;
  #float = new DataView(new ArrayBuffer(8));

  /** @param size bytes of the pickle as far as known, else null. */
  constructor(size: number | null) {
    this.#machine = new Machine(size);
  }

  /** Reads on. Bytes after the end of the pickle are ignored. Throws UnreadableSnapshot. */
  push(chunk: Uint8Array): void {
    if (this.#dump !== null) return;
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    const read = this.#run(bytes);
    this.#offset += read;
    this.#rest = bytes.slice(read);
  }

  /** The snapshot. Throws UnreadableSnapshot where the pickle is not at its end. */
  end(): Dump {
    if (this.#dump === null)
      throw new UnreadableSnapshot(
        `it is cut off after ${this.#offset + this.#rest.length} bytes, before its end`,
      );
    return this.#dump;
  }

  #run(bytes: Uint8Array): number {
    const machine = this.#machine;
    const end = bytes.length;
    let p = 0;
    while (p < end) {
      const op = bytes[p]!;
      if (this.#protocol < 0 && op !== 0x80)
        throw new UnreadableSnapshot('it is no pickle of protocol 2 or newer');
      switch (op) {
        case 0x68: // BINGET
          if (p + 2 > end) return p;
          machine.get(bytes[p + 1]!);
          p += 2;
          break;
        case 0x6a: // LONG_BINGET
          if (p + 5 > end) return p;
          machine.get(u32(bytes, p + 1));
          p += 5;
          break;
        case 0x94: // MEMOIZE
          machine.memoize();
          p++;
          break;
        case 0x28: // MARK
          machine.mark();
          p++;
          break;
        case 0x4b: // BININT1
          if (p + 2 > end) return p;
          machine.push(INT, bytes[p + 1]!);
          p += 2;
          break;
        case 0x4d: // BININT2
          if (p + 3 > end) return p;
          machine.push(INT, bytes[p + 1]! | (bytes[p + 2]! << 8));
          p += 3;
          break;
        case 0x4a: // BININT
          if (p + 5 > end) return p;
          machine.push(INT, u32(bytes, p + 1) | 0);
          p += 5;
          break;
        case 0x8a: // LONG1
        case 0x8b: {
          // LONG4
          const head = op === 0x8a ? 2 : 5;
          if (p + head > end) return p;
          const length = op === 0x8a ? bytes[p + 1]! : u32(bytes, p + 1);
          if (length > LONGEST_NUMBER) this.#refuse(p, `a number of ${length} bytes`);
          if (p + head + length > end) return p;
          this.#number(bytes, p + head, length);
          p += head + length;
          break;
        }
        case 0x75: // SETITEMS
          machine.setItems();
          p++;
          break;
        case 0x65: // APPENDS
          machine.appends();
          p++;
          break;
        case 0x5d: // EMPTY_LIST
          machine.push(FRESH_LIST, 0);
          p++;
          break;
        case 0x7d: // EMPTY_DICT
          machine.push(FRESH_DICT, 0);
          p++;
          break;
        case 0x8c: // SHORT_BINUNICODE
        case 0x58: // BINUNICODE
        case 0x8d: {
          // BINUNICODE8
          const head = op === 0x8c ? 2 : op === 0x58 ? 5 : 9;
          if (p + head > end) return p;
          const length = op === 0x8c ? bytes[p + 1]! : op === 0x58 ? u32(bytes, p + 1) : u64(bytes, p + 1);
          if (length > LONGEST_TEXT) this.#refuse(p, `a text of ${length} bytes`);
          if (p + head + length > end) return p;
          machine.push(TEXT, machine.records.texts.intern(bytes, p + head, length));
          p += head + length;
          break;
        }
        case 0x73: // SETITEM
          machine.setItem();
          p++;
          break;
        case 0x61: // APPEND
          machine.append();
          p++;
          break;
        case 0x71: // BINPUT
          if (p + 2 > end) return p;
          machine.put(bytes[p + 1]!);
          p += 2;
          break;
        case 0x72: // LONG_BINPUT
          if (p + 5 > end) return p;
          machine.put(u32(bytes, p + 1));
          p += 5;
          break;
        case 0x29: // EMPTY_TUPLE
          machine.tupleOf(0);
          p++;
          break;
        case 0x85: // TUPLE1, TUPLE2, TUPLE3
        case 0x86:
        case 0x87:
          machine.tupleOf(op - 0x84);
          p++;
          break;
        case 0x74: // TUPLE
          machine.tuple();
          p++;
          break;
        case 0x4e: // NONE
          machine.push(NONE, 0);
          p++;
          break;
        case 0x88: // NEWTRUE
        case 0x89: // NEWFALSE
          machine.push(BOOL, op === 0x88 ? 1 : 0);
          p++;
          break;
        case 0x47: // BINFLOAT
          if (p + 9 > end) return p;
          for (let i = 0; i < 8; i++) this.#float.setUint8(i, bytes[p + 1 + i]!);
          machine.push(FLOAT, this.#float.getFloat64(0));
          p += 9;
          break;
        case 0x95: // FRAME: how much may be read at once, which is of no use here
          if (p + 9 > end) return p;
          p += 9;
          break;
        case 0x80: // PROTO
          if (p + 2 > end) return p;
          if (this.#protocol >= 0) this.#refuse(p, 'a second PROTO');
          this.#protocol = bytes[p + 1]!;
          if (this.#protocol < 2 || this.#protocol > 5)
            throw new UnreadableSnapshot(`it is a pickle of protocol ${this.#protocol}; 2 to 5 are read`);
          p += 2;
          break;
        case 0x2e: // STOP
          this.#dump = machine.stop(`a pickle of protocol ${this.#protocol}`);
          return end;
        default:
          this.#refuse(
            p,
            RUNS_CODE[op] === undefined
              ? `opcode 0x${op.toString(16).padStart(2, '0')}`
              : `${RUNS_CODE[op]}, which could run code`,
          );
      }
    }
    return p;
  }

  #refuse(at: number, what: string): never {
    throw new UnreadableSnapshot(
      `it has ${what}, at byte ${this.#offset + at}: no snapshot of PyTorch has that, and it was not carried out`,
    );
  }

  /** A whole number of two's complement, the lowest byte first. */
  #number(bytes: Uint8Array, at: number, length: number): void {
    let value = 0;
    const isNegative = length > 0 && bytes[at + length - 1]! >= 128;
    if (length <= 8) {
      for (let i = length - 1; i >= 4; i--) value = value * 256 + bytes[at + i]!;
      if (isNegative && length > 4) value -= 256 ** (length - 4);
      let low = 0;
      for (let i = Math.min(length, 4) - 1; i >= 0; i--) low = low * 256 + bytes[at + i]!;
      value = value * 4294967296 + low;
      if (isNegative && length <= 4) value -= 256 ** length;
      if (Number.isSafeInteger(value)) {
        this.#machine.push(INT, value);
        return;
      }
    }
    let exact = 0n;
    for (let i = length - 1; i >= 0; i--) exact = (exact << 8n) | BigInt(bytes[at + i]!);
    if (isNegative) exact -= 1n << BigInt(8 * length);
    value = Number(exact);
    const isHeld = Number.isFinite(value) && BigInt(value) === exact;
    this.#machine.push(
      isHeld ? INT : BIG,
      isHeld ? value : this.#machine.records.texts.internText(String(exact)),
    );
  }
}

const u32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
const u64 = (bytes: Uint8Array, at: number): number => u32(bytes, at) + 4294967296 * u32(bytes, at + 4);
