/**
 * Whether the figures of an answer stand in its text: an amount of memory is one of the text's, a sum or a difference of a few of them, or
 * what a shape takes; any other number stands in it, is a share of two amounts, or counts lines of it.
 */
import type { Answer } from '../../src/explain/index.ts';

const NUMBER =
  /(?<![\w.])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?: ?([KMGTP]i?B?|bytes|B|k[Bb]|[kmg]b)(?![A-Za-z0-9])| ?(%))?/g;
const POWERS: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 };

interface Printed {
  value: number;
  /** Half of the step that it was rounded to. */
  tolerance: number;
  unit: string;
  text: string;
}

function printedIn(text: string): Printed[] {
  return [...text.matchAll(NUMBER)].map(([whole, integer, fraction = '', unit = '', percent = '']) => ({
    value: Number(`${integer!.replaceAll(',', '')}${fraction}`),
    tolerance: 0.5 * 10 ** -Math.max(0, fraction.length - 1),
    unit: unit || percent,
    text: whole,
  }));
}

/** Bytes, by powers of two and of ten: texts write GB for either. */
function bytesOf({ value, unit }: Printed): number[] {
  const power = POWERS[unit[0]!.toLowerCase()] ?? 0;
  return power === 0 ? [value] : [value * 1024 ** power, value * 1000 ** power];
}

const isAmount = ({ unit }: Printed) => unit !== '' && unit !== '%';

/** What answers know by themselves: sizes by default, names with a number, faults of a GPU by number. */
const KNOWN =
  /it wrapped: [\d.]{1,12} GiB below zero|the GPU \d{1,3} |AVX-512|heads of at most 256|since version 4|such as an error 700|\(64 MiB by default\)|every 30 s by default|\(Xid \d{1,3}:|less than 4 GiB at once|PyTorch before 1\.1|(?:\d{1,3} of )?\d{1,3} links|ranks? [\d, –]{1,400}/g;
const SHAPE = /[[(](\d{1,12}(?:,\s?\d{1,12})*),?[\])]/g;

/** Bytes that a tensor or an array of a shape in the text takes. */
const shapesIn = (text: string): number[] =>
  [...text.matchAll(SHAPE)].flatMap(([, dimensions]) => {
    const elements = dimensions!.split(',').reduce((product, size) => product * Number(size), 1);
    return [1, 2, 4, 8, 16].map(width => elements * width);
  });

const hexIn = (text: string): number[] => [...text.matchAll(/\b0x[\da-f]{1,12}\b/gi)].map(Number);

/** More amounts than a sentence has are of a table. */
const MOST_TERMS = 16;

/** Whether it is one of the terms, or a sum or difference of up to so many of them. */
function isSum(terms: readonly number[], bytes: number, off: number, most: number): boolean {
  if (Math.abs(bytes) <= off) return true;
  if (most === 0) return false;
  return terms.some(
    term => isSum(terms, bytes - term, off, most - 1) || isSum(terms, bytes + term, off, most - 1),
  );
}

/** Figures that the text does not have. */
export function strangeIn(text: string, { says, evidence }: Answer): string[] {
  const given = printedIn(text);
  const amounts = [
    ...new Set([...given.filter(isAmount).flatMap(bytesOf), ...shapesIn(text), ...hexIn(text)]),
  ];
  // A table names the unit once, above its numbers.
  const plain = given
    .filter(({ unit }) => unit === '')
    .flatMap(({ value }) => [value, value * 1024, value * 1024 ** 2, value * 1024 ** 3]);
  const all = [...new Set([...amounts, ...plain])];
  const numbers = new Set([...given.flatMap(({ value }) => [value, value / 1000]), ...hexIn(text)]);
  const lines = text.split(/[\r\n]/).length;
  // Of the whole, what is a sum itself: allocated, and reserved beside it.
  const isShare = (percent: number) =>
    given.some(({ value, unit }) => unit === '%' && Math.abs(value - percent) <= 0.5) ||
    // A column of a table, whose head has the sign.
    given.some(({ value, unit }) => unit === '' && Math.abs(value - percent) <= 0.05) ||
    all.some(whole => whole > 0 && isSum(all, (percent * whole) / 100, 0.006 * whole, 1)) ||
    (amounts.length <= MOST_TERMS &&
      amounts.some(whole => whole > 0 && isSum(amounts, (percent * whole) / 100, 0.006 * whole, 2)));
  /** Of which an amount is so many percent. */
  const isWhole = (bytes: number, off: number) =>
    given.some(({ value, unit }) => unit === '%' && isSum(amounts, (bytes * value) / 100, off, 1));
  // Batches of all epochs; bytes of a table as MiB.
  const isCounted = (value: number) =>
    [...numbers].some(a => numbers.has(value / a)) ||
    [...numbers, ...amounts].some(a => Math.abs(a / 1024 ** 2 - value) <= 0.5);
  const isStrange = (figure: Printed): boolean => {
    const { value, unit, tolerance } = figure;
    if (numbers.has(value) && !isAmount(figure)) return false;
    if (unit === '%') return !isShare(value);
    if (unit === '') return !(value <= lines || isCounted(value));
    const [bytes] = bytesOf(figure);
    const off = (bytes! / (value || 1)) * tolerance + 0.006 * bytes!;
    if (isSum(all, bytes!, off, 2) || isWhole(bytes!, off)) return false;
    return amounts.length > MOST_TERMS || !isSum(amounts, bytes!, off, 4);
  };
  return printedIn([says, ...evidence].join('\n').replace(KNOWN, ''))
    .filter(isStrange)
    .map(({ text: strange }) => strange);
}
