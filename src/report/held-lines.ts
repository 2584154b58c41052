/** Which lines held a device's memory when its stacks were read last. */
import { amount, signed } from '../base/index.ts';
import { byHeld, type DeviceReport } from '../contract/index.ts';
import { type Counted, countedNumber, share } from '../present/index.ts';
import type { Table } from './document.ts';

const nameOf = (counted: Counted, batch: number | null): string =>
  batch === null ? `${counted} –` : countedNumber(counted, batch);

const MOST = 10;
/** Share of what was held from which a library's line within one has a row. */
const WITHIN = 0.02;

/** When that was, and what it is of; null where no stacks were recorded. */
export function heldWords({ held }: DeviceReport, counted: Counted): string | null {
  if (held === undefined) return null;
  const { moment, batch, sinceBatch, totalBytes, requestedBytes } = held;
  const when =
    moment === 'refused'
      ? `When ${amount(requestedBytes)} was refused${batch === null ? '' : `, after ${countedNumber(counted, batch)}`}`
      : `At the ${moment === 'peak' ? 'peak' : 'end'} of ${nameOf(counted, batch)}`;
  const since = sinceBatch === null ? '' : ` Growth is since ${countedNumber(counted, sinceBatch)}.`;
  return `${when}, ${amount(totalBytes)} was held.${since}`;
}

/** A row a line, the largest first, and one for what has no line; null where no stacks were recorded. */
export function heldTable({ held }: DeviceReport): Table | null {
  if (held === undefined) return null;
  const { totalBytes, withoutLineBytes } = held;
  const lines = byHeld(held.lines).slice(0, MOST);
  const of = (bytes: number | null) => share(bytes === null || !totalBytes ? null : bytes / totalBytes);
  return {
    type: 'table',
    caption: 'Lines that hold memory',
    head: ['line', 'held', 'share', 'grew'],
    rows: [
      ...lines.flatMap(({ line, bytes, grewBytes, within = [] }) => [
        {
          cells: [line, amount(bytes), of(bytes), grewBytes === null ? '–' : signed(grewBytes) || '0 B'],
          tone: 'plain' as const,
        },
        ...within
          .filter(inner => (inner.bytes ?? 0) >= WITHIN * (totalBytes ?? 0))
          .map(inner => ({
            cells: [`· in ${inner.line}`, amount(inner.bytes), of(inner.bytes), ''],
            tone: 'dim' as const,
          })),
      ]),
      {
        cells: [
          'without a line: allocated before recording, or in the backward pass',
          amount(withoutLineBytes),
          of(withoutLineBytes),
          '–',
        ],
        tone: 'dim',
      },
    ],
  };
}

/** Lines that have a colour of their own where readings stand side by side. */
const DRAWN = 5;

/** One reading as a bar: parts from the left, of the longest bar's length. */
export interface HeldBar {
  label: string;
  total: string;
  /** `line` null: lines that are not drawn by themselves, and what has no line. */
  parts: { line: string | null; from: number; share: number; text: string }[];
}

/** Readings side by side, oldest first, and the lines that they are drawn by; null where there are fewer than two. */
export function heldBars(
  { held }: DeviceReport,
  counted: Counted,
): { lines: string[]; bars: HeldBar[] } | null {
  if (held === undefined || held.readings.length < 2) return null;
  const { readings } = held;
  const most = new Map<string, number>();
  for (const { lines } of readings)
    for (const { line, bytes } of lines) most.set(line, Math.max(most.get(line) ?? 0, bytes ?? 0));
  const drawn = [...most]
    .sort(([, a], [, b]) => b - a)
    .slice(0, DRAWN)
    .map(([line]) => line);
  const longest = Math.max(...readings.map(({ totalBytes }) => totalBytes ?? 0));
  if (longest === 0) return null;
  return {
    lines: drawn,
    bars: readings.map(({ moment, batch, totalBytes, lines }) => {
      const of = new Map(lines.map(({ line, bytes }) => [line, bytes ?? 0]));
      const parts = drawn.map(line => ({ line, bytes: of.get(line) ?? 0 }));
      const named = parts.reduce((sum, { bytes }) => sum + bytes, 0);
      const rest = { line: null, bytes: Math.max(0, (totalBytes ?? 0) - named) };
      let from = 0;
      return {
        label: `${moment === 'peak' ? 'peak of' : moment === 'refused' ? 'refused after' : 'end of'} ${nameOf(counted, batch)}`,
        total: amount(totalBytes),
        parts: [...parts, rest]
          .filter(({ bytes }) => bytes > 0)
          .map(({ line, bytes }) => {
            const share = bytes / longest;
            from += share;
            return { line, from: from - share, share, text: amount(bytes) };
          }),
      };
    }),
  };
}
