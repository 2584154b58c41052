/**
 * The newest snapshots as metrics, for whichever system takes them. Names follow OpenTelemetry's hw.gpu.* where it has one and mirror
 * torch.cuda.memory_stats otherwise. A figure that was not measured has no point: it is never 0.
 */
import type {
  DeviceReport,
  DeviceState,
  Finding,
  Interval,
  RankFinding,
  SanctumSnapshot,
  VerdictKind,
} from '../contract/index.ts';
import { figures, type Metric, placeOf, valueIn, valueOfRun } from '../figures/index.ts';

export interface ExportedRun {
  row: { id: string; name: string; state: string };
  /** Of a run that was collected from one cluster alone, that cluster's name; null where none is recorded. */
  cluster?: string | null;
  /** Null of a run that has ended. */
  snapshot: SanctumSnapshot | null;
  /** The report of its whole log; null where it was not read to its end. */
  judgement?: Judgement | null;
  /** Of the same report, its devices and what its ranks show beside each other. */
  report?: { devices: readonly DeviceReport[]; acrossRanks?: readonly RankFinding[] } | null;
}

/** Of the judgement, what is exported. */
interface Judgement {
  kind: VerdictKind | null;
  confidence: Finding['confidence'] | null;
  device: string | null;
  rank: number | null;
  host: string | null;
  runsOut: { updates: Interval } | null;
}

export type Labels = Readonly<Record<string, string | number>>;

/** What all points of a metric have. */
export interface Declared {
  /** As OpenTelemetry has it, with dots. */
  name: string;
  /** In UCUM; empty for a plain number. */
  unit: string;
  help: string;
}

/** A metric with its points: what they are of, and the value. */
export interface ExportedMetric extends Declared {
  points: readonly (readonly [Labels, number])[];
}

type Value = number | null | undefined;
type Of<T> = readonly [name: string, unit: string, help: string, value: (of: T) => Value];

const PEAK = 'Highest since the peak’s scope began';
/** Of a device. Counters are the allocator's own: anyone may reset them. */
const ofDevice: Of<DeviceState>[] = [
  ['torch.cuda.allocated_bytes.all.current', 'By', 'Held by tensors', d => d.reading?.allocatedBytes],
  ['torch.cuda.allocated_bytes.all.peak', 'By', PEAK, d => d.reading?.peakAllocatedBytes],
  [
    'torch.cuda.reserved_bytes.all.current',
    'By',
    'Held by the caching allocator',
    d => d.reading?.reservedBytes,
  ],
  ['torch.cuda.reserved_bytes.all.peak', 'By', PEAK, d => d.reading?.peakReservedBytes],
  [
    'torch.cuda.active_bytes.all.current',
    'By',
    'Held, or freed and still awaited by a stream',
    d => d.reading?.activeBytes,
  ],
  ['torch.cuda.active_bytes.all.peak', 'By', PEAK, d => d.reading?.peakActiveBytes],
  [
    'torch.cuda.inactive_split_bytes.all.current',
    'By',
    'Stranded in partly used segments',
    d => d.reading?.inactiveSplitBytes,
  ],
  [
    'torch.cuda.num_alloc_retries',
    '',
    'Times the device refused and the cache was flushed',
    d => d.reading?.allocRetries,
  ],
  ['torch.cuda.num_ooms', '', 'Times the device refused for good', d => d.reading?.ooms],
  ['hw.gpu.memory.usage', 'By', 'Used on the device by all processes', d => d.usedBytes],
];

const ofRun: Of<SanctumSnapshot>[] = [
  ['esper.batch', '', 'Batches (PPO updates) or steps made', s => s.tamiyo.batch ?? s.tamiyo.step],
  ['esper.status', '', '0 ok, 1 warming up, 2 warning, 3 critical', s => levels.indexOf(s.status.level)],
  ['esper.last_event.timestamp', 's', 'Time of the newest event', s => seconds(s.run.lastEventMs)],
];

const scaled = (value: number | boolean | null, { factor = 1 }: Metric): number | null =>
  value === null ? null : Number(value) * factor;
for (const [figure, { metric, path }] of Object.entries(figures)) {
  const place = metric === undefined ? null : placeOf(path);
  if (metric === undefined || place === null) continue;
  const { name, unit = '', help } = metric;
  if (place.each === 'device')
    ofDevice.push([name, unit, help, d => scaled(valueIn(figure, place.keys, d), metric)]);
  else ofRun.push([name, unit, help, s => scaled(valueOfRun(path, s), metric)]);
}

const severity = { info: 0, warning: 1, critical: 2 } as const;
const levels = ['ok', 'warmup', 'warning', 'critical'];
const seconds = (ms: number | null) => (ms === null ? null : ms / 1000);

const others = {
  runs: { name: 'esper.runs', unit: '', help: 'Runs in the folder, by state' },
  own: {
    name: 'esper.own_figure',
    unit: '',
    help: 'Newest value of a figure of the trainer’s own, by the name that it gave',
  },
  verdict: { name: 'esper.verdict.info', unit: '', help: 'The verdict, in its labels; always 1' },
  runsOut: {
    name: 'esper.out_of_memory.updates',
    unit: '',
    help: 'Updates until memory runs out, or until the device is full where what is free of it was not measured; both ends of the interval; no sample where no end is in sight',
  },
  lost: {
    name: 'esper.lost_time',
    unit: '1',
    help: 'Share of the time that went to the allocator’s stalls, 95% interval; no sample where there is no evidence of any',
  },
  alarm: {
    name: 'esper.alarm',
    unit: '',
    help: 'An alarm about memory that stands: 1 is a warning, 2 critical',
  },
  rankFinding: {
    name: 'esper.rank_finding',
    unit: '',
    help: 'What a rank shows beside the others: 0 is for information, 1 a warning, 2 critical',
  },
} as const satisfies Record<string, Declared>;

/** All that may be exported. */
export const declaredMetrics = (): Declared[] => [
  ...[...ofDevice, ...ofRun].map(([name, unit, help]) => ({ name, unit, help })),
  ...Object.values(others),
];

/**
 * The folder that a run lies in below that of all runs: of a user, or of a cluster whose logs were collected; empty for none. One that was
 * collected from a single cluster has the name that collecting all clusters would give it.
 */
const clusterOf = ({ row: { id }, cluster }: ExportedRun): string =>
  [cluster ?? '', id.slice(0, Math.max(0, id.lastIndexOf('/')))].filter(part => part !== '').join('/');

/** Runs that are under way; ended ones have nothing new to scrape. */
export function metricsOf(runs: readonly ExportedRun[]): ExportedMetric[] {
  const going = runs.flatMap(run => {
    const { row, snapshot, judgement, report } = run;
    if (row.state !== 'running' || snapshot === null) return [];
    const hosts = new Map(snapshot.ranks.map(({ rank, hostname }) => [rank, hostname ?? '']));
    const labels = { run: row.id, name: row.name, cluster: clusterOf(run) };
    const place = (rank: number | null, device: string | null): Labels => ({
      ...labels,
      rank: rank ?? '',
      host: rank === null ? '' : (hosts.get(rank) ?? ''),
      device: device ?? '',
    });
    return [{ snapshot, judgement: judgement ?? null, report: report ?? null, labels, place }];
  });
  const metrics: ExportedMetric[] = [];
  const add = (declared: Declared, points: readonly (readonly [Labels, Value])[]) => {
    const known = points.filter((point): point is readonly [Labels, number] => point[1] != null);
    if (known.length > 0) metrics.push({ ...declared, points: known });
  };
  const states = new Map<string, number>();
  for (const { row } of runs) states.set(row.state, (states.get(row.state) ?? 0) + 1);
  add(
    others.runs,
    [...states].map(([state, count]) => [{ state }, count]),
  );
  for (const [name, unit, help, value] of ofDevice)
    add(
      { name, unit, help },
      going.flatMap(({ snapshot, place }) =>
        snapshot.devices.map((device): [Labels, Value] => [
          { ...place(device.rank, device.device), hw_id: device.uuid ?? device.device },
          value(device),
        ]),
      ),
    );
  for (const [name, unit, help, value] of ofRun)
    add(
      { name, unit, help },
      going.map(({ snapshot, labels }) => [labels, value(snapshot)]),
    );
  add(
    others.own,
    going.flatMap(({ snapshot, labels, place }) =>
      snapshot.ranks.flatMap(({ rank, own }) =>
        own.map(({ name, value }): [Labels, number | null] => [
          { ...labels, rank, host: place(rank, null).host!, figure: name },
          value,
        ]),
      ),
    ),
  );
  add(
    others.verdict,
    going.flatMap(({ judgement, place }): [Labels, number | null][] =>
      judgement === null || judgement.kind === null
        ? []
        : [
            [
              {
                ...place(judgement.rank, judgement.device),
                verdict: judgement.kind,
                confidence: judgement.confidence ?? '',
              },
              1,
            ],
          ],
    ),
  );
  add(
    others.runsOut,
    going.flatMap(({ report, place }) =>
      (report?.devices ?? []).flatMap(({ rank, device, forecast }) =>
        (['low', 'high'] as const).map((bound): [Labels, number | null] => [
          { ...place(rank, device), bound },
          forecast.status === 'ahead' && forecast.updates !== null ? forecast.updates[bound] : null,
        ]),
      ),
    ),
  );
  add(
    others.lost,
    going.flatMap(({ report, place }) =>
      (report?.devices ?? []).flatMap(({ rank, device, attribution }) =>
        (['low', 'mid', 'high'] as const).map((bound): [Labels, number | null] => [
          { ...place(rank, device), bound },
          attribution.status === 'evidence' && attribution.lostFraction !== null
            ? attribution.lostFraction[bound]
            : null,
        ]),
      ),
    ),
  );
  add(
    others.alarm,
    going.flatMap(({ snapshot, place }) =>
      snapshot.vitals.memoryAlarmDevices.map(({ rank, device, rule, level }): [Labels, number] => [
        { ...place(rank, device), rule },
        severity[level],
      ]),
    ),
  );
  add(
    others.rankFinding,
    going.flatMap(({ report, labels, place }) =>
      (report?.acrossRanks ?? []).flatMap(({ kind, level, ranks, device }) =>
        ranks.map((rank): [Labels, number] => [
          { ...labels, ...place(rank, device), finding: kind },
          severity[level],
        ]),
      ),
    ),
  );
  return metrics;
}
