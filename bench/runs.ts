/**
 * `esper runs` over many runs: the first time, when each is read, and after that; beside the bare reading and JSON.parse of every
 * `run.json`, in a process of its own as well.
 *   npx tsx bench/runs.ts /path/to/dist [runs]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { median } from '../src/base/index.ts';
import { played, writeRun } from '../test/report/runs.ts';

const [dist = 'dist', count = '5000'] = process.argv.slice(2);
const REPEATS = 5;
const runs = mkdtempSync(join(tmpdir(), 'esper-bench-runs-'));

/** Milliseconds that the program takes, its own start included. */
function timed(...args: string[]): number {
  const before = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { maxBuffer: 1e9 });
  if (status !== 0) throw new Error(String(stderr));
  return performance.now() - before;
}

try {
  const steady = played('steady', 1).slice(0, 40);
  for (let i = 0; i < Number(count); i++) {
    const at = new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString().replace(/\D/g, '');
    writeRun(
      runs,
      `${at.slice(0, 8)}-${at.slice(8, 14)}-sweep-lr${i % 7}-${(i + 4096).toString(16)}`,
      steady,
    );
  }
  const list = [resolve(dist, 'cli/esper.js'), 'runs', '--runs', runs];
  const bare = `const fs=require('node:fs');for(const d of fs.readdirSync(${JSON.stringify(runs)})){try{JSON.parse(fs.readFileSync(${JSON.stringify(runs)}+'/'+d+'/run.json','utf8'))}catch{}}`;
  const first = timed(...list);
  const again = Array.from({ length: REPEATS }, () => timed(...list));
  const filtered = Array.from({ length: REPEATS }, () =>
    timed(
      ...list,
      '--filter',
      'verdict=steady',
      '--sort',
      '-peak',
      '--columns',
      'name,peak,verdict',
      '--csv',
    ),
  );
  const peer = Array.from({ length: REPEATS }, () => timed('-e', bare));
  const ms = (values: number[]) => `${median(values).toFixed(0)} ms`;
  console.log(`${count} runs: the first time ${first.toFixed(0)} ms, every verdict made`);
  console.log(
    `again ${ms(again)}; filtered and sorted as CSV ${ms(filtered)}; bare read + JSON.parse ${ms(peer)}`,
  );
  console.log(`ratio ${(median(again) / median(peer)).toFixed(2)}`);
} finally {
  rmSync(runs, { recursive: true, force: true });
}
