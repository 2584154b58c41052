/** Which lines held a device's memory when its stacks were read last. */
import { amount, count, signed } from '../base/index.ts';
import { byHeld, type DeviceReport } from '../contract/index.ts';
import { share } from '../present/index.ts';
import type { Table } from './document.ts';

const MOST = 10;

/** When that was, and what it is of; null where no stacks were recorded. */
export function heldWords({ held }: DeviceReport): string | null {
  if (held === undefined) return null;
  const { moment, batch, sinceBatch, totalBytes, requestedBytes } = held;
  const when =
    moment === 'refused'
      ? `When ${amount(requestedBytes)} was refused${batch === null ? '' : `, after batch ${count(batch)}`}`
      : `At the ${moment === 'peak' ? 'peak' : 'end'} of batch ${batch === null ? '–' : count(batch)}`;
  const since = sinceBatch === null ? '' : ` Growth is since batch ${count(sinceBatch)}.`;
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
      ...lines.map(({ line, bytes, grewBytes }) => ({
        cells: [line, amount(bytes), of(bytes), grewBytes === null ? '–' : signed(grewBytes) || '0 B'],
        tone: 'plain' as const,
      })),
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
