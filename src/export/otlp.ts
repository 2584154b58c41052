/**
 * Pushes the metrics by OTLP over HTTP. A resource is a rank of a run (or the run, or the folder), so a request goes out for each of them,
 * one after the other, and the first that fails ends the round: a receiver that is down costs one warning. The packages of
 * OpenTelemetry are optional dependencies, loaded here and nowhere else.
 */
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type ExportedMetric, type ExportedRun, type Labels, metricsOf } from './metrics.ts';
import type { OtlpTarget } from './otlp-target.ts';

/** The versions that this package is tested with; package.json pins the same. */
export const OTLP_VERSION = '0.223.0';
export const SDK_VERSION = '2.12.0';

/** Longest that the end waits for what is being sent. */
const CLOSING_MS = 2000;

type Attributes = Record<string, string | number>;

/** Labels that say where a point comes from; the others are the point's own. */
const ofResource: Readonly<Record<string, string>> = {
  run: 'esper.run.id',
  name: 'esper.run.name',
  cluster: 'esper.cluster',
  rank: 'esper.rank',
  host: 'host.name',
};
const ofPoint: Readonly<Record<string, string>> = { hw_id: 'hw.id', device: 'hw.name' };
/** OpenTelemetry has these as amounts that can be summed up over devices and hosts; all else is a gauge. */
const isAmount = ({ name }: ExportedMetric): boolean =>
  /^(hw\.gpu|system)\.memory\.(usage|limit)$/.test(name);

async function loadOtlp(protocol: OtlpTarget['protocol']) {
  if (process.env.ESPER_OTLP !== 'off')
    try {
      const [sdk, resources, { OTLPMetricExporter }] = await Promise.all([
        import('@opentelemetry/sdk-metrics'),
        import('@opentelemetry/resources'),
        protocol === 'http/json'
          ? import('@opentelemetry/exporter-metrics-otlp-http')
          : import('@opentelemetry/exporter-metrics-otlp-proto'),
      ]);
      return { sdk, resources, OTLPMetricExporter };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    }
  const name = protocol === 'http/json' ? 'http' : 'proto';
  throw new Error(
    `--otlp needs the OTLP exporter of OpenTelemetry (Node 20.6 or later), which is not installed here: npm install ` +
      `@opentelemetry/exporter-metrics-otlp-${name}@${OTLP_VERSION} @opentelemetry/resources@${SDK_VERSION} @opentelemetry/sdk-metrics@${SDK_VERSION}.`,
  );
}
type Loaded = Awaited<ReturnType<typeof loadOtlp>>;

const hrTime = (ms: number): [number, number] => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];

/** What is known of a label's value: an empty one is a label that Prometheus has to have. */
const attributesOf = (labels: Labels, name: (label: string) => string | undefined): Attributes =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([label, value]) => {
      const key = name(label);
      return key === undefined || value === '' ? [] : [[key, value]];
    }),
  );

/** Points by the resource that they come from. A run whose ranks lie on one host is on that host. */
function byResource(metrics: readonly ExportedMetric[]): Map<string, [Attributes, ExportedMetric[]]> {
  const hosts = new Map<unknown, Set<unknown>>();
  for (const { points } of metrics)
    for (const [{ run, host }] of points)
      if (run !== undefined && host) hosts.set(run, (hosts.get(run) ?? new Set()).add(host));
  const parts = new Map<string, [Attributes, ExportedMetric[]]>();
  for (const { points, ...declared } of metrics)
    for (const [labels, value] of points) {
      const attributes = attributesOf(labels, label => ofResource[label]);
      const onlyHost = hosts.get(labels.run)?.size === 1 ? [...hosts.get(labels.run)!][0] : undefined;
      const { run, rank = '' } = labels;
      if (typeof onlyHost === 'string' && rank === '') attributes['host.name'] = onlyHost;
      if (run !== undefined) attributes['service.instance.id'] = rank === '' ? run : `${run}/${rank}`;
      const key = JSON.stringify([run, rank]);
      const part = parts.get(key) ?? [attributes, []];
      parts.set(key, part);
      const last = part[1].at(-1);
      const point = [labels, value] as const;
      if (last?.name === declared.name) part[1].splice(-1, 1, { ...last, points: [...last.points, point] });
      else part[1].push({ ...declared, points: [point] });
    }
  return parts;
}

export interface OtlpOptions {
  target: OtlpTarget;
  /** The newest look at all runs. */
  runs: () => Promise<readonly ExportedRun[]>;
  version: string;
  /** Given one sentence when a push fails and the one before did not. */
  warn: (text: string) => void;
  now?: () => number;
}

export class OtlpPush {
  readonly #options: OtlpOptions;
  readonly #loaded: Loaded;
  readonly #exporter: InstanceType<Loaded['OTLPMetricExporter']>;
  readonly #began: number;
  #timer: NodeJS.Timeout | null = null;
  #pushing: Promise<void> | null = null;
  #isDown = false;

  private constructor(options: OtlpOptions, loaded: Loaded) {
    this.#options = options;
    this.#loaded = loaded;
    this.#exporter = new loaded.OTLPMetricExporter({ url: options.target.url });
    this.#began = (options.now ?? Date.now)();
  }

  /** Pushes at once and then at every interval. Throws an Error of one sentence where the exporter is not installed. */
  static async start(options: OtlpOptions): Promise<OtlpPush> {
    const push = new OtlpPush(options, await loadOtlp(options.target.protocol));
    push.#timer = setInterval(() => void push.push(), options.target.intervalMs);
    void push.push();
    return push;
  }

  /** One round; the one under way where there is one. It never throws. */
  push(): Promise<void> {
    this.#pushing ??= this.#round().finally(() => {
      this.#pushing = null;
    });
    return this.#pushing;
  }

  /** Sends what is newest, unless the receiver is down. @returns whether nothing is under way any more */
  async close(): Promise<boolean> {
    if (this.#timer !== null) clearInterval(this.#timer);
    const sent = (async () => {
      await this.#pushing;
      if (!this.#isDown) await this.push();
      return true;
    })();
    let late: NodeJS.Timeout | undefined;
    const isSent = await Promise.race([
      sent,
      new Promise<false>(resolve => {
        late = setTimeout(resolve, CLOSING_MS, false);
      }),
    ]);
    clearTimeout(late);
    return isSent;
  }

  async #round(): Promise<void> {
    const { target, runs, warn } = this.#options;
    try {
      for (const [attributes, metrics] of byResource(metricsOf(await runs())).values())
        await this.#send(this.#resourceMetrics(attributes, metrics));
      this.#isDown = false;
    } catch (error) {
      const { message, code } = error as { message?: string; code?: string | number };
      const why = [typeof code === 'number' ? `HTTP ${code}` : '', message || code].filter(Boolean).join(' ');
      if (!this.#isDown) warn(`No metrics reach ${target.url} (${why}); it is tried again.`);
      this.#isDown = true;
    }
  }

  #send(metrics: ResourceMetrics): Promise<void> {
    return new Promise((resolve, reject) =>
      // 0 is success: the enumeration is of a package that is no dependency.
      this.#exporter.export(metrics, ({ code, error }) =>
        code === 0 ? resolve() : reject(error ?? new Error('not taken')),
      ),
    );
  }

  #resourceMetrics(attributes: Attributes, metrics: readonly ExportedMetric[]): ResourceMetrics {
    const { version, now = Date.now } = this.#options;
    const { envDetector, resourceFromAttributes, detectResources } = this.#loaded.resources;
    const { AggregationTemporality, DataPointType } = this.#loaded.sdk;
    const [startTime, endTime] = [hrTime(this.#began), hrTime(now())];
    const name = (label: string) => (label in ofResource ? undefined : (ofPoint[label] ?? `esper.${label}`));
    return {
      resource: resourceFromAttributes({ 'service.name': 'esper', 'service.version': version })
        .merge(detectResources({ detectors: [envDetector] }))
        .merge(resourceFromAttributes(attributes)),
      scopeMetrics: [
        {
          scope: { name: 'esper-telemetry', version },
          metrics: metrics.map(metric => {
            const { unit, help: description, points } = metric;
            const common = {
              // 1: a double, which holds every count of bytes.
              descriptor: { name: metric.name, description, unit, valueType: 1 },
              aggregationTemporality: AggregationTemporality.CUMULATIVE,
              dataPoints: points.map(([labels, value]) => ({
                startTime,
                endTime,
                attributes: attributesOf(labels, name),
                value,
              })),
            };
            return (
              isAmount(metric)
                ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: false }
                : { ...common, dataPointType: DataPointType.GAUGE }
            ) as MetricData;
          }),
        },
      ],
    };
  }
}
