/** The vectors that the Python client reads too: one answer in both languages. */
import { describe, expect, test } from 'vitest';
import { vectors } from '../../test/shared/vectors.ts';
import { readMemoryError } from './index.ts';
import type { MemoryErrorOptions } from './memory-error.ts';

interface Given extends MemoryErrorOptions {
  text: string;
}
interface Expected {
  memory: string | null;
  by?: string;
  /** Amounts as `2.00 GiB`; two in a list are their difference. Figures that are not here are null or absent. */
  figures?: Record<string, unknown>;
}

const { cases } = vectors<Given, Expected>('memory-errors');
const UNITS: Record<string, number> = { bytes: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
function bytes(amount: string): number {
  const [number, unit] = amount.split(' ');
  return Math.sign(Number(number)) * Math.round(Math.abs(Number(number)) * UNITS[unit!]!);
}
function sizes(figures: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => {
      if (name === 'impossible' || name === 'device') return [name, value];
      if (name === 'otherProcesses')
        return [
          name,
          (value as { pid: number; bytes: string }[]).map(p => ({ ...p, bytes: bytes(p.bytes) })),
        ];
      const amounts = [value].flat() as string[];
      return [name, bytes(amounts[0]!) - (amounts[1] === undefined ? 0 : bytes(amounts[1]))];
    }),
  );
}

describe('errors about memory', () => {
  test.each(cases)('$name', ({ given, expected: { memory, by, figures = {} } }) => {
    const error = readMemoryError(given.text, given);
    expect(error?.memory ?? null).toBe(memory);
    expect(error?.by).toBe(by);
    const { by: _, impossible, ...found } = error?.outOfMemory ?? {};
    const names = impossible?.map(({ figure }) => figure);
    expect({
      ...Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null)),
      ...(names && { impossible: names }),
    }).toEqual(sizes(figures));
  });

  test('words of advice count in an error’s own text only', () => {
    const advice = 'Lower the batch size to avoid running out of memory.';
    expect(readMemoryError(advice)?.memory).toBe('device');
    expect(readMemoryError(advice, { loose: false })).toBeNull();
  });

  test('a figure below zero is given with how much', () => {
    const { impossible } = readMemoryError(
      'CUDA out of memory. GPU 0 has a total capacity of 512.00 MiB of which 17179869183.96 GiB is free.',
    )!.outOfMemory!;
    expect(impossible).toEqual([
      {
        figure: 'freeBytes',
        printed: '17179869183.96 GiB',
        belowZeroBytes: expect.closeTo(0.04 * 2 ** 30, -5),
      },
    ]);
  });
});
