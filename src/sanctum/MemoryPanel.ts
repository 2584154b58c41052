/** One device’s memory: where its bytes are, how use of the reserved pool went, and what the allocator counted. */
import { GIB, gib, type Row, row, type Style, span, UNKNOWN } from '../base/index.ts';
import type { DeviceState, SanctumSnapshot } from '../contract/index.ts';
import { edge, judge, limits } from '../figures/index.ts';
import {
  countedIn,
  counterValues,
  deviceWarnings,
  hostValues,
  type LabelledValue,
  percent,
  poolMatters,
  poolValues,
  pressureValues,
  unmeasuredMemory,
} from '../present/index.ts';
import { chart } from './chart.ts';
import {
  box,
  type FixedBlock,
  flow,
  type GrowingBlock,
  joinByRank,
  paragraph,
  stackByRank,
} from './layout.ts';
import { ledgerBar, ledgerLegend } from './ledger-bar.ts';
import { scaleFor } from './scale.ts';
import { healthStyle, labelledRow, styleOf } from './styled-text.ts';
import { chosenDevice, chosenRank, type View } from './view.ts';

/** How much of the pool is in use: `pool use 82%  4.10 of 5.00 GiB allocated  idle 0.18`; none where nothing of it was read. */
function poolRow(device: DeviceState, width: number): Row[] {
  const values = poolValues(device);
  if (values.length === 0) return [];
  const [use, allocated, idle] = values;
  const style = use.value.tone === 'dim' ? 'bold' : styleOf(use.value);
  const joined = joinByRank(
    [
      { row: [span(`${use.label} `, 'dim'), span(use.value.text, style)], rank: 0 },
      {
        row: [span(allocated.value.text), ...(width < 50 ? [] : [span(` ${allocated.label}`, 'dim')])],
        rank: 1,
      },
      { row: labelledRow(idle), rank: 2 },
    ],
    width,
  );
  return [joined];
}

/** What the peak needed of what there is to have: `pressure 0.71  budget 6.90 GiB  headroom 1.90–2.00 GiB`. */
function pressureRow(device: DeviceState, width: number): Row[] {
  const facts = pressureValues(device);
  const rankOf = ({ figure }: LabelledValue) =>
    figure === 'budgetBytes' ? 2 : figure === 'headroomBytes' ? 1 : 0;
  return facts.length === 0
    ? []
    : [
        joinByRank(
          facts.map(fact => ({ row: labelledRow(fact), rank: rankOf(fact) })),
          width,
        ),
      ];
}

/** Up to so many ranks all of their devices are listed. */
export const FEW_RANKS = 8;

/** Every device in brief, the shown one inverse: `cuda:0 82%  cuda:1 45%`. */
function deviceStrip(snapshot: SanctumSnapshot, shown: DeviceState, width: number): Row[] {
  // Of many ranks the strip above has a cell each.
  const isCrowd = snapshot.ranks.length > FEW_RANKS;
  const devices = isCrowd ? snapshot.devices.filter(({ rank }) => rank === shown.rank) : snapshot.devices;
  if (devices.length < 2) return [];
  const items = devices.map((device): Row => {
    const { memoryUsagePercent, memoryStatus } = device.infrastructure;
    const rank = snapshot.ranks.length > 1 ? `r${device.rank} ` : '';
    const use = memoryStatus === 'unmeasured' ? UNKNOWN : percent(memoryUsagePercent);
    return [
      span(`${rank}${device.device}`, device === shown ? 'inverse' : 'dim'),
      span(` ${use}`, poolMatters(device) ? healthStyle[memoryStatus] : 'dim'),
    ];
  });
  return flow(items, width, '  ', 2);
}

/** What a chart of a device's history is drawn along. */
const along = ({ history }: DeviceState, unit: string, width: number, height: number) => ({
  from: history.batch[0] ?? null,
  to: history.batch.at(-1) ?? null,
  unit,
  width,
  height,
});

const hasValues = (series: readonly (number | null)[]): boolean => series.some(value => value !== null);
const inGib = (series: readonly (number | null)[]) =>
  series.map(bytes => (bytes === null ? null : bytes / GIB));

/** What an update needed, by the nearest figure that is reported, and its name. What was reserved is no less than what was needed. */
function neededIn({ history }: DeviceState): { series: readonly (number | null)[]; name: string } | null {
  if (hasValues(history.peakBytes)) return { series: history.peakBytes, name: 'peak' };
  if (hasValues(history.peakReservedBytes))
    return { series: history.peakReservedBytes, name: 'peak reserved' };
  return hasValues(history.allocatedBytes) ? { series: history.allocatedBytes, name: 'held' } : null;
}

/** What it could have had: the budget, or else the whole device, as others' memory was not measured. */
function limitIn({ history, totalBytes }: DeviceState): { series: readonly (number | null)[]; name: string } {
  return totalBytes === null || hasValues(history.budgetBytes)
    ? { series: history.budgetBytes, name: 'budget' }
    : { series: history.batch.map(() => totalBytes), name: 'device' };
}

/**
 * What updates needed at their peak against what they could have had. From zero, so that the distance is what is left. Empty where
 * nothing of it is known.
 */
function budgetChart(device: DeviceState, unit: string, width: number, height: number): Row[] {
  const needed = neededIn(device);
  if (needed === null) return [];
  const most = limitIn(device);
  const series = inGib(needed.series);
  const limit = inGib(most.series);
  const highest = Math.max(...[...series, ...limit].map(value => value ?? 0));
  const { ticks } = scaleFor(0, highest, Math.max(1, Math.round(height / 3)));
  // No higher than the data: what is left is to be seen.
  const scale = { min: 0, max: highest, ticks: ticks.filter(tick => tick < highest) };
  const newest = limit.findLast(value => value !== null) ?? null;
  return chart({
    ...along(device, unit, width, height),
    series,
    limit: { series: limit, style: 'dim', label: most.name },
    valueUnit: 'GiB',
    scale,
    guides: [],
    format: value => gib(value * GIB),
    styleOf: value => chartStyle[judge(limits.memoryPressure, newest === null ? null : value / newest)],
  });
}

/** The history of TELE-770 with the record’s own lines. */
function poolChart(device: DeviceState, unit: string, width: number, height: number): Row[] {
  const series = device.history.memoryUsagePercent;
  const known = series.filter(value => value !== null);
  if (known.length === 0) return [];
  const { warning, critical } = limits.memoryUsagePercent;
  // The axis begins at a quarter below the lowest value and the warning line.
  const min = Math.floor(Math.min(...known, edge(warning) - 10) / 25) * 25;
  const max = Math.max(100, Math.ceil(Math.max(0, ...known) / 10) * 10);
  return chart({
    ...along(device, unit, width, height),
    series,
    valueUnit: '%',
    scale: { min, max, ticks: [min, 0, 25, 50, 100, max].filter(tick => tick >= min && tick <= max) },
    // Dim: a full pool on a device with room is no state of the run.
    guides: [edge(warning), edge(critical)].map(at => ({ at, style: 'dim', label: '' })),
    format: value => value.toFixed(0),
    styleOf: () => 'cyan',
  });
}

const chartStyle: Record<ReturnType<typeof judge>, Style> = {
  unmeasured: 'cyan',
  healthy: 'cyan',
  warning: 'bold yellow',
  critical: 'bold red',
};

/** A chart's rows under its title, where there is room for one. */
const titled = (title: string, rows: Row[], height: number): Row[] =>
  rows.length === 0 ? [] : height >= 6 ? [row(title, 'dim'), ...rows] : rows;

/** What the allocator counted, then what is known of the device beyond it. */
const counters = (device: DeviceState, width: number): Row[] =>
  flow(counterValues(device).map(labelledRow), width, ' · ');

/** The host’s side; empty where none was sampled. */
const hostRow = ({ vitals: { host } }: SanctumSnapshot, width: number): Row[] =>
  flow(hostValues(host).map(labelledRow), width, ' · ', 1);

/** Whether there is a device to show, and so a chart: without one the panel needs a few rows only. */
export const hasDevice = (snapshot: SanctumSnapshot): boolean => snapshot.devices.length > 0;

/** What updates need against the budget; pool use, where that is all there is. */
function mainChart(device: DeviceState, unit: string, width: number, room: number): Row[] {
  const needed = neededIn(device);
  if (needed === null) return poolChart(device, unit, width, room);
  const limit = limitIn(device);
  const title = hasValues(limit.series) ? `${needed.name} vs ${limit.name}` : needed.name;
  return room >= 6
    ? titled(title, budgetChart(device, unit, width, room - 1), room)
    : budgetChart(device, unit, width, room);
}

/** Rows from which a warning that is wider than the panel has more than one of them. */
const WRAPPED = 14;

/** The panel’s rows without a box, at most `height`; the chart takes what the rest leaves. */
export function memoryRows(snapshot: SanctumSnapshot, view: View, width: number, height: number): Row[] {
  const device = chosenDevice(snapshot, view);
  if (device === null)
    return [
      ...paragraph(unmeasuredMemory(chosenRank(snapshot, view)), width, 'dim'),
      ...hostRow(snapshot, width),
    ];
  const unit = countedIn(snapshot.ranks.find(rank => rank.rank === device.rank) ?? null);
  const spacer = height >= 18 ? [[]] : [];
  const block = (rank: number, rows: readonly Row[]): FixedBlock => ({ rank, rows });
  const counts = counters(device, width);
  const blocks: (FixedBlock | GrowingBlock)[] = [
    block(5, deviceStrip(snapshot, device, width)),
    block(
      2,
      [ledgerBar(device.ledger, width)].filter(bar => bar.length > 0),
    ),
    block(4, [...spacer, ...ledgerLegend(device.ledger, width, 2), ...spacer]),
    ...deviceWarnings(device).map(warning =>
      block(0, height < WRAPPED ? [row(warning, 'bold red')] : paragraph(warning, width, 'bold red')),
    ),
    block(1, poolRow(device, width)),
    block(2, pressureRow(device, width)),
    {
      rank: 6,
      least: 4,
      wish: Math.min(16, Math.round(height * 0.45)),
      grow: room => mainChart(device, unit, width, room),
    },
    ...(neededIn(device) !== null && hasValues(device.history.memoryUsagePercent)
      ? [
          {
            rank: 9,
            least: 6,
            wish: Math.min(10, Math.round(height * 0.3)),
            grow: (room: number) => titled('pool use', poolChart(device, unit, width, room - 1), room),
          },
        ]
      : []),
    block(3, counts.slice(0, 1)),
    block(7, counts.slice(1)),
    block(8, hostRow(snapshot, width)),
  ];
  return stackByRank(blocks, height);
}

export function MemoryPanel(snapshot: SanctumSnapshot, view: View, width: number, height: number): Row[] {
  const device = chosenDevice(snapshot, view);
  const title: Row = [span('MEMORY', 'bold'), span(device ? `  ${device.device}` : '')];
  const rankOf = device && snapshot.ranks.length > 1 ? `rank ${device.rank}` : '';
  const total = device?.totalBytes == null ? '' : `${(device.totalBytes / GIB).toFixed(1)} GiB`;
  const aside = row([rankOf, total].filter(Boolean).join('  '), 'dim');
  return box({ title, aside, width, height }, memoryRows(snapshot, view, width - 4, height - 2));
}
