/** One device’s memory: where its bytes are, how use of the reserved pool went, and what the allocator counted. */
import { type DeviceState, GIB, type SanctumSnapshot } from '../contract/index.ts';
import { edge, judge, limits } from '../figures/index.ts';
import {
  counterValues,
  deviceWarnings,
  hostValues,
  type LabelledValue,
  poolValues,
  pressureValues,
  unmeasuredMemory,
} from '../present/index.ts';
import { chart } from './chart.ts';
import { percent, UNKNOWN } from './figures.ts';
import { type Block, box, flow, type GrowingBlock, joinByRank, paragraph, stackByRank } from './layout.ts';
import { ledgerBar, ledgerLegend } from './ledger-bar.ts';
import { scaleFor } from './scale.ts';
import { healthStyle, type Row, row, type Style, span } from './style.ts';
import { labelledRow, styleOf } from './styled-text.ts';
import { chosenDevice, chosenRank, type View } from './view.ts';

/** How much of the pool is in use: `pool use 82%  4.10 of 5.00 GiB allocated  fragmentation 0.18`. */
function poolRow(device: DeviceState, width: number): Row {
  const [use, allocated, fragmentation] = poolValues(device);
  const style = use.value.tone === 'dim' ? 'bold' : styleOf(use.value);
  return joinByRank(
    [
      { row: [span(`${use.label} `, 'dim'), span(use.value.text, style)], rank: 0 },
      {
        row: [span(allocated.value.text), ...(width < 50 ? [] : [span(` ${allocated.label}`, 'dim')])],
        rank: 1,
      },
      { row: labelledRow(fragmentation), rank: 2 },
    ],
    width,
  );
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

/** Every device at a glance, the shown one inverse: `cuda:0 82%  cuda:1 45%`. */
function deviceStrip(snapshot: SanctumSnapshot, shown: DeviceState, width: number): Row[] {
  if (snapshot.devices.length < 2) return [];
  const items = snapshot.devices.map((device): Row => {
    const { memoryUsagePercent, memoryStatus } = device.infrastructure;
    const rank = snapshot.ranks.length > 1 ? `r${device.rank} ` : '';
    const use = memoryStatus === 'unmeasured' ? UNKNOWN : percent(memoryUsagePercent);
    return [
      span(`${rank}${device.device}`, device === shown ? 'inverse' : 'dim'),
      span(` ${use}`, healthStyle[memoryStatus]),
    ];
  });
  return flow(items, width, '  ', 2);
}

/** The history of TELE-770 with the record’s own lines; of the peaks, where nothing else is told, as in many logs. */
function poolChart({ history }: DeviceState, unit: string, width: number, height: number): Row[] {
  const series = history.memoryUsagePercent;
  const known = series.filter(value => value !== null);
  const along = { from: history.batch[0] ?? null, to: history.batch.at(-1) ?? null, unit, width, height };
  if (known.length === 0 && history.peakBytes.some(bytes => bytes)) {
    const peaks = history.peakBytes.map(bytes => (bytes === null ? null : bytes / GIB));
    const highest = Math.max(...peaks.map(peak => peak ?? 0));
    return chart({
      ...along,
      unit: `peak, GiB · ${unit}`,
      series: peaks,
      scale: scaleFor(0, highest, 4),
      guides: [],
      format: value => value.toFixed(highest < 10 ? 1 : 0),
      styleOf: () => 'cyan',
    });
  }
  const { warning, critical } = limits.memoryUsagePercent;
  // The axis begins at a quarter below the lowest value and the warning line.
  const min = Math.floor(Math.min(...known, edge(warning) - 10) / 25) * 25;
  const max = Math.max(100, Math.ceil(Math.max(0, ...known) / 10) * 10);
  return chart({
    ...along,
    series,
    scale: { min, max, ticks: [min, 0, 25, 50, 100, max].filter(tick => tick >= min && tick <= max) },
    guides: [
      { at: edge(warning), style: 'yellow', label: 'warning' },
      { at: edge(critical), style: 'red', label: 'critical' },
    ],
    format: value => value.toFixed(0),
    styleOf: value => chartStyle[judge(limits.memoryUsagePercent, value)],
  });
}

const chartStyle: Record<ReturnType<typeof judge>, Style> = {
  unmeasured: 'dim',
  healthy: 'cyan',
  warning: 'bold yellow',
  critical: 'bold red',
};

/** What the allocator counted, then what is known of the device beyond it. */
const counters = (device: DeviceState, width: number): Row[] =>
  flow(counterValues(device).map(labelledRow), width, ' · ');

/** The host’s side; empty where none was sampled. */
const hostRow = ({ vitals: { host } }: SanctumSnapshot, width: number): Row[] =>
  flow(hostValues(host).map(labelledRow), width, ' · ', 1);

/** Whether there is a device to show, and so a chart: without one the panel needs a few rows only. */
export const hasDevice = (snapshot: SanctumSnapshot): boolean => snapshot.devices.length > 0;

/** The panel’s rows without a box, at most `height`; the chart takes what the rest leaves. */
export function memoryRows(snapshot: SanctumSnapshot, view: View, width: number, height: number): Row[] {
  const device = chosenDevice(snapshot, view);
  if (device === null)
    return [
      ...paragraph(unmeasuredMemory(chosenRank(snapshot, view)), width, 'dim'),
      ...hostRow(snapshot, width),
    ];
  const unit = snapshot.ranks.find(rank => rank.rank === device.rank)?.batch === null ? 'step' : 'batch';
  const spacer = height >= 18 ? [[]] : [];
  const block = (rank: number, rows: readonly Row[]): Block => ({ rank, rows });
  const counts = counters(device, width);
  const blocks: (Block | GrowingBlock)[] = [
    block(5, deviceStrip(snapshot, device, width)),
    block(
      2,
      [ledgerBar(device.ledger, width)].filter(bar => bar.length > 0),
    ),
    block(4, [...spacer, ...ledgerLegend(device.ledger, width, 2), ...spacer]),
    ...deviceWarnings(device).map(warning => block(0, [row(warning, 'bold red')])),
    block(1, [poolRow(device, width)]),
    block(2, pressureRow(device, width)),
    {
      rank: 6,
      least: 4,
      wish: Math.min(16, Math.round(height * 0.55)),
      grow: room => poolChart(device, unit, width, room),
    },
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
