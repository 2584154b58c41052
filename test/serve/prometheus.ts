/** A real Prometheus for tests: Debian's, its data in a folder of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../fleet/nats-server.ts';
import { scratch } from '../scratch.ts';

export const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;
/** The end of a test's title. */
export const unlessPrometheus = hasPrometheus ? '' : ' (skipped: no prometheus)';

export interface Prometheus {
  /** What it has to an expression; nothing while it does not answer. */
  query: (expression: string) => Promise<{ metric: Record<string, string>; value: [number, string] }[]>;
  alerts: () => Promise<{ state: string; labels: Record<string, string> }[]>;
  end: () => Promise<void>;
}

/** @param config the text of its prometheus.yml */
export async function startPrometheus(config: string): Promise<Prometheus> {
  const home = scratch('prometheus');
  const port = await freePort();
  writeFileSync(join(home, 'prometheus.yml'), config);
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(home, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(home, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).then(
      response => response.json(),
      () => null,
    );
    return answer?.data ?? {};
  };
  return {
    query: async expression => (await ask(`query?query=${encodeURIComponent(expression)}`)).result ?? [],
    alerts: async () => (await ask('alerts')).alerts ?? [],
    end: async () => {
      child.kill();
      await new Promise(resolve => child.once('exit', resolve));
    },
  };
}
