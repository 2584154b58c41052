/** Metrics by OTLP: a receiver of ours decodes what arrives over HTTP, and one that is down costs one warning. */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { GIB } from '../../src/base/index.ts';
import { gaugeNames, OTLP_VERSION, OtlpPush, otlpTarget, SDK_VERSION } from '../../src/export/index.ts';
import { prometheusName } from '../../src/export/prometheus.ts';
import { writeRun } from '../log-files.ts';
import { event, hold, type Served, serve, update } from './fixture.ts';
import { decoded, receiver } from './otlp-receiver.ts';

let served: Served;
beforeAll(async () => {
  served = await serve();
  const start = (rank: number) =>
    event(0, 'TRAINING_STARTED', { worldSize: 2, hostname: `node${rank}` }, rank);
  hold(
    writeRun(`${served.runs}/cluster-a`, '20260101-000000-going-aaaa', [
      start(0),
      update(1, 82),
      start(1),
      update(1, 41, 0.01, 1, 1),
    ]),
  );
  writeRun(served.runs, '20260101-000001-over-bbbb', [
    event(0, 'TRAINING_STARTED', {}),
    event(1, 'TRAINING_COMPLETED', { reason: 'finished' }),
  ]);
});
afterAll(() => served.end());

/** A push of what is served, by hand. */
async function pushTo(url: string, warn: (text: string) => void = () => {}, env: NodeJS.ProcessEnv = {}) {
  const target = otlpTarget(url, env);
  const push = await OtlpPush.start({ target, runs: served.server.newest, version: '1.2.3', warn });
  onTestFinished(async () => {
    await push.close();
  });
  await push.push();
  return push;
}

describe('a receiver', () => {
  test('gets every rank as a resource, by OpenTelemetry’s names, and no point of what was not measured', async () => {
    const { asked, url, end } = await receiver();
    onTestFinished(end);
    vi.stubEnv('OTEL_SERVICE_NAME', 'train-cluster');
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=lab,host.name=elsewhere');
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-team=red');
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip');
    onTestFinished(() => void vi.unstubAllEnvs());
    await pushTo(url);
    expect(asked.every(({ path }) => path === '/v1/metrics')).toBe(true);
    expect(asked[0]!.headers).toMatchObject({ 'x-team': 'red', 'content-type': 'application/json' });
    const all = asked.flatMap(decoded);
    const id = 'cluster-a/20260101-000000-going-aaaa';
    const of = (instance: string | undefined) =>
      all.find(({ resource }) => resource['service.instance.id'] === instance)!;
    const rank = of(`${id}/1`);
    expect(rank.resource).toMatchObject({
      'service.name': 'train-cluster',
      'service.version': '1.2.3',
      'deployment.environment.name': 'lab',
      'esper.run.id': id,
      'esper.cluster': 'cluster-a',
      'esper.rank': 1,
      'host.name': 'node1',
    });
    const on = { 'hw.id': 'cuda:0', 'hw.name': 'cuda:0' };
    const one = (value: number) => [{ attributes: on, value }];
    expect(rank.metrics.get('hw.gpu.memory.usage')).toEqual({
      unit: 'By',
      isSum: true,
      isMonotonic: false,
      points: one(12 * GIB),
    });
    expect(rank.metrics.get('hw.gpu.memory.utilization')).toEqual({
      unit: '1',
      isSum: false,
      isMonotonic: false,
      points: one(0.5),
    });
    expect(rank.metrics.get('torch.cuda.allocated_bytes.all.peak')!.points).toEqual(
      one(Math.round(0.41 * 8 * GIB)),
    );
    expect(rank.metrics.get('torch.cuda.num_ooms')!.points).toEqual(one(0));
    expect(rank.metrics.has('torch.cuda.active_bytes.all.peak')).toBe(false);
    expect(rank.metrics.has('hw.gpu.utilization')).toBe(false);
    expect(of(id).metrics.get('esper.batch')!.points).toEqual([{ attributes: {}, value: 1 }]);
    expect(of(undefined).metrics.get('esper.runs')!.points).toContainEqual({
      attributes: { 'esper.state': 'completed' },
      value: 1,
    });
    expect(JSON.stringify(all.map(({ resource }) => resource))).not.toContain('over-bbbb');
    // A collector that hands them on to Prometheus has the names of /metrics.
    for (const { metrics } of all)
      for (const [name, { unit }] of metrics) expect(gaugeNames()).toContain(prometheusName({ name, unit }));
  });

  test('gets protobuf where the environment asks for it', async () => {
    const { asked, url, end } = await receiver();
    onTestFinished(end);
    await pushTo(`${url}/behind/`, undefined, { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' });
    expect(asked[0]).toMatchObject({
      path: '/behind/v1/metrics',
      headers: { 'content-type': 'application/x-protobuf' },
    });
    expect(asked.some(({ body }) => body.includes('hw.gpu.memory.usage'))).toBe(true);
  });

  test('that refuses is warned of once, until it has taken a push', async () => {
    const { asked, url, end } = await receiver(400);
    onTestFinished(end);
    const warned: string[] = [];
    const push = await pushTo(url, text => warned.push(text));
    await push.push();
    // The first refusal ends a round.
    expect(asked.length).toBe(2);
    expect(warned).toEqual([`No metrics reach ${url}/v1/metrics (HTTP 400 Bad Request); it is tried again.`]);
  });
});

test('where, how and how often come from the option and the environment; what is wrong is named', () => {
  const at = (given: string | true, env: NodeJS.ProcessEnv = {}) => otlpTarget(given, env).url;
  expect(at(true)).toBe('http://localhost:4318/v1/metrics');
  expect(at(true, { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c.example/otlp' })).toBe(
    'https://c.example/otlp/v1/metrics',
  );
  expect(
    at(true, { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://m/', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' }),
  ).toBe('http://m/');
  expect(at('http://c:4318/v1/metrics', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://d' })).toBe(
    'http://c:4318/v1/metrics',
  );
  expect(otlpTarget(true, { OTEL_METRIC_EXPORT_INTERVAL: '5000' }).intervalMs).toBe(5000);
  expect(() => at('collector:4318')).toThrow(
    '--otlp takes the address of a receiver, as http://localhost:4318, not "collector:4318".',
  );
  expect(() => at(true, { OTEL_EXPORTER_OTLP_ENDPOINT: 'c' })).toThrow('OTEL_EXPORTER_OTLP_ENDPOINT takes');
  expect(() => at('http://a:b@c')).toThrow('OTEL_EXPORTER_OTLP_HEADERS');
  expect(() => at(true, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow(
    'OTEL_EXPORTER_OTLP_PROTOCOL takes http/json or http/protobuf here, not "grpc".',
  );
  for (const wrong of ['0', '-1', '1m', '9'.repeat(12)])
    expect(() => otlpTarget(true, { OTEL_METRIC_EXPORT_INTERVAL: wrong })).toThrow('takes milliseconds');
});

test('the versions that are named are those of the package', () => {
  expect(packageJson.optionalDependencies).toMatchObject({
    '@opentelemetry/exporter-metrics-otlp-http': OTLP_VERSION,
    '@opentelemetry/exporter-metrics-otlp-proto': OTLP_VERSION,
    '@opentelemetry/resources': SDK_VERSION,
    '@opentelemetry/sdk-metrics': SDK_VERSION,
  });
});

/** `esper serve` with a receiver that is down, until it has printed this on standard error, then SIGINT. */
const command = (env: NodeJS.ProcessEnv, until: RegExp | null) =>
  new Promise<{ status: number | null; err: string }>(resolve => {
    const child = spawn(
      process.execPath,
      ['dist/cli/esper.js', 'serve', '--runs', served.runs, '--port', '0', '--otlp', 'http://127.0.0.1:9'],
      { env: { ...process.env, ...env } },
    );
    let err = '';
    child.stderr.setEncoding('utf8').on('data', text => {
      err += text;
      if (until?.test(err)) child.kill('SIGINT');
    });
    child.on('close', status => resolve({ status, err }));
  });

test('the command goes on without a receiver, and names what to install where the exporter is missing', async () => {
  const down = await command({ OTEL_METRIC_EXPORT_INTERVAL: '50', OTEL_EXPORTER_OTLP_TIMEOUT: '200' }, /\n/);
  expect(down.status).toBe(0);
  expect(down.err).toBe(
    'No metrics reach http://127.0.0.1:9/v1/metrics (connect ECONNREFUSED 127.0.0.1:9); it is tried again.\n',
  );
  const missing = await command({ ESPER_OTLP: 'off' }, null);
  expect(missing.status).toBe(1);
  expect(missing.err).toMatch(
    /^esper: --otlp needs the OTLP exporter .* npm install @opentelemetry\/exporter-metrics-otlp-http@/,
  );
});
