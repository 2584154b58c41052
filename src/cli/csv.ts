/**
 * One cell of a line of comma-separated values, quoted as RFC 4180 has it where it must be. Empty where it is null. A spreadsheet runs a
 * text that begins as a formula does: it gets an apostrophe in front, as OWASP advises, unless it is a number. JSON has it as it is.
 */
import { printable } from '../base/index.ts';

/** Full-width signs too: some locales take them for the same. */
const BEGINS_FORMULA = /^[=+\-@＝＋－＠]/;

export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const shown = printable(value);
  const text = BEGINS_FORMULA.test(shown) && Number.isNaN(Number(shown)) ? `'${shown}` : shown;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
