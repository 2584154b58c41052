/** Amounts of memory as messages print them, beside words that are found by plain search. */
import { type AmountPlace, units } from './memory-words.ts';

export interface PrintedAmount {
  /** As printed: `17.54 GiB`, `134217728`. */
  printed: string;
  bytes: number;
}

/** Longest amount that is read: `17179869184.00 GiB` has 18 characters. */
const LONGEST = 40;
const BEHIND = /^((?:[0-9]{1,3}(?:,[0-9]{3}){1,6}|[0-9]{1,20})(?:\.[0-9]{0,9})?) ?([a-z]{1,5})?(?![0-9a-z])/;
const IN_FRONT =
  /(?:^|[^0-9a-z.,])((?:[0-9]{1,3}(?:,[0-9]{3}){1,6}|[0-9]{1,20})(?:\.[0-9]{1,9})?) ?([a-z]{1,5})$/;

/** @param text lower case, white space one space. null where the text has none at any of the places. */
export function amountAt(text: string, places: readonly AmountPlace[]): PrintedAmount | null {
  for (const { before, after, unit, among } of places) {
    if (among !== undefined && !text.includes(among)) continue;
    const word = before ?? after!;
    for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
      const amount =
        before !== undefined
          ? amountOf(BEHIND.exec(text.slice(at + word.length, at + word.length + LONGEST)), unit)
          : amountOf(IN_FRONT.exec(text.slice(Math.max(0, at - LONGEST), at)), unit);
      if (amount !== null) return amount;
    }
  }
  return null;
}

function amountOf(match: RegExpExecArray | null, unit: string | undefined): PrintedAmount | null {
  if (match === null) return null;
  const [, number, printedUnit] = match;
  const factor = Object.hasOwn(units, printedUnit ?? '') ? units[printedUnit!]! : units[unit ?? ''];
  if (factor === undefined) return null;
  return {
    printed: shown(number!, printedUnit),
    bytes: Math.round(Number(number!.replaceAll(',', '')) * factor),
  };
}

/** The text was searched in lower case: units are shown as they are written. */
const shown = (number: string, unit = 'bytes') =>
  unit.startsWith('byte')
    ? `${number} ${unit}`
    : `${number} ${unit[0]!.toUpperCase()}${unit.slice(1).replace('b', 'B')}`;
