/**
 * Whether a line has one of many words, in one pass over its bytes: most lines have none, and are passed over before they
 * are even decoded. Of each word three letters are looked for, its rarest; where they stand, the whole word is compared.
 * Letters count in either case: a word that is found may still be another's, never the other way round.
 */

const SIZE = 1 << 15;
/** Letters by how often they stand in English, the rarest last: what is no letter is rarer still. */
const COMMON = 'etaoinsrhldcumfpgwybvkxjqz';

interface Entry {
  word: Uint8Array;
  /** Index of the last of its three letters. */
  at: number;
}

const fold = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);
const hash = (a: number, b: number, c: number): number => ((a << 10) ^ (b << 5) ^ c) & (SIZE - 1);

export class WordFilter {
  /** 0, or the number of a bucket, from 1. */
  #table = new Uint8Array(SIZE);
  #buckets: Entry[][] = [];

  /** @param words of at least two ASCII letters. Up to 255 places are kept apart, more share theirs. */
  constructor(words: Iterable<string>) {
    for (const text of new Set([...words].map(word => word.toLowerCase()))) {
      const word = Buffer.from(text, 'latin1');
      if (word.length < 2) throw new Error(`'${text}' is too short to look for`);
      if (word.length === 2) {
        // Whatever stands before it.
        const own = this.#bucket();
        for (let before = 0; before < 32; before++)
          this.#add(hash(before, word[0]!, word[1]!), { word, at: 1 }, own);
        continue;
      }
      const at = rarest(text);
      const slot = hash(word[at - 2]!, word[at - 1]!, word[at]!);
      this.#add(slot, { word, at }, this.#table[slot]! || this.#bucket());
    }
  }

  /** Whether one of the words stands in `bytes` between `from` and `to`. */
  has(bytes: Uint8Array, from: number, to: number): boolean {
    const table = this.#table;
    let a = 0;
    let b = 0;
    for (let i = from; i < to; i++) {
      const byte = bytes[i]!;
      const c = byte >= 65 && byte <= 90 ? byte + 32 : byte;
      const bucket = table[((a << 10) ^ (b << 5) ^ c) & (SIZE - 1)]!;
      if (bucket !== 0 && this.#isIn(bucket, bytes, i, from, to)) return true;
      a = b;
      b = c;
    }
    return false;
  }

  #isIn(bucket: number, bytes: Uint8Array, end: number, from: number, to: number): boolean {
    for (const { word, at } of this.#buckets[bucket - 1]!) {
      const start = end - at;
      if (start < from || start + word.length > to) continue;
      let i = 0;
      while (i < word.length && fold(bytes[start + i]!) === word[i]) i++;
      if (i === word.length) return true;
    }
    return false;
  }

  /** Number of a new bucket, or of the last one there is. */
  #bucket(): number {
    if (this.#buckets.length < 255) this.#buckets.push([]);
    return this.#buckets.length;
  }

  #add(slot: number, entry: Entry, bucket: number): void {
    const known = this.#table[slot]!;
    if (known === 0) this.#table[slot] = bucket;
    const entries = this.#buckets[(known || bucket) - 1]!;
    if (!entries.includes(entry)) entries.push(entry);
  }
}

/** Index of the last of the three letters of a word that are the rarest together. */
function rarest(word: string): number {
  let best = 2;
  let most = -1;
  for (let at = 2; at < word.length; at++) {
    const score = [at - 2, at - 1, at].reduce((sum, i) => {
      const letter = word[i]!;
      const common = COMMON.indexOf(letter);
      return sum + (common === -1 ? (letter === ' ' || letter === ':' ? 8 : 30) : common);
    }, 0);
    if (score > most) {
      most = score;
      best = at;
    }
  }
  return best;
}
