/**
 * `esper serve --otlp` to OpenTelemetry's own collector, built from its modules: what comes out of it again, of a failing, a healthy and a
 * run of 64 ranks.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prometheusName } from '../../src/export/prometheus.ts';
import { goProgram } from '../environments.ts';
import { freePort } from '../fleet/nats-server.ts';
import { scratch } from '../scratch.ts';
import { ACCURACY, FAILING, HEALTHY, MANY, writeMetricRuns } from './metric-runs.ts';
import { decoded, type Received, receiver } from './otlp-receiver.ts';

const COLLECTOR = goProgram('collector');
const isThere = existsSync(COLLECTOR);
const unless = isThere ? '' : ' (skipped: no collector: scripts/go-programs.sh makes it)';

const children: ChildProcess[] = [];
/** A started program, once it has printed what the pattern finds. */
function started(program: string, words: string[], pattern: RegExp, env: NodeJS.ProcessEnv = {}) {
  const child = spawn(program, words, { env: { ...process.env, ...env } });
  children.push(child);
  return new Promise<RegExpExecArray>((found, failed) => {
    let printed = '';
    const take = (text: Buffer) => {
      printed += text;
      const match = pattern.exec(printed);
      if (match !== null) found(match);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('exit', status => failed(new Error(`${program} ended with ${status}: ${printed}`)));
  });
}

describe.skipIf(!isThere)(`a collector${unless}`, () => {
  let runs: string;
  let collector: string;
  let memory: ReturnType<typeof writeMetricRuns>;
  let behind: Awaited<ReturnType<typeof receiver>>;
  beforeAll(async () => {
    runs = scratch('otlp');
    memory = writeMetricRuns(runs);
    behind = await receiver();
    const port = await freePort();
    const config = join(scratch('collector'), 'config.yaml');
    // Nothing waits or is put together: each request comes out before its answer goes back.
    writeFileSync(
      config,
      `receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:${port}' } } } }
exporters:
  otlp_http:
    endpoint: '${behind.url}'
    encoding: json
    compression: none
    sending_queue: { enabled: false }
    retry_on_failure: { enabled: false }
service: { telemetry: { metrics: { level: none } }, pipelines: { metrics: { receivers: [otlp], exporters: [otlp_http] } } }
`,
    );
    await started(COLLECTOR, ['--config', config], /Everything is ready/);
    collector = `http://127.0.0.1:${port}`;
  });
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    behind.end();
  });

  /** What came out of the newest round that is whole: each begins with what is of no run. */
  function newestRound(): Received[] {
    const all = behind.asked.flatMap(decoded);
    const begins = all.flatMap(({ resource }, at) => (resource['esper.run.id'] === undefined ? [at] : []));
    return begins.length < 2 ? [] : all.slice(begins.at(-2), begins.at(-1));
  }
  /** Its values, by metric and labels as Prometheus has them. */
  function valuesOf(received: readonly Received[]): Record<string, number> {
    const values: Record<string, number> = {};
    for (const { resource, metrics } of received)
      for (const [name, { unit, points }] of metrics)
        for (const { attributes, value } of points) {
          const of = { ...resource, ...attributes };
          const labels = [
            of['esper.run.id'],
            of['esper.rank'],
            of['hw.name'],
            of['hw.id'],
            ...['state', 'figure', 'verdict', 'bound', 'rule', 'finding'].map(own => of[`esper.${own}`]),
          ];
          values[[prometheusName({ name, unit }), ...labels.map(label => label ?? '')].join()] = value;
        }
    return values;
  }
  /** The same of the text that Prometheus gets. */
  const scraped = (text: string): Record<string, number> =>
    Object.fromEntries(
      [...text.matchAll(/^(\w+)\{(.*)\} (\S+)$/gm)].map(([, name, labels, value]) => {
        const of = Object.fromEntries(
          [...labels!.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
        );
        const own = ['state', 'figure', 'verdict', 'bound', 'rule', 'finding'];
        const keys = ['run', 'rank', 'device', 'hw_id', ...own];
        return [[name, ...keys.map(key => of[key] ?? '')].join(), Number(value)];
      }),
    );

  test.each(['http/json', 'http/protobuf'])('hands on every figure to its last digit: %s', async protocol => {
    behind.asked.length = 0;
    const [, url] = await started(
      process.execPath,
      ['dist/cli/esper.js', 'serve', '--runs', runs, '--port', '0', '--otlp', collector],
      /at (http:\S+)/,
      { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_METRIC_EXPORT_INTERVAL: '300' },
    );
    let round: Received[] = [];
    // Verdicts come once the logs were read.
    await expect
      .poll(
        async () => {
          round = newestRound();
          const values = valuesOf(round);
          expect(values).toEqual(scraped(await (await fetch(`${url}metrics`)).text()));
          return Object.keys(values)
            .flatMap(key => /^esper_verdict_info,([^,]+)/.exec(key)?.[1] ?? [])
            .sort();
        },
        { interval: 300 },
      )
      .toEqual([FAILING, HEALTHY, MANY]);

    const of = (instance: string, name: string) =>
      round.find(({ resource }) => resource['service.instance.id'] === instance)!.metrics.get(name);
    const on = { 'hw.id': 'GPU-0', 'hw.name': 'sim:0' };
    expect(of(`${FAILING}/0`, 'hw.gpu.memory.usage')).toEqual({
      unit: 'By',
      isSum: true,
      isMonotonic: false,
      points: [{ attributes: on, value: memory.deviceTotalBytes! - memory.deviceFreeBytes! }],
    });
    expect(of(`${FAILING}/0`, 'hw.gpu.utilization')).toEqual({
      unit: '1',
      isSum: false,
      isMonotonic: false,
      points: [{ attributes: on, value: 0.87 }],
    });
    expect(of(`${FAILING}/0`, 'esper.own_figure')!.points).toEqual([
      { attributes: { 'esper.figure': 'accuracy' }, value: ACCURACY },
    ]);
    const bytes = (name: string) => of(`${FAILING}/0`, `torch.cuda.${name}`)!.points[0]!.value;
    expect(bytes('allocated_bytes.all.peak')).toBe(memory.peakAllocatedBytes);
    expect(bytes('allocated_bytes.all.current')).toBe(memory.allocatedBytes);
    expect(bytes('reserved_bytes.all.peak')).toBe(memory.peakReservedBytes);
    expect(memory.peakAllocatedBytes).toBeGreaterThan(memory.allocatedBytes!);
    expect(of(`${FAILING}/0`, 'esper.verdict.info')!.points[0]!.attributes).toMatchObject({
      'esper.verdict': 'leak',
    });
    const rank = round.find(({ resource }) => resource['service.instance.id'] === `${MANY}/63`)!;
    expect(rank.resource).toMatchObject({
      'esper.rank': 63,
      'esper.cluster': 'cluster-a',
      'host.name': 'node7',
    });
    const server = children.at(-1)!;
    server.kill('SIGINT');
    await new Promise(resolve => server.once('exit', resolve));
  });

  test('Prometheus has the names of /metrics, by the collector’s own library; those of OpenTelemetry are used as it has them', () => {
    const metrics = new Map(
      behind.asked
        .flatMap(decoded)
        .flatMap(({ metrics }) =>
          [...metrics].map(([name, { unit, isSum }]) => [
            name,
            { name, unit, instrument: isSum ? 'updowncounter' : 'gauge' },
          ]),
        ),
    );
    const asked = JSON.stringify([...metrics.values()]);
    const { prometheus, conventions } = JSON.parse(
      execFileSync(COLLECTOR, ['names'], { input: asked, encoding: 'utf8' }),
    );
    for (const { name, unit } of metrics.values())
      expect(prometheusName({ name, unit })).toBe(prometheus[name]);
    expect([...metrics.values()].filter(({ name }) => /^(hw|system)\./.test(name))).toEqual(
      expect.arrayContaining(conventions),
    );
    expect(conventions.length).toBe([...metrics.keys()].filter(name => /^(hw|system)\./.test(name)).length);
  });
});
