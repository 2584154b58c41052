/**
 * What Sanctum costs while it watches: CPU of a core at ten updates a second, first frame, memory. The built command, in
 * a real pseudo-terminal of 120 × 40, on a log that grows; beside the same rows drawn by Ink's own writer
 * (incrementalRendering, maxFps 10). Linux. Run: npm run build && npx tsx bench/sanctum.ts
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Emitter } from '../src/emit/index.ts';
import { createRun, LogWriter } from '../src/log/index.ts';
import { median } from './measure.ts';
import { update } from './sample-log.ts';

const STARTS = 5;
/** Updates that are there before the view opens: the histories are full. */
const BEFORE = 240;
const WARM_MS = 3000;
const MEASURE_MS = 8000;
/** Kernel clock ticks a second, in which /proc counts CPU time. */
const TICKS = 100;

const dist = process.env.ESPER_DIST ?? fileURLToPath(new URL('../dist', import.meta.url));
const sanctum = join(dist, 'cli/sanctum.js');
if (!existsSync(sanctum)) {
  console.error('bench/sanctum measures the built command: run `npm run build` first.');
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

await build({
  entryPoints: [fileURLToPath(new URL('./sanctum-ink.ts', import.meta.url))],
  outdir: join(folder, 'ink'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  external: ['react-devtools-core'],
  banner: { js: "import { createRequire as r } from 'node:module';\nconst require = r(import.meta.url);" },
});
const commands = {
  sanctum: `${sanctum} ${run.id} --runs ${folder}`,
  ink: `${join(folder, 'ink/sanctum-ink.mjs')} ${run.path}`,
};
type Way = keyof typeof commands;

/** The command in a terminal of its own, which `script` gives it; resolves with its first frame. */
async function open(way: Way) {
  const began = performance.now();
  const child = spawn('script', ['-qfc', `stty rows 40 cols 120; exec node ${commands[way]}`, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm-256color', CI: 'false', FORCE_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let bytes = 0;
  let seen = '';
  const firstFrameMs = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', chunk => {
      bytes += chunk.length;
      if (seen.length < 1e6) seen += chunk;
      // The first frame that has the run in it, not the one that waits for it.
      if (seen.includes(`Batch:${BEFORE}`) || /Batch:\d{3}/.test(seen)) resolve(performance.now() - began);
    });
    child.on('exit', code => reject(new Error(`${way} ended with ${code}: ${seen.slice(-500)}`)));
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

async function watch(way: Way) {
  const { child, written } = await open(way);
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

const starts: Record<Way, number[]> = { sanctum: [], ink: [] };
for (let i = 0; i < STARTS; i++)
  for (const way of ['sanctum', 'ink'] as const) {
    const { child, firstFrameMs } = await open(way);
    starts[way].push(firstFrameMs);
    await close(child);
  }
const results = { sanctum: await watch('sanctum'), ink: await watch('ink') };
writer.close();
rmSync(folder, { recursive: true, force: true });

const line = (name: string, way: Way) => {
  const { cpuPercent, rssMib, kibPerSecond } = results[way];
  return [
    name.padEnd(16),
    `${cpuPercent.toFixed(1)}% of a core`.padStart(15),
    `first frame ${median(starts[way]).toFixed(0)} ms`.padStart(19),
    `${rssMib.toFixed(0)} MiB`.padStart(8),
    `${kibPerSecond.toFixed(0)} KiB/s written`.padStart(17),
  ].join('  ');
};
const ratio = (of: (way: Way) => number) => (of('sanctum') / of('ink')).toFixed(2);
console.log(`120 × 40, ten updates a second; first frame: median of ${STARTS} starts`);
console.log(line('sanctum', 'sanctum'));
console.log(line('Ink’s own writer', 'ink'));
console.log(
  `sanctum / Ink’s own writer: CPU ${ratio(way => results[way].cpuPercent)}, first frame ${ratio(way => median(starts[way]))}`,
);
