import { expect, test } from 'vitest';
import { event, reading, update } from '../../test/events.ts';
import { LiveVerdict } from './live-verdict.ts';

test('is made at once, then now and then; an end is reported at once', () => {
  let now = 0;
  const verdict = new LiveVerdict(() => now);
  expect(verdict.get()).toBeNull();
  const at = (n: number) => update(n, [reading(1, 8)]);
  verdict.take(at(0));
  const first = verdict.get()!;
  expect(first.run.events).toBe(1);
  verdict.take(at(1));
  now = 999;
  expect(verdict.get()).toBe(first);
  now = 1001;
  const second = verdict.get()!;
  expect(second.run.events).toBe(2);
  now = 20_000;
  expect(verdict.get()).toBe(second);
  verdict.take(at(2));
  expect(verdict.get()!.run.events).toBe(3);
  verdict.take(event('TRAINING_COMPLETED', { reason: 'finished' }, 3));
  expect(verdict.get()!.run.state).toBe('completed');
});

test('is made again once a log has been read to its end, whatever it cost on the way', () => {
  let now = 0;
  const verdict = new LiveVerdict(() => now++);
  verdict.take(update(0, [reading(1, 8)]));
  expect(verdict.get()!.run.events).toBe(1);
  verdict.take(update(1, [reading(1, 8)]));
  expect(verdict.get()!.run.events).toBe(1);
  verdict.renew();
  expect(verdict.get()!.run.events).toBe(2);
});

test('of many ranks: part by part until each was judged once, then half as often', () => {
  let now = 0;
  const RANKS = 150;
  // A look at the clock takes a millisecond: sixty devices are judged at once.
  const verdict = new LiveVerdict(() => now++);
  const step = (n: number) => {
    for (let rank = 0; rank < RANKS; rank++) verdict.take(update(n, [reading(1, 8)], rank));
  };
  /** How many devices the next report has, and how long it is until that. */
  const next = (n: number): [devices: number, waitedMs: number] => {
    step(n);
    const [began, before] = [now, verdict.get()];
    while (verdict.get() === before) now += 50;
    return [verdict.get()!.devices.length, now - began];
  };
  step(0);
  const first = verdict.get()!.devices.length;
  expect(first).toBeLessThan(RANKS / 2);
  const [second, once] = next(1);
  expect(second).toBe(2 * first);
  expect(next(2)[0]).toBe(RANKS);
  const [, later] = next(3);
  expect(later / once).toBeCloseTo(2, 1);
});
