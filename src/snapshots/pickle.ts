/**
 * Pickles of protocol 2 to 5, as they come in, by an allow-list of opcodes: those that a snapshot has. A pickle is a program; the
 * opcodes that could make it run code are refused by name, and so is every other one that is not on the list.
 */
import type { Dump } from './dump.ts';
import { BIG, BOOL, FLOAT, FRESH_DICT, FRESH_LIST, INT, NONE, TEXT } from './kinds.ts';
import { Machine } from './machine.ts';
import { LONGEST_TEXT, UnreadableSnapshot } from './tables.ts';
import { Unread } from './unread.ts';

/** Bytes of the longest number. */
const LONGEST_NUMBER = 255;

/** Bytes of the argument behind an opcode; of a number or a text it is how long what follows is. Others have none. */
const ARGUMENTS: Readonly<Record<number, number>> = {
  104: 1, // BINGET
  106: 4, // LONG_BINGET
  75: 1, // BININT1
  77: 2, // BININT2
  74: 4, // BININT
  138: 1, // LONG1
  139: 4, // LONG4
  140: 1, // SHORT_BINUNICODE
  88: 4, // BINUNICODE
  141: 8, // BINUNICODE8
  113: 1, // BINPUT
  114: 4, // LONG_BINPUT
  71: 8, // BINFLOAT
  149: 8, // FRAME
  128: 1, // PROTO
};
const argumentBytes = Uint8Array.from({ length: 256 }, (_, op) => ARGUMENTS[op] ?? 0);

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
  readonly #unread = new Unread();
  #protocol = -1;
  #dump: Dump | null = null;
  #float = new DataView(new ArrayBuffer(8));

  /** @param size bytes of the pickle as far as known, else null. */
  constructor(size: number | null) {
    this.#machine = new Machine(size);
  }

  /** Reads on. Bytes after the end of the pickle are ignored. Throws UnreadableSnapshot. */
  push(chunk: Uint8Array): void {
    if (this.#dump === null) this.#unread.take(chunk, bytes => this.#run(bytes));
  }

  /** The snapshot. Throws UnreadableSnapshot where the pickle is not at its end. */
  end(): Dump {
    if (this.#dump === null) throw this.#unread.cutOff();
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
      const at = p + 1;
      let next = at + argumentBytes[op]!;
      if (next > end) return p;
      switch (op) {
        case 0x68: // BINGET
          machine.get(bytes[at]!);
          break;
        case 0x6a: // LONG_BINGET
          machine.get(u32(bytes, at));
          break;
        case 0x94: // MEMOIZE
          machine.memoize();
          break;
        case 0x28: // MARK
          machine.mark();
          break;
        case 0x4b: // BININT1
          machine.push(INT, bytes[at]!);
          break;
        case 0x4d: // BININT2
          machine.push(INT, bytes[at]! | (bytes[at + 1]! << 8));
          break;
        case 0x4a: // BININT
          machine.push(INT, u32(bytes, at) | 0);
          break;
        case 0x8a: // LONG1
        case 0x8b: {
          // LONG4
          const length = op === 0x8a ? bytes[at]! : u32(bytes, at);
          if (length > LONGEST_NUMBER) this.#refuse(p, `a number of ${length} bytes`);
          if (next + length > end) return p;
          this.#number(bytes, next, length);
          next += length;
          break;
        }
        case 0x75: // SETITEMS
          machine.setItems();
          break;
        case 0x65: // APPENDS
          machine.appends();
          break;
        case 0x5d: // EMPTY_LIST
          machine.push(FRESH_LIST, 0);
          break;
        case 0x7d: // EMPTY_DICT
          machine.push(FRESH_DICT, 0);
          break;
        case 0x8c: // SHORT_BINUNICODE
        case 0x58: // BINUNICODE
        case 0x8d: {
          // BINUNICODE8
          const length = op === 0x8c ? bytes[at]! : op === 0x58 ? u32(bytes, at) : u64(bytes, at);
          if (length > LONGEST_TEXT) this.#refuse(p, `a text of ${length} bytes`);
          if (next + length > end) return p;
          machine.push(TEXT, machine.records.texts.intern(bytes, next, length));
          next += length;
          break;
        }
        case 0x73: // SETITEM
          machine.setItem();
          break;
        case 0x61: // APPEND
          machine.append();
          break;
        case 0x71: // BINPUT
          machine.put(bytes[at]!);
          break;
        case 0x72: // LONG_BINPUT
          machine.put(u32(bytes, at));
          break;
        case 0x29: // EMPTY_TUPLE
          machine.tupleOf(0);
          break;
        case 0x85: // TUPLE1, TUPLE2, TUPLE3
        case 0x86:
        case 0x87:
          machine.tupleOf(op - 0x84);
          break;
        case 0x74: // TUPLE
          machine.tuple();
          break;
        case 0x4e: // NONE
          machine.push(NONE, 0);
          break;
        case 0x88: // NEWTRUE
        case 0x89: // NEWFALSE
          machine.push(BOOL, op === 0x88 ? 1 : 0);
          break;
        case 0x47: // BINFLOAT
          for (let i = 0; i < 8; i++) this.#float.setUint8(i, bytes[at + i]!);
          machine.push(FLOAT, this.#float.getFloat64(0));
          break;
        case 0x95: // FRAME: how much may be read at once, which is of no use here
          break;
        case 0x80: // PROTO
          if (this.#protocol >= 0) this.#refuse(p, 'a second PROTO');
          this.#protocol = bytes[at]!;
          if (this.#protocol < 2 || this.#protocol > 5)
            throw new UnreadableSnapshot(`it is a pickle of protocol ${this.#protocol}; 2 to 5 are read`);
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
      p = next;
    }
    return p;
  }

  #refuse(at: number, what: string): never {
    throw new UnreadableSnapshot(
      `it has ${what}, at byte ${this.#unread.offset + at}: no snapshot of PyTorch has that, and it was not carried out`,
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
