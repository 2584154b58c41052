/** One device’s memory: where its bytes are, how use of the reserved pool went, and what the allocator counted. */
import { type DeviceState, GIB, type RankState, type SanctumSnapshot } from '../contract/index.ts';
import { edge, judge, limits } from '../records/index.ts';
import { chart } from './chart.ts';
import { count, gib, gibRounded, percent, UNKNOWN } from './figures.ts';
import { type Block, box, flow, type GrowingBlock, joinByRank, paragraph, stackByRank } from './layout.ts';
import { ledgerBar, ledgerLegend } from './ledger-bar.ts';
import { headroomFigure, pressureFigure } from './pressure-figures.ts';
import { healthStyle, type Row, row, type Style, span } from './style.ts';
import { chosenDevice, chosenRank, type View } from './view.ts';

const fact = (label: string, value: string, style: Style = 'plain'): Row => [
  span(`${label} `, 'dim'),
  span(value, style),
];
const counted = (label: string, value: number | null, bad = false): Row =>
  fact(label, count(value), bad && value !== null && value > 0 ? 'bold red' : 'plain');

/** How much of the pool is in use: `pool use 82%  4.10 of 5.00 GiB  fragmentation 0.18`. */
function poolRow({ infrastructure: pool }: DeviceState, width: number): Row {
  const { cudaMemoryAllocatedGb: allocated, cudaMemoryReservedGb: reserved } = pool;
  const measured = allocated !== null && reserved !== null;
  const use = measured && reserved > 0 ? percent(pool.memoryUsagePercent) : UNKNOWN;
  const style = pool.contradiction !== null ? 'bold red' : healthStyle[pool.memoryStatus];
  const bytes = (gb: number | null) => gib(gb === null ? null : gb * GIB);
  return joinByRank(
    [
      { row: fact('pool use', use, style === 'dim' ? 'bold' : style), rank: 0 },
      {
        row: [
          span(`${bytes(allocated)} of ${bytes(reserved)} GiB`),
          ...(width < 50 ? [] : [span(' allocated', 'dim')]),
        ],
        rank: 1,
      },
      { row: fact('fragmentation', pool.cudaMemoryFragmentation?.toFixed(2) ?? UNKNOWN), rank: 2 },
    ],
    width,
  );
}

/** What the peak needed of what there is to have: `pressure 0.71  budget 6.90 GiB  headroom 1.90–2.00 GiB`. */
function pressureRow({ pressure }: DeviceState, width: number): Row[] {
  const { budgetBytes } = pressure;
  if (budgetBytes === null) return [];
  const parts = [
    { row: pressureFigure(pressure), rank: 0 },
    { row: fact('budget', `${gib(budgetBytes)} GiB`), rank: 2 },
    { row: headroomFigure(pressure), rank: 1 },
  ];
  return [joinByRank(parts, width)];
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

/** The history of TELE-770 with the record’s own lines. */
function poolChart({ history }: DeviceState, unit: string, width: number, height: number): Row[] {
  const series = history.memoryUsagePercent;
  const known = series.filter(value => value !== null);
  const { warning, critical } = limits.memoryUsagePercent;
  // The axis begins at a quarter below the lowest value and the warning line.
  const min = Math.floor(Math.min(...known, edge(warning) - 10) / 25) * 25;
  const max = Math.max(100, Math.ceil(Math.max(0, ...known) / 10) * 10);
  return chart({
    series,
    from: history.batch[0] ?? null,
    to: history.batch.at(-1) ?? null,
    unit,
    width,
    height,
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

/** What the allocator counted, then what is known of the device beyond it; of the latter only what was measured. */
function counters(device: DeviceState, width: number): Row[] {
  const { driver, reading, peakAllocatedBytes: peak } = device;
  const { peakReservedBytes: peakReserved = null, resolutionBytes = null } = reading ?? {};
  const scope = device.peakScope === 'update' ? ' this update' : '';
  const most = (label: string, bytes: number | null) =>
    fact(label, bytes === null ? UNKNOWN : `${gibRounded(bytes, resolutionBytes)} GiB${scope}`);
  const isAlone = peak === null && peakReserved !== null;
  const items: Row[] = [
    isAlone ? most('peak reserved', peakReserved) : most('peak', peak),
    counted('retries', device.allocRetries, true),
    counted('OOMs', device.ooms, true),
    counted('device allocs', device.deviceAllocs),
  ];
  // Beside the other peak it must not push refusals out of a narrow panel's one row.
  if (peakReserved !== null && !isAlone) items.push(most('peak reserved', peakReserved));
  if (device.syncAllStreams !== null) items.push(counted('stream syncs', device.syncAllStreams));
  if (device.usedPercent !== null) items.push(fact('device used', percent(device.usedPercent)));
  if (driver?.utilizationPercent != null) items.push(fact('busy', percent(driver.utilizationPercent)));
  if (driver?.temperatureCelsius != null)
    items.push(fact('temp', `${driver.temperatureCelsius.toFixed(0)} °C`));
  if (driver?.powerWatts != null) items.push(fact('power', `${driver.powerWatts.toFixed(0)} W`));
  return flow(items, width, ' · ');
}

/** The host’s side: RAM, the trainer’s share of it, CPU; empty where none was sampled. */
function hostRow({ vitals: { host } }: SanctumSnapshot, width: number): Row[] {
  const items: Row[] = [];
  if (host.ramUsedBytes !== null)
    items.push(fact('host RAM', `${gib(host.ramUsedBytes)} of ${gib(host.ramTotalBytes)} GiB`));
  if (host.processRssBytes !== null) items.push(fact('trainer', `${gib(host.processRssBytes)} GiB`));
  if (host.cpuPercent !== null) items.push(fact('CPU', percent(host.cpuPercent)));
  return flow(items, width, ' · ', 1);
}

/** What is said instead of an empty chart. */
function unmeasured(rank: RankState | null): string {
  if (rank === null || rank.updates === 0) return 'No reading yet: the first update brings one.';
  if (rank.device === 'cpu')
    return 'This run trains on the CPU: no GPU memory is measured, so the banner shows none.';
  return 'This run has reported no GPU memory.';
}

/** Whether there is a device to show, and so a chart: without one the panel needs a few rows only. */
export const hasDevice = (snapshot: SanctumSnapshot): boolean => snapshot.devices.length > 0;

/** The panel’s rows without a box, at most `height`; the chart takes what the rest leaves. */
export function memoryRows(snapshot: SanctumSnapshot, view: View, width: number, height: number): Row[] {
  const device = chosenDevice(snapshot, view);
  if (device === null)
    return [...paragraph(unmeasured(chosenRank(snapshot, view)), width, 'dim'), ...hostRow(snapshot, width)];
  const unit = snapshot.ranks.find(rank => rank.rank === device.rank)?.batch === null ? 'step' : 'batch';
  const spacer = height >= 18 ? [[]] : [];
  const told = device.infrastructure.contradiction ?? device.ledger.contradiction;
  const block = (rank: number, rows: readonly Row[]): Block => ({ rank, rows });
  const counts = counters(device, width);
  const blocks: (Block | GrowingBlock)[] = [
    block(5, deviceStrip(snapshot, device, width)),
    block(
      2,
      [ledgerBar(device.ledger, width)].filter(bar => bar.length > 0),
    ),
    block(4, [...spacer, ...ledgerLegend(device.ledger, width, 2), ...spacer]),
    block(0, told ? [row(`figures disagree: ${told}`, 'bold red')] : []),
    block(
      0,
      device.atTheWall ? [row('at the wall: memory was refused since the last update', 'bold red')] : [],
    ),
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
