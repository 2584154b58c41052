import { describe, expect, test } from 'vitest';
import { BEGAN, rank, snapshot } from '../../test/sanctum/snapshots.ts';
import { paint } from '../base/index.ts';
import { asLeft, type RunState } from '../contract/index.ts';
import { connection, runtimeMs } from './connection.ts';
import { initialView, type View } from './view.ts';

const LAST = BEGAN + 60_000;
const run = (state: RunState = 'running', endedMs: number | null = null) =>
  snapshot({ ranks: [rank({ state, lastEventMs: LAST, endedMs })] });
const view = (nowMs: number, over: Partial<View> = {}): View => ({
  ...initialView({ width: 80, height: 24, nowMs }),
  ...over,
});
const shown = (state: ReturnType<typeof run>, at: View) => paint(connection(state, at), false);

describe('the connection', () => {
  test.each([
    [-50, '● LIVE'],
    [1999, '● LIVE'],
    [2000, '◐ SLOW 2 s'],
    [4999, '◐ SLOW 4 s'],
    [5000, '○ STALE 5 s'],
    [600_000, '○ STALE 10 min'],
    [3 * 86_400_000, '○ STALE 3 d'],
  ])('%s ms after the newest event: %s', (age, text) => {
    expect(shown(run(), view(LAST + age))).toBe(text);
  });

  test.each([
    [30_000, 59_999, '● LIVE'],
    [30_000, 60_000, '◐ SLOW 60 s'],
    [30_000, 149_999, '◐ SLOW 2 min'],
    [30_000, 150_000, '○ STALE 2 min'],
    [1_500_000, 2_900_000, '● LIVE'],
    [20, 5000, '○ STALE 5 s'],
    // Before the second update nobody knows.
    [null, 59_999, '● LIVE'],
    [null, 150_000, '○ STALE 2 min'],
  ])('of updates that usually come every %s ms, %s ms after the newest event: %s', (gap, age, text) => {
    const slow = run();
    expect(shown({ ...slow, run: { ...slow.run, updateGapMs: gap } }, view(LAST + age))).toBe(text);
  });

  test('of a run that is over shows how it ended, however long ago', () => {
    expect(shown(run('completed'), view(LAST + 1e9))).toBe('■ FINISHED');
    expect(shown(run('interrupted'), view(LAST + 1e9))).toBe('■ INTERRUPTED');
    expect(shown(run('failed'), view(LAST))).toBe('■ FAILED');
  });

  test('of a run whose writer is gone without an end', () => {
    expect(shown(asLeft(run(), true), view(LAST))).toBe('■ ENDED UNEXPECTEDLY');
    expect(shown(asLeft(run('completed'), true), view(LAST))).toBe('■ FINISHED');
  });

  test('before the first event, and in a replay', () => {
    expect(shown(snapshot({ ranks: [] }), view(LAST))).toBe('○ WAITING');
    const replay = { position: 1, length: 2, playing: true, speed: 1 };
    expect(shown(run('completed'), view(LAST, { replay }))).toBe('▶ REPLAY');
  });

  test('of a frozen view is that of the run as it is now', () => {
    const frozen = view(LAST + 9000, {
      paused: { newEvents: 3 },
      currentRun: { ...run().run, lastEventMs: LAST + 8900 },
    });
    expect(shown(run(), frozen)).toBe('● LIVE');
  });
});

describe('the runtime', () => {
  test('goes on while events arrive, and stands still once it is silent, frozen or over', () => {
    expect(runtimeMs(run(), view(LAST + 1500))).toBe(61_500);
    expect(runtimeMs(run(), view(LAST + 60_000))).toBe(60_000);
    expect(runtimeMs(run('completed', LAST + 100), view(LAST + 1500))).toBe(60_100);
    expect(runtimeMs(run(), view(LAST + 1500, { paused: { newEvents: 0 } }))).toBe(60_000);
    expect(runtimeMs(snapshot({ ranks: [] }), view(LAST))).toBeNull();
  });

  test('is never negative, even where clocks disagree', () => {
    expect(runtimeMs(run(), view(BEGAN - 5000))).toBe(0);
  });
});
