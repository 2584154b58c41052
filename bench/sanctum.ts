/**
 * What Sanctum costs while it watches: CPU of a core at ten updates a second, first frame, memory, in a real
 * pseudo-terminal of 120 × 40; beside the same rows drawn by Ink’s own writer (incrementalRendering, maxFps 10).
 * Run: npm run build && npx tsx bench/sanctum.ts
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GIB } from '../src/contract/index.ts';
import { device, rank } from '../test/sanctum/snapshots.ts';
import { median } from './measure.ts';

const STARTS = 5;
const UPDATES = 300;
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const dist = process.env.ESPER_DIST ?? here('../dist');
if (!existsSync(join(dist, 'sanctum/index.js'))) {
  console.error('bench/sanctum measures the built package: run `npm run build` first.');
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'esper-bench-'));
const eventsFile = join(folder, 'events.jsonl');
const resultFile = join(folder, 'result.json');
writeFileSync(eventsFile, events());

/** The log of a run in which every figure moves with every update. */
function events(): string {
  const history = rank({ updates: UPDATES }).history;
  const pool = device(70, { updates: UPDATES }).history;
  const event = (i: number) => ({
    v: '1.0',
    seq: i,
    timeMs: Date.now() + (i - UPDATES) * 100,
    run: '20260101-120000-bench-0000',
    rank: 0,
    type: 'PPO_UPDATE_COMPLETED',
    data: {
      batch: i + 1,
      loss: { total: history.totalLoss[i], policy: history.policyLoss[i], value: history.valueLoss[i] },
      policy: {
        entropy: history.entropy[i],
        approxKl: history.approxKl[i],
        clipFraction: history.clipFraction[i],
        learningRate: 3e-4 * (1 - i / UPDATES),
      },
      value: { explainedVariance: history.explainedVariance[i] },
      gradient: { norm: history.gradNorm[i] },
      rollout: { totalSteps: (i + 1) * 1024, episodicReturn: history.episodicReturn[i] },
      timing: { updateMs: history.updateMs[i], stepsPerSecond: history.stepsPerSecond[i] },
      memory: [
        {
          device: 'sim:0',
          allocatedBytes: Math.round(pool.allocatedBytes[i]!),
          activeBytes: Math.round(pool.allocatedBytes[i]!),
          reservedBytes: Math.round(pool.reservedBytes[i]!),
          deviceTotalBytes: 8 * GIB,
          deviceFreeBytes: 2 * GIB,
        },
      ],
    },
  });
  return Array.from({ length: UPDATES }, (_, i) => `${JSON.stringify(event(i))}\n`).join('');
}

interface Result {
  firstFrameMs: number;
  bytesPerSecond: number;
  cpuPercent: number | null;
  rssBytes: number | null;
}

/** One view in a pseudo-terminal (`script` gives it one); stopped at its first frame, or left to measure itself. */
function view(way: 'sanctum' | 'ink', measure: boolean): Promise<Result> {
  rmSync(resultFile, { force: true });
  const node = `exec node ${here('sanctum-view.mjs')} ${way} ${dist} ${eventsFile} ${resultFile}`;
  const began = performance.now();
  const child = spawn('script', ['-qfec', `stty rows 40 cols 120; ${node}`, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm-256color', CI: 'false', NO_COLOR: '' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let seen = '';
  let bytes = 0;
  let firstFrameMs = 0;
  return new Promise(resolve => {
    child.stdout.on('data', chunk => {
      bytes += chunk.length;
      if (firstFrameMs > 0) return;
      seen += chunk;
      if (!seen.includes('EVENTS')) return;
      firstFrameMs = performance.now() - began;
      if (!measure) child.kill();
    });
    child.on('close', () => {
      const own = measure
        ? JSON.parse(readFileSync(resultFile, 'utf8'))
        : { cpuPercent: null, rssBytes: null };
      resolve({ firstFrameMs, bytesPerSecond: bytes / ((performance.now() - began) / 1000), ...own });
    });
  });
}

const MIB = 1024 ** 2;
const ways = { sanctum: [] as number[], ink: [] as number[] };
for (let i = 0; i < STARTS; i++)
  for (const way of ['sanctum', 'ink'] as const) ways[way].push((await view(way, false)).firstFrameMs);
const results = { sanctum: await view('sanctum', true), ink: await view('ink', true) };

const line = (name: string, way: 'sanctum' | 'ink') => {
  const { cpuPercent, rssBytes, bytesPerSecond } = results[way];
  return [
    name.padEnd(20),
    `${cpuPercent!.toFixed(1)}% of a core`.padStart(17),
    `first frame ${median(ways[way]).toFixed(0)} ms`.padStart(20),
    `${(rssBytes! / MIB).toFixed(0)} MiB`.padStart(9),
    `${(bytesPerSecond / 1024).toFixed(0)} KiB/s written`.padStart(19),
  ].join('  ');
};
console.log(`120 × 40, ten updates a second; first frame is the median of ${STARTS} starts`);
console.log(line('sanctum', 'sanctum'));
console.log(line('ink’s own writer', 'ink'));
console.log(
  `sanctum / ink: CPU ${(results.sanctum.cpuPercent! / results.ink.cpuPercent!).toFixed(2)}, first frame ${(median(ways.sanctum) / median(ways.ink)).toFixed(2)}`,
);
rmSync(folder, { recursive: true, force: true });
