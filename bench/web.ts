/**
 * Overwatch: first chart of a long run, cold and warm; live fan-out; memory; size of the script.
 *   npx tsx bench/web.ts [events] [clients]
 * The peer of the first chart is a bare JSON.parse of the same lines, read and split: what any reader must do.
 */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CONTRACT_VERSION } from '../src/contract/index.ts';
import { startServer } from '../src/serve/index.ts';
import { builtWeb } from '../src/serve/static-files.ts';
import { median, quantile } from './measure.ts';
import { update, writeLog } from './sample-log.ts';

const events = Number(process.argv[2] ?? 1_000_000);
const clients = Number(process.argv[3] ?? 100);
const runs = mkdtempSync(join(tmpdir(), 'esper-web-bench-'));
mkdirSync(runs, { recursive: true });
const id = 'long';
renameSync(writeLog(events), join(runs, id));
const file = join(runs, id, 'events-0.jsonl');
const rss = () => process.memoryUsage().rss / 2 ** 20;

let began = performance.now();
const fd = readFileSync(file);
let parsed = 0;
for (let from = 0, to = fd.indexOf(10); to !== -1; from = to + 1, to = fd.indexOf(10, from)) {
  JSON.parse(fd.toString('utf8', from, to));
  parsed++;
}
const parseMs = performance.now() - began;
if (parsed !== events) throw new Error('not every line was parsed');
global.gc?.();

const server = await startServer({ runs, port: 0, host: '127.0.0.1' });
const figures =
  'approxKl,episodicReturn,cuda:0/allocatedBytes,cuda:0/reservedBytes,cuda:0/memoryUsagePercent';
interface Answer {
  points: number;
  indexing: unknown;
}
const series = async (query = ''): Promise<Answer> => {
  const answer = await fetch(
    `http://127.0.0.1:${server.port}/api/runs/${id}/series?figures=${figures}&width=1440${query}`,
  );
  return (await answer.json()) as Answer;
};
const before = rss();
began = performance.now();
let first = await series();
const firstMs = performance.now() - began;
while (first.indexing !== null) {
  await new Promise(resolve => setTimeout(resolve, 200));
  first = await series();
}
const coldMs = performance.now() - began;
const after = rss();
const time = async (query?: string) => {
  const times: number[] = [];
  for (let i = 0; i < 15; i++) {
    const from = performance.now();
    await series(query);
    times.push(performance.now() - from);
  }
  return median(times);
};
const warmMs = await time();
const middle = Math.floor(events / 2);
const zoomMs = await time(`&from=${middle}&to=${middle + 2000}`);

// Fan-out: every client of the stream, from the append to the message.
const arrived: number[] = [];
let appendedMs = 0;
const streams = Array.from({ length: clients }, () =>
  get({ host: '127.0.0.1', port: server.port, path: `/api/runs/${id}/live` }, answer => {
    answer.on('error', () => {});
    answer.on('data', chunk => {
      if (appendedMs > 0 && String(chunk).includes('id: ')) arrived.push(performance.now() - appendedMs);
    });
  }).on('error', () => {}),
);
await new Promise(resolve => setTimeout(resolve, 1500));
const rounds = 10;
for (let i = 0; i < rounds; i++) {
  const seq = events + i;
  appendedMs = performance.now();
  appendFileSync(
    file,
    `${JSON.stringify({ v: CONTRACT_VERSION, seq, timeMs: 1.7e12 + seq * 80, run: id, rank: 0, type: 'PPO_UPDATE_COMPLETED', data: update(seq) })}\n`,
  );
  await new Promise(resolve => setTimeout(resolve, 400));
}
for (const stream of streams) stream.destroy();
await server.close();
rmSync(runs, { recursive: true });

const assets = join(builtWeb(), 'assets');
const script = readdirSync(assets)
  .filter(name => name.endsWith('.js'))
  .reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name)), { level: 9 }).length, 0);
const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
console.log(`${events} events, ${(fd.length / 2 ** 20).toFixed(0)} MiB`);
console.log(`read + split + JSON.parse           ${ms(parseMs)}`);
console.log(`first answer, what is read by then  ${ms(firstMs)}`);
console.log(
  `whole chart, cold                   ${ms(coldMs)}  (${(coldMs / parseMs).toFixed(2)} × the bare parse)`,
);
console.log(`whole chart, warm                   ${ms(warmMs)}`);
console.log(`zoom to 2,000 updates, from the file ${ms(zoomMs)}`);
console.log(
  `memory that the index took          ${(after - before).toFixed(0)} MiB (server process ${after.toFixed(0)} MiB, file cache of this benchmark included)`,
);
console.log(
  `append → ${clients} live clients          median ${ms(median(arrived))}, 99% ${ms(quantile(arrived, 0.99))}, ${arrived.length} of ${rounds * clients} messages`,
);
console.log(`script, gzip                        ${(script / 1024).toFixed(1)} KiB`);
