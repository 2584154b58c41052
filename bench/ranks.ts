/**
 * Views of a run of many ranks, each of one update a second. The processor time of the whole Sanctum process beside that of a run of 8 ranks, over the
 * same wall time, and beside `tail -F` and a bare reader (read, split, JSON.parse) of the same logs; of Overwatch's page the first chart, cold, and
 * one update of all ranks, from the message to the drawn frame, beside JSON.parse of that message alone. Linux; needs a build, the page Chromium.
 * With `page` the page alone, one rank leaking: also when heat map and verdict are there, and the server's processor time until then and
 * for each event that goes on, beside reading, splitting and JSON.parse of the same lines.
 * Takes about eight times the seconds and two minutes; each step is on stderr when it begins.
 *   npm run build && npx tsx bench/ranks.ts [ranks (512)] [seconds (15)] [page]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LiveRanks } from './live-ranks.ts';
import { median, memoryOf, quantile } from './measure.ts';
import { serverOf } from './web-server.ts';

const RANKS = Number(process.argv[2] ?? 512);
const SECONDS = Number(process.argv[3] ?? 15);
const IS_PAGE_ALONE = process.argv[4] === 'page';
const LEAKING = 37;
const BEFORE = 60;
const SETTLED_MS = 15_000;
const TICKS = 100;
/** So long a page may take to show what is waited for, milliseconds. */
const MOST_MS = 120_000;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

const step = (what: string): void =>
  console.error(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${what}`);

/** Seconds of the processor that a process has had. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Sanctum in a terminal of its own, which `script` gives it. */
function sanctum(runs: string, id: string): ChildProcess {
  const command = `stty rows 30 cols 100; exec node ${process.env.NODE_ARGS ?? ''} ${resolve('dist/cli/sanctum.js')} ${id} --runs ${runs}`;
  return spawn('script', ['-qfc', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm-256color', CI: 'false' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}
/** The command's own process: the one child of `script`, which its shell became. */
const childOf = ({ pid }: ChildProcess): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);

const BARE = `
const fs = require('node:fs');
const files = process.argv.slice(1).map(path => { const fd = fs.openSync(path, 'r'); return { fd, at: fs.fstatSync(fd).size, held: '' }; });
const buffer = Buffer.allocUnsafe(1 << 16);
setInterval(() => {
  for (const file of files)
    for (let n; (n = fs.readSync(file.fd, buffer, 0, buffer.length, file.at)) > 0; ) {
      file.at += n;
      const lines = (file.held + buffer.toString('utf8', 0, n)).split('\\n');
      file.held = lines.pop();
      for (const line of lines) JSON.parse(line);
    }
}, 500);`;

interface Measured {
  percent: number;
  mib: number;
}

async function measured(settledMs: number, open: () => [ChildProcess, () => number]): Promise<Measured> {
  const [child, pidOf] = open();
  await sleep(settledMs);
  const pid = pidOf();
  const before = cpuOf(pid);
  const began = performance.now();
  await sleep(SECONDS * 1000);
  const percent = ((cpuOf(pid) - before) / ((performance.now() - began) / 1000)) * 100;
  const mib = memoryOf(pid, 'VmRSS');
  const gone = new Promise(done => child.once('exit', done));
  process.kill(pid, process.env.NODE_ARGS ? 'SIGINT' : 'SIGKILL');
  await gone;
  return { percent, mib };
}

async function sizeOf(runs: string, count: number, isPage: boolean) {
  step(`${count} ranks: logs of ${BEFORE} updates`);
  const ranks = new LiveRanks(runs, count, BEFORE);
  ranks.start();
  step(`${count} ranks: Sanctum`);
  const view = await measured(SETTLED_MS, () => {
    const child = sanctum(runs, ranks.id);
    return [child, () => childOf(child)];
  });
  const peer = (command: string, args: string[]) => () => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    return [child, () => child.pid!] as [ChildProcess, () => number];
  };
  step(`${count} ranks: a bare reader`);
  const bare = await measured(2000, peer(process.execPath, ['-e', BARE, ...ranks.paths]));
  step(`${count} ranks: tail -F`);
  const tail = await measured(2000, peer('tail', ['-q', '-n0', '-F', ...ranks.paths]));
  const page = isPage ? await pageOf(runs, ranks) : null;
  ranks.stop();
  return { view, bare, tail, page };
}

interface Page {
  firstChartMs: number;
  rankMapMs: number;
  verdictMs: number;
  /** Seconds of the server's processor until the verdict, and events that it had read then. */
  serverSeconds: number;
  events: number;
  eventsASecond: number;
  drawnMs: number[];
  parseMs: number[];
  longestTaskMs: number;
  messageBytes: number;
  serverPercent: number;
  serverMib: number;
}

/** Null without Chromium. */
async function pageOf(runs: string, ranks: LiveRanks): Promise<Page | null> {
  if (!existsSync(CHROMIUM)) return null;
  step(`${ranks.count} ranks: the page's first chart`);
  const { chromium } = await import('playwright-core');
  const server = await serverOf(runs);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.addInitScript(MEASURED_STREAM);
    const idle = cpuOf(server.pid);
    const began = performance.now();
    await page.goto(`http://127.0.0.1:${server.port}/run/${ranks.id}`);
    await page.locator('[data-chart] canvas').first().waitFor({ timeout: MOST_MS });
    const firstChartMs = performance.now() - began;
    step(`${ranks.count} ranks: the whole log, read and judged`);
    // The whole log is read and judged before an update alone is measured.
    await page.locator('[data-region="ranks"] canvas').first().waitFor({ timeout: MOST_MS });
    const rankMapMs = performance.now() - began;
    await page.locator('[data-region="verdict"]').waitFor({ timeout: MOST_MS });
    const verdictMs = performance.now() - began;
    const serverSeconds = cpuOf(server.pid) - idle;
    const events = ranks.count * (BEFORE + 1) + ranks.lines;
    step(`${ranks.count} ranks: the page, an update of all ranks each second`);
    await sleep(5000);
    await page.evaluate('window.measured = { drawn: [], parse: [], longest: 0, bytes: 0 }');
    const before = cpuOf(server.pid);
    const from = performance.now();
    const written = ranks.lines;
    await sleep(SECONDS * 1000);
    const seconds = (performance.now() - from) / 1000;
    const serverPercent = ((cpuOf(server.pid) - before) / seconds) * 100;
    const eventsASecond = (ranks.lines - written) / seconds;
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT, fullPage: true });
    const { drawn, parse, longest, bytes } = await page.evaluate<{
      drawn: number[];
      parse: number[];
      longest: number;
      bytes: number;
    }>('window.measured');
    return {
      ...{ firstChartMs, rankMapMs, verdictMs, serverSeconds, events, eventsASecond },
      drawnMs: drawn,
      parseMs: parse,
      longestTaskMs: longest,
      messageBytes: bytes,
      serverPercent,
      serverMib: server.memory().now,
    };
  } finally {
    await browser.close();
    await server.end();
  }
}

/** In the page: from a message's arrival to the end of the frame that shows it; and what parsing it again takes by itself. */
const MEASURED_STREAM = `
window.measured = { drawn: [], parse: [], longest: 0, bytes: 0 };
new PerformanceObserver(list => { for (const { duration } of list.getEntries()) measured.longest = Math.max(measured.longest, duration); })
  .observe({ type: 'longtask' });
const Own = window.EventSource;
window.EventSource = class extends Own {
  set onmessage(handler) {
    super.onmessage = event => {
      const parsing = performance.now();
      JSON.parse(event.data);
      const began = performance.now();
      handler.call(this, event);
      requestAnimationFrame(() => setTimeout(() => {
        measured.drawn.push(performance.now() - began);
        measured.parse.push(began - parsing);
        measured.bytes = event.data.length;
      }));
    };
  }
};`;

/** Seconds of the processor that reading, splitting and JSON.parse of a line take. */
function bareSecondsALine(paths: readonly string[]): number {
  const before = process.cpuUsage();
  let lines = 0;
  for (const path of paths)
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      if (line === '') continue;
      JSON.parse(line);
      lines++;
    }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / lines;
}

const of = (values: readonly number[]) =>
  `${median(values).toFixed(1)} ms (99%: ${quantile(values, 0.99).toFixed(1)} ms)`;

function printPage(page: Page | null): void {
  if (page === null) {
    console.log('The page was not measured: there is no Chromium.');
    return;
  }
  console.log(
    `page of ${RANKS} ranks, cold, first chart   ${page.firstChartMs.toFixed(0)} ms after the address; heat map ${(page.rankMapMs / 1000).toFixed(1)} s, verdict ${(page.verdictMs / 1000).toFixed(1)} s`,
  );
  console.log(
    `one update of all ranks, to the frame   ${of(page.drawnMs)} of ${page.drawnMs.length}; JSON.parse of its ${(page.messageBytes / 2 ** 20).toFixed(2)} MiB ${of(page.parseMs)}; longest task ${page.longestTaskMs.toFixed(0)} ms`,
  );
  console.log(
    `server with that page                   ${page.serverPercent.toFixed(1)}% of a core, ${page.serverMib.toFixed(0)} MiB`,
  );
}

/** The page alone, of a run of which one rank leaks. */
async function pageAlone(): Promise<void> {
  step(`${RANKS} ranks: logs of ${BEFORE} updates`);
  const ranks = new LiveRanks(runs, RANKS, BEFORE, Math.min(LEAKING, RANKS - 1));
  ranks.start();
  const page = await pageOf(runs, ranks);
  ranks.stop();
  printPage(page);
  if (page === null) return;
  const bare = bareSecondsALine(ranks.paths) * 1e6;
  const [first, live] = [page.serverSeconds / page.events, page.serverPercent / 100 / page.eventsASecond];
  console.log(
    `server, processor time of an event      ${(first * 1e6).toFixed(0)} µs until the verdict (${page.serverSeconds.toFixed(1)} s for ${page.events}), ${(live * 1e6).toFixed(0)} µs as it goes on (${page.eventsASecond.toFixed(0)} a second); ` +
      `read, split, JSON.parse ${bare.toFixed(1)} µs: ${((first * 1e6) / bare).toFixed(1)} × and ${((live * 1e6) / bare).toFixed(1)} ×`,
  );
}

async function allViews(): Promise<void> {
  const few = await sizeOf(runs, 8, false);
  const many = await sizeOf(runs, RANKS, true);
  const line = (name: string, of: (size: typeof few) => Measured) =>
    console.log(
      `${name.padEnd(32)}${[few, many].map(size => `${of(size).percent.toFixed(2)}% of a core, ${of(size).mib.toFixed(0)} MiB`.padStart(30)).join('')}` +
        `${(of(many).percent / of(few).percent).toFixed(2).padStart(8)} ×`,
    );
  console.log(`${''.padEnd(32)}${[8, RANKS].map(count => `${count} ranks`.padStart(30)).join('')}`);
  line('Sanctum, 100 × 30', size => size.view);
  line('read, split, JSON.parse', size => size.bare);
  line('tail -F', size => size.tail);
  printPage(many.page);
}

const runs = mkdtempSync(join(tmpdir(), 'esper-bench-ranks-'));
try {
  await (IS_PAGE_ALONE ? pageAlone() : allViews());
} finally {
  rmSync(runs, { recursive: true, force: true });
}
