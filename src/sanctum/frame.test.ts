import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { twoRanksLog } from '../../test/events.ts';
import { arbitrarySnapshot } from '../../test/sanctum/arbitrary-snapshot.ts';
import { device, NOW, phases, rank, snapshot, stepRank } from '../../test/sanctum/snapshots.ts';
import { deviceReport, leaking, runReport } from '../../test/sanctum/verdicts.ts';
import { GIB } from '../base/index.ts';
import {
  CONTRACT_VERSION,
  type DeviceMemory,
  type SanctumSnapshot,
  type TelemetryEvent,
} from '../contract/index.ts';
import { emptySnapshot, Reduction, reduceAll } from '../reduce/index.ts';
import { frame } from './frame.ts';
import { initialView, type View } from './view.ts';

const alarm = (level: 'warning' | 'critical', reason: string, short: string, percent: number | null) => ({
  host: rank().host,
  hasMemoryAlarm: true,
  memoryAlarmDevices: [
    { device: 'sim:0', rank: 0, rule: 'device-full', level, reason, short, percent, raisedMs: NOW },
  ],
});
const ranks = [0, 1, 2, 3].map(r => rank({ rank: r, worldSize: 4, device: `cuda:${r}` }));

const ofWorker = (pid: number) => phases.map(phase => ({ ...phase, worker: `WorkerDict ${pid}` }));

/** As in a log that holds nothing but what an update needed at most. */
const peaksAlone = (memoryOf: (i: number) => Partial<DeviceMemory>) =>
  reduceAll(
    emptySnapshot(),
    Array.from(
      { length: 40 },
      (_, i): TelemetryEvent => ({
        v: CONTRACT_VERSION,
        seq: i,
        timeMs: NOW - (40 - i) * 1000,
        run: '20261123-153012-verl-4f2a',
        rank: 0,
        type: 'PPO_UPDATE_COMPLETED',
        data: {
          batch: i + 1,
          policy: { approxKl: 0.01 },
          memory: [{ device: 'workers', ...memoryOf(i) }],
        },
      }),
    ),
  );

const cases: Record<string, [SanctumSnapshot, Partial<View>?]> = {
  learning: [snapshot({ devices: [device(68)] })],
  critical: [
    snapshot(
      { devices: [device(95, { atTheWall: true, allocRetries: 3 })] },
      {
        status: {
          level: 'critical',
          reasons: [
            'sim:0: at the wall: the allocator was refused memory since the last update',
            'approx KL 0.034',
          ],
        },
        vitals: alarm(
          'critical',
          'at the wall: the allocator was refused memory since the last update',
          'at the wall',
          null,
        ),
      },
    ),
    { report: { malformed: 3, torn: 1, lost: 1200, unknown: 0 } },
  ],
  contradiction: [
    snapshot(
      { devices: [device(104)] },
      { status: { level: 'warning', reasons: ['sim:0: allocated exceeds reserved'] } },
    ),
    { nowMs: NOW + 2000 },
  ],
  cpu: [snapshot({ ranks: [rank({ device: 'cpu' })] }), { nowMs: NOW + 60_000 }],
  steps: [snapshot({ ranks: [stepRank()], devices: [device(61)] }), { paused: { newEvents: 12 } }],
  ranks: [
    snapshot({ ranks, devices: ranks.map((_, r) => device(60 + 11 * r, { rank: r, device: `cuda:${r}` })) }),
    { rankIndex: 1, deviceIndex: 1 },
  ],
  replay: [
    snapshot({ ranks: [rank({ updates: 9 })], devices: [device(40, { updates: 9 })] }),
    { replay: { position: 10, length: 201, playing: true, speed: 10 } },
  ],
  phases: [
    snapshot({
      ranks: [rank({ phases: [...ofWorker(33873), ...ofWorker(33872), ...phases] })],
      devices: [device(68)],
    }),
  ],
  verdict: [snapshot({ devices: [device(68)] }), { verdict: runReport([leaking]) }],
  peaks: [
    peaksAlone(i => ({
      peakAllocatedBytes: (40 + 4 * Math.sin(i / 6)) * GIB,
      peakReservedBytes: 60 * GIB,
      peakScope: 'run',
    })),
  ],
  'reserved-peaks': [
    peaksAlone(i => ({
      peakReservedBytes: (30 + i) * GIB,
      deviceTotalBytes: 79 * GIB,
      peakScope: 'update',
    })),
  ],
  waiting: [snapshot({ ranks: [] })],
};

const shown = (name: string, width: number, height: number): string => {
  const [state, over] = cases[name]!;
  return frame(state, { ...initialView({ width, height, nowMs: NOW }), timeZone: 'UTC', ...over }).join('\n');
};

describe('golden frames', () => {
  const sizes = [
    [80, 24],
    [120, 36],
    [200, 50],
  ] as const;
  for (const name of Object.keys(cases))
    for (const [width, height] of sizes)
      test(`${name} at ${width}×${height}`, async () => {
        const path = `../../test/golden/sanctum/${name}-${width}x${height}.txt`;
        await expect(`${shown(name, width, height)}\n`).toMatchFileSnapshot(path);
      });

  test('learning at 40×10', async () => {
    const path = '../../test/golden/sanctum/learning-40x10.txt';
    await expect(`${shown('learning', 40, 10)}\n`).toMatchFileSnapshot(path);
  });
});

test('the verdict is that of the device that is shown; without one there is no box', () => {
  const state = snapshot({ devices: [device(68), device(50, { device: 'sim:1' })] });
  const verdict = runReport([leaking, deviceReport({ device: 'sim:1' })]);
  const rows = (over: Partial<View>) =>
    frame(state, { ...initialView({ width: 150, height: 50, nowMs: NOW }), verdict, ...over }).join('\n');
  expect(rows({})).toContain('leak (certain), also fragmentation');
  expect(rows({ deviceIndex: 1 })).toMatch(/VERDICT {2}sim:1[\s\S]*is {5}steady/);
  expect(rows({ verdict: runReport([]) })).not.toContain('VERDICT');
  expect(rows({ verdict: null })).not.toContain('VERDICT');
});

describe('a frame', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a frame must not hold
  const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  const STYLES = /\x1b\[[0-9;]*m/g;

  const arbitraryView = fc.record({
    deviceIndex: fc.nat(9),
    rankIndex: fc.nat(9),
    curveIndex: fc.option(fc.nat(90), { nil: null }),
    overlay: fc.option(
      fc.record({
        what: fc.constantFrom('help' as const, 'verdict' as const, 'figures' as const),
        from: fc.nat(200),
      }),
      { nil: null, freq: 9 },
    ),
    paused: fc.option(fc.record({ newEvents: fc.nat() }), { nil: null }),
    replay: fc.option(
      fc.record({
        position: fc.nat(),
        length: fc.nat(),
        playing: fc.boolean(),
        speed: fc.constantFrom(0.5, 10, Infinity),
      }),
      { nil: null },
    ),
    verdict: fc.constantFrom(null, runReport([leaking])),
    report: fc.record({ malformed: fc.nat(), torn: fc.nat(), lost: fc.nat(), unknown: fc.nat() }),
    nowMs: fc.oneof(fc.constant(NOW), fc.integer()),
  });

  const fitsItsTerminal = (state: SanctumSnapshot, width: number, height: number, over: Partial<View>) => {
    const view: View = { ...initialView({ width, height, nowMs: NOW }), timeZone: 'UTC', ...over };
    const plain = frame(state, view);
    const coloured = frame(state, { ...view, color: true });
    const tooWide = plain.filter(row => stringWidth(row) > width);
    const unclean = plain.filter(row => CONTROL.test(row));
    const differing = coloured.filter((row, i) => row.replace(STYLES, '').trimEnd() !== plain[i]!.trimEnd());
    expect({ rows: Math.max(0, plain.length - height), tooWide, unclean, differing }).toEqual({
      rows: 0,
      tooWide: [],
      unclean: [],
      differing: [],
    });
  };
  const width = fc.integer({ min: 20, max: 260 });
  const height = fc.integer({ min: 5, max: 70 });

  test('fits its terminal, whatever the snapshot', () => {
    fc.assert(fc.property(arbitrarySnapshot, width, height, arbitraryView, fitsItsTerminal), { numRuns: 60 });
  });

  test('of a plausible run fits its terminal at every size', () => {
    const state = fc.constantFrom(...Object.values(cases).map(([snapshot]) => snapshot));
    fc.assert(fc.property(state, width, height, arbitraryView, fitsItsTerminal), { numRuns: 30 });
  });

  test('of a run that goes on is that of its snapshot', () => {
    const size = fc.constantFrom([80, 24], [120, 36], [160, 50]);
    fc.assert(
      fc.property(twoRanksLog(), size, (events, [width, height]) => {
        const reduction = new Reduction();
        for (const event of events) reduction.add(event);
        const view = initialView({ width: width!, height: height!, nowMs: NOW });
        expect(frame(reduction.now(), view)).toEqual(frame(reduction.snapshot(), view));
      }),
      { numRuns: 40 },
    );
  });

  test('fills its terminal, so that the keys are always in the last row', () => {
    const filled = (state: SanctumSnapshot, width: number, height: number) => {
      const rows = frame(state, initialView({ width, height, nowMs: NOW }));
      expect(rows).toHaveLength(height);
      expect(rows.at(-1)).toContain('q leave');
    };
    const state = fc.constantFrom(...Object.values(cases).map(([snapshot]) => snapshot));
    fc.assert(fc.property(state, width, height, filled), { numRuns: 60 });
  });

  test('of a run on the CPU names it calmly and shows no memory figure', () => {
    const text = shown('cpu', 120, 36);
    expect(text).not.toContain('[Mem');
    expect(text).toContain('no GPU memory is measured');
  });

  test('shows a figure that is not finite as NaN in red', () => {
    const broken = rank();
    broken.ppo = { ...broken.ppo, policyLoss: null, nonFinite: ['policy loss'] };
    const rows = frame(snapshot({ ranks: [broken] }), {
      ...initialView({ width: 120, height: 36, nowMs: NOW }),
      color: true,
    });
    expect(rows.find(row => row.includes('policy loss'))).toContain('\x1b[1;31m     NaN');
  });

  test('shows times of day in the zone it is given', () => {
    const at = (timeZone: string) =>
      frame(snapshot(), { ...initialView({ width: 80, height: 24, nowMs: NOW }), timeZone }).join('\n');
    expect(at('UTC')).toContain('15:33:16');
    expect(at('Asia/Kolkata')).toContain('21:03:16');
  });

  test('lists the newest event first', () => {
    const text = shown('learning', 120, 36);
    expect(text.indexOf('checkpoint after batch 80')).toBeLessThan(text.indexOf('checkpoint after batch 20'));
  });
});
