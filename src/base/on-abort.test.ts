import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { onAbort } from './on-abort.ts';

test('an abort is handed on once; one that came before, at once; one that is taken back, never', () => {
  const calls: string[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  onAbort(signal, () => calls.push('later'));
  const forget = onAbort(signal, () => calls.push('taken back'));
  forget();
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  expect(calls).toEqual([]);
  controller.abort();
  expect(calls).toEqual(['later']);
  onAbort(signal, () => calls.push('at once'))();
  expect(calls).toEqual(['later', 'at once']);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
