/** What is exported to Prometheus, and that the Grafana dashboard asks for nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gaugeNames, prometheusText } from '../../src/export/index.ts';
import { noteCluster } from '../../src/log/index.ts';
import { writeRun } from '../log-files.ts';
import { event, hold, type Served, serve, update } from './fixture.ts';

let served: Served;
beforeAll(async () => {
  served = await serve({ metrics: prometheusText });
  hold(
    writeRun(served.runs, '20260101-000000-going-aaaa', [event(0, 'TRAINING_STARTED', {}), update(1, 82)]),
  );
  writeRun(served.runs, '20260101-000001-over-bbbb', [
    event(0, 'TRAINING_STARTED', {}),
    update(1, 10),
    event(2, 'TRAINING_COMPLETED', { reason: 'finished' }),
  ]);
});
afterAll(() => served.end());

/** Value of a metric's first line; null where it has none. */
const value = (text: string, name: string): number | null => {
  const found = new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text);
  return found === null ? null : Number(found[1]);
};

test('runs under way are exported; what was not measured has no line', async () => {
  const { body, headers } = await served.get('/metrics');
  expect(headers['content-type']).toContain('text/plain');
  expect(value(body, 'esper_memory_usage_percent')).toBeCloseTo(82);
  expect(value(body, 'torch_cuda_reserved_bytes_all_current')).toBe(8 * 1024 ** 3);
  expect(value(body, 'hw_gpu_memory_utilization_ratio')).toBe(0.5);
  expect(value(body, 'esper_batch')).toBe(1);
  expect(value(body, 'hw_gpu_utilization_ratio')).toBeNull();
  expect(value(body, 'torch_cuda_active_bytes_all_peak')).toBeNull();
  expect(body).toContain('esper_runs{state="completed"} 1');
  expect(body).not.toContain('over-bbbb');
});

test('not one metric is 0 for lack of a measurement', async () => {
  const bare = await serve({ metrics: prometheusText });
  try {
    const log = [
      event(0, 'TRAINING_STARTED', {}),
      event(1, 'PPO_UPDATE_COMPLETED', { batch: 1, memory: [{ device: 'cuda:0' }] }),
    ];
    hold(writeRun(bare.runs, '20260101-000000-bare-aaaa', log));
    const { body } = await bare.get('/metrics');
    const shown = [...body.matchAll(/^(\w+)\{.*$/gm)].map(([, name]) => name);
    // What is known of any run: what it counted, and that no rule found anything.
    expect(shown.sort()).toEqual([
      'esper_batch',
      'esper_last_event_timestamp_seconds',
      'esper_memory_alarm',
      'esper_runs',
      'esper_status',
      // That its memory is not measured.
      'esper_verdict_info',
    ]);
  } finally {
    await bare.end();
  }
});

test('a run is of the folder that it lies in, behind the one cluster that it was collected from', async () => {
  const collected = await serve({ metrics: prometheusText });
  try {
    for (const [folder, id] of [
      ['', '20260101-000000-plain-aaaa'],
      ['team', '20260101-000001-team-bbbb'],
      ['team', '20260101-000002-lab-cccc'],
    ] as const)
      hold(writeRun(join(collected.runs, folder), id, [event(0, 'TRAINING_STARTED', {}), update(1, 82)]));
    const clusters = async () => {
      const { body } = await collected.get('/metrics');
      const found = body.matchAll(/^esper_batch\{run="([^"]*)",name="[^"]*",cluster="([^"]*)"/gm);
      return Object.fromEntries([...found].map(([, run, cluster]) => [run!.slice(-4), cluster]));
    };
    noteCluster(collected.runs, 'team/20260101-000002-lab-cccc', 'lab');
    expect(await clusters()).toEqual({ aaaa: '', bbbb: 'team', cccc: 'lab/team' });
    noteCluster(collected.runs, '20260101-000000-plain-aaaa', 'lab');
    expect(await clusters()).toEqual({ aaaa: 'lab', bbbb: 'team', cccc: 'lab/team' });
  } finally {
    await collected.end();
  }
});

test('the dashboard asks only for metrics that are exported', () => {
  const asked = readFileSync('docs/grafana/esper.json', 'utf8').matchAll(/"expr": "(\w+)\{/g);
  const names = [...asked].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect(gaugeNames()).toContain(name);
});
