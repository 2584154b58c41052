/**
 * The lines that a program begins its output with. Where they come again, the program was started again: `nohup` appends, and so do loggers. Behind an error the
 * first of them is enough; elsewhere it is three in a row, as one may come again and again within a training.
 */
import { isDigit } from './by-shape.ts';

/** One of fewer letters may be anything's. */
const LEAST_LETTERS = 12;
/** Characters that are compared: behind them stand the arguments, which differ from start to start. */
const COMPARED = 80;
/** Lines of a program's beginning that come again where no error shows that it was started again. */
const HEAD = 3;
/** The lines of a log that these are taken from. */
const MOST_LINES = 12;
/** Bytes but for digits that a line shares with one of the head before it is worth a look. */
const LOOKED_AT = 48;
/** Lines that come again and again within one training. */
const OF_MANY =
  /Traceback|Error|Exception|[Ww]arning|WARN|%\||\b(?:loss|steps?|epochs?|iter(?:ation)?s?|batch|episodes?|reward|update|tokens|ranks?|sav(?:ed|ing)|checkpoints?|valid(?:ation|ating)?|eval(?:uat(?:ing|ion))?)\b/i;

export class OpeningLine {
  /** null before the first line; empty where that may be of many lines. */
  #opening: string | null = null;
  /** Whether the line behind it has come. */
  #isPast = false;
  #lines = 0;
  /** The first lines that are not of many, up to HEAD of them; none where the log has too few. */
  #head: string[] = [];
  #looks: Uint8Array[] = [];
  /** How many of them have come again, one after another. */
  #at = 0;

  /** Whether all of the head is known: until then each line is to be read. */
  get isKnown(): boolean {
    return this.#opening !== null && (this.#head.length === HEAD || this.#lines >= MOST_LINES);
  }

  /** Whether a line that is not decoded yet may be the one of the head that is to come. */
  mayBe(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#head.length < HEAD) return false;
    return this.#at > 0 || begins(this.#looks[0]!, bytes, from, to);
  }

  /**
   * @param isAfterError whether an error stands in front of the line that nothing has shown to be survived
   * @param isUnderWay whether the log has shown what reads it: what follows is no beginning
   */
  comesAgain(text: string, isAfterError: boolean, isUnderWay = false): boolean {
    if (isUnderWay) this.#lines = MOST_LINES;
    if (text.trim() === '') return false;
    if (this.#opening === null) {
      this.#opening = isDistinct(text) ? shapeOf(text) : '';
      this.#add(text);
      return false;
    }
    // One that is of an error itself is each process's.
    if (!this.#isPast && isAfterError) this.#opening = '';
    this.#isPast = true;
    const isHead = this.#headComesAgain(text);
    return isHead || (isAfterError && this.#opening !== '' && shapeOf(text) === this.#opening);
  }

  #add(text: string): void {
    this.#lines++;
    if (this.#lines > MOST_LINES || this.#head.length === HEAD || OF_MANY.test(text.slice(0, COMPARED * 2)))
      return;
    const shape = shapeOf(text);
    // A rule, and a line that the program prints of each of its files, come again within the head.
    if (this.#head.includes(shape) || !/[A-Za-z]{3}/.test(shape)) return;
    this.#head.push(shape);
    this.#looks.push(lookOf(text));
    if (this.#head.length === HEAD && !this.#head.some(isLong)) this.#head = [];
  }

  #headComesAgain(text: string): boolean {
    if (this.#lines < MOST_LINES && this.#head.length < HEAD) {
      this.#add(text);
      return false;
    }
    if (this.#head.length < HEAD) return false;
    const shape = shapeOf(text);
    if (shape === this.#head[this.#at]) this.#at++;
    // A rule may stand between them as well.
    else if (isOfOne(shape) && !this.#head.includes(shape)) this.#at = 0;
    if (this.#at < HEAD) return false;
    this.#at = 0;
    return true;
  }
}

/** The beginning of the line without its times and numbers. */
const shapeOf = (text: string): string =>
  text
    .trim()
    .slice(0, COMPARED * 2)
    .replace(/\d{1,40}/g, '0')
    .slice(0, COMPARED);

const isLong = (shape: string): boolean => shape.replace(/[^A-Za-z]/g, '').length >= LEAST_LETTERS;
const isOfOne = (shape: string): boolean => !OF_MANY.test(shape) && /[A-Za-z]{3}/.test(shape);
/** Whether no other line of a training is as this one. */
const isDistinct = (text: string): boolean => isOfOne(shapeOf(text)) && isLong(shapeOf(text));

const lookOf = (text: string): Uint8Array =>
  new TextEncoder()
    .encode(text)
    .filter(byte => !isDigit(byte))
    .subarray(0, LOOKED_AT);

/** Whether the bytes but for digits begin so, as far as both go. */
function begins(look: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  let at = 0;
  for (let i = from; i < to && at < look.length; i++) {
    const byte = bytes[i]!;
    if (isDigit(byte)) continue;
    if (byte !== look[at]) return false;
    at++;
  }
  return at === look.length;
}
