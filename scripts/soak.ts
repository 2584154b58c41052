/**
 * `npm run soak`: the memory of a process over a long time. `serve` is Overwatch with live pages on a run that trains;
 * `trainer` is a training with every view attached. The trainer is stopped for a share of the time (`--duty`), so that
 * an hour of it does not take the machine from everyone else. Prints a table, and fails where memory was not flat.
 *
 *   npm run soak -- serve --minutes 60 --pages 20 --chromium 1
 *   npm run soak -- trainer --minutes 60
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { memoryOf } from '../bench/measure.ts';
import { emptyReport, readRun, writerOf } from '../src/log/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '60' },
    pages: { type: 'string', default: '20' },
    /** How many of the pages are headless Chromium; the others are clients that read what a page reads. */
    chromium: { type: 'string', default: '0' },
    /** The share of the time that the trainer runs. */
    duty: { type: 'string', default: '0.1' },
  },
});
const kind = positionals[0];
if (kind !== 'serve' && kind !== 'trainer') throw new Error('soak takes "serve" or "trainer".');
const minutes = Number(values.minutes);
/** Growth from the second quarter to the last that is not flat: of the memory, and at least so many MiB. */
const GROWTH = { share: 0.1, mib: 8 };

const folder = mkdtempSync(join(tmpdir(), 'esper-soak-'));
const runs = join(folder, 'runs');
const ESPER = resolve('dist/cli/esper.js');
const children: ChildProcess[] = [];
const problems: string[] = [];
let isEnding = false;

function start(args: string[], program = process.execPath, stdio: 'pipe' | 'ignore' = 'pipe'): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', stdio, stdio] });
  children.push(child);
  return child;
}
const esper = (...args: string[]) => start([ESPER, ...args, '--runs', runs]);

/** Resident memory in MiB; null where the process is gone. */
function residentMib(pid: number): number | null {
  try {
    return memoryOf(pid, 'VmRSS') || null;
  } catch {
    return null;
  }
}
const descriptors = (pid: number) =>
  existsSync(`/proc/${pid}/fd`) ? readdirSync(`/proc/${pid}/fd`).length : null;

async function until<T>(get: () => T | null | undefined): Promise<T> {
  for (let i = 0; i < 600; i++, await sleep(100)) {
    const value = get();
    if (value !== null && value !== undefined) return value;
  }
  throw new Error('What was waited for did not come within a minute.');
}

/** Kinds of errors that the clients met, and how many of each. */
const errors = new Map<string, number>();
function failed(error: unknown): void {
  if (isEnding) return;
  const { message, cause } = error as Error & { cause?: Error & { code?: string } };
  const kind = cause === undefined ? message : `${message}: ${cause.code ?? cause.message}`;
  errors.set(kind, (errors.get(kind) ?? 0) + 1);
}

/** What a page of Overwatch asks: the live stream, the list, and from time to time the series and the verdict. */
async function page(url: string, run: string, counts: { messages: number; bytes: number }) {
  const get = (path: string) => fetch(`${url}${path}`).then(answer => answer.arrayBuffer());
  const live = async () => {
    for (;;) {
      try {
        const answer = await fetch(`${url}/api/runs/${run}/live`);
        for await (const piece of answer.body!) {
          counts.messages++;
          counts.bytes += piece.length;
        }
      } catch (error) {
        failed(error);
      }
      await sleep(1000);
    }
  };
  void live();
  for (;;) {
    await sleep(20_000 + Math.random() * 20_000);
    try {
      await get('/api/runs');
      await get(`/api/runs/${run}/series?figures=memoryUsagePercent,policyLoss&width=800`);
      await get(`/api/runs/${run}/verdict`);
    } catch (error) {
      failed(error);
    }
  }
}

const trainer = esper(
  ...['ppo', '--no-sanctum', '--episodes', '100000000', '--device', 'sim:8GiB'],
  ...['--envs', '2', '--steps', '64', '--checkpoint-every', '500', '--name', 'soak'],
);
const plainLines = { bytes: 0 };
trainer.stdout!.on('data', (piece: Buffer) => {
  plainLines.bytes += piece.length;
});
const run = await until(() =>
  existsSync(runs) ? readdirSync(runs).find(name => name.includes('soak')) : null,
);
const trainerPid = await until(() => writerOf(join(runs, run), 0).pid);
/** The processes that are watched, by what they are. */
const watched = new Map<string, number>([
  ['trainer', trainerPid],
  ['esper ppo (plain lines)', trainer.pid!],
]);

const server = esper('serve', '--port', '0');
let printed = '';
server.stdout!.on('data', text => {
  printed += text;
});
server.stderr!.on('data', text => problems.push(`serve: ${text}`));
const url = (await until(() => /http:\/\/[^\s/]+/.exec(printed)))[0];
watched.set('esper serve', server.pid!);

const counts = { messages: 0, bytes: 0 };
const chromiums = Number(values.chromium);
const pages = kind === 'serve' ? Number(values.pages) : 2;
for (let i = chromiums; i < pages; i++) void page(url, run, counts);
let heapMib: (() => Promise<number>) | null = null;
let browser: { close(): Promise<void> } | null = null;
if (chromiums > 0) {
  const { chromium } = await import('playwright-core');
  const launched = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  browser = launched;
  const tabs = [];
  for (let i = 0; i < chromiums; i++) {
    const tab = await launched.newPage();
    tab.on('pageerror', error => problems.push(`page: ${error.message}`));
    await tab.goto(`${url}/run/${run}`);
    tabs.push(tab);
  }
  const session = await tabs[0]!.context().newCDPSession(tabs[0]!);
  await session.send('Performance.enable');
  heapMib = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value / 2 ** 20;
  };
}
if (kind === 'trainer') {
  const node = `${process.execPath} ${ESPER}`;
  // A terminal of its own, as a person's; what it draws goes nowhere.
  const terminal = start(
    ['-qfc', `stty cols 120 rows 40; exec ${node} sanctum ${run} --runs ${runs}`, '/dev/null'],
    'script',
  );
  terminal.stdout!.resume();
  terminal.stderr!.resume();
  const childOf = (pid: number) =>
    readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .find(name => {
        try {
          return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'latin1'))?.[1]) === pid;
        } catch {
          return false;
        }
      });
  await sleep(3000);
  watched.set('esper sanctum', Number(await until(() => childOf(terminal.pid!))));
  for (const [name, ...args] of [
    ['esper sanctum (plain lines)', 'sanctum', run],
    ['esper replay', 'replay', run, '--speed', '1'],
    ['esper alerts', 'alerts', run, '--file', join(folder, 'alerts.jsonl')],
    ['esper wait', 'wait', run, '--until', 'ended'],
  ] as const) {
    const child = esper(...args);
    child.stdout!.resume();
    child.stderr!.on(
      'data',
      text => /^esper: (following|waiting)/.test(text) || problems.push(`${name}: ${text}`),
    );
    if (name !== 'esper replay') watched.set(name, child.pid!);
  }
  setInterval(() => void fetch(`${url}/metrics`).then(answer => answer.text(), failed), 15_000);
}

/** The trainer works for a share of each second. */
const duty = Number(values.duty);
const signal = (name: NodeJS.Signals) => {
  try {
    process.kill(trainerPid, name);
  } catch {
    problems.push('the trainer is gone');
  }
};
const pace = setInterval(() => {
  signal('SIGCONT');
  if (duty < 1) setTimeout(() => isEnding || signal('SIGSTOP'), duty * 1000);
}, 1000);

const samples = new Map<string, { minute: number; mib: number }[]>();
const note = (name: string, minute: number, mib: number | null) => {
  if (mib === null) {
    if (!problems.includes(`${name} is gone`)) problems.push(`${name} is gone`);
    return;
  }
  const list = samples.get(name) ?? [];
  samples.set(name, list);
  list.push({ minute, mib });
};
console.log(
  `${kind}: run ${run}, ${pages} pages (${chromiums} in Chromium), ${minutes} minutes, ${new Date().toISOString()}`,
);
const began = performance.now();
const files = new Map([...watched].map(([name, pid]) => [name, descriptors(pid)]));
let printedAt = 0;
for (let minute = 0; minute < minutes; ) {
  await sleep(Math.min(10_000, minutes * 1000));
  minute = (performance.now() - began) / 60_000;
  for (const [name, pid] of watched) note(name, minute, residentMib(pid));
  if (heapMib) note('JavaScript heap of a page in Chromium', minute, await heapMib());
  if (minute - printedAt >= 5) {
    printedAt = minute;
    console.log(
      `${minute.toFixed(0)} min: ${[...samples].map(([name, list]) => `${name} ${list.at(-1)!.mib.toFixed(0)}`).join(', ')} MiB`,
    );
  }
}

const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
const within = (name: string, from: number, to: number) =>
  median(
    samples
      .get(name)!
      .filter(({ minute }) => minute >= from * minutes && minute <= to * minutes)
      .map(({ mib }) => mib),
  );
console.log(
  '\n| process | MiB, second quarter | third | last | descriptors, first and last |\n|---|---|---|---|---|',
);
for (const name of samples.keys()) {
  const quarters = [within(name, 0.25, 0.5), within(name, 0.5, 0.75), within(name, 0.75, 1.01)] as const;
  const pid = watched.get(name);
  const open = pid === undefined ? '–' : `${files.get(name)} ${descriptors(pid)}`;
  console.log(`| ${name} | ${quarters.map(mib => mib.toFixed(0)).join(' | ')} | ${open} |`);
  const [second, , last] = quarters;
  if (last - second > Math.max(GROWTH.mib, GROWTH.share * second))
    problems.push(`${name} grew from ${second.toFixed(0)} to ${last.toFixed(0)} MiB`);
}
isEnding = true;
clearInterval(pace);
signal('SIGCONT');
await browser?.close();
for (const child of children) child.kill('SIGINT');
await sleep(3000);
for (const child of children) child.kill('SIGKILL');
const report = emptyReport();
let events = 0;
for (const batch of readRun(join(runs, run), report)) events += batch.length;
console.log(
  `\n${events} events (malformed ${report.malformed}, torn ${report.torn}), ${counts.messages} messages of ` +
    `${(counts.bytes / 2 ** 20).toFixed(0)} MiB to the clients, ${[...errors].map(([kind, many]) => `${many} × ${kind}`).join(', ') || 'no errors of theirs'}`,
);
rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
for (const problem of problems) console.log(`PROBLEM ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
