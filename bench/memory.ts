/**
 * Memory of replaying a long log: peak resident set of a process that reads and reduces 1,000,000 events, beside one that
 * does so with a tenth of them. Flat means a ratio near 1. Run: npx tsx bench/memory.ts [events]
 */
import { spawnSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { emptyReport, eventsFile, readRun } from '../src/log/index.ts';
import { emptySnapshot, reduceAll } from '../src/reduce/index.ts';
import { writeLog } from './sample-log.ts';

const MIB = 1024 ** 2;
const [events = 1_000_000, folder] = [Number(process.argv[2] ?? 1_000_000), process.argv[3]];
if (folder === undefined) compare();
else replay(folder);

function replay(folder: string): void {
  const report = emptyReport();
  let snapshot = emptySnapshot();
  for (const batch of readRun(folder, report)) snapshot = reduceAll(snapshot, batch);
  if (report.events !== events || snapshot.ranks[0]?.events !== events)
    throw new Error('not every event was read');
  // maxRSS is in KiB.
  process.stdout.write(String((process.resourceUsage().maxRSS * 1024) / MIB));
}

function compare(): void {
  const [small, large] = [peakOf(events / 10), peakOf(events)];
  console.log(`large / small  ${(large / small).toFixed(2)}`);
}

/** MiB. */
function peakOf(events: number): number {
  const folder = writeLog(events);
  const bytes = statSync(eventsFile(folder, 0)).size;
  const began = performance.now();
  const args = [...process.execArgv, fileURLToPath(import.meta.url), String(events), folder];
  const { stdout, status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error('the replay failed');
  const seconds = (performance.now() - began) / 1000;
  rmSync(folder, { recursive: true });
  const peak = Number(stdout);
  console.log(
    `${events} events, ${(bytes / MIB).toFixed(0)} MiB: peak ${peak.toFixed(0)} MiB resident, ${seconds.toFixed(1)} s`,
  );
  return peak;
}
