import { expect, test } from 'vitest';
import { type Command, type Key, noChoices, press, type Situation } from './keys.ts';

const live: Situation = { replay: false, firstDeviceOfRank: [0, 2, null], helpEnd: 30 };
const replay: Situation = { ...live, replay: true };

const choicesAfter = (keys: string, situation = live) =>
  [...keys].reduce((choices, key) => press(choices, key, {}, situation).choices, noChoices);
const commandOf = (input: string, key: Key = {}, situation = live): Command | undefined =>
  press(noChoices, input, key, situation).command;

test('live: q leaves, Ctrl-C interrupts, p freezes and follows', () => {
  expect(commandOf('q')).toEqual({ do: 'leave' });
  expect(commandOf('c', { ctrl: true })).toEqual({ do: 'interrupt' });
  expect(choicesAfter('p').paused).toBe(true);
  expect(choicesAfter('pp').paused).toBe(false);
  expect(commandOf(' ')).toBeUndefined();
  expect(commandOf('', { leftArrow: true })).toBeUndefined();
});

test('d goes through the devices, r through the ranks and takes the device along', () => {
  expect(choicesAfter('dd').deviceIndex).toBe(2);
  expect(choicesAfter('r')).toMatchObject({ rankIndex: 1, deviceIndex: 2 });
  expect(choicesAfter('rr')).toMatchObject({ rankIndex: 2, deviceIndex: 2 });
  expect(choicesAfter('rrr')).toMatchObject({ rankIndex: 0, deviceIndex: 0 });
});

test('replay: space and p play, arrows scrub, signs change the speed', () => {
  expect(commandOf(' ', {}, replay)).toEqual({ do: 'play' });
  expect(commandOf('p', {}, replay)).toEqual({ do: 'play' });
  expect(choicesAfter('p', replay).paused).toBe(false);
  expect(commandOf('', { leftArrow: true }, replay)).toEqual({ do: 'scrub', updates: -1 });
  expect(commandOf('', { rightArrow: true, shift: true }, replay)).toEqual({ do: 'scrub', updates: 10 });
  expect(commandOf('', { end: true }, replay)).toEqual({ do: 'scrub', updates: Infinity });
  expect(commandOf('+', {}, replay)).toEqual({ do: 'speed', direction: 1 });
  expect(commandOf('-', {}, replay)).toEqual({ do: 'speed', direction: -1 });
  expect(commandOf('q', {}, replay)).toEqual({ do: 'leave' });
});

test('help: opens, scrolls within its bounds, and q closes it without leaving', () => {
  const open = choicesAfter('?');
  expect(open.helpFrom).toBe(0);
  expect(press(open, '', { downArrow: true }, live).choices.helpFrom).toBe(1);
  expect(press(open, '', { upArrow: true }, live).choices.helpFrom).toBe(0);
  expect(press(open, '', { end: true }, live).choices.helpFrom).toBe(30);
  expect(press(open, 'q', {}, live)).toEqual({ choices: noChoices });
  expect(press(open, '?', {}, live)).toEqual({ choices: noChoices });
  expect(press(open, '', { escape: true }, live)).toEqual({ choices: noChoices });
  expect(press(open, 'c', { ctrl: true }, live).command).toEqual({ do: 'interrupt' });
});
