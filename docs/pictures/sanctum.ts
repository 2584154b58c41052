/**
 * The pictures of Sanctum in the docs: a leak at half its way, at two sizes, on a dark and on a light terminal.
 *   npx tsx docs/pictures/sanctum.ts
 */
import { execFileSync } from 'node:child_process';
import { RunAnalyser } from '../../src/analysis/index.ts';
import type { TelemetryEvent } from '../../src/contract/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { frame, initialView } from '../../src/sanctum/index.ts';
import { playScenario, scenarios } from '../../src/workloads/simulate/index.ts';

const sizes = [
  [80, 24],
  [120, 36],
] as const;

const scenario = scenarios.find(({ name }) => name === 'slow-leak')!;
let timeMs = Date.parse('2026-01-03T12:00:00Z');
const events = [...playScenario(scenario, { seed: 1 })].map(({ type, data, afterMs }, seq) => {
  timeMs += afterMs;
  return { v: '1.0', seq, timeMs, run: 'slow-leak', rank: 0, type, data } as TelemetryEvent;
});
const updates = events.filter(({ type }) => type === 'PPO_UPDATE_COMPLETED').length;
let seen = 0;
const half = events.findIndex(({ type }) => type === 'PPO_UPDATE_COMPLETED' && ++seen === updates >> 1);

const analyser = new RunAnalyser();
const part = events.slice(0, half + 1);
for (const event of part) analyser.take(event);
const snapshot = reduceAll(emptySnapshot(), part);
for (const [width, height] of sizes) {
  const rows = frame(snapshot, {
    ...initialView({ width, height, nowMs: snapshot.run.lastEventMs! + 300 }),
    verdict: analyser.report(),
    timeZone: 'UTC',
    color: true,
  });
  for (const theme of ['dark', 'light']) {
    const out = `docs/pictures/sanctum-${width}x${height}-${theme}.png`;
    const options = ['--out', out, '--columns', String(width), ...(theme === 'light' ? ['--light'] : [])];
    execFileSync(process.execPath, ['docs/pictures/ansi-to-png.mjs', ...options], { input: rows.join('\n') });
  }
}
