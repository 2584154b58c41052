import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { device, NOW, snapshot } from '../../test/sanctum/snapshots.ts';
import { openSanctum } from './open-sanctum.ts';
import { Screen } from './screen.ts';
import { canDraw, hasColor } from './terminal.ts';

/** A terminal that understands what the screen writes: moves, erasing, the alternate screen. */
class Terminal extends PassThrough {
  isTTY = true;
  columns: number;
  rows: number;
  cells: string[][] = [];
  alternate = false;
  cursorShown = true;
  wraps = true;
  log = '';
  #x = 0;
  #y = 0;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.#clear();
  }

  #clear() {
    this.cells = Array.from({ length: this.rows }, () => Array(this.columns).fill(' '));
  }

  override write(chunk: unknown): boolean {
    const text = String(chunk);
    this.log += text;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal reads
    for (const [, parameters, final, plain] of text.matchAll(/\x1b\[([?0-9;]*)([A-Za-z])|([^\x1b])/gu)) {
      if (plain !== undefined) this.#put(plain);
      else this.#sequence(parameters!, final!);
    }
    return true;
  }

  #put(character: string) {
    if (character === '\n') throw new Error('a newline scrolls');
    if (this.#y < this.rows && this.#x < this.columns) this.cells[this.#y]![this.#x] = character;
    this.#x = Math.min(this.columns - 1, this.#x + 1);
  }

  #sequence(parameters: string, final: string) {
    const numbers = parameters.split(';').map(Number);
    if (final === 'H') [this.#y, this.#x] = [(numbers[0] || 1) - 1, (numbers[1] || 1) - 1];
    if (final === 'J') this.#clear();
    if (final === 'K') this.cells[this.#y]?.fill(' ', this.#x);
    if (parameters === '?1049') this.alternate = final === 'h';
    if (parameters === '?25') this.cursorShown = final === 'h';
    if (parameters === '?7') this.wraps = final === 'h';
  }

  text(): string[] {
    return this.cells.map(row => row.join('').trimEnd());
  }
}

class Keyboard extends PassThrough {
  isTTY = true;
  raw = false;
  setRawMode(raw: boolean) {
    this.raw = raw;
    return this;
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
}

function open() {
  const stdout = new Terminal(100, 30);
  const stdin = new Keyboard();
  const interrupts: number[] = [];
  const left: number[] = [];
  const handle = openSanctum({
    mode: 'live',
    subscribe: () => () => {},
    getState: () => ({ snapshot: snapshot({ devices: [device(82)] }) }),
    onInterrupt: () => interrupts.push(1),
    onLeave: () => left.push(1),
    stdout: stdout as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    env: { NO_COLOR: '1' },
    timeZone: 'UTC',
    now: () => NOW,
  });
  return { stdout, stdin, handle, interrupts, left };
}
const until = (condition: () => boolean) => expect.poll(condition, { interval: 10 }).toBe(true);
const restored = { alternate: false, cursorShown: true, wraps: true };

describe('sanctum on a terminal', () => {
  test('shows its first frame at once, on the alternate screen, before Ink is there', () => {
    const { stdout, stdin, handle } = open();
    expect(stdout.text()[0]).toContain('20261123-153012-cartpole-4f2a');
    expect(stdout.text()[29]).toContain('q leave');
    expect(stdout).toMatchObject({ alternate: true, cursorShown: false, wraps: false });
    expect(stdin.raw).toBe(true);
    handle.close();
    expect(stdout).toMatchObject(restored);
    expect(stdin.raw).toBe(false);
  });

  test('hands on Ctrl-C and stays; q leaves and gives the terminal back', async () => {
    const { stdout, stdin, handle, interrupts, left } = open();
    await until(() => stdin.listenerCount('readable') > 0);
    stdin.write('\x03');
    await until(() => interrupts.length > 0);
    expect(interrupts).toHaveLength(1);
    expect(stdout.alternate).toBe(true);
    stdin.write('q');
    expect(await handle.closed).toBe('left');
    expect(left).toHaveLength(1);
    expect(stdout).toMatchObject(restored);
    expect(stdin.raw).toBe(false);
  });

  test('follows the size of the terminal', async () => {
    const { stdout, stdin, handle } = open();
    await until(() => stdin.listenerCount('readable') > 0);
    Object.assign(stdout, { columns: 60, rows: 12 });
    stdout.emit('resize');
    expect(stdout.text()).toHaveLength(12);
    expect(stdout.text()[11]).toContain('q leave');
    handle.close();
    expect(await handle.closed).toBe('ended');
  });

  test('gives the terminal back when the process ends or is told to', () => {
    const { stdout, handle } = open();
    process.emit('exit', 0);
    expect(stdout).toMatchObject(restored);
    handle.close();

    const second = open();
    const other = () => {};
    process.on('SIGTERM', other);
    process.emit('SIGTERM', 'SIGTERM');
    process.off('SIGTERM', other);
    expect(second.stdout).toMatchObject(restored);
    second.handle.close();
  });

  test('leaves no listeners behind', () => {
    const count = () =>
      ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'].map(name => process.listenerCount(name)).join();
    const before = count();
    open().handle.close();
    expect(count()).toBe(before);
  });
});

test('a screen shows exactly the newest rows, whatever came before', () => {
  const row = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '─', '⣿'), maxLength: 12 });
  const rows = fc.array(row, { maxLength: 6 });
  const step = fc.record({
    rows,
    columns: fc.integer({ min: 12, max: 16 }),
    height: fc.integer({ min: 6, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), steps => {
      const terminal = new Terminal(12, 6);
      const screen = new Screen(terminal as unknown as NodeJS.WriteStream);
      screen.open();
      for (const { rows, columns, height } of steps) {
        if (columns !== terminal.columns || height !== terminal.rows) {
          Object.assign(terminal, { columns, rows: height });
          screen.clear();
        }
        screen.draw(rows);
        const shown = terminal.text();
        expect(shown).toEqual(Array.from({ length: height }, (_, y) => (rows[y] ?? '').trimEnd()));
      }
    }),
    { numRuns: 200, examples: [[[{ rows: ['a'.repeat(12)], columns: 12, height: 6 }]]] },
  );
});

test('colours and drawing follow the environment', () => {
  expect(hasColor({ TERM: 'xterm' }, true)).toBe(true);
  expect(hasColor({ TERM: 'xterm' }, false)).toBe(false);
  expect(hasColor({ TERM: 'dumb' }, true)).toBe(false);
  expect(hasColor({ NO_COLOR: '1' }, true)).toBe(false);
  expect(hasColor({ NO_COLOR: '' }, true)).toBe(true);
  expect(hasColor({ FORCE_COLOR: '1', NO_COLOR: '1' }, false)).toBe(true);
  expect(hasColor({ FORCE_COLOR: '0' }, true)).toBe(false);
  const terminal = { isTTY: true };
  expect(canDraw({ TERM: 'xterm' }, terminal, terminal)).toBe(true);
  expect(canDraw({ TERM: 'dumb' }, terminal, terminal)).toBe(false);
  expect(canDraw({}, {}, terminal)).toBe(false);
});
