/**
 * The newest snapshots as Prometheus text. Names follow OpenTelemetry's hw.gpu.* where it has one and mirror
 * torch.cuda.memory_stats otherwise. A figure that was not measured has no line: it is never 0.
 */
import { Gauge, Registry } from 'prom-client';
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

type Labels = Record<string, string | number>;

/** One name, what it means, and its value of a device. Counters are the allocator's own, as gauges: anyone may reset them. */
const deviceGauges: [string, string, (device: DeviceState) => number | null | undefined][] = [
  ['torch_cuda_allocated_bytes_all_current', 'Held by tensors', d => d.reading?.allocatedBytes],
  [
    'torch_cuda_allocated_bytes_all_peak',
    'Highest since the peak’s scope began',
    d => d.reading?.peakAllocatedBytes,
  ],
  ['torch_cuda_reserved_bytes_all_current', 'Held by the caching allocator', d => d.reading?.reservedBytes],
  [
    'torch_cuda_reserved_bytes_all_peak',
    'Highest since the peak’s scope began',
    d => d.reading?.peakReservedBytes,
  ],
  [
    'torch_cuda_active_bytes_all_current',
    'Held, or freed and still awaited by a stream',
    d => d.reading?.activeBytes,
  ],
  [
    'torch_cuda_active_bytes_all_peak',
    'Highest since the peak’s scope began',
    d => d.reading?.peakActiveBytes,
  ],
  [
    'torch_cuda_inactive_split_bytes_all_current',
    'Stranded in partly used segments',
    d => d.reading?.inactiveSplitBytes,
  ],
  [
    'torch_cuda_num_alloc_retries',
    'Times the device refused and the cache was flushed',
    d => d.reading?.allocRetries,
  ],
  ['torch_cuda_num_ooms', 'Times the device refused for good', d => d.reading?.ooms],
  ['hw_gpu_memory_usage_bytes', 'Used on the device by all processes', d => d.usedBytes],
];

const runGauges: [string, string, (snapshot: SanctumSnapshot) => number | null | undefined][] = [
  ['esper_batch', 'Batches (PPO updates) or steps made', s => s.tamiyo.batch ?? s.tamiyo.step],
  ['esper_status', '0 ok, 1 warming up, 2 warning, 3 critical', s => levels.indexOf(s.status.level)],
  ['esper_last_event_timestamp_seconds', 'Time of the newest event', s => seconds(s.run.lastEventMs)],
];

/** Gauges that figures declare, of each device and of the run. */
const declared = Object.entries(figures).flatMap(([name, { metric, path }]) => {
  const place = metric === undefined ? null : placeOf(path);
  return metric === undefined || place === null ? [] : [{ name, metric, path, place }];
});
const scaled = (value: number | boolean | null, { factor = 1 }: Metric): number | null =>
  value === null ? null : Number(value) * factor;
for (const { name, metric, path, place } of declared)
  if (place.each === 'device')
    deviceGauges.push([metric.name, metric.help, d => scaled(valueIn(name, place.keys, d), metric)]);
  else runGauges.push([metric.name, metric.help, s => scaled(valueOfRun(path, s), metric)]);

const severity = { info: 0, warning: 1, critical: 2 } as const;
const levels = ['ok', 'warmup', 'warning', 'critical'];
const seconds = (ms: number | null) => (ms === null ? null : ms / 1000);

const VERDICT = 'esper_verdict_info';
const RUNS_OUT = 'esper_out_of_memory_updates';
const LOST = 'esper_lost_time_ratio';
const ALARM = 'esper_alarm';
const RANK_FINDING = 'esper_rank_finding';
const OWN = 'esper_own_figure';

/** Names of all gauges of devices and runs. */
export const gaugeNames = (): string[] => [
  ...[...deviceGauges, ...runGauges].map(([name]) => name),
  VERDICT,
  RUNS_OUT,
  LOST,
  ALARM,
  RANK_FINDING,
  OWN,
];

/** The folder that a run lies in below that of all runs: of a user, or of a cluster whose logs were collected; empty for none. */
const clusterOf = (id: string): string => id.slice(0, Math.max(0, id.lastIndexOf('/')));

/** Runs that are under way; ended ones have nothing new to scrape. */
export async function prometheusText(runs: readonly ExportedRun[]): Promise<string> {
  const registry = new Registry();
  const going = runs.flatMap(({ row, snapshot, judgement, report }) => {
    if (row.state !== 'running' || snapshot === null) return [];
    const hosts = new Map(snapshot.ranks.map(({ rank, hostname }) => [rank, hostname ?? '']));
    const labels = { run: row.id, name: row.name, cluster: clusterOf(row.id) };
    const place = (rank: number | null, device: string | null): Labels => ({
      ...labels,
      rank: rank ?? '',
      host: rank === null ? '' : (hosts.get(rank) ?? ''),
      device: device ?? '',
    });
    return [{ snapshot, judgement: judgement ?? null, report: report ?? null, labels, place }];
  });
  const export_ = (name: string, help: string, lines: [Labels, number | null | undefined][]) => {
    const known = lines.filter((line): line is [Labels, number] => line[1] != null);
    if (known.length === 0) return;
    const labelNames = Object.keys(known[0]![0]);
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const [labels, value] of known) gauge.set(labels, value);
  };
  const count = new Gauge({
    name: 'esper_runs',
    help: 'Runs in the folder, by state',
    labelNames: ['state'],
    registers: [registry],
  });
  for (const { row } of runs) count.inc({ state: row.state });
  for (const [name, help, value] of deviceGauges)
    export_(
      name,
      help,
      going.flatMap(({ snapshot, place }) =>
        snapshot.devices.map((device): [Labels, number | null | undefined] => [
          { ...place(device.rank, device.device), hw_id: device.uuid ?? device.device },
          value(device),
        ]),
      ),
    );
  for (const [name, help, value] of runGauges)
    export_(
      name,
      help,
      going.map(({ snapshot, labels }) => [labels, value(snapshot)]),
    );
  export_(
    OWN,
    'Newest value of a figure of the trainer’s own, by the name that it gave',
    going.flatMap(({ snapshot, labels, place }) =>
      snapshot.ranks.flatMap(({ rank, own }) =>
        own.map(({ name, value }): [Labels, number | null] => [
          { ...labels, rank, host: place(rank, null).host!, figure: name },
          value,
        ]),
      ),
    ),
  );
  export_(
    VERDICT,
    'The verdict, in its labels; always 1',
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
  export_(
    RUNS_OUT,
    'Updates until memory runs out, both ends of the interval; no sample where no end is in sight',
    going.flatMap(({ report, place }) =>
      (report?.devices ?? []).flatMap(({ rank, device, forecast }) =>
        (['low', 'high'] as const).map((bound): [Labels, number | null] => [
          { ...place(rank, device), bound },
          forecast.status === 'ahead' && forecast.updates !== null ? forecast.updates[bound] : null,
        ]),
      ),
    ),
  );
  export_(
    LOST,
    'Share of the time that went to the allocator’s stalls, 95% interval; no sample where there is no evidence of any',
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
  export_(
    ALARM,
    'An alarm about memory that stands: 1 is a warning, 2 critical',
    going.flatMap(({ snapshot, place }) =>
      snapshot.vitals.memoryAlarmDevices.map(({ rank, device, rule, level }): [Labels, number] => [
        { ...place(rank, device), rule },
        severity[level],
      ]),
    ),
  );
  export_(
    RANK_FINDING,
    'What a rank shows beside the others: 0 is for information, 1 a warning, 2 critical',
    going.flatMap(({ report, labels, place }) =>
      (report?.acrossRanks ?? []).flatMap(({ kind, level, ranks, device }) =>
        ranks.map((rank): [Labels, number] => [
          { ...labels, ...place(rank, device), finding: kind },
          severity[level],
        ]),
      ),
    ),
  );
  return registry.metrics();
}
