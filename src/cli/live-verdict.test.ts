import { expect, test } from 'vitest';
import { event, reading, update } from '../../test/events.ts';
import { LiveVerdict } from './live-verdict.ts';

test('is made at once, then now and then; an end is reported at once', () => {
  let now = 0;
  const verdict = new LiveVerdict(() => now);
  expect(verdict.get()).toBeNull();
  const at = (n: number) => update(n, [reading(1, 8)]);
  verdict.take([at(0)]);
  const first = verdict.get()!;
  expect(first.run.events).toBe(1);
  verdict.take([at(1)]);
  now = 999;
  expect(verdict.get()).toBe(first);
  now = 1001;
  const second = verdict.get()!;
  expect(second.run.events).toBe(2);
  now = 20_000;
  expect(verdict.get()).toBe(second);
  verdict.take([at(2)]);
  expect(verdict.get()!.run.events).toBe(3);
  verdict.take([event('TRAINING_COMPLETED', { reason: 'finished' }, 3)]);
  expect(verdict.get()!.run.state).toBe('completed');
});

test('is made again once a log has been read to its end, whatever it cost on the way', () => {
  let now = 0;
  const verdict = new LiveVerdict(() => now++);
  verdict.take([update(0, [reading(1, 8)])]);
  expect(verdict.get()!.run.events).toBe(1);
  verdict.take([update(1, [reading(1, 8)])]);
  expect(verdict.get()!.run.events).toBe(1);
  verdict.renew();
  expect(verdict.get()!.run.events).toBe(2);
});
