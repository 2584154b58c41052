/**
 * A trainer's log → a run on disk: lines per second beside node:readline counting the same file's lines, in turn, five
 * rounds; then what the built command takes of memory for a log of a gigabyte, and for a tenth of it; last, how long a
 * line appended to a watched log takes to the snapshot that Sanctum draws, beside `tail -F` printing it.
 *   npm run build && npx tsx bench/watch.ts [lines] [megabytes of the large log]
 * `dense`: nearly every line has figures, and becomes an event. `usual`: one line in ten, as among other programs'.
 * `write` is the bound: the same events, which are in memory, to the same files, and no log is read.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  createReadStream,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { LiveRun } from '../src/cli/live-run.ts';
import { WatchedRun } from '../src/cli/watched-run.ts';
import { listRuns } from '../src/log/index.ts';
import { TrainerLogParser, type WatchedEvent, watchFile } from '../src/watch/index.ts';
import { verlLog } from '../test/watch/synthetic.ts';
import { median, memoryOf, quantile } from './measure.ts';

const lines = Number(process.argv[2] ?? 200_000);
const megabytes = Number(process.argv[3] ?? 1024);
const folder = mkdtempSync(join(tmpdir(), 'esper-bench-watch-'));
const path = join(folder, 'train.log');

/** One line in ten of a log, the rest lines of vLLM, Ray and the data loader. */
function diluted(text: string): string {
  const chatter =
    '\x1b[36m(WorkerDict pid=20001)\x1b[0m INFO 04-30 11:39:39 worker.py:219] It took 3.501426 seconds to wake up.\n';
  return text.replaceAll('\n', `\n${chatter.repeat(9)}`);
}

async function bare(): Promise<number> {
  let count = 0;
  for await (const _ of createInterface({ input: createReadStream(path) })) count++;
  return count;
}

async function watched(): Promise<{ lines: number; events: number }> {
  const run = newRun();
  const counts = await readLog(event => run.write(event));
  endRun(run);
  return counts;
}

function newRun(): WatchedRun {
  const run = new WatchedRun(join(folder, 'runs'), 'bench', path);
  run.create();
  return run;
}

function endRun(run: WatchedRun): void {
  run.close();
  if (run.lost > 0) throw new Error(`${run.lost} events lost: ${run.problem}`);
  rmSync(join(folder, 'runs'), { recursive: true });
}

async function readLog(onEvent: (event: WatchedEvent) => void): Promise<{ lines: number; events: number }> {
  const reader = new TrainerLogParser({
    name: 'bench',
    source: path,
    format: null,
    map: new Map(),
    onEvent,
    onNotice: () => {},
  });
  await watchFile(path, reader, { signal: new AbortController().signal, follow: false, onNotice: () => {} });
  return reader.counts;
}

/** Milliseconds by the clock, and of the processor: the latter are the same on a busy machine. */
async function timed<T>(work: () => Promise<T>): Promise<{ result: T; wallMs: number; cpuMs: number }> {
  const [began, before] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, wallMs: performance.now() - began, cpuMs: (user + system) / 1000 };
}

/** Most memory that the built command held, MiB: the kernel's own high-water mark (VmHWM), Linux. */
async function largest(args: string[]): Promise<number> {
  const child = spawn(process.execPath, ['dist/cli/esper.js', ...args], { stdio: 'ignore' });
  let most = 0;
  const timer = setInterval(() => {
    // A process that has just ended reports none.
    most = Math.max(most, memoryOf(child.pid!, 'VmHWM') || 0);
  }, 50);
  const [code] = await once(child, 'exit');
  clearInterval(timer);
  if (code !== 0) throw new Error(`esper ${args[0]} ended with ${code}`);
  return most;
}

async function compare(name: string, text: string): Promise<void> {
  writeFileSync(path, text);
  const times: Record<'bare' | 'watch' | 'write', { wallMs: number; cpuMs: number }[]> = {
    bare: [],
    watch: [],
    write: [],
  };
  let count = 0;
  let events = 0;
  const known: WatchedEvent[] = [];
  await readLog(event => known.push(event));
  for (let round = 0; round < 6; round++) {
    const read = await timed(bare);
    const watch = await timed(watched);
    const write = await timed(async () => {
      const run = newRun();
      for (const event of known) run.write(event);
      endRun(run);
    });
    count = read.result;
    events = watch.result.events;
    // The first round compiles.
    if (round === 0) continue;
    times.bare.push(read);
    times.watch.push(watch);
    times.write.push(write);
  }
  for (const clock of ['wallMs', 'cpuMs'] as const) {
    const rate = (of: keyof typeof times) => count / median(times[of].map(time => time[clock]));
    const k = (value: number) => `${value.toFixed(0)} k lines/s`.padStart(16);
    console.log(
      `${name.padEnd(6)}${clock === 'wallMs' ? 'clock' : 'cpu  '} readline ${k(rate('bare'))}   esper watch ${k(rate('watch'))}   ratio ${(rate('watch') / rate('bare')).toFixed(2)}; write alone ${(rate('write') / rate('bare')).toFixed(2)}`,
    );
  }
  console.log(`       ${count} lines, ${events} events, all on disk`);
}

/** Lines appended one by one, at irregular moments, to a log that the built command and `tail -F` both follow. */
async function lags(count: number): Promise<Record<'watch' | 'tail', number[]>> {
  const runs = join(folder, 'runs');
  const line = (batch: number) => `step:${batch} - actor/pg_loss:0.500 - actor/entropy:0.250\n`;
  writeFileSync(path, line(1));
  const watch = spawn(process.execPath, ['dist/cli/esper.js', 'watch', path, '--runs', runs], {
    stdio: 'ignore',
  });
  const tail = spawn('tail', ['-n', '+1', '-F', path], { stdio: ['ignore', 'pipe', 'ignore'] });
  while (listRuns(runs).length === 0) await sleep(20);
  const live = new LiveRun(listRuns(runs)[0]!.path);
  const following = live.follow();
  const appended: number[] = [];
  const seenAfter: Record<'watch' | 'tail', number[]> = { watch: [], tail: [] };
  const newest = { watch: 0, tail: 0 };
  const seen = (by: 'watch' | 'tail', batch: number | null) => {
    if (batch === null || batch <= newest[by]) return;
    newest[by] = batch;
    if (appended[batch] !== undefined) seenAfter[by].push(performance.now() - appended[batch]);
  };
  live.subscribe(() => seen('watch', live.snapshot.tamiyo.batch));
  createInterface({ input: tail.stdout }).on('line', text => seen('tail', Number(/\d+/.exec(text))));
  for (let batch = 2; batch < count + 2; batch++) {
    while (newest.watch < batch - 1 || newest.tail < batch - 1) await sleep(1);
    await sleep(20 + ((batch * 37) % 100));
    appended[batch] = performance.now();
    appendFileSync(path, line(batch));
  }
  while (seenAfter.watch.length < count || seenAfter.tail.length < count) await sleep(1);
  for (const child of [watch, tail]) child.kill('SIGINT');
  await once(watch, 'exit');
  live.stop();
  await following;
  return seenAfter;
}

try {
  const dense = verlLog('bench', lines).text;
  await compare('dense', dense);
  await compare('usual', diluted(verlLog('bench', lines / 10).text));

  const block = diluted(verlLog('bench', 2_000).text);
  for (const size of [megabytes / 10, megabytes]) {
    const file = openSync(path, 'w');
    for (let written = 0; written < size * 1024 ** 2; written += block.length) writeSync(file, block);
    closeSync(file);
    const began = performance.now();
    const most = await largest(['watch', path, '--no-follow', '--runs', join(folder, 'runs')]);
    const seconds = (performance.now() - began) / 1000;
    console.log(
      `${(statSync(path).size / 1024 ** 2).toFixed(0)} MiB in ${seconds.toFixed(1)} s: at most ${most.toFixed(0)} MiB resident`,
    );
    rmSync(join(folder, 'runs'), { recursive: true });
  }

  const { watch, tail } = await lags(200);
  const show = (of: number[]) => [0.5, 0.99, 1].map(q => quantile(of, q).toFixed(1)).join(' / ');
  console.log(`a line to the snapshot: ${show(watch)} ms; tail -F: ${show(tail)} ms (median / 99% / worst)`);
  console.log(`esper watch / tail -F, medians: ${(median(watch) / median(tail)).toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true });
}
