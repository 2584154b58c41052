/** The lines of libraries that a line of the program had called, behind its own amount. */
import { amount } from '../base/index.ts';
import { share } from './amounts.ts';

/** Of them, those that are named. */
const NAMED = 2;
/** Share of the line from which the first is all of it. */
const ALL = 0.99;

interface Held {
  line: string;
  bytes: number | null;
}

/**
 * `, of it in \`transformers/activations.py:66 forward\` 1.00 GiB (40%)`; empty where torch alone was called.
 * @param within the largest first; bytes, null where unknown
 * @param totalBytes what shares are of
 */
export function withinLine(lineBytes: number | null, within: readonly Held[], totalBytes: number): string {
  const [first] = within;
  if (first === undefined) return '';
  if (lineBytes !== null && (first.bytes ?? 0) >= ALL * lineBytes) return `, all of it in \`${first.line}\``;
  const named = ({ line, bytes }: Held) =>
    `\`${line}\` ${amount(bytes)} (${share(bytes === null || totalBytes === 0 ? null : bytes / totalBytes)})`;
  return `, of it in ${within.slice(0, NAMED).map(named).join(' and ')}`;
}
