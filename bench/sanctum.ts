/**
 * What Sanctum costs: start of `sanctum --once` and of the open dashboard, memory, and CPU of a core at ten updates a
 * second. The built command in a real pseudo-terminal of 120 × 40, on a log that grows; beside it bare Node, and another
 * build of Esper where its dist folder is given. Linux. Run: npm run build && npx tsx bench/sanctum.ts [OTHER_DIST]
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Emitter } from '../src/emit/index.ts';
import { createRun, LogWriter } from '../src/log/index.ts';
import { median } from './measure.ts';
import { update } from './sample-log.ts';

const STARTS = 9;
/** Updates that are there before the view opens: the histories are full. */
const BEFORE = 240;
const WARM_MS = 3000;
const MEASURE_MS = 8000;
/** After so long, all that the dashboard loads at its start is loaded. */
const SETTLED_MS = 1500;
/** Kernel clock ticks a second, in which /proc counts CPU time. */
const TICKS = 100;

const own = fileURLToPath(new URL('../dist', import.meta.url));
const other = process.argv[2] && resolve(process.argv[2]);
const builds: Record<string, string> = { 'this build': own, ...(other && { 'the other build': other }) };
type Build = string;
const commandOf = (of: Build) => join(builds[of]!, 'cli/sanctum.js');
for (const name of Object.keys(builds))
  if (!existsSync(commandOf(name))) {
    console.error(`bench/sanctum measures the built command: ${commandOf(name)} is missing.`);
    process.exit(1);
  }

const folder = mkdtempSync(join(tmpdir(), 'esper-bench-'));
const run = createRun({ runs: folder, name: 'bench', algorithm: 'PPO', task: 'bench' });
const writer = new LogWriter(run.path);
const emitter = new Emitter({ run: run.id, rank: 0, sink: writer });
let made = 0;
/** Every figure moves with every update: nothing on the screen stands still. */
function emit(): void {
  const still = update(++made);
  const moved = (figure: unknown) =>
    typeof figure === 'number' ? figure * (1 + 0.1 * Math.sin(made * 1.7)) : figure;
  const group = <T extends object>(figures: T | undefined) =>
    Object.fromEntries(Object.entries(figures ?? {}).map(([key, figure]) => [key, moved(figure)])) as T;
  const { loss, policy, value, gradient, timing, rollout, memory } = still;
  emitter.emit('PPO_UPDATE_COMPLETED', {
    ...still,
    loss: group(loss),
    policy: { ...group(policy), epochs: 4 },
    value: group(value),
    gradient: group(gradient),
    timing: group(timing),
    rollout: { ...rollout, episodicReturn: moved(rollout?.episodicReturn) as number },
    memory: memory?.map(device => ({
      ...device,
      allocatedBytes: Math.round(moved(device.allocatedBytes) as number),
    })),
  });
}
while (made < BEFORE) emit();

/** What bare serialisation of the same event takes: how fast this machine is just now. Microseconds. */
function stringifyUs(): number {
  const event = update(BEFORE);
  const rounds = Array.from({ length: 9 }, () => {
    const began = performance.now();
    for (let i = 0; i < 2000; i++) JSON.stringify(event);
    return (performance.now() - began) / 2;
  });
  return median(rounds);
}

/** One process from start to end: wall and CPU time, milliseconds; largest memory, MiB. */
function once(args: string[]) {
  const program = `import os, sys, time
began = time.time()
pid = os.posix_spawnp('node', ['node', *sys.argv[1:]], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0)])
_, status, used = os.wait4(pid, 0)
assert status == 0, status
print((time.time() - began) * 1000, (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss / 1024)`;
  const { stdout, stderr } = spawnSync('python3', ['-c', program, ...args], { encoding: 'utf8' });
  const [wallMs, cpuMs, mib] = stdout.split(' ').map(Number);
  if (mib === undefined) throw new Error(stderr);
  return { wallMs: wallMs!, cpuMs: cpuMs!, mib };
}

/** The command in a terminal of its own, which `script` gives it; resolves with its first frame. */
async function open(of: Build) {
  const began = performance.now();
  const child = spawn(
    'script',
    ['-qfc', `stty rows 40 cols 120; exec node ${commandOf(of)} ${run.id} --runs ${folder}`, '/dev/null'],
    {
      env: { ...process.env, TERM: 'xterm-256color', CI: 'false', FORCE_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  let bytes = 0;
  let seen = '';
  const firstFrameMs = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', chunk => {
      bytes += chunk.length;
      if (seen.length < 1e6) seen += chunk;
      // The first frame that has the run in it, not the one that waits for it.
      if (seen.includes(`Batch:${BEFORE}`) || /Batch:\d{3}/.test(seen)) resolve(performance.now() - began);
    });
    child.on('exit', code => reject(new Error(`${of} ended with ${code}: ${seen.slice(-500)}`)));
  });
  return { child, firstFrameMs, written: () => bytes };
}

async function close(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  const gone = new Promise(resolve => child.on('exit', resolve));
  process.kill(nodeIn(child), 'SIGKILL');
  await gone;
}

const proc = (pid: number, file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
/** The command's own process: the one child of `script`, which its shell became. */
const nodeIn = ({ pid }: ChildProcess) => Number(proc(pid!, `task/${pid}/children`).trim().split(' ')[0]);
/** User and system time, milliseconds. */
function cpuMs(pid: number): number {
  const fields = proc(pid, 'stat').split(') ')[1]!.split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}
const rssMib = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(proc(pid, 'status'))![1]) / 1024;

async function watch(of: Build) {
  const { child, written } = await open(of);
  const ticker = setInterval(emit, 100);
  await sleep(WARM_MS);
  const pid = nodeIn(child);
  const before = { cpu: cpuMs(pid), bytes: written(), at: performance.now() };
  await sleep(MEASURE_MS);
  const seconds = (performance.now() - before.at) / 1000;
  const result = {
    cpuPercent: (cpuMs(pid) - before.cpu) / 10 / seconds,
    kibPerSecond: (written() - before.bytes) / 1024 / seconds,
    rssMib: rssMib(pid),
  };
  clearInterval(ticker);
  await close(child);
  return result;
}

/** What the open dashboard took so far, once everything that it loads is there. */
async function start(of: Build) {
  const { child, firstFrameMs } = await open(of);
  await sleep(SETTLED_MS);
  const pid = nodeIn(child);
  const result = { firstFrameMs, cpuMs: cpuMs(pid), mib: rssMib(pid) };
  await close(child);
  return result;
}

const names = Object.keys(builds);
const onceArgs: Record<string, string[]> = {
  'bare node': ['-e', '0'],
  ...Object.fromEntries(
    names.map(name => [
      name,
      [commandOf(name), run.id, '--runs', folder, '--once', '--width', '120', '--height', '40'],
    ]),
  ),
};
const onces = Object.fromEntries(Object.keys(onceArgs).map(name => [name, [] as ReturnType<typeof once>[]]));
const starts = Object.fromEntries(names.map(name => [name, [] as Awaited<ReturnType<typeof start>>[]]));
// In turn, so that what else the machine does meets all alike.
for (let i = 0; i < STARTS; i++) {
  for (const [name, args] of Object.entries(onceArgs)) onces[name]!.push(once(args));
  for (const name of names) starts[name]!.push(await start(name));
}
const serialisedUs = stringifyUs();
const watched: Record<Build, Awaited<ReturnType<typeof watch>>> = {};
for (const name of names) watched[name] = await watch(name);
writer.close();
rmSync(folder, { recursive: true, force: true });

const mid = <T>(rows: readonly T[], figure: (row: T) => number) => median(rows.map(figure));
const column = (text: string) => text.padStart(14);
console.log(`120 × 40, a run of ${BEFORE} updates; medians of ${STARTS}`);
console.log(`${''.padEnd(18)}${['wall', 'CPU', 'memory'].map(column).join('')}`);
for (const [name, rows] of Object.entries(onces)) {
  const cells = [
    `${mid(rows, r => r.wallMs).toFixed(0)} ms`,
    `${mid(rows, r => r.cpuMs).toFixed(0)} ms`,
    `${mid(rows, r => r.mib).toFixed(1)} MiB`,
  ];
  console.log(
    `${name === 'bare node' ? name.padEnd(18) : `--once, ${name}`.padEnd(18)}${cells.map(column).join('')}`,
  );
}
for (const [name, rows] of Object.entries(starts)) {
  const cells = [
    `${mid(rows, r => r.firstFrameMs).toFixed(0)} ms`,
    `${mid(rows, r => r.cpuMs).toFixed(0)} ms`,
    `${mid(rows, r => r.mib).toFixed(1)} MiB`,
  ];
  console.log(`${`open, ${name}`.padEnd(18)}${cells.map(column).join('')}`);
}
console.log(`ten updates a second; JSON.stringify of one event: ${serialisedUs.toFixed(1)} µs`);
for (const [name, { cpuPercent, rssMib: mib, kibPerSecond }] of Object.entries(watched))
  console.log(
    `${name.padEnd(18)}${column(`${cpuPercent.toFixed(1)}% of a core`)}${column(`${mib.toFixed(0)} MiB`)}${column(`${kibPerSecond.toFixed(0)} KiB/s`)}`,
  );
if (other) {
  const ratio = (of: (name: string) => number) => (of('this build') / of('the other build')).toFixed(2);
  console.log(
    `this / other: --once wall ${ratio(n => mid(onces[n]!, r => r.wallMs))}, CPU ${ratio(n => mid(onces[n]!, r => r.cpuMs))}, ` +
      `memory ${ratio(n => mid(onces[n]!, r => r.mib))}; open: first frame ${ratio(n => mid(starts[n]!, r => r.firstFrameMs))}, ` +
      `CPU ${ratio(n => mid(starts[n]!, r => r.cpuMs))}, memory ${ratio(n => mid(starts[n]!, r => r.mib))}`,
  );
}
