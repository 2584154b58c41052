/** A raise and its clearing are one entry; a resumed run's own past is forgotten; the newest are kept. */
import { expect, test } from 'vitest';
import type { DeviceState } from '../contract/index.ts';
import { AlarmSpans } from './alarm-spans.ts';
import type { AlarmNotice } from './notice.ts';

const notice = (what: AlarmNotice['what'], batch: number, more: Partial<AlarmNotice> = {}): AlarmNotice => ({
  ...{
    id: 'r/pressure',
    what,
    rule: 'pressure',
    level: 'critical',
    reason: `at ${batch}`,
    run: 'r',
    name: null,
  },
  ...{ rank: 0, device: 'cuda:0', timeMs: 1000 * batch, raisedMs: 1000 * batch, batch },
  ...{ figure: 'pressureFraction', value: 0.95, condition: 'pressure >= 0.9', figures: {} },
  ...more,
});
const spansOf = (...notices: AlarmNotice[]) => {
  const spans = new AlarmSpans();
  for (const next of notices) spans.take([next]);
  return spans;
};
const places = (spans: AlarmSpans) =>
  spans.all.map(({ rank, device, fromBatch, toBatch }) => [rank, device, fromBatch, toBatch]);

test('a clearing ends the raise of its rule, rank and device alone', () => {
  const spans = spansOf(
    notice('raised', 3),
    notice('raised', 4, { device: 'cuda:1' }),
    notice('raised', 4, { rank: 1 }),
    notice('raised', 4, { rule: 'headroom' }),
    notice('cleared', 9),
    notice('raised', 12),
  );
  expect(places(spans)).toEqual([
    [0, 'cuda:0', 3, 9],
    [0, 'cuda:1', 4, null],
    [1, 'cuda:0', 4, null],
    [0, 'cuda:0', 4, null],
    [0, 'cuda:0', 12, null],
  ]);
  expect(spans.all[0]).toMatchObject({ reason: 'at 3', fromMs: 3000, toMs: 9000, level: 'critical' });
});

test('what a resumed run makes again is forgotten, on its rank', () => {
  const spans = spansOf(notice('raised', 3), notice('raised', 8, { rank: 1 }), notice('raised', 9));
  spans.rewind(0, 5);
  expect(places(spans)).toEqual([
    [0, 'cuda:0', 3, null],
    [1, 'cuda:0', 8, null],
  ]);
});

test('the newest 500 are kept', () => {
  const spans = spansOf(...Array.from({ length: 600 }, (_, i) => notice('raised', i)));
  expect(spans.all.map(({ fromBatch }) => fromBatch)).toEqual(Array.from({ length: 500 }, (_, i) => 100 + i));
});

test('what was refused while the alarm stood is counted until it is cleared, and what another figure was is not', () => {
  const wall = {
    rule: 'at-the-wall',
    figure: 'atTheWall',
    reason: 'at the wall: the allocator was refused memory, 1 OOM so far',
    figures: { ooms: 1 },
  };
  const three = { ooms: 3, allocRetries: null };
  const standing = spansOf(notice('raised', 3, wall), notice('raised', 4));
  expect(standing.all.map(({ reason }) => reason)).toEqual([wall.reason, 'at 4']);
  const devices = [{ device: 'cuda:0', rank: 0, ...three }] as DeviceState[];
  const counted = 'at the wall: the allocator was refused memory, 3 OOMs so far';
  expect(standing.asOf({ devices }).map(({ reason }) => reason)).toEqual([counted, 'at 4']);
  const [device] = devices;
  expect(standing.asOf({ devices: [{ ...device!, rank: 1 }] })[0]!.reason).toBe(wall.reason);
  const cleared = spansOf(
    notice('raised', 3, wall),
    notice('cleared', 9, { ...wall, reason: 'the run has ended', figures: three }),
  );
  expect(cleared.all[0]!.reason).toBe(counted);
  // Cleared before more was refused.
  expect(cleared.asOf({ devices: [{ ...device!, ooms: 7 }] })[0]!.reason).toBe(counted);
});
