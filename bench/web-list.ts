/**
 * Overwatch's list: a thousand runs, ten of them under way. The server is the built one, in a process of its own.
 *   npm run build && npx tsx bench/web-list.ts [runs] [updates a run]
 * The peer of an answer is the server's smallest: the records' own list, which is at hand.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTRACT_VERSION } from '../src/contract/index.ts';
import { LogWriter } from '../src/log/index.ts';
import type { ListResponse, RunRow, RunsResponse } from '../src/serve/index.ts';
import { median, quantile } from './measure.ts';
import { update } from './sample-log.ts';
import { ms, type ServerProcess, serverOf, sleep } from './web-server.ts';

const count = Number(process.argv[2] ?? 1000);
const updates = Number(process.argv[3] ?? 100);
const LIVE = 10;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Columns of the list. */
const COLUMNS = 'state,verdict,mem,pressure,batch,return,created';

/** Longest that the list is waited for: a server that falls behind is a result, too. */
const PATIENCE_MS = 300_000;
const print = (what: string, figures: string): void => console.log(what.padEnd(42) + figures);

const line = (run: string, seq: number, type: string, data: object): string =>
  `${JSON.stringify({ v: CONTRACT_VERSION, seq, timeMs: Date.now(), run, rank: 0, type, data })}\n`;

/** What a page takes until the rows of the list stand, and from a typed letter to the list of it. */
async function typedInBrowser({ port }: ServerProcess): Promise<void> {
  if (!existsSync(CHROMIUM)) return print('in a browser', 'not measured: there is no Chromium');
  const { chromium } = await import('playwright-core');
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const began = performance.now();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.locator('tbody tr').first().waitFor();
    print('page opened, rows stand', ms(performance.now() - began));
    // The server looks at every folder once more.
    await sleep(3000);
    const took: number[] = [];
    for (const text of ['r9', 'r99', 'r9', 'r', 'r4', 'r42', 'r4', 'r', 'r1', 'r12'])
      took.push(
        await page.evaluate(async words => {
          const box = document.querySelector<HTMLInputElement>('#filter')!;
          const counted = document.querySelector('.choices [role="status"]')!;
          const began = performance.now();
          const changed = new Promise(resolve =>
            new MutationObserver(resolve).observe(counted, {
              subtree: true,
              childList: true,
              characterData: true,
            }),
          );
          box.value = words.replace('r', 'run');
          box.dispatchEvent(new Event('input', { bubbles: true }));
          await changed;
          await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
          return performance.now() - began;
        }, text),
      );
    print('a letter typed → drawn', `median ${ms(median(took))}, most ${ms(Math.max(...took))}`);
  } finally {
    await browser.close();
  }
}

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
  console.log(`${count} runs of ${updates} updates, ${LIVE} of them under way`);
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
  print('first answer', ms(first));
  const until = async (what: string, test: (row: RunRow) => boolean) => {
    const of = () => [...rows.values()].filter(test).length;
    while (of() < count && performance.now() - began < PATIENCE_MS) {
      await sleep(200);
      await look();
    }
    print(
      what,
      of() < count ? `${of()} of them after ${ms(performance.now() - began)}` : ms(performance.now() - began),
    );
  };
  await until('every state and sparkline', row => row.read);
  await until('every verdict', row => row.verdict !== null);
  print('answers meanwhile', `median ${ms(median(times))}, 99% ${ms(quantile(times, 0.99))}`);

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
  print('answers afterwards, what changed', `median ${ms(median(times))}, 99% ${ms(quantile(times, 0.99))}`);
  print('update → row of a run under way', `median ${ms(median(late))}, 99% ${ms(quantile(late, 0.99))}`);
  const whole = await server.ask<RunsResponse>('/api/runs');
  const records: number[] = [];
  for (let i = 0; i < 15; i++) records.push((await server.ask('/api/records')).ms);
  const all: number[] = [];
  for (let i = 0; i < 15; i++) all.push((await server.ask('/api/runs')).ms);
  const beside = (own: readonly number[]) =>
    `(${(median(own) / median(records)).toFixed(2)} × the records’ own list)`;
  print(`all rows, ${(whole.bytes / 1024).toFixed(0)} KiB`, `median ${ms(median(all))} ${beside(all)}`);
  // A filter as it is typed, a letter at a time.
  const typed: number[] = [];
  const filter = 'verdict!=leak peak>1GiB run=*7*';
  for (let i = 1; i <= filter.length; i++) {
    const query = new URLSearchParams({ columns: COLUMNS, filter: filter.slice(0, i), count: '50' });
    typed.push((await server.ask(`/api/list?${query}`)).ms);
  }
  print(
    'filter typed, 50 rows',
    `median ${ms(median(typed))}, 99% ${ms(quantile(typed, 0.99))} ${beside(typed)}`,
  );
  await server.end();
  server = await serverOf(runs);
  const beginning = performance.now();
  const list = () => server.ask<ListResponse>(`/api/list?columns=${COLUMNS}&count=50`);
  for (let listed = await list(); listed.value.total < count; ) listed = await list();
  print('another server, every row listed', ms(performance.now() - beginning));
  print('server memory', `${server.memory().now.toFixed(0)} MiB`);
  await typedInBrowser(server);
} finally {
  await server.end();
  for (const { writer } of live) writer.close();
  rmSync(runs, { recursive: true });
}
