import { expect, test } from 'vitest';
import { parseSimulatedDevice } from './parse-device.ts';

test.each([
  ['sim', 8 * 2 ** 30],
  ['sim:0', 8 * 2 ** 30],
  ['sim:8GiB', 8 * 2 ** 30],
  ['sim:24gib', 24 * 2 ** 30],
  ['sim:1.5GiB', 1.5 * 2 ** 30],
  ['sim:512MiB', 512 * 2 ** 20],
])('%s has %d bytes', (text, totalBytes) => {
  expect(parseSimulatedDevice(text)).toEqual({ totalBytes, expandableSegments: false });
  expect(parseSimulatedDevice(`${text},expandable`)).toEqual({ totalBytes, expandableSegments: true });
});

test.each([
  '',
  'cuda',
  'sim:',
  'sim:8',
  'sim:8GB',
  'sim:-8GiB',
  'sim:0GiB',
  'sim:1MiB',
  'sim:9999GiB',
  'xsim:8GiB',
  'sim:8GiB,',
  'sim:8GiB,expandable,expandable',
  'sim:8GiB,async',
])('%j is refused in one sentence', text => {
  expect(() => parseSimulatedDevice(text)).toThrow(/^"[^"]*" is not a simulated device: write sim .*\.$/);
});
