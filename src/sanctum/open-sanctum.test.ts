import type { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { device, NOW, snapshot } from '../../test/sanctum/snapshots.ts';
import { openSanctum } from './open-sanctum.ts';
import { Screen } from './screen.ts';
import { canDraw, hasColor } from './terminal.ts';
import { VirtualTerminal } from './virtual-terminal.ts';

function open() {
  const terminal = new VirtualTerminal(100, 30);
  const interrupts: number[] = [];
  const left: number[] = [];
  const handle = openSanctum({
    mode: 'live',
    subscribe: () => () => {},
    getState: () => ({ snapshot: snapshot({ devices: [device(82)] }) }),
    onInterrupt: () => interrupts.push(1),
    onLeave: () => left.push(1),
    stdout: terminal.stdout,
    stdin: terminal.stdin,
    env: { NO_COLOR: '1' },
    timeZone: 'UTC',
    now: () => NOW,
  });
  return { terminal, handle, interrupts, left };
}
const until = (condition: () => boolean) => expect.poll(condition, { interval: 10 }).toBe(true);
const restored = {
  isAlternate: false,
  isCursorShown: true,
  isWrapping: true,
  isPasteMarked: false,
  isRaw: false,
};

describe('sanctum on a terminal', () => {
  test('shows its first frame at once, on the alternate screen', () => {
    const { terminal, handle } = open();
    expect(terminal.text()[0]).toContain('no verdict yet');
    expect(terminal.text()[1]).toContain('20261123-153012-car');
    expect(terminal.text()[29]).toContain('q leave');
    expect(terminal).toMatchObject({
      isAlternate: true,
      isCursorShown: false,
      isWrapping: false,
      isPasteMarked: true,
      isRaw: true,
    });
    handle.close();
    expect(terminal).toMatchObject(restored);
  });

  test('hands on Ctrl-C and stays; q leaves and gives the terminal back', async () => {
    const { terminal, handle, interrupts, left } = open();
    terminal.type('\x03');
    await until(() => interrupts.length > 0);
    expect(interrupts).toHaveLength(1);
    expect(terminal.isAlternate).toBe(true);
    terminal.type('q');
    expect(await handle.closed).toBe('left');
    expect(left).toHaveLength(1);
    expect(terminal).toMatchObject(restored);
  });

  test('follows the size of the terminal without a torn frame', async () => {
    const { terminal, handle } = open();
    terminal.resize(60, 12);
    expect(terminal.text()).toHaveLength(12);
    expect(terminal.text()[11]).toContain('q leave');
    expect(terminal.torn).toBe(0);
    handle.close();
    expect(await handle.closed).toBe('ended');
  });

  test('gives the terminal back when the process ends, crashes or is asked to end', () => {
    for (const end of [
      () => process.emit('exit', 0),
      // The types of `emit` do not know this event.
      () => (process as EventEmitter).emit('uncaughtExceptionMonitor', new Error('a crash')),
    ]) {
      const { terminal, handle } = open();
      end();
      expect(terminal).toMatchObject(restored);
      handle.close();
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
      const { terminal, handle } = open();
      const other = () => {};
      process.on(signal, other);
      process.emit(signal, signal);
      process.off(signal, other);
      expect(terminal, signal).toMatchObject(restored);
      handle.close();
    }
  });

  test('closes where the terminal is gone', async () => {
    const first = open();
    first.terminal.hangUp();
    expect(await first.handle.closed).toBe('ended');
    const second = open();
    second.terminal.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' }));
    expect(await second.handle.closed).toBe('ended');
    expect(second.left).toHaveLength(0);
  });

  test('leaves no listeners behind', () => {
    const names = [
      'exit',
      'uncaughtExceptionMonitor',
      ...['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGTSTP', 'SIGCONT'],
    ];
    const count = () => names.map(name => process.listenerCount(name)).join();
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
      const terminal = new VirtualTerminal(12, 6);
      const screen = new Screen(terminal.stdout);
      screen.open();
      for (const { rows, columns, height } of steps) {
        if (columns !== terminal.columns || height !== terminal.rows) {
          terminal.resize(columns, height);
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
