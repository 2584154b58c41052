/**
 * `esper report` of a long log beside what any reader must do: read the file in chunks, split it into lines, JSON.parse each.
 * Processor time of both in turn, on a fifth of the events, medians of three; then the whole log once: seconds, and the
 * largest resident set, beside that of a tenth of the log. Run: npx tsx bench/report.ts [events]
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RunAnalyser } from '../src/analysis/index.ts';
import { readLog } from '../src/cli/read-log.ts';
import { emptyReport, eventsFile } from '../src/log/index.ts';
import { runDocument, toHtml } from '../src/report/index.ts';
import { median } from './measure.ts';
import { writeLog } from './sample-log.ts';

const MIB = 1024 ** 2;

/** What one process measured of itself: processor and clock, seconds, and its largest resident set, MiB. */
interface Measured {
  cpu: number;
  clock: number;
  peak: number;
}

const work: Record<string, (folder: string) => void> = {
  report(folder) {
    const [analyser, read] = [new RunAnalyser(), emptyReport()];
    readLog(folder, read, event => analyser.take(event));
    const context = { nowMs: 0, timeZone: 'UTC', version: 'bench' };
    if (toHtml(runDocument(analyser.report(read), context)).length < 10_000) throw new Error('no report');
  },
  parse(folder) {
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
  },
};

function inProcess(what: string, folder: string): Measured {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), what, folder];
  const { stdout, status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`${what} failed`);
  return JSON.parse(stdout.toString()) as Measured;
}

function compare(events: number): void {
  const part = writeLog(Math.round(events / 5));
  const cpu: Record<string, number[]> = { report: [], parse: [] };
  for (let round = 0; round < 3; round++) for (const what in cpu) cpu[what]!.push(inProcess(what, part).cpu);
  rmSync(part, { recursive: true });
  const [report, parse] = [median(cpu.report!), median(cpu.parse!)];
  console.log(`${events / 5} events, processor time, medians of 3`);
  console.log(`read + split + JSON.parse   ${parse.toFixed(1)} s`);
  console.log(`log to HTML report          ${report.toFixed(1)} s   ratio ${(report / parse).toFixed(2)}`);

  const peaks = [events / 10, events].map(count => {
    const folder = writeLog(count);
    const size = statSync(eventsFile(folder, 0)).size / MIB;
    const { clock, cpu, peak } = inProcess('report', folder);
    rmSync(folder, { recursive: true });
    console.log(
      `${count} events, ${size.toFixed(0)} MiB: ${clock.toFixed(1)} s by the clock, ${cpu.toFixed(1)} s of a processor, at most ${peak.toFixed(0)} MiB resident`,
    );
    return peak;
  });
  console.log(`resident, whole / tenth     ${(peaks[1]! / peaks[0]!).toFixed(2)}`);
}

const [what = '1000000', folder] = process.argv.slice(2);
if (folder === undefined) compare(Number(what));
else {
  const began = performance.now();
  work[what]!(folder);
  const { user, system } = process.cpuUsage();
  // maxRSS is in KiB.
  const peak = (process.resourceUsage().maxRSS * 1024) / MIB;
  const measured: Measured = { cpu: (user + system) / 1e6, clock: (performance.now() - began) / 1000, peak };
  process.stdout.write(JSON.stringify(measured));
}
