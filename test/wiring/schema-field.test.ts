import { expect, test } from 'vitest';
import { events, SanctumSnapshot } from '../../src/contract/index.ts';
import { hasField } from './schema-field.ts';

test('fields through nullable objects, lists and plain values', () => {
  expect(hasField(events.PPO_UPDATE_COMPLETED, 'batch')).toBe(true);
  expect(hasField(events.PPO_UPDATE_COMPLETED, 'memory[].reservedBytes')).toBe(true);
  expect(hasField(events.DEVICE_SAMPLED, 'devices[].processes[].usedBytes')).toBe(true);
  expect(hasField(SanctumSnapshot, 'devices[].driver.powerWatts')).toBe(true);
  expect(hasField(SanctumSnapshot, 'vitals.memoryAlarmDevices')).toBe(true);
});

test('a field that is not there, at any depth', () => {
  expect(hasField(events.PPO_UPDATE_COMPLETED, 'batches')).toBe(false);
  expect(hasField(events.PPO_UPDATE_COMPLETED, 'memory[].bytes')).toBe(false);
  expect(hasField(events.PPO_UPDATE_COMPLETED, 'batch.number')).toBe(false);
  expect(hasField(SanctumSnapshot, 'devices.driver')).toBe(false);
  expect(hasField(SanctumSnapshot, 'nobody.knows')).toBe(false);
});
