/**
 * `esper report` of a long log, the process from its start to its end, beside what any reader must do: read the file in chunks, split
 * it into lines, JSON.parse each. Processor time of both in turn, on a fifth of the events, medians of three; then the whole log once:
 * seconds, and the largest resident set, beside that of a tenth of the log. Run: npx tsx bench/report.ts [events] [dist]
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventsFile } from '../src/log/index.ts';
import { median } from './measure.ts';
import { writeLog } from './sample-log.ts';

const MIB = 1024 ** 2;
const LEAST_REPORT = 10_000;

/** What one process measured of itself, all its threads: processor and clock, seconds, and its largest resident set, MiB. */
interface Measured {
  cpu: number;
  clock: number;
  peak: number;
}

/** Printed by a process at its end, on descriptor 3. maxRSS is in KiB. */
const usage = `if (process.getBuiltinModule('worker_threads').isMainThread) process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  const peak = process.resourceUsage().maxRSS / 1024;
  process.getBuiltinModule('fs').writeSync(3, JSON.stringify({ cpu: (user + system) / 1e6, clock: process.uptime(), peak }));
});`;

function parse(folder: string): void {
  const file = openSync(eventsFile(folder, 0), 'r');
  const chunk = Buffer.alloc(64 * 1024);
  let [rest, lines] = ['', 0];
  for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
    const parts = (rest + chunk.toString('utf8', 0, size)).split('\n');
    rest = parts.pop()!;
    for (const part of parts) {
      JSON.parse(part);
      lines++;
    }
  }
  closeSync(file);
  if (lines === 0) throw new Error('no lines');
}

function measured(args: readonly string[]): Measured {
  const measuring = ['--import', `data:text/javascript,${encodeURIComponent(usage)}`];
  const { output, status } = spawnSync(process.execPath, [...measuring, ...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  if (status !== 0) throw new Error(`${args.join(' ')} failed`);
  return JSON.parse(output[3]!.toString()) as Measured;
}

function compare(events: number, dist: string): void {
  const report = (folder: string): Measured => {
    const page = join(folder, 'report.html');
    const used = measured([join(dist, 'cli', 'esper.js'), 'report', folder, '--out', page]);
    if (statSync(page).size < LEAST_REPORT) throw new Error('no report');
    return used;
  };
  const peer = (folder: string) =>
    measured([...process.execArgv, fileURLToPath(import.meta.url), 'parse', folder]);
  const part = writeLog(Math.round(events / 5));
  const rounds = [0, 1, 2].map(() => ({ report: report(part), parse: peer(part) }));
  rmSync(part, { recursive: true });
  const of = (what: 'report' | 'parse') => median(rounds.map(round => round[what].cpu));
  console.log(`${events / 5} events, processor time, medians of 3, the start of the process included`);
  console.log(`read + split + JSON.parse   ${of('parse').toFixed(1)} s`);
  console.log(
    `esper report                ${of('report').toFixed(1)} s   ratio ${(of('report') / of('parse')).toFixed(2)}`,
  );
  const peaks = [events / 10, events].map(count => {
    const folder = writeLog(count);
    const size = statSync(eventsFile(folder, 0)).size / MIB;
    const { clock, cpu, peak } = report(folder);
    rmSync(folder, { recursive: true });
    console.log(
      `${count} events, ${size.toFixed(0)} MiB: ${clock.toFixed(1)} s by the clock, ${cpu.toFixed(1)} s of a processor, at most ${peak.toFixed(0)} MiB resident`,
    );
    return peak;
  });
  console.log(`resident, whole / tenth     ${(peaks[1]! / peaks[0]!).toFixed(2)}`);
}

const [events = '1000000', second = 'dist'] = process.argv.slice(2);
if (events === 'parse') parse(second);
else compare(Number(events), second);
