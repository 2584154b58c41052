/**
 * Which of many words a line has, in one pass over its bytes: most lines have none, and are passed over before they are even
 * decoded; of the others it shows which readers have to look at them. Of each word three or four letters are looked for, its rarest; where they stand, the whole word is compared.
 * Letters count in either case: a word that is found may still be another's, never the other way round.
 */

const SIZE = 1 << 16;
/** Letters by how often they stand in English, the rarest last; digits stand everywhere, and what is neither is rarer still. */
const COMMON = '0123456789etaoinsrhldcumfpgwybvkxjqz';
/** What such logs are full of: letters of it are never rare. */
const EVERYWHERE =
  ' memory allocated (gb): memory reserved (gb): device memory used/total gpu training before after update step time loss completed worker info max_memory_allocated        - ';

interface Entry {
  word: Uint8Array;
  /** Bits of those who look for it. */
  owners: number;
  /** Index of the last of the letters that are looked for. */
  at: number;
}

/** Each byte in lower case. */
const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));
/** The bit that makes a letter lower case, in each of four bytes; what other bytes become by it is no matter. */
const LOWER = 0x20202020;
/** Of four bytes, or of three with nothing in the place of the first: the first the lowest. */
const hash = (letters: number): number => Math.imul(letters | LOWER, 0x9e3779b1) >>> 16;

export class WordFilter {
  /** Numbers of buckets; the first is empty. */
  #table = new Uint16Array(SIZE);
  /** A bit for each place of the table, set where a bucket is: so small that it stays in the processor's first cache. */
  #taken = new Uint32Array(SIZE / 32);
  #buckets: Entry[][] = [[]];
  /** Bits of those who look for any word of a bucket, by its number. */
  #bucketOwners = new Int32Array(4096);
  #all = 0;
  #viewed: Uint8Array | null = null;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #stride: 1 | 2;

  /**
   * @param words of at least two bytes, small letters where they are Latin ones, each with the bits of those who look for it
   */
  constructor(words: Iterable<readonly [word: string, owners: number]>) {
    const owned = new Map<string, number>();
    for (const [word, owners] of words)
      owned.set(word.toLowerCase(), (owned.get(word.toLowerCase()) ?? 0) | owners);
    // Of words of four letters or more, two successive places are known: every second place is looked at, and the letter in front of it as well.
    this.#stride = [...owned.keys()].every(word => Buffer.byteLength(word) > 3) ? 2 : 1;
    const letters = this.#stride === 2 ? 4 : 3;
    for (const [text, owners] of owned) {
      this.#all |= owners;
      const word = Buffer.from(text);
      if (word.length < 2) throw new Error(`'${text}' is too short to look for`);
      // Of a word that is too short for all its places, whatever stands before it is taken for its own.
      const lacks = Math.max(0, letters + this.#stride - 1 - word.length);
      const best = lacks > 0 ? letters - 1 - lacks : rarest(word.toString('latin1'), letters, this.#stride);
      for (let at = best; at < best + this.#stride; at++) {
        const entry = { word, owners, at };
        for (const before of at < letters - 1 ? ANY : NOTHING)
          this.#add(lettersAt(word, at, letters, before), entry);
      }
    }
  }

  /** Bits of those whose words stand in `bytes` between `from` and `to`; 0 for nobody's. */
  ownersIn(bytes: Uint8Array, from: number, to: number): number {
    const taken = this.#taken;
    let owners = 0;
    if (this.#stride === 2) {
      const view = this.#viewOf(bytes);
      // The first place has a letter of the line before.
      for (let i = Math.max(from + 2, 3); i < to; i += 2) {
        const slot = hash(view.getUint32(i - 3, true));
        if (((taken[slot >>> 5]! >>> slot) & 1) !== 0)
          owners |= this.#ownersOf(slot, owners, bytes, i, from, to);
      }
    } else {
      let three = 0;
      for (let i = from; i < to && owners !== this.#all; i++) {
        three = ((three >>> 8) & 0xffff00) | (bytes[i]! << 24);
        const slot = hash(three);
        if (((taken[slot >>> 5]! >>> slot) & 1) !== 0)
          owners |= this.#ownersOf(slot, owners, bytes, i, from, to);
      }
    }
    return owners;
  }

  /** The bytes as numbers: many lines are of one array. */
  #viewOf(bytes: Uint8Array): DataView {
    if (this.#viewed !== bytes) this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#viewed = bytes;
    return this.#view;
  }

  /** @param known who has the line already: a word of theirs alone is not compared. */
  #ownersOf(slot: number, known: number, bytes: Uint8Array, end: number, from: number, to: number): number {
    const bucket = this.#table[slot]!;
    if ((this.#bucketOwners[bucket]! & ~known) === 0) return 0;
    let found = 0;
    const entries = this.#buckets[bucket]!;
    for (let k = 0; k < entries.length; k++) {
      const { word, owners, at } = entries[k]!;
      const start = end - at;
      if (start < from || start + word.length > to) continue;
      // From the end: many words begin alike.
      let i = word.length - 1;
      while (i >= 0 && FOLDED[bytes[start + i]!] === word[i]) i--;
      if (i < 0) found |= owners;
    }
    return found;
  }

  #add(letters: number, entry: Entry): void {
    const slot = hash(letters);
    if (this.#table[slot] === 0) this.#table[slot] = this.#buckets.push([]) - 1;
    this.#taken[slot >>> 5]! |= 1 << (slot & 31);
    const bucket = this.#table[slot]!;
    this.#bucketOwners[bucket]! |= entry.owners;
    if (!this.#buckets[bucket]!.includes(entry)) this.#buckets[bucket]!.push(entry);
  }
}

/** What may stand in front of a short word: any byte. */
const ANY = Array.from({ length: 256 }, (_, byte) => byte);
const NOTHING = [0];

/** So many letters of a word that end at `at`, in the bytes of one number. @param before what stands in front of it */
function lettersAt(word: Uint8Array, at: number, letters: number, before: number): number {
  let found = 0;
  for (let i = at - letters + 1; i <= at; i++) found = (found >>> 8) | ((word[i] ?? before) << 24);
  return found;
}

/** Index of the last of so many letters of a word that are the rarest together, with the `places` - 1 places behind it. */
function rarest(word: string, letters: number, places: number): number {
  const scoreAt = (at: number) => {
    const part = word.slice(at - letters + 1, at + 1);
    if (EVERYWHERE.includes(part)) return 1 - EVERYWHERE.split(part).length;
    return [...part].reduce((sum, letter) => {
      const common = COMMON.indexOf(letter);
      return sum + (common === -1 ? (letter === ' ' || letter === ':' ? 18 : 40) : common);
    }, 0);
  };
  let best = letters - 1;
  let most = Number.NEGATIVE_INFINITY;
  for (let at = letters - 1; at + places - 1 < word.length; at++) {
    const score = Math.min(...Array.from({ length: places }, (_, i) => scoreAt(at + i)));
    if (score > most) {
      most = score;
      best = at;
    }
  }
  return best;
}
