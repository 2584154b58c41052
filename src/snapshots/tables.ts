/** Tables in typed arrays that give equal things one small number: texts, sequences of numbers, addresses. */

/** Thrown for a file that is no snapshot, is damaged, or could do harm. The message is one clear sentence. */
export class UnreadableSnapshot extends Error {
  override name = 'UnreadableSnapshot';
}

/** Bytes of the longest text; texts of frames are short. */
export const LONGEST_TEXT = 2 ** 24;
/** Most bytes that distinct texts, and most entries that distinct sequences, may take. */
const MOST_TEXT = 256 * 2 ** 20;
const MOST_ENTRIES = 64 * 2 ** 20;

type Growing = Uint8Array | Uint32Array | Int32Array | Float64Array;

/** The same array, or one of at least `size` entries that begins alike. */
export function grown<Kind extends Growing>(array: Kind, size: number): Kind {
  if (size <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => Kind)(Math.max(size, 2 * array.length));
  larger.set(array as never);
  return larger;
}

/** Places of ids by hash; the tables compare the contents themselves, in loops of their own, as that is what takes the time. */
class Places {
  /** An id and one more; 0 is a free place. */
  ids = new Int32Array(1024);
  hashes = new Int32Array(1024);
  #used = 0;

  add(hash: number, id: number): void {
    if (2 * ++this.#used > this.ids.length) this.#grow();
    this.#put(hash, id);
  }

  #put(hash: number, id: number): void {
    const mask = this.ids.length - 1;
    let at = mix(hash) & mask;
    while (this.ids[at] !== 0) at = (at + 1) & mask;
    this.ids[at] = id + 1;
    this.hashes[at] = hash;
  }

  #grow(): void {
    const { ids, hashes } = this;
    this.ids = new Int32Array(2 * ids.length);
    this.hashes = new Int32Array(2 * ids.length);
    for (let at = 0; at < ids.length; at++) if (ids[at] !== 0) this.#put(hashes[at]!, ids[at]! - 1);
  }
}

function mix(hash: number): number {
  const a = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return a ^ (a >>> 15);
}

/** Distinct texts, kept as their bytes and decoded when asked for. */
export class TextTable {
  #bytes: Uint8Array = new Uint8Array(4096);
  #starts = new Int32Array(256);
  #count = 0;
  #places = new Places();
  #decoded: (string | undefined)[] = [];

  /** @param bytes UTF-8, of which `length` bytes from `at` on are the text. */
  intern(bytes: Uint8Array, at: number, length: number): number {
    let hash = length;
    for (let i = at; i < at + length; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
    const { ids, hashes } = this.#places;
    for (let place = mix(hash), mask = ids.length - 1; ; place++) {
      const id = ids[place & mask]! - 1;
      if (id < 0) break;
      if (hashes[place & mask] === hash && this.#isEqual(id, bytes, at, length)) return id;
    }
    const id = this.#count++;
    const start = this.#starts[id]!;
    if (start + length > MOST_TEXT)
      throw new UnreadableSnapshot('it has more than 256 MiB of distinct texts');
    this.#bytes = grown(this.#bytes, start + length);
    this.#bytes.set(bytes.subarray(at, at + length), start);
    this.#starts = grown(this.#starts, id + 2);
    this.#starts[id + 1] = start + length;
    this.#places.add(hash, id);
    return id;
  }

  #isEqual(id: number, bytes: Uint8Array, at: number, length: number): boolean {
    const start = this.#starts[id]!;
    if (this.#starts[id + 1]! - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#bytes[start + i] !== bytes[at + i]) return false;
    return true;
  }

  text(id: number): string {
    const known = this.#decoded[id];
    if (known !== undefined) return known;
    const text = utf8(this.#bytes, this.#starts[id]!, this.#starts[id + 1]!);
    this.#decoded[id] = text;
    return text;
  }

  internText(text: string): number {
    const bytes = bytesOf(text);
    return this.intern(bytes, 0, bytes.length);
  }
}

/** Distinct sequences of whole numbers: frames, stacks, tuples. */
export class SequenceTable {
  #entries = new Int32Array(1024);
  #starts = new Int32Array(256);
  #count = 0;
  #places = new Places();

  get count(): number {
    return this.#count;
  }

  /** @param given of which the first `length` entries are the sequence. */
  intern(given: Int32Array, length: number): number {
    let hash = length;
    for (let i = 0; i < length; i++) hash = (Math.imul(hash, 16777619) ^ given[i]!) | 0;
    const { ids, hashes } = this.#places;
    for (let place = mix(hash), mask = ids.length - 1; ; place++) {
      const id = ids[place & mask]! - 1;
      if (id < 0) break;
      if (hashes[place & mask] === hash && this.#isEqual(id, given, length)) return id;
    }
    const id = this.#count++;
    const start = this.#starts[id]!;
    if (start + length > MOST_ENTRIES) throw new UnreadableSnapshot('it has too many distinct stacks');
    this.#entries = grown(this.#entries, start + length);
    for (let i = 0; i < length; i++) this.#entries[start + i] = given[i]!;
    this.#starts = grown(this.#starts, id + 2);
    this.#starts[id + 1] = start + length;
    this.#places.add(hash, id);
    return id;
  }

  #isEqual(id: number, given: Int32Array, length: number): boolean {
    const start = this.#starts[id]!;
    if (this.#starts[id + 1]! - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#entries[start + i] !== given[i]) return false;
    return true;
  }

  length(id: number): number {
    return this.#starts[id + 1]! - this.#starts[id]!;
  }

  at(id: number, index: number): number {
    return this.#entries[this.#starts[id]! + index]!;
  }
}

/** Address → whole number, for what is allocated at one time. */
export class AddressTable {
  #keys = new Float64Array(1024).fill(Number.NaN);
  #values = new Int32Array(1024);
  #size = 0;

  /** −1 where there is none. */
  get(address: number): number {
    const at = this.#find(address);
    return this.#keys[at] === address ? this.#values[at]! : -1;
  }

  set(address: number, value: number): void {
    if (2 * this.#size > this.#keys.length) this.#grow();
    const at = this.#find(address);
    if (this.#keys[at] !== address) this.#size++;
    this.#keys[at] = address;
    this.#values[at] = value;
  }

  /** Removes it and returns what it was, −1 where there was none. */
  take(address: number): number {
    let at = this.#find(address);
    if (this.#keys[at] !== address) return -1;
    const value = this.#values[at]!;
    const mask = this.#keys.length - 1;
    // What follows without a gap moves back over the hole, so that no marks of removed ones pile up.
    for (let next = (at + 1) & mask; ; next = (next + 1) & mask) {
      const key = this.#keys[next]!;
      if (Number.isNaN(key)) break;
      if (((next - home(key, mask)) & mask) < ((next - at) & mask)) continue;
      this.#keys[at] = key;
      this.#values[at] = this.#values[next]!;
      at = next;
    }
    this.#keys[at] = Number.NaN;
    this.#size--;
    return value;
  }

  *entries(): IterableIterator<[address: number, value: number]> {
    for (let at = 0; at < this.#keys.length; at++)
      if (!Number.isNaN(this.#keys[at]!)) yield [this.#keys[at]!, this.#values[at]!];
  }

  #find(address: number): number {
    const mask = this.#keys.length - 1;
    let at = home(address, mask);
    while (this.#keys[at] !== address && !Number.isNaN(this.#keys[at]!)) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Float64Array(2 * keys.length).fill(Number.NaN);
    this.#values = new Int32Array(2 * keys.length);
    this.#size = 0;
    for (let at = 0; at < keys.length; at++) if (!Number.isNaN(keys[at]!)) this.set(keys[at]!, values[at]!);
  }
}

/** Addresses are multiples of 512 as a rule: the low bits carry nothing. */
function home(address: number, mask: number): number {
  const pages = address / 512;
  return mix(((pages % 4294967296) | 0) ^ Math.imul(pages / 4294967296, 0x9e3779b1)) & mask;
}

/** UTF-8 → text without the help of a browser or Node; what is broken becomes U+FFFD. */
function utf8(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; ) {
    const first = bytes[i++]!;
    const more =
      first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
    let code = more === 0 ? first : more < 0 ? 0xfffd : first & (0x3f >> more);
    for (let k = 0; k < more; k++) {
      const next = i < to ? bytes[i]! : 0;
      if ((next & 0xc0) !== 0x80) {
        code = 0xfffd;
        break;
      }
      code = code * 64 + (next & 0x3f);
      i++;
    }
    text += String.fromCodePoint(code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0xfffd : code);
  }
  return text;
}

function bytesOf(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
  }
  return Uint8Array.from(bytes);
}
