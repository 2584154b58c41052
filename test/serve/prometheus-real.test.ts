/** The metrics and the dashboard's questions, by a real Prometheus. Skipped, visibly, where there is none. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prometheusText } from '../../src/export/index.ts';
import { writeRun } from '../log-files.ts';
import { playedFleet } from '../ranks/fleet.ts';
import { scratch } from '../scratch.ts';
import { hold, serve } from './fixture.ts';
import { hasPrometheus, startPrometheus, unlessPrometheus } from './prometheus.ts';

test.skipIf(!hasPrometheus)(
  `every question of the dashboard has an answer${unlessPrometheus}`,
  async () => {
    const served = await serve({ metrics: prometheusText, token: 'a-token-of-prometheus' });
    const token = join(scratch('token'), 'token');
    writeFileSync(token, 'a-token-of-prometheus');
    const { events } = playedFleet('fleet', { seed: 1, ranks: 16, nodes: 8, updates: 260 });
    const going = events.filter(({ type }) => type !== 'TRAINING_COMPLETED');
    hold(writeRun(join(served.runs, 'cluster-a'), '20260101-000000-fleet-aaaa', going));
    const prometheus = await startPrometheus(`scrape_configs:
  - job_name: esper
    scrape_interval: 1s
    scrape_timeout: 1s
    authorization: { credentials_file: ${token} }
    static_configs: [{ targets: ['127.0.0.1:${served.server.port}'] }]
`);
    const { query } = prometheus;
    try {
      const dashboard = JSON.parse(readFileSync('docs/grafana/esper.json', 'utf8'));
      const asked: string[] = dashboard.panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
        targets.map(({ expr }) => expr.replaceAll(/\$(run|rank)/g, '.*')),
      );
      // A scrape that comes too late for a busy machine leaves a gap until the next.
      const answer = async (expr: string) => {
        let rows: Awaited<ReturnType<typeof query>> = [];
        const ask = async () => {
          rows = await query(expr);
          return rows.length;
        };
        await expect.poll(ask, { message: expr, interval: 200 }).toBeGreaterThan(0);
        return rows;
      };
      const [slow] = await answer('esper_rank_finding{finding="slow rank"}');
      expect(slow!.metric).toMatchObject({ rank: '12', host: 'node6', cluster: 'cluster-a' });
      const [verdict] = await answer('esper_verdict_info');
      expect(verdict!.metric).toMatchObject({
        verdict: 'leak',
        rank: '5',
        host: 'node2',
        cluster: 'cluster-a',
      });
      // No rank lost time to the allocator.
      const filled = asked.filter(expr => !/lost_time|samples_per/.test(expr));
      for (const expr of filled) await answer(expr);
      const [ranks] = await answer('count(esper_memory_usage_percent)');
      expect(ranks!.value[1]).toBe('16');
    } finally {
      await prometheus.end();
      await served.end();
    }
  },
  120_000,
);
