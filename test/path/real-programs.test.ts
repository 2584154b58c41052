/** The verdict and the forecast on real programs, as the Python client recorded them on the stand-in device (examples/recordings). */
import { expect, test } from 'vitest';
import {
  askedOf,
  faultPrograms,
  lives,
  recordingOf,
  reportOf,
  scoreOf,
} from '../../bench/verdict/programs.ts';

const heldOut = faultPrograms.filter(({ set }) => set === 'held out');

test('files of programs that were held out were not looked at', () => {
  const filesOf = (set: string) =>
    new Set([...faultPrograms, ...lives].filter(program => program.set === set).map(({ file }) => file));
  expect([...filesOf('held out')].filter(file => filesOf('tuned').has(file))).toEqual([]);
  expect(heldOut.length).toBeGreaterThanOrEqual(30);
});

test('the verdict is the fault of each program, or that it is healthy', () => {
  const wrong = faultPrograms.flatMap(program => {
    const { kind } = reportOf(recordingOf(program)).verdict;
    return kind === program.kind ? [] : [`${program.name}: ${kind}, not ${program.kind}`];
  });
  expect(wrong).toEqual([]);
});

test('of lives that end without memory the forecast holds, and no certain leak is without one', () => {
  const { made, held, medianError, without } = scoreOf(
    lives.filter(({ set }) => set === 'held out').flatMap(life => askedOf(life)),
  );
  expect(made).toBeGreaterThanOrEqual(50);
  expect(held / made).toBeGreaterThanOrEqual(0.9);
  expect(medianError).toBeLessThanOrEqual(0.08);
  expect(without).toBe(0);
});
