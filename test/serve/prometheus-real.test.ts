/** The metrics and the dashboard's questions, by a real Prometheus. Skipped, visibly, where there is none. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prometheusText } from '../../src/export/index.ts';
import { writeRun } from '../log-files.ts';
import { playedFleet } from '../ranks/fleet.ts';
import { hold, serve } from './fixture.ts';

const PROMETHEUS = '/usr/bin/prometheus';
const isThere = existsSync(PROMETHEUS);
const unless = isThere ? '' : ` (skipped: no ${PROMETHEUS})`;

const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

test.skipIf(!isThere)(
  `every question of the dashboard has an answer${unless}`,
  async () => {
    const served = await serve({ metrics: prometheusText, token: 'a-token-of-prometheus' });
    const folder = mkdtempSync(join(tmpdir(), 'esper-prometheus-'));
    const { events } = playedFleet('fleet', { seed: 1, ranks: 16, updates: 260 });
    const going = events.filter(({ type }) => type !== 'TRAINING_COMPLETED');
    hold(writeRun(join(served.runs, 'cluster-a'), '20260101-000000-fleet-aaaa', going));
    const port = await freePort();
    writeFileSync(join(folder, 'token'), 'a-token-of-prometheus');
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `scrape_configs:
  - job_name: esper
    scrape_interval: 1s
    scrape_timeout: 1s
    authorization: { credentials_file: ${join(folder, 'token')} }
    static_configs: [{ targets: ['127.0.0.1:${served.server.port}'] }]
`,
    );
    const child = spawn(
      PROMETHEUS,
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    const ask = async (
      query: string,
    ): Promise<{ metric: Record<string, string>; value: [number, string] }[]> => {
      const answer = await fetch(
        `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`,
      ).then(
        response => response.json(),
        () => null,
      );
      return answer?.data?.result ?? [];
    };
    try {
      const dashboard = JSON.parse(readFileSync('docs/grafana/esper.json', 'utf8'));
      const asked: string[] = dashboard.panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
        targets.map(({ expr }) => expr.replaceAll(/\$(run|rank)/g, '.*')),
      );
      await expect
        .poll(async () => (await ask('esper_rank_finding{finding="slow rank"}')).length, {
          timeout: 60_000,
          interval: 500,
        })
        .toBe(1);
      const [slow] = await ask('esper_rank_finding{finding="slow rank"}');
      expect(slow!.metric).toMatchObject({ rank: '12', host: 'node6', cluster: 'cluster-a' });
      const [verdict] = await ask('esper_verdict_info');
      expect(verdict!.metric).toMatchObject({
        verdict: 'leak',
        rank: '5',
        host: 'node2',
        cluster: 'cluster-a',
      });
      // No rank lost time to the allocator.
      const empty = asked.filter(expr => !/lost_time|samples_per/.test(expr));
      for (const expr of empty) expect(await ask(expr), expr).not.toEqual([]);
      const ranks = await ask('count(esper_memory_usage_percent)');
      expect(ranks[0]!.value[1]).toBe('16');
    } finally {
      child.kill();
      await new Promise(resolve => child.once('exit', resolve));
      await served.end();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  120_000,
);
