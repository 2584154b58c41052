/**
 * Lines of one loop are the same but for their digits: they are of one shape. What a pattern that takes all digits alike has not found in a
 * line stands in no other of its shape, and is not looked for again. A line of a loop written by hand is held against dozens of patterns,
 * nearly all of which find nothing.
 */

/** Shapes that are kept. Those of lines that differ in more than their digits are of no use. */
const MOST_SHAPES = 512;
/** Names that are kept, each time. */
const MOST_REMEMBERED = 1024;
const [ZERO, NINE] = [48, 57];

/** Where something stands in a text; undefined for a group that took no part. */
export type TextSpan = readonly [from: number, to: number] | undefined;
/** A match, and its groups. */
export type TextSpans = readonly [whole: readonly [number, number], ...groups: TextSpan[]];

interface Shape {
  /** A line of it. */
  text: string;
  /** 1 for each pattern, by its number, that found nothing in it. */
  missing: Uint8Array;
  /** Where others have found all that they look for, by their numbers. */
  found: (readonly TextSpans[] | undefined)[];
}

const newShape = (text: string): Shape => ({ text, missing: new Uint8Array(patterns), found: [] });
/** How many there are of each. */
let patterns = 0;
let finders = 0;

const shapes = new Map<number, Shape>();
/** Of the newest text: many patterns ask about it, one after another. */
let newest = newShape('');
let newestText = '';

function shapeOf(text: string): Shape {
  if (text === newestText) return newest;
  const hash = hashOf(text);
  let shape = shapes.get(hash);
  if (shape === undefined || !isOfSameShape(text, shape.text)) {
    shape = newShape(text);
    if (shapes.size >= MOST_SHAPES) shapes.clear();
    shapes.set(hash, shape);
  }
  newestText = text;
  newest = shape;
  return shape;
}

function hashOf(text: string): number {
  let hash = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    hash = Math.imul(hash ^ (isDigit(code) ? ZERO : code), 0x01000193);
  }
  return hash;
}

function isOfSameShape(text: string, other: string): boolean {
  if (text.length !== other.length) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const of = other.charCodeAt(i);
    if (code !== of && !(isDigit(code) && isDigit(of))) return false;
  }
  return true;
}

export const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

/** What stands in a pattern's source with digits, and takes no digit of its own: repeats, classes, letters by their number. */
const NO_OWN_DIGIT = /\{\d{1,4}(?:,\d{0,4})?\}|\\u[\da-f]{4}|\\x[\da-f]{2}|0-9/gi;

/** The same text for all that differ in their digits alone, as times do. */
export const alike = (text: string): string => text.replace(/\d/g, '0');

class PatternByShape {
  #pattern: RegExp;
  #number = patterns++;

  constructor(pattern: RegExp) {
    if (pattern.global || pattern.sticky) throw new Error(`${pattern} goes on from its last match`);
    checkDigits(pattern);
    this.#pattern = pattern;
  }

  exec(text: string): RegExpExecArray | null {
    const { missing } = shapeOf(text);
    if (missing[this.#number] === 1) return null;
    const found = this.#pattern.exec(text);
    if (found === null) missing[this.#number] = 1;
    return found;
  }

  test(text: string): boolean {
    const { missing } = shapeOf(text);
    if (missing[this.#number] === 1) return false;
    const isFound = this.#pattern.test(text);
    if (!isFound) missing[this.#number] = 1;
    return isFound;
  }
}

/** The pattern, for texts of few shapes. It may have no digit of its own, and looks for one place. */
export const byShape = (pattern: RegExp): Pick<RegExp, 'exec' | 'test'> => new PatternByShape(pattern);

/** All that is found in texts of few shapes, at the same places in each of a shape. */
export class MatchesByShape {
  #find: (text: string) => readonly TextSpans[];
  #number = finders++;

  /** @param find what depends on patterns that take all digits alike, and on nothing else of the text */
  constructor(patterns: readonly RegExp[], find: (text: string) => readonly TextSpans[]) {
    for (const pattern of patterns) checkDigits(pattern);
    this.#find = find;
  }

  /** Of a pattern with the flags `d` and `g`. */
  static of(pattern: RegExp): MatchesByShape {
    return new MatchesByShape([pattern], text =>
      [...text.matchAll(pattern)].map(({ indices }) => indices as unknown as TextSpans),
    );
  }

  in(text: string): readonly TextSpans[] {
    const { found } = shapeOf(text);
    const known = found[this.#number];
    if (known !== undefined) return known;
    const spans = this.#find(text);
    found[this.#number] = spans;
    return spans;
  }
}

/** What stands there. */
export function textAt(text: string, span: readonly [number, number]): string;
export function textAt(text: string, span: TextSpan): string | undefined;
export function textAt(text: string, span: TextSpan): string | undefined {
  return span === undefined ? undefined : text.slice(span[0], span[1]);
}

function checkDigits(pattern: RegExp): void {
  if (/\d/.test(pattern.source.replace(NO_OWN_DIGIT, '')))
    throw new Error(`${pattern} does not take all digits alike`);
}

/** What depends on a text alone, for few texts that come again and again: names of figures. */
export function byText<T>(of: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return text => {
    const kept = known.get(text);
    if (kept !== undefined || known.has(text)) return kept as T;
    const value = of(text);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(text, value);
    return value;
  };
}
