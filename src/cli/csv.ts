/** One cell of a line of comma-separated values, quoted as RFC 4180 has it where it must be. Empty where it is null. */
import { printable } from '../base/index.ts';

export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  const text = typeof value === 'number' ? String(value) : printable(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
