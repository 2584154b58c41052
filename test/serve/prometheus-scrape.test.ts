/** Debian's Prometheus scrapes a failing, a healthy and a run of 64 ranks: every sample arrives, and its alerts fire where ours stand. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GIB } from '../../src/base/index.ts';
import { prometheusText } from '../../src/export/index.ts';
import { limits } from '../../src/figures/index.ts';
import { writeRun } from '../log-files.ts';
import { event, hold, type Served, serve } from './fixture.ts';
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

/** An update of one device of 8 GiB that needed `peak` GiB. */
const used = (seq: number, batch: number, peak: number, rank = 0) => ({
  ...event(seq, 'PPO_UPDATE_COMPLETED', {
    batch,
    memory: [
      {
        device: `cuda:${rank % 8}`,
        uuid: `GPU-${rank}`,
        allocatedBytes: GIB,
        reservedBytes: peak * GIB,
        peakAllocatedBytes: peak * GIB,
        peakReservedBytes: peak * GIB,
        deviceTotalBytes: 8 * GIB,
        deviceFreeBytes: (8 - peak) * GIB,
        allocRetries: 0,
        ooms: 0,
      },
    ],
  }),
  rank,
});

describe.skipIf(!hasPrometheus)(`a real Prometheus${unlessPrometheus}`, () => {
  let served: Served;
  let prometheus: Prometheus;
  beforeAll(async () => {
    served = await serve({ metrics: prometheusText });
    const start = (rank: number, worldSize: number) => ({
      ...event(0, 'TRAINING_STARTED', { worldSize }),
      rank,
    });
    hold(writeRun(served.runs, '20260101-000000-failing-aaaa', [start(0, 1), used(1, 1, 7.75)]));
    hold(writeRun(served.runs, '20260101-000001-healthy-bbbb', [start(0, 1), used(1, 1, 2)]));
    const many = Array.from({ length: 64 }, (_, rank) => [start(rank, 64), used(1, 1, 3, rank)]).flat();
    hold(writeRun(served.runs, '20260101-000002-many-cccc', many));
    prometheus = await startPrometheus(
      `global: { scrape_interval: 1s, evaluation_interval: 1s }\nrule_files: ['${rules}']\nscrape_configs:\n` +
        `  - { job_name: esper, static_configs: [{ targets: ['127.0.0.1:${served.server.port}'] }] }\n`,
    );
  });
  afterAll(async () => {
    await prometheus.end();
    await served.end();
  });

  test('has every sample, and fires where our alarms stand', async () => {
    const body = async () => (await served.get('/metrics')).body;
    // The list reads the logs; then all that is known is exported.
    await expect
      .poll(async () => (await body()).match(/^torch_cuda_reserved_bytes_all_current/gm)?.length)
      .toBe(66);
    const exported = [...(await body()).matchAll(/^(\w+)(?:\{.*)? \S+$/gm)].map(([, name]) => name!);
    const counts = Object.fromEntries(
      exported.map(name => [name, exported.filter(other => other === name).length]),
    );
    expect(Object.keys(counts).length).toBeGreaterThan(10);
    await expect
      .poll(async () => {
        const result = await prometheus.query('count by (__name__) ({job="esper"})');
        return Object.fromEntries(
          result
            .filter(({ metric }) => !/^(up|scrape_)/.test(metric.__name__!))
            .map(({ metric, value }) => [metric.__name__, Number(value[1])]),
        );
      })
      .toEqual(counts);
    const alarmed = [...(await body()).matchAll(/^esper_memory_alarm\{run="([^"]+)".*\} 1$/gm)].map(
      ([, run]) => run,
    );
    expect(alarmed).toEqual(['20260101-000000-failing-aaaa']);
    await expect
      .poll(async () => {
        const alerts = await prometheus.alerts();
        return [
          ...new Set(
            alerts
              .filter(
                ({ state, labels }) => state === 'firing' && /Pressure|MemoryAlarm/.test(labels.alertname!),
              )
              .map(({ labels }) => `${labels.alertname} ${labels.run}`),
          ),
        ].sort();
      })
      .toEqual([
        'EsperMemoryAlarm 20260101-000000-failing-aaaa',
        'EsperMemoryPressure 20260101-000000-failing-aaaa',
      ]);
  });
});
