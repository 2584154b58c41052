/** Debian's Prometheus scrapes a failing, a healthy and a run of 64 ranks: every sample arrives, and its alerts fire where ours stand. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunReport } from '../../src/contract/index.ts';
import { declaredMetrics } from '../../src/export/metrics.ts';
import { prometheusName, prometheusText } from '../../src/export/prometheus.ts';
import { limits } from '../../src/figures/index.ts';
import type { RunView } from '../../src/serve/api.ts';
import { type Served, serve } from './fixture.ts';
import { FAILING, HEALTHY, MANY, writeMetricRuns } from './metric-runs.ts';
import { hasPrometheus, type Prometheus, startPrometheus, unlessPrometheus } from './prometheus.ts';

const rules = resolve('docs/prometheus/esper-alerts.yml');

test('the bounds of the rules are those of the figures', () => {
  const text = readFileSync(rules, 'utf8');
  const bound = (name: string) => Number(new RegExp(`^ +expr: ${name} > (\\S+)$`, 'm').exec(text)?.[1]);
  expect(bound('esper_memory_pressure_ratio')).toBe(limits.memoryPressure.critical.above);
  expect(bound('hw_gpu_memory_utilization_ratio')).toBe(limits.deviceUsedPercent.critical.above / 100);
  expect(bound('system_memory_usage_bytes / system_memory_limit_bytes')).toBe(
    limits.ramUsedPercent.critical.above / 100,
  );
});

test.skipIf(!hasPrometheus)(
  `promtool: the rules are sound, and each fires and rests where it should${unlessPrometheus}`,
  () => {
    for (const words of [
      ['check', 'rules', rules],
      ['test', 'rules', join(import.meta.dirname, 'esper-alerts.promtool.yml')],
    ])
      expect(execFileSync('promtool', words, { encoding: 'utf8' })).toContain('SUCCESS');
  },
);

/** The rows of the page's table of metrics: names, unit and labels. */
const documented = [
  ...readFileSync('docs/metrics.md', 'utf8').matchAll(
    /^\| `(\w+)` \| `([\w.]+)` \| (?:`(.*?)`)? ?\| (.*?) ?\| .+ \|$/gm,
  ),
].map(([, name, otlp, unit = '', labels]) => ({
  name: name!,
  otlp: otlp!,
  unit,
  labels: [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!),
}));

test('the page has every metric that may be exported, by both of its names', () => {
  const declared = declaredMetrics().map(metric => [prometheusName(metric), metric.name, metric.unit]);
  expect(documented.map(({ name, otlp, unit }) => [name, otlp, unit]).sort()).toEqual(declared.sort());
});

describe.skipIf(!hasPrometheus)(`a real Prometheus${unlessPrometheus}`, () => {
  let served: Served;
  let prometheus: Prometheus;
  beforeAll(async () => {
    served = await serve({ metrics: prometheusText });
    writeMetricRuns(served.runs);
    prometheus = await startPrometheus(
      `global: { scrape_interval: 1s, evaluation_interval: 1s }\nrule_files: ['${rules}']\nscrape_configs:\n` +
        `  - { job_name: esper, static_configs: [{ targets: ['127.0.0.1:${served.server.port}'] }] }\n`,
    );
  });
  afterAll(async () => {
    await prometheus.end();
    await served.end();
  });

  test('has every metric of the page, every sample of it, and fires where our alarms stand', async () => {
    const body = async () => (await served.get('/metrics')).body;
    // The list reads the logs; then all that is known is exported.
    await expect.poll(async () => (await body()).match(/^esper_verdict_info/gm)?.length).toBe(3);
    const samples = [...(await body()).matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)];
    const counts: Record<string, number> = {};
    for (const [, name] of samples) counts[name!] = (counts[name!] ?? 0) + 1;
    expect(Object.keys(counts).sort()).toEqual(documented.map(({ name }) => name).sort());
    expect(counts.torch_cuda_reserved_bytes_all_current).toBe(66);
    const common = ['run', 'name', 'cluster'];
    for (const { name, labels } of documented)
      for (const [, , shown] of samples.filter(([, other]) => other === name))
        expect([name, ...[...shown!.matchAll(/(\w+)="/g)].map(([, label]) => label)]).toEqual([
          name,
          ...(name === 'esper_runs' ? [] : common),
          ...labels,
        ]);
    await expect
      .poll(async () => {
        const result = await prometheus.query('count by (__name__) ({job="esper"})');
        return Object.fromEntries(
          result
            .filter(({ metric }) => !/^(up$|scrape_|ALERTS)/.test(metric.__name__!))
            .map(({ metric, value }) => [metric.__name__, Number(value[1])]),
        );
      })
      .toEqual(counts);

    /** Runs of which this is so, by what the page of each has. */
    const ours: Record<string, string[]> = {
      EsperMemoryAlarm: [],
      EsperMemoryPressure: [],
      EsperOutOfMemoryInSight: [],
    };
    for (const run of [FAILING, HEALTHY, MANY]) {
      const of = `/api/runs/${encodeURIComponent(run)}`;
      const { alarms, snapshot } = await served.ask<RunView>(of);
      const { devices } = await served.ask<RunReport>(`${of}/report`);
      if (alarms.some(({ device, toMs }) => device !== null && toMs === null))
        ours.EsperMemoryAlarm!.push(run);
      if (
        snapshot.devices.some(
          ({ pressure }) => (pressure.pressureFraction ?? 0) > limits.memoryPressure.critical.above,
        )
      )
        ours.EsperMemoryPressure!.push(run);
      if (devices.some(({ forecast }) => forecast.status === 'ahead'))
        ours.EsperOutOfMemoryInSight!.push(run);
    }
    expect(ours.EsperMemoryAlarm).toContain(FAILING);
    expect(Object.values(ours).flat()).not.toContain(HEALTHY);
    await expect
      .poll(async () => {
        const firing = (await prometheus.alerts()).filter(({ state }) => state === 'firing');
        return Object.fromEntries(
          Object.keys(ours).map(rule => [
            rule,
            [
              ...new Set(
                firing.filter(({ labels }) => labels.alertname === rule).map(({ labels }) => labels.run!),
              ),
            ].sort(),
          ]),
        );
      })
      .toEqual(ours);
  });
});
