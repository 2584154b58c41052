/** The output of every command on the run folders of an older version, as JSON. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { SanctumSnapshot } from '../../src/contract/index.ts';
import { prometheusText } from '../../src/export/index.ts';
import { startServer } from '../../src/serve/index.ts';

export const OLD_RUNS = 'test/golden/old-runs';

const run = promisify(execFile);
const BUFFER = 64 * 2 ** 20;
/** Figures of one request for series. */
const MOST = 24;
type Series = { available: string[]; figures: Record<string, unknown> };

/** Standard output of a command of the built package. */
async function esper(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ['dist/cli/esper.js', ...args], { maxBuffer: BUFFER });
  return stdout;
}

/** Unpacks the run folders. @returns their ids */
export function unpack(into: string): string[] {
  const logs = join(OLD_RUNS, 'logs');
  for (const id of readdirSync(logs)) {
    mkdirSync(join(into, id), { recursive: true });
    for (const file of readdirSync(join(logs, id))) {
      const bytes = readFileSync(join(logs, id, file));
      writeFileSync(join(into, id, basename(file, '.gz')), file.endsWith('.gz') ? gunzipSync(bytes) : bytes);
    }
  }
  return readdirSync(logs);
}

const lines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));

/** Prometheus text of the run, as if it were under way. */
async function metricsOf(id: string, snapshot: SanctumSnapshot): Promise<string[]> {
  const row = { id, name: snapshot.run.name ?? id, state: 'running' };
  const text = await prometheusText([{ row, snapshot }]);
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
}

/** The outputs by run. */
export async function outputsOf(runs: string, id: string, server: string): Promise<Record<string, unknown>> {
  const get = async <T>(path: string): Promise<T> =>
    (await fetch(`${server}/api/runs/${id}${path}`)).json() as T;
  const [snapshot, report, alerts] = await Promise.all([
    esper('snapshot', id, '--runs', runs, '--json').then(JSON.parse),
    esper('report', id, '--runs', runs, '--json').then(JSON.parse),
    esper('alerts', id, '--runs', runs, '--json', '--no-follow', '--past').then(lines),
  ]);
  const series: Record<string, unknown> = {};
  for (const { rank } of (snapshot as SanctumSnapshot).ranks) {
    // The report waits until the whole log was read.
    await get('/report');
    const ask = (names: readonly string[]) =>
      get<Series>(`/series?figures=${encodeURIComponent(names.join(','))}&x=batch&width=8&rank=${rank}`);
    const all = await ask([]);
    for (let i = 0; i < all.available.length; i += MOST)
      Object.assign(all.figures, (await ask(all.available.slice(i, i + MOST))).figures);
    series[rank] = all;
  }
  return { snapshot, report, alerts, series, metrics: await metricsOf(id, snapshot) };
}

/** The outputs on the folder, and on pairs of its runs. */
export async function folderOutputs(
  runs: string,
  pairs: readonly (readonly [string, string])[],
): Promise<Record<string, unknown>> {
  const list = JSON.parse(await esper('runs', '--runs', runs, '--json'));
  const compared: Record<string, unknown> = {};
  for (const [a, b] of pairs)
    compared[`${a} ${b}`] = JSON.parse(await esper('compare', a, b, '--runs', runs, '--json'));
  return { list, compared };
}

/** Pairs that are compared, by name. */
export const PAIRS = [
  ['sim', 'resumed'],
  ['at-the-wall-slow', 'neighbour'],
  ['expandable', 'torch'],
  ['cpu', 'sim'],
] as const;

/** A server of the folder; no metrics or report pages. */
export const serveFolder = (runs: string) =>
  startServer({ runs, port: 0, host: '127.0.0.1', metrics: async () => '', reportPage: () => '' });
