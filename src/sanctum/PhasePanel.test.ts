import { expect, test } from 'vitest';
import { BEGAN, device, NOW, phase, phases, rank, snapshot } from '../../test/sanctum/snapshots.ts';
import { GIB, paint } from '../base/index.ts';
import type { PhaseMemory } from '../contract/index.ts';
import { PhasePanel } from './PhasePanel.ts';
import { initialView } from './view.ts';

const shown = (own: PhaseMemory[], width = 90, most = 12): string[] => {
  const state = snapshot({ ranks: [rank({ phases: own })], devices: [device(68)] });
  const rows = PhasePanel(state, initialView({ width: 200, height: 60, nowMs: NOW }), width, most);
  return rows.slice(1, -1).map(row => paint(row, false).replace(/^│ (.*?) *│$/, '$1'));
};
const only = (own: PhaseMemory) => shown([own])[0]!.replaceAll(/ +/g, ' ');

test('a row a phase and worker, the newest first, as exact as its source', () => {
  expect(shown(phases, 100)).toEqual([
    'update_actor            33871           41.21 → 42.36 GiB  largest 42.36  reserved 43.1',
    'actor compute_log_prob  10.0.0.7:20003  12.05 →     – GiB  largest 12.05  reserved 14.5',
    'actor compute_log_prob  33871           12.03 → 12.04 GiB  largest 12.04  reserved 33.7',
    'rollout init            33871            0.00 →  5.82 GiB  largest  5.82  reserved 7.36',
  ]);
  const coarse = phase('p', [41.2, 42.4, 43], { resolutionBytes: Math.round(GIB / 10) });
  expect(only(coarse)).toBe('p 33871 41.2 → 42.4 GiB largest 42.4 reserved 43.0');
  expect(only({ ...coarse, resolutionBytes: GIB })).toBe('p 33871 41 → 42 GiB largest 42 reserved 43');
  expect(only({ ...coarse, resolutionBytes: null })).toContain('41.20 → 42.40 GiB');
  expect(only({ ...coarse, worker: null, device: 'cuda:1' })).toContain('p cuda:1 ');
});

test('the end of an earlier round is not that of the one under way', () => {
  const edge = { timeMs: BEGAN, allocatedBytes: 2 * GIB, reservedBytes: 3 * GIB, usedBytes: null };
  const again = phase('p', [5, 7, 8], {
    after: edge,
    before: { ...edge, timeMs: BEGAN + 1, reservedBytes: GIB },
  });
  expect(only(again)).toBe('p 33871 2.00 → – GiB largest 7.00 reserved 1.00');
});

test('what does not fit is counted, and where nothing fits or is known there is no panel', () => {
  expect(shown(phases, 90, 6)).toHaveLength(4);
  expect(shown(phases, 90, 5).at(-1)).toBe('… 2 more');
  expect(shown(phases, 90, 4)).toEqual([expect.stringContaining('update_actor'), '… 3 more']);
  for (const most of [3, 2, 0, -9]) expect(shown(phases, 90, most)).toEqual([]);
  expect(shown([phases[0]!], 90, 3)).toHaveLength(1);
  expect(shown([])).toEqual([]);
});

test('a narrow panel keeps phase, worker and edges', () => {
  expect(shown(phases.slice(-1), 43)[0]).toBe('update_actor  33871  41.21 → 42.36 GiB');
  expect(shown(phases.slice(-2), 43)[0]).toBe('update_actor   33871  41.21 → 42.36 GiB');
  expect(shown(phases.slice(-2), 43)[1]).toMatch(/^actor co\S*… +20003 /);
  expect(shown(phases.slice(-1), 65)[0]).toMatch(/largest 42\.36$/);
});
