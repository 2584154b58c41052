import { expect, test } from 'vitest';
import { declares, quote } from './symbols.ts';

const text = `
import { used } from './used.ts';

/** used elsewhere */
export const LENGTH = 3;
const pair = (
  a: number,
) => a;

export function longOne(
  a: number,
): number {
  return used(a);
}

export class Agent<T> {
  #device: T;
  total = 0;

  static async create(): Promise<void> {
    await other();
  }

  get state(): number {
    return 1;
  }

  #learn(rows: number[]): number {
    if (rows) {
      return 1;
    }
    return 2;
  }
}
export interface Shape {
  side: number;
}
`;

const python = `
def start(name):
    pass

class Device:
    def _read(self, backend):
        return {}
`;

test('declarations are found by name: functions, constants, types, classes and their members', () => {
  for (const symbol of [
    'LENGTH',
    'pair',
    'longOne',
    'Agent',
    'Shape',
    'Agent.create',
    'Agent.state',
    'Agent.total',
    'Agent.learn',
  ])
    expect(declares(text, symbol), symbol).toBe(true);
  for (const symbol of ['start', 'Device', 'Device._read'])
    expect(declares(python, symbol), symbol).toBe(true);
});

test('a use, a part of a name and a member of another class are no declaration', () => {
  for (const symbol of ['used', 'LENG', 'long', 'Agent.other', 'Agent.rows', 'Shape.create', 'create'])
    expect(declares(text, symbol), symbol).toBe(false);
  expect(declares(python, '_read')).toBe(false);
});

test('a quote is the whole declaration and nothing more', () => {
  expect(quote(text, 'LENGTH')).toBe('export const LENGTH = 3;');
  expect(quote(text, 'longOne')).toBe(
    'export function longOne(\n  a: number,\n): number {\n  return used(a);\n}',
  );
  expect(quote(text, 'Agent.learn')).toBe(
    '#learn(rows: number[]): number {\n  if (rows) {\n    return 1;\n  }\n  return 2;\n}',
  );
  expect(quote(text, 'absent')).toBeNull();
});
