/**
 * What one 45-field PPO_UPDATE_COMPLETED event costs, in the file when the call returns: Esper's emit, beside pino
 * (sync) writing the same object and beside bare JSON.stringify + writeSync. Run: npx tsx bench/emit.ts
 *
 * Rounds are interleaved and each starts on an empty file, so that all meet the same machine. Esper also stamps
 * seq and telemetryMs and syncs to the disk twice a second; pino stamps level and time; bare writes the line and nothing else.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import type { PPOUpdatePayload } from '../src/contract/index.ts';
import { Emitter } from '../src/emit/emitter.ts';
import { LogWriter } from '../src/log/index.ts';
import { median } from './measure.ts';
import { update } from './sample-log.ts';

const ROUNDS = 60;
const EVENTS = 1000;

const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'esper-bench-'));
const path = (name: string) => join(folder, name);

const writer = new LogWriter(folder);
const emitter = new Emitter({ run: '20260101-120000-bench-0000', rank: 0, sink: writer });
const log = pino(pino.destination({ dest: path('pino.jsonl'), sync: true }));
const bareFd = openSync(path('bare.jsonl'), 'a');
const envelope = (data: PPOUpdatePayload, seq: number) => ({
  v: '1.0',
  seq,
  timeMs: Date.now(),
  run: '20260101-120000-bench-0000',
  rank: 0,
  type: 'PPO_UPDATE_COMPLETED',
  data,
  telemetryMs: 0.0421,
});

let stringified = 0;
const ways = {
  'esper emit': (data: PPOUpdatePayload) => emitter.emit('PPO_UPDATE_COMPLETED', data),
  'pino, sync': (data: PPOUpdatePayload, seq: number) => log.info(envelope(data, seq)),
  'stringify + writeSync': (data: PPOUpdatePayload, seq: number) =>
    writeSync(bareFd, `${JSON.stringify(envelope(data, seq))}\n`),
  'stringify alone': (data: PPOUpdatePayload, seq: number) => {
    stringified += JSON.stringify(envelope(data, seq)).length;
  },
};
const files = [path('events-0.jsonl'), path('pino.jsonl'), path('bare.jsonl')];

const micros: Record<string, number[]> = Object.fromEntries(Object.keys(ways).map(name => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, write] of Object.entries(ways)) {
    const events = Array.from({ length: EVENTS }, (_, i) => update(round * EVENTS + i));
    const began = performance.now();
    for (const [i, event] of events.entries()) write(event, i);
    const us = ((performance.now() - began) * 1000) / EVENTS;
    // The first rounds warm the compiler up.
    if (round >= 10) micros[name]!.push(us);
  }
  for (const file of files) {
    const lines = readFileSync(file, 'utf8').split('\n').length - 1;
    if (lines !== EVENTS) throw new Error(`${file} holds ${lines} lines of ${EVENTS}`);
    truncateSync(file);
  }
  // Timers, and with them the sync in the background, get their turn.
  await sleep(5);
}

const us = Object.fromEntries(Object.entries(micros).map(([name, times]) => [name, median(times)]));
console.log(
  `one event of ${fieldsIn(update(1))} fields, ${JSON.stringify(envelope(update(1), 1)).length} bytes; medians of ${ROUNDS - 10} rounds`,
);
for (const [name, each] of Object.entries(us))
  console.log(`  ${name.padEnd(24)}${each.toFixed(2).padStart(7)} µs`);
console.log(`esper / pino  ${(us['esper emit']! / us['pino, sync']!).toFixed(2)}`);
console.log(`esper / bare  ${(us['esper emit']! / us['stringify + writeSync']!).toFixed(2)}`);
const { dropped } = writer.stats();
if (dropped > 0 || stringified === 0) throw new Error(`${dropped} events dropped`);
writer.close();
closeSync(bareFd);
rmSync(folder, { recursive: true });

/** Leaves of a JSON value. */
function fieldsIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, part) => sum + fieldsIn(part), 0);
}
