import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Keyboard, type Stroke } from './keyboard.ts';
import { VirtualTerminal } from './virtual-terminal.ts';

function open() {
  const terminal = new VirtualTerminal(80, 24);
  const strokes: Stroke[] = [];
  const keyboard = new Keyboard(
    terminal.stdin,
    stroke => strokes.push(stroke),
    () => {},
  );
  keyboard.open();
  const names = () => strokes.map(({ input, name }) => input || name).join(' ');
  return { terminal, keyboard, strokes, names };
}

/** What terminals send on their input though nobody pressed a key. */
const notKeys = {
  'pasted text': '\x1b[200~q\x03dr\nq\x1b[201~',
  'a mouse report, SGR': '\x1b[<0;113;40M\x1b[<0;113;40m',
  'a mouse report, X10': '\x1b[M qq',
  'focus in and out': '\x1b[I\x1b[O',
  'the background colour, ended by BEL': '\x1b]11;rgb:dddd/rrrr/qqqq\x07',
  'the background colour, ended by ST': '\x1b]11;rgb:dddd/rrrr/qqqq\x1b\\',
  'device attributes': '\x1b[?62;22c\x1b[>41;370;0c',
  'a terminal name': '\x1bP>|prq(370)\x1b\\',
  'an Alt combination': '\x1bq',
};

test.each(Object.entries(notKeys))('%s is no key', async (_, sent) => {
  const { terminal, names } = open();
  terminal.type(`d${sent}r`);
  await expect.poll(names).toBe('d r');
});

test('cut into pieces anywhere, input means the same', async () => {
  const sent = `d\x1b[1;2C${Object.values(notKeys).join('')}\x1b[5~r`;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(sent.length), { maxLength: 6 }), async cuts => {
      const { terminal, names } = open();
      const at = [0, ...cuts.sort((a, b) => a - b), sent.length];
      for (let i = 1; i < at.length; i++) terminal.type(sent.slice(at[i - 1], at[i]));
      await expect.poll(names, { interval: 2, timeout: 5000 }).toBe('d right pageup r');
    }),
    { numRuns: 50 },
  );
});

test('modifiers and names arrive', async () => {
  const { terminal, strokes } = open();
  terminal.type('\x03\x1a\x1b[1;2D?');
  await expect.poll(() => strokes).toHaveLength(4);
  expect(strokes).toMatchObject([
    { input: '', name: 'c', ctrl: true },
    { input: '', name: 'z', ctrl: true },
    { input: '', name: 'left', shift: true },
    { input: '?', ctrl: false },
  ]);
});

test('a lone Escape is a key', async () => {
  const { terminal, names } = open();
  terminal.type('\x1b');
  await expect.poll(names).toBe('escape');
});

test('an Escape sequence that never ends does not swallow what is typed later', async () => {
  const { terminal, names } = open();
  terminal.type('\x1b]');
  await setTimeout(400);
  terminal.type('q');
  await expect.poll(names).toBe('q');
});

test('closed, it hears nothing and the terminal is cooked; without a terminal the mode is left alone', async () => {
  const { terminal, keyboard, names } = open();
  expect(terminal.isRaw).toBe(true);
  keyboard.close();
  expect(terminal.isRaw).toBe(false);
  terminal.type('q');
  await setTimeout(20);
  expect(names()).toBe('');

  const pipe = new PassThrough() as unknown as NodeJS.ReadStream;
  const strokes: Stroke[] = [];
  new Keyboard(
    pipe,
    stroke => strokes.push(stroke),
    () => {},
  ).open();
  (pipe as unknown as PassThrough).write('q');
  await expect.poll(() => strokes).toHaveLength(1);
});
