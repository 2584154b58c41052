import { expect, test } from 'vitest';
import type { Stroke } from './keyboard.ts';
import { type Command, noChoices, press, type Situation } from './keys.ts';

const live: Situation = {
  replay: false,
  firstDeviceOfRank: [0, 2, null],
  worst: () => [2, 0],
  overlayEnd: 30,
  curve: 0,
};
const replay: Situation = { ...live, replay: true };

const typed = (input: string): Stroke => ({ input, name: input === ' ' ? 'space' : input });
const key = (name: string, more: Partial<Stroke> = {}): Stroke => ({ input: '', name, ...more });

const choicesAfter = (keys: string, situation = live) =>
  [...keys].reduce((choices, input) => press(choices, typed(input), situation).choices, noChoices);
const commandOf = (stroke: Stroke, situation = live): Command | undefined =>
  press(noChoices, stroke, situation).command;

test('live: q leaves, Ctrl-C interrupts, Ctrl-Z suspends, p freezes and follows', () => {
  expect(commandOf(typed('q'))).toEqual({ do: 'leave' });
  expect(commandOf(key('c', { ctrl: true }))).toEqual({ do: 'interrupt' });
  expect(commandOf(key('z', { ctrl: true }))).toEqual({ do: 'suspend' });
  expect(commandOf(key('q', { ctrl: true }))).toBeUndefined();
  expect(choicesAfter('p').paused).toBe(true);
  expect(choicesAfter('pp').paused).toBe(false);
  expect(commandOf(typed(' '))).toBeUndefined();
  expect(commandOf(key('left'))).toBeUndefined();
});

test('d goes through the devices, r through the ranks and takes the device along', () => {
  expect(choicesAfter('dd').deviceIndex).toBe(2);
  expect(choicesAfter('r')).toMatchObject({ rankIndex: 1, deviceIndex: 2 });
  expect(choicesAfter('rr')).toMatchObject({ rankIndex: 2, deviceIndex: 2 });
  expect(choicesAfter('rrr')).toMatchObject({ rankIndex: 0, deviceIndex: 0 });
});

test('replay: space and p play, arrows scrub, signs change the speed', () => {
  expect(commandOf(typed(' '), replay)).toEqual({ do: 'play' });
  expect(commandOf(typed('p'), replay)).toEqual({ do: 'play' });
  expect(choicesAfter('p', replay).paused).toBe(false);
  expect(commandOf(key('left'), replay)).toEqual({ do: 'scrub', updates: -1 });
  expect(commandOf(key('right', { shift: true }), replay)).toEqual({ do: 'scrub', updates: 10 });
  expect(commandOf(key('end'), replay)).toEqual({ do: 'scrub', updates: Infinity });
  expect(commandOf(typed('+'), replay)).toEqual({ do: 'speed', direction: 1 });
  expect(commandOf(typed('-'), replay)).toEqual({ do: 'speed', direction: -1 });
  expect(commandOf(typed('q'), replay)).toEqual({ do: 'leave' });
});

test('help: opens, scrolls within its bounds, and q closes it without leaving', () => {
  const open = choicesAfter('?');
  expect(open.overlay).toEqual({ what: 'help', from: 0 });
  expect(press(open, key('down'), live).choices.overlay?.from).toBe(1);
  expect(press(open, key('up'), live).choices.overlay?.from).toBe(0);
  expect(press(open, key('end'), live).choices.overlay?.from).toBe(30);
  expect(press(open, typed('q'), live)).toEqual({ choices: noChoices });
  expect(press(open, typed('?'), live)).toEqual({ choices: noChoices });
  expect(press(open, key('escape'), live)).toEqual({ choices: noChoices });
  expect(press(open, key('c', { ctrl: true }), live).command).toEqual({ do: 'interrupt' });
});
