/**
 * Overwatch on a long run: the first chart, cold, packed and warm; a zoom; what the page takes to draw; memory; live fan-out; size of
 * the script. The server is the built one, in a process of its own.
 *   npm run build && npx tsx bench/web.ts [events] [clients]
 * The peer of the first chart is what any reader of the log must do: read, split, JSON.parse.
 */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CONTRACT_VERSION } from '../src/contract/index.ts';
import type { SeriesResponse } from '../src/serve/index.ts';
import { median, quantile } from './measure.ts';
import { update, writeLog } from './sample-log.ts';
import { COMMAND, ms, type ServerProcess, serverOf, sleep } from './web-server.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Milliseconds to read, split and parse the file, and its lines. */
function parseBare(path: string): { took: number; lines: number } {
  const began = performance.now();
  const fd = openSync(path, 'r');
  const buffer = Buffer.allocUnsafe(1 << 16);
  let held = 0;
  let lines = 0;
  for (let read = readSync(fd, buffer, 0, buffer.length, null); read > 0; ) {
    const end = held + read;
    let from = 0;
    for (let to = buffer.indexOf(10); to !== -1 && to < end; to = buffer.indexOf(10, from)) {
      JSON.parse(buffer.toString('utf8', from, to));
      lines++;
      from = to + 1;
    }
    buffer.copy(buffer, 0, from, end);
    held = end - from;
    read = readSync(fd, buffer, held, buffer.length - held, null);
  }
  closeSync(fd);
  return { took: performance.now() - began, lines };
}

const figures =
  'approxKl,episodicReturn,cuda:0/allocatedBytes,cuda:0/reservedBytes,cuda:0/memoryUsagePercent';
const seriesPath = (id: string, query = '') => `/api/runs/${id}/series?figures=${figures}&width=1440${query}`;

async function cold(server: ServerProcess, id: string): Promise<{ first: number; whole: number }> {
  const began = performance.now();
  const first = await server.ask<SeriesResponse>(seriesPath(id));
  for (let { value } = first; value.indexing !== null; ) {
    // As the page does.
    await sleep(value.points === 0 ? 50 : 400);
    ({ value } = await server.ask<SeriesResponse>(seriesPath(id)));
  }
  return { first: first.ms, whole: performance.now() - began };
}

async function timesOf(count: number, ask: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await ask());
  return median(times);
}

/** From an append to the message that reports it, for every client of the stream. */
async function fanOut(server: ServerProcess, id: string, file: string, events: number, clients: number) {
  const arrived: number[] = [];
  let appendedMs = Number.POSITIVE_INFINITY;
  const streams = Array.from({ length: clients }, () =>
    get({ host: '127.0.0.1', port: server.port, path: `/api/runs/${id}/live` }, answer => {
      answer.on('error', () => {});
      answer.on('data', chunk => {
        if (performance.now() > appendedMs && String(chunk).includes('id: '))
          arrived.push(performance.now() - appendedMs);
      });
    }).on('error', () => {}),
  );
  await sleep(1500);
  const rounds = 10;
  for (let i = 0; i < rounds; i++) {
    const seq = events + i;
    const data = update(seq);
    appendedMs = performance.now();
    appendFileSync(
      file,
      `${JSON.stringify({ v: CONTRACT_VERSION, seq, timeMs: 1.7e12 + seq * 80, run: id, rank: 0, type: 'PPO_UPDATE_COMPLETED', data })}\n`,
    );
    await sleep(400);
  }
  for (const stream of streams) stream.destroy();
  return { arrived, sent: rounds * clients };
}

/** What the page itself takes: until all charts stand, and to draw them again after a key. Null without Chromium. */
async function drawn(server: ServerProcess, id: string) {
  if (!existsSync(CHROMIUM)) return null;
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const open = async () => {
      const began = performance.now();
      await page.goto(`http://127.0.0.1:${server.port}/run/${id}`);
      await page.locator('[data-chart="totalLoss"] canvas').waitFor();
      return performance.now() - began;
    };
    await open();
    const openMs = await timesOf(5, open);
    await sleep(1000);
    const charts = await page.locator('canvas').count();
    const redrawMs = await timesOf(15, () =>
      page.evaluate(async () => {
        const began = performance.now();
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '+', bubbles: true }));
        await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
        const took = performance.now() - began;
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '0', bubbles: true }));
        await new Promise(resolve => setTimeout(resolve, 300));
        return took;
      }),
    );
    const frameMs = await page.evaluate(async () => {
      const over = document.querySelector('[data-chart="pool"] .u-over')!;
      const { left, top, width } = over.getBoundingClientRect();
      const frames: number[] = [];
      for (let i = 0; i < 60; i++) {
        const began = performance.now();
        over.dispatchEvent(
          new MouseEvent('mousemove', { clientX: left + (width * i) / 60, clientY: top + 40, bubbles: true }),
        );
        frames.push(performance.now() - began);
        await new Promise(resolve => requestAnimationFrame(resolve));
      }
      return frames.sort((a, b) => a - b)[30]!;
    });
    return { openMs, charts, redrawMs, frameMs };
  } finally {
    await browser.close();
  }
}

const events = Number(process.argv[2] ?? 1_000_000);
const clients = Number(process.argv[3] ?? 100);
const runs = mkdtempSync(join(tmpdir(), 'esper-web-bench-'));
mkdirSync(runs, { recursive: true });
const id = 'long';
renameSync(writeLog(events), join(runs, id));
const file = join(runs, id, 'events-0.jsonl');
try {
  parseBare(file);
  const bare = parseBare(file);
  if (bare.lines !== events) throw new Error('not every line was parsed');

  const server = await serverOf(runs);
  const before = server.memory().now;
  const { first, whole } = await cold(server, id);
  const after = server.memory();
  const warm = await timesOf(15, async () => (await server.ask(seriesPath(id))).ms);
  const middle = Math.floor(events / 2);
  const zoom = `&from=${middle}&to=${middle + 2000}`;
  const zoomed = await timesOf(15, async () => (await server.ask(seriesPath(id, zoom))).ms);
  const reported = await timesOf(3, async () => (await server.ask(`/api/runs/${id}/verdict`)).ms);
  const page = await drawn(server, id);
  const { arrived, sent } = await fanOut(server, id, file, events, clients);
  await server.end();

  appendFileSync(
    file,
    `${JSON.stringify({ v: CONTRACT_VERSION, seq: events + 10, timeMs: 1.8e12, run: id, rank: 0, type: 'TRAINING_COMPLETED', data: { reason: 'finished' } })}\n`,
  );
  const log = statSync(file).size;
  execFileSync(process.execPath, [COMMAND, 'pack', id, '--runs', runs], { stdio: 'inherit' });
  const other = await serverOf(runs);
  const packed = (await cold(other, id)).whole;
  const packedMost = other.memory().most;
  await other.end();

  const assets = 'dist/web/assets';
  const script = readdirSync(assets)
    .filter(name => name.endsWith('.js'))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name)), { level: 9 }).length, 0);
  console.log(`${events} events, ${(log / 2 ** 20).toFixed(0)} MiB`);
  console.log(`read + split + JSON.parse              ${ms(bare.took)}`);
  console.log(`first answer, what is read by then     ${ms(first)}`);
  console.log(
    `whole chart, cold                      ${ms(whole)}  (${(whole / bare.took).toFixed(2)} × the bare parse)`,
  );
  console.log(
    `the same once it is packed             ${ms(packed)}  (${(packed / bare.took).toFixed(2)} × the bare parse), ${packedMost.toFixed(0)} MiB at most`,
  );
  console.log(`whole chart, warm                      ${ms(warm)}`);
  console.log(`zoom to 2,000 updates, from the file   ${ms(zoomed)}`);
  console.log(`verdict, warm                          ${ms(reported)}`);
  console.log(
    `server memory                          ${before.toFixed(0)} MiB before, ${after.now.toFixed(0)} MiB after, ${after.most.toFixed(0)} MiB at most`,
  );
  if (page === null) console.log('the page                               not measured: there is no Chromium');
  else {
    console.log(`page opened, ${page.charts} charts drawn, warm     ${ms(page.openMs)}`);
    console.log(`key to zoom → all charts drawn again   ${ms(page.redrawMs)}`);
    console.log(`cursor moved over all charts           ${ms(page.frameMs)} of script`);
  }
  console.log(
    `append → ${clients} live clients             median ${ms(median(arrived))}, 99% ${ms(quantile(arrived, 0.99))}, ${arrived.length} of ${sent} messages`,
  );
  console.log(`script, gzip                           ${(script / 1024).toFixed(1)} KiB`);
} finally {
  rmSync(runs, { recursive: true });
}
