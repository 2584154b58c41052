/**
 * Overwatch's list: a thousand runs, ten of them under way. The server is the built one, in a process of its own.
 *   npm run build && npx tsx bench/web-list.ts [runs] [updates a run]
 * The peer of an answer is the server's smallest: the records' own list, which is at hand.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTRACT_VERSION } from '../src/contract/index.ts';
import { LogWriter } from '../src/log/index.ts';
import type { ListResponse, RunRow, RunsResponse } from '../src/serve/index.ts';
import { median, quantile } from './measure.ts';
import { update } from './sample-log.ts';
import { ms, serverOf, sleep } from './web-server.ts';

const count = Number(process.argv[2] ?? 1000);
const updates = Number(process.argv[3] ?? 100);
const LIVE = 10;
/** Columns of the list. */
const COLUMNS = 'state,verdict,mem,pressure,batch,return,created';

const line = (run: string, seq: number, type: string, data: object): string =>
  `${JSON.stringify({ v: CONTRACT_VERSION, seq, timeMs: Date.now(), run, rank: 0, type, data })}\n`;

const runs = mkdtempSync(join(tmpdir(), 'esper-list-bench-'));
const ids = Array.from({ length: count }, (_, i) => `20260101-${String(100_000 + i)}-run${i}-aaaa`);
for (const [i, id] of ids.entries()) {
  mkdirSync(join(runs, id));
  let log = line(id, 0, 'TRAINING_STARTED', { name: `run${i}`, maxBatches: updates });
  for (let seq = 1; seq <= updates; seq++) log += line(id, seq, 'PPO_UPDATE_COMPLETED', update(seq));
  if (i >= LIVE) log += line(id, updates + 1, 'TRAINING_COMPLETED', { reason: 'finished' });
  writeFileSync(join(runs, id, 'events-0.jsonl'), log);
}
const live = ids.slice(0, LIVE).map(id => ({ id, writer: new LogWriter(join(runs, id)), seq: updates + 1 }));

let server = await serverOf(runs);
try {
  const rows = new Map<string, RunRow>();
  let version = 0;
  const times: number[] = [];
  const look = async () => {
    const { value, ms: took } = await server.ask<RunsResponse>(`/api/runs?since=${version}`);
    version = value.version;
    for (const row of value.runs) rows.set(row.id, row);
    times.push(took);
    return took;
  };
  const began = performance.now();
  const first = await look();
  const until = async (test: (row: RunRow) => boolean) => {
    while (rows.size < count || ![...rows.values()].every(test)) {
      await sleep(50);
      await look();
    }
    return performance.now() - began;
  };
  const read = await until(row => row.read);
  const judged = await until(row => row.verdict !== null);
  const whileRead = [...times];

  // Ten runs write ten updates a second, and the list is asked as a page asks.
  times.length = 0;
  const late: number[] = [];
  const waiting = new Map<string, { batch: number; atMs: number }>();
  for (let round = 0; round < 100; round++) {
    for (const own of live) {
      own.writer.append(line(own.id, own.seq, 'PPO_UPDATE_COMPLETED', update(own.seq)));
      if (!waiting.has(own.id)) waiting.set(own.id, { batch: own.seq, atMs: performance.now() });
      own.seq++;
    }
    await sleep(100);
    if (round % 3 !== 0) continue;
    await look();
    for (const [id, { batch, atMs }] of waiting) {
      if ((rows.get(id)?.batch ?? 0) < batch) continue;
      late.push(performance.now() - atMs);
      waiting.delete(id);
    }
  }
  const whole = await server.ask<RunsResponse>('/api/runs');
  const records: number[] = [];
  for (let i = 0; i < 15; i++) records.push((await server.ask('/api/records')).ms);
  const all: number[] = [];
  for (let i = 0; i < 15; i++) all.push((await server.ask('/api/runs')).ms);
  // A filter as it is typed, a letter at a time.
  const typed: number[] = [];
  const filter = 'verdict!=leak peak>1GiB run=*7*';
  for (let i = 1; i <= filter.length; i++) {
    const query = new URLSearchParams({ columns: COLUMNS, filter: filter.slice(0, i), count: '50' });
    typed.push((await server.ask(`/api/list?${query}`)).ms);
  }
  await server.end();
  server = await serverOf(runs);
  const beginning = performance.now();
  const again = await server.ask<ListResponse>(`/api/list?columns=${COLUMNS}&count=50`);
  let listed = again;
  while (listed.value.total < count)
    listed = await server.ask<ListResponse>(`/api/list?columns=${COLUMNS}&count=50`);
  const listedMs = performance.now() - beginning;

  console.log(`${count} runs of ${updates} updates, ${LIVE} of them under way`);
  console.log(`first answer                              ${ms(first)}`);
  console.log(`every state and sparkline                 ${ms(read)}`);
  console.log(`every verdict                             ${ms(judged)}`);
  console.log(
    `answers meanwhile                         median ${ms(median(whileRead))}, 99% ${ms(quantile(whileRead, 0.99))}`,
  );
  console.log(
    `answers afterwards, what changed          median ${ms(median(times))}, 99% ${ms(quantile(times, 0.99))}`,
  );
  console.log(
    `all rows, ${(whole.bytes / 1024).toFixed(0)} KiB                        median ${ms(median(all))} (${(median(all) / median(records)).toFixed(2)} × the records’ own list)`,
  );
  console.log(
    `filter typed, 50 rows                     median ${ms(median(typed))}, 99% ${ms(quantile(typed, 0.99))} (${(median(typed) / median(records)).toFixed(2)} × the records’ own list)`,
  );
  console.log(`another server, every row listed          ${ms(listedMs)}`);
  console.log(
    `update → row of a run under way           median ${ms(median(late))}, 99% ${ms(quantile(late, 0.99))}`,
  );
  console.log(`server memory                             ${server.memory().now.toFixed(0)} MiB`);
} finally {
  await server.end();
  for (const { writer } of live) writer.close();
  rmSync(runs, { recursive: true });
}
