import { expect, test } from 'vitest';
import type { DeviceMemory } from '../contract/index.ts';
import { type DevicePressure, PressureWatch } from './pressure-watch.ts';

const reading = (pressure: number | null, over: Partial<DeviceMemory> = {}): DeviceMemory => ({
  device: 'cuda:0',
  reservedBytes: 400,
  deviceTotalBytes: 1000,
  deviceFreeBytes: 600,
  peakActiveBytes: pressure === null ? null : Math.round(1000 * pressure),
  ...over,
});

function watched(memories: DeviceMemory[][], options = {}) {
  const watch = new PressureWatch(options);
  const calls: DevicePressure[] = [];
  watch.onPressure(pressure => calls.push(pressure));
  const pressed = memories.map(memory => watch.read(memory).some(p => p.isPressed));
  return { calls, pressed };
}

test('calls once above the upper level, and again only after it was below the lower', () => {
  const { calls, pressed } = watched(
    [0.9, 0.91, 0.95, 0.85, 0.95, null, 0.8, 0.79, 0.91].map(p => [reading(p)]),
  );
  expect(pressed).toEqual([false, true, true, true, true, true, true, false, true]);
  expect(calls.map(call => call.pressureFraction)).toEqual([0.91, 0.91]);
  expect(calls[0]).toMatchObject({ device: 'cuda:0', peakBytes: 910, budgetBytes: 1000, isRefused: false });
});

test('refused memory is pressure; what was counted before the first reading, or before a reset, is not', () => {
  const counts = [3, 3, 5, 5, 0, 1];
  const { calls, pressed } = watched(counts.map(allocRetries => [reading(0.5, { allocRetries })]));
  expect(pressed).toEqual([false, false, true, false, false, true]);
  expect(calls.every(call => call.isRefused)).toBe(true);
});

test('devices are apart; a callback that throws is counted and stops neither the others nor the caller', () => {
  const watch = new PressureWatch({ above: 0.5, below: 0.4 });
  const devices: string[] = [];
  watch.onPressure(() => {
    throw new Error('oops');
  });
  const end = watch.onPressure(({ device }) => devices.push(device));
  watch.read([reading(0.6), reading(0.6, { device: 'cuda:1' })]);
  end();
  watch.read([reading(0.6, { device: 'cuda:2' })]);
  expect(devices).toEqual(['cuda:0', 'cuda:1']);
  expect(watch.failed).toBe(3);
  expect(() => new PressureWatch({ above: 0.5, below: 0.6 })).toThrow('must fall below');
});
