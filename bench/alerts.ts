/**
 * The alarms of a finished run's log: what `esper alerts` does with all that is there already, beside a bare JSON.parse of the same file, in
 * turn, three rounds. `npx tsx bench/alerts.ts [events]`
 */
import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { defaultRules } from '../src/alarms/index.ts';
import { RunFollower } from '../src/follow/index.ts';
import { eventsFile } from '../src/log/index.ts';
import { median } from './measure.ts';
import { writeLog } from './sample-log.ts';

const events = Number(process.argv[2] ?? 1_000_000);
const folder = writeLog(events);
const file = eventsFile(folder, 0);

/** Reads, splits and parses; a file of this size fits into no string. */
function parse(): number {
  const fd = openSync(file, 'r');
  const chunk = Buffer.alloc(64 * 1024);
  let rest = '';
  let parsed = 0;
  for (let bytes = readSync(fd, chunk); bytes > 0; bytes = readSync(fd, chunk)) {
    const lines = (rest + chunk.toString('utf8', 0, bytes)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) parsed += typeof JSON.parse(line) === 'object' ? 1 : 0;
  }
  closeSync(fd);
  return parsed;
}

async function alarms(): Promise<number> {
  const stop = new AbortController();
  let seen = 0;
  const follower = new RunFollower(folder, {
    event: () => {
      seen++;
    },
    caughtUp: () => stop.abort(),
  });
  await follower.follow(stop.signal);
  return seen;
}

const seconds: Record<'parse' | 'alarms', number[]> = { parse: [], alarms: [] };
for (let round = 0; round < 3; round++)
  for (const [name, work] of Object.entries({ parse, alarms }) as ['parse' | 'alarms', typeof alarms][]) {
    const began = performance.now();
    const done = await work();
    if (done !== events) throw new Error(`${name} saw ${done} events`);
    seconds[name].push((performance.now() - began) / 1000);
  }
const mib = statSync(file).size / 2 ** 20;
rmSync(folder, { recursive: true });
const [bare, esper] = [median(seconds.parse), median(seconds.alarms)];
console.log(`${events} events, ${mib.toFixed(0)} MiB, medians of 3 rounds`);
console.log(`read + split + JSON.parse   ${bare.toFixed(1)} s`);
console.log(
  `alarms, ${defaultRules.length} rules           ${esper.toFixed(1)} s, ${((1e6 * esper) / events).toFixed(1)} µs an event`,
);
console.log(`ratio ${(esper / bare).toFixed(2)} of its time`);
