/**
 * From a file of events to a snapshot: events per second beside a bare JSON.parse of the same lines.
 *   npx tsx bench/replay.ts [events]
 * Three rates, in turn, five rounds: the bare parse of lines that are strings in memory already; the same with
 * reading and splitting the file (what any reader must do); Esper: read, split, parse, check, reduce.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadRun } from '../src/cli/load-run.ts';
import { emptyReport } from '../src/log/index.ts';
import { writeLog } from './sample-log.ts';

const events = Number(process.argv[2] ?? 100_000);
const folder = writeLog(events);
const file = join(folder, 'events-0.jsonl');
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
const rates: Record<'parse' | 'read' | 'esper', number[]> = { parse: [], read: [], esper: [] };
const time = (name: keyof typeof rates, work: () => void) => {
  global.gc?.();
  const began = performance.now();
  work();
  rates[name].push((events / (performance.now() - began)) * 1000);
};

for (let round = 0; round < 6; round++) {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  time('parse', () => {
    for (const line of lines) JSON.parse(line);
  });
  time('read', () => {
    for (const line of readFileSync(file, 'utf8').split('\n')) if (line !== '') JSON.parse(line);
  });
  time('esper', () => {
    const snapshot = loadRun(folder, emptyReport());
    if (snapshot.ranks[0]?.events !== events) throw new Error('not every event was reduced');
  });
  // The first round compiles.
  if (round === 0) for (const list of Object.values(rates)) list.length = 0;
}
rmSync(folder, { recursive: true });
const [parse, read, esper] = [median(rates.parse), median(rates.read), median(rates.esper)];
const k = (rate: number) => `${(rate / 1000).toFixed(0)} k events/s`;
console.log(`${events} events, medians of 5 rounds`);
console.log(`JSON.parse alone, lines in memory   ${k(parse)}`);
console.log(`read + split + JSON.parse           ${k(read)}`);
console.log(`Esper, file to snapshot             ${k(esper)}`);
console.log(
  `ratio to JSON.parse alone ${(esper / parse).toFixed(2)}, to read + split + JSON.parse ${(esper / read).toFixed(2)}`,
);
