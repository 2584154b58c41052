/** A snapshot as JSON (`json.dump(torch.cuda.memory._snapshot(), file)`), as it comes in: onto the same machine as a pickle. */
import type { Dump } from './dump.ts';
import { BIG, BOOL, FLOAT, FRESH_DICT, FRESH_LIST, INT, NONE, TEXT } from './kinds.ts';
import { Machine } from './machine.ts';
import { LONGEST_TEXT, UnreadableSnapshot } from './tables.ts';
import { Unread } from './unread.ts';

const LONGEST_NUMBER = 400;
/** Items that wait on the stack before they are appended. */
const BATCH = 1000;

const WORDS: Record<string, [kind: number, value: number]> = {
  null: [NONE, 0],
  true: [BOOL, 1],
  false: [BOOL, 0],
  NaN: [FLOAT, Number.NaN],
  Infinity: [FLOAT, Number.POSITIVE_INFINITY],
  '-Infinity': [FLOAT, Number.NEGATIVE_INFINITY],
};

/** What may come next. */
type Expects = 'value' | 'value or end' | 'key or end' | 'key' | 'colon' | 'comma or end' | 'nothing';

export class JsonReader {
  readonly #machine: Machine;
  readonly #isList: boolean[] = [];
  #expects: Expects = 'value';
  readonly #unread = new Unread();

  /** @param size bytes of the text as far as known, else null. */
  constructor(size: number | null) {
    this.#machine = new Machine(size);
  }

  /** Reads on. Throws UnreadableSnapshot. */
  push(chunk: Uint8Array): void {
    this.#unread.take(chunk, bytes => this.#run(bytes, false));
    if (this.#unread.bytes.length > LONGEST_TEXT) this.#refuse(0, 'a text longer than 16 MiB');
  }

  /** The snapshot. Throws UnreadableSnapshot where the text is not at its end. */
  end(): Dump {
    const read = this.#run(this.#unread.bytes, true);
    if (this.#expects !== 'nothing' || read < this.#unread.bytes.length) throw this.#unread.cutOff();
    return this.#machine.stop('JSON');
  }

  #run(bytes: Uint8Array, isEnd: boolean): number {
    let p = 0;
    while (p < bytes.length) {
      const c = bytes[p]!;
      if (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) {
        p++;
        continue;
      }
      if (c === 0x2c || c === 0x3a || c === 0x5d || c === 0x7d) {
        this.#punctuation(c, p);
        p++;
        continue;
      }
      const isKey = this.#expects === 'key' || this.#expects === 'key or end';
      if (this.#expects !== 'value' && this.#expects !== 'value or end' && !(isKey && c === 0x22))
        this.#refuse(p, `'${String.fromCharCode(c)}' where ${this.#expects} was expected`);
      if (c === 0x22) {
        const end = this.#text(bytes, p);
        if (end < 0) return p;
        p = end;
        this.#expects = isKey ? 'colon' : this.#after();
      } else if (c === 0x5b || c === 0x7b) {
        this.#open(c === 0x5b);
        p++;
      } else {
        let end = p;
        while (end < bytes.length && isOfWord(bytes[end]!)) end++;
        if (end - p > LONGEST_NUMBER) this.#refuse(p, 'a number of more than 400 digits');
        if (end === bytes.length && !isEnd) return p;
        this.#word(String.fromCharCode(...bytes.subarray(p, end)), p);
        p = end;
        this.#expects = this.#after();
      }
    }
    return p;
  }

  #after(): Expects {
    return this.#isList.length === 0 ? 'nothing' : 'comma or end';
  }

  #open(isList: boolean): void {
    this.#machine.push(isList ? FRESH_LIST : FRESH_DICT, 0);
    this.#machine.mark();
    this.#isList.push(isList);
    this.#expects = isList ? 'value or end' : 'key or end';
  }

  #punctuation(c: number, at: number): void {
    const isList = this.#isList.at(-1);
    if (c === 0x3a && this.#expects === 'colon') {
      this.#expects = 'value';
      return;
    }
    if (c === 0x2c && this.#expects === 'comma or end') {
      if (isList && this.#machine.sinceMark() >= BATCH) {
        this.#machine.appends();
        this.#machine.mark();
      }
      this.#expects = isList ? 'value' : 'key';
      return;
    }
    const mayEnd =
      this.#expects === 'comma or end' || this.#expects === (isList ? 'value or end' : 'key or end');
    if (!mayEnd || c !== (isList ? 0x5d : 0x7d) || isList === undefined)
      this.#refuse(at, `'${String.fromCharCode(c)}' where ${this.#expects} was expected`);
    if (isList) this.#machine.appends();
    else this.#machine.setItems();
    this.#isList.pop();
    this.#expects = this.#after();
  }

  /** Reads the text that begins at the quote `at`; where it ends, −1 where its end is not there yet. */
  #text(bytes: Uint8Array, at: number): number {
    const { texts } = this.#machine.records;
    let end = at + 1;
    let isEscaped = false;
    for (; end < bytes.length && bytes[end] !== 0x22; end++)
      if (bytes[end] === 0x5c) {
        isEscaped = true;
        end++;
      }
    if (end >= bytes.length) return -1;
    if (end - at > LONGEST_TEXT) this.#refuse(at, 'a text longer than 16 MiB');
    if (isEscaped) {
      const raw = texts.text(texts.intern(bytes, at, end + 1 - at));
      let text: unknown;
      try {
        text = JSON.parse(raw);
      } catch {
        this.#refuse(at, 'a text with a broken escape');
      }
      this.#machine.push(TEXT, texts.internText(text as string));
    } else this.#machine.push(TEXT, texts.intern(bytes, at + 1, end - at - 1));
    return end + 1;
  }

  #word(word: string, at: number): void {
    const known = Object.hasOwn(WORDS, word) ? WORDS[word]! : undefined;
    if (known !== undefined) {
      this.#machine.push(...known);
      return;
    }
    const value = Number(word);
    if (!/^-?\d/.test(word) || Number.isNaN(value))
      this.#refuse(at, `'${word.slice(0, 20)}', which is no value`);
    if (!/^-?\d+$/.test(word)) this.#machine.push(FLOAT, value);
    else if (Number.isSafeInteger(value) || BigInt(value) === BigInt(word)) this.#machine.push(INT, value);
    else this.#machine.push(BIG, this.#machine.records.texts.internText(word));
  }

  #refuse(at: number, what: string): never {
    throw new UnreadableSnapshot(`it is no JSON: it has ${what}, at byte ${this.#unread.offset + at}`);
  }
}

/** Digits, letters, sign and point: what numbers and words are made of. */
const isOfWord = (c: number): boolean =>
  (c >= 0x30 && c <= 0x39) ||
  (c >= 0x41 && c <= 0x5a) ||
  (c >= 0x61 && c <= 0x7a) ||
  c === 0x2b ||
  c === 0x2d ||
  c === 0x2e;
