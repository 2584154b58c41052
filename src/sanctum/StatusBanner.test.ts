import { describe, expect, test } from 'vitest';
import { device, rank, snapshot } from '../../test/sanctum/snapshots.ts';
import { paint } from '../base/index.ts';
import type { Health, SanctumSnapshot } from '../contract/index.ts';
import { memoryFigure } from '../present/index.ts';
import { plainLine } from './plain-line.ts';
import { bannerRows } from './StatusBanner.ts';
import { styledRow } from './styled-text.ts';

const figure = (percent: number, memoryStatus: Health, contradiction: string | null = null): string =>
  paint(
    styledRow(
      memoryFigure({
        ...snapshot().tamiyo.infrastructure,
        memoryUsagePercent: percent,
        memoryStatus,
        contradiction,
      }),
    ),
    true,
  );
const DIM = '\x1b[2m';
const YELLOW = '\x1b[33m';
const BOLD_RED = '\x1b[1;31m';
const END = '\x1b[0m';

describe('the memory figure', () => {
  test.each([
    [45, 'healthy', `${DIM}[Mem:45%]${END}`],
    [74.9, 'healthy', `${DIM}[Mem:75%]${END}`],
    [75, 'warning', `${YELLOW}[Mem:75%]${END}`],
    [90, 'warning', `${YELLOW}[Mem:90%]${END}`],
    [90.1, 'critical', `${BOLD_RED}[Mem:90%]${END}`],
    [95, 'critical', `${BOLD_RED}[Mem:95%]${END}`],
    [104, 'critical', `${BOLD_RED}[Mem:104%?]${END}`],
    [-3, 'healthy', `${BOLD_RED}[Mem:-3%?]${END}`],
  ] as const)('%s, %s', (percent, status, painted) => {
    expect(figure(percent, status)).toBe(painted);
  });

  test('is left out at 0, measured or not', () => {
    expect(figure(0, 'unmeasured')).toBe('');
    expect(figure(0, 'healthy')).toBe('');
  });

  test('is flagged where the reducer found a contradiction, whatever its value', () => {
    expect(figure(60, 'healthy', 'reserved exceeds what is used on the device')).toBe(
      `${BOLD_RED}[Mem:60%?]${END}`,
    );
  });
});

describe('the banner', () => {
  const text = (state: SanctumSnapshot, width: number) =>
    bannerRows(state, width).map(row => paint(row, false));
  const learning = snapshot({ devices: [device(82)] });
  const warned = (reasons: string[]): SanctumSnapshot => ({
    ...learning,
    status: { level: 'warning', reasons },
  });

  test('has the memory figure right after the batch counter', () => {
    expect(text(learning, 40)).toEqual(['[✓] LEARNING   Batch:84/200  [Mem:82%]']);
  });

  test('shows why it is not well before any other figure', () => {
    expect(text(warned(['approx KL 0.034']), 60)).toEqual([
      '[!] WARNING   Batch:84/200  [Mem:82%]   approx KL 0.034',
    ]);
  });

  test('gives a reason that does not fit a row of its own, and counts the others', () => {
    const [first, second] = text(
      warned(['sim:0: reserved 5.60 GiB exceeds 5.00 GiB used', 'clip fraction 0.34']),
      76,
    );
    expect(first).toContain('[Mem:82%]');
    expect(second).toBe('sim:0: reserved 5.60 GiB exceeds 5.00 GiB used +1');
  });

  test('shows a contradiction that is none of the status’s reasons', () => {
    const state = { ...learning, tamiyo: { ...learning.tamiyo } };
    state.tamiyo.infrastructure = {
      ...state.tamiyo.infrastructure,
      contradiction: 'reserved exceeds the device',
    };
    expect(text(state, 80)[0]).toContain('[Mem:82%?]   reserved exceeds the device');
  });

  test('of a run that has ended does not claim to learn', () => {
    const state = (over: 'completed' | 'interrupted' | 'waiting') =>
      text({ ...learning, run: { ...learning.run, state: over } }, 60)[0];
    expect(state('completed')).toContain('[✓] FINISHED');
    expect(state('interrupted')).toContain('[✓] INTERRUPTED');
    expect(state('waiting')).toContain('[✓] WAITING');
  });
});

describe('the plain line', () => {
  test('has the figures of the newest update', () => {
    const lead = rank();
    lead.ppo = {
      ...lead.ppo,
      episodicReturn: 312.41,
      approxKl: 0.0114,
      entropy: 0.5399,
      stepsPerSecond: 21_400,
    };
    const state = snapshot({ ranks: [lead], devices: [device(82)] });
    expect(plainLine(state)).toBe(
      'batch 84/200  return 312.4  KL 0.011  entropy 0.540  [Mem:82%]  SPS 21.4k  ETA 00:04:26',
    );
  });

  test('leaves out what was not measured and adds what is wrong', () => {
    const lead = rank({ maxBatches: null });
    lead.ppo = {
      ...lead.ppo,
      episodicReturn: null,
      approxKl: null,
      nonFinite: ['approx KL'],
      stepsPerSecond: null,
    };
    const state = snapshot(
      { ranks: [lead] },
      { status: { level: 'critical', reasons: ['approx KL not finite'] } },
    );
    expect(plainLine(state)).toBe('batch 84  entropy 0.532  approx KL NaN  critical: approx KL not finite');
  });
});
