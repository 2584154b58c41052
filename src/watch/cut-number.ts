/** A number that a text ends within, without a newline behind it: more digits, or an exponent, may have followed. */

const AT_END = /(?<![\w.])[-+]?(?:\d[\d,]{0,30})?(?:\.\d{0,30})?(?:(?<=\d\.?)[eE][-+]?\d{0,4})?\s?$/;

/** The line without the number that it ends in, where it may be cut: not if it has as many decimals as the line before, of the same words, ends in. */
export function withoutCutNumber(text: string, before: string): string {
  const front = frontOf(text);
  if (front === text) return text;
  const places = placesOf(text);
  const isWhole = places >= 2 && places === placesOf(before) && wordsOf(front) === wordsOf(frontOf(before));
  return isWhole ? text : front;
}

const frontOf = (text: string): string => text.replace(AT_END, '');
/** Decimals that a text ends in; 0 for none. */
const placesOf = (text: string): number => /\.(\d{2,20})$/.exec(text)?.[1]?.length ?? 0;
const wordsOf = (text: string): string => text.replace(/[\d.,:/ -]{1,200}/g, ' ');
