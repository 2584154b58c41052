import { expect, test } from 'vitest';
import { judgementOf } from '../present/index.ts';
import { remembered } from './run-row.ts';

const rowWith = (alarm: ReturnType<typeof judgementOf>['alarm']) =>
  remembered({ verdict: { ...judgementOf(null, 'completed'), alarm }, problem: null } as never).row;

test.each([
  ['of a device', { level: 'critical', text: 'cuda:0 at the wall', device: 'cuda:0' }, true],
  ['of a host', { level: 'warning', text: 'host 0.95', device: 'host' }, true],
  ['of the learner', { level: 'critical', text: 'loss is not finite', device: null }, false],
] as const)('an alarm %s', (_, alarm, isOfMemory) => {
  expect(rowWith(alarm).hasMemoryAlarm).toBe(isOfMemory);
  expect(rowWith(alarm).level).toBe(alarm.level);
});
