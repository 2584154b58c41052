/**
 * The pictures of Overwatch in the docs: scenarios of memory going wrong, one of them under way, served and photographed.
 *   npm run build && npx tsx docs/pictures/overwatch.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { CONTRACT_VERSION } from '../../src/contract/index.ts';
import { createRun, LogWriter, type RunFolder } from '../../src/log/index.ts';
import { startServer } from '../../src/serve/index.ts';
import { playScenario, scenarios } from '../../src/workloads/simulate/index.ts';

const HOUR = 3_600_000;
/** Events of the leak under way: half of those that it lives for. */
const HALF = 190;
const runs = mkdtempSync(join(tmpdir(), 'esper-pictures-'));

/** Plays a scenario into a run of its own, which ended `hoursAgo`; or is under way after `most` events, and goes on when asked to. */
function play(scenarioName: string, hoursAgo: number, name = scenarioName, most = Number.POSITIVE_INFINITY) {
  const scenario = scenarios.find(own => own.name === scenarioName)!;
  const steps = [...playScenario(scenario, { seed: 3 })];
  const lastedMs = steps.slice(0, most).reduce((sum, { afterMs }) => sum + afterMs, 0);
  let timeMs = Date.now() - hoursAgo * HOUR - lastedMs;
  const run = createRun({ runs, name, algorithm: 'PPO', task: 'CartPole-v1', nowMs: timeMs });
  const writer = new LogWriter(run.path);
  let seq = 0;
  const goOn = (atMs?: number) => {
    const { type, data, afterMs } = steps[seq]!;
    timeMs = atMs ?? timeMs + afterMs;
    const adapted = type === 'TRAINING_STARTED' ? { ...data, task: 'CartPole-v1' } : data;
    const event = {
      v: CONTRACT_VERSION,
      seq,
      timeMs,
      run: run.id,
      rank: 0,
      type,
      data: adapted,
      telemetryMs: 0.041,
    };
    writer.append(`${JSON.stringify(event)}\n`);
    seq++;
  };
  while (seq < Math.min(most, steps.length)) goOn();
  if (seq === steps.length) writer.close();
  return { run, writer, goOn };
}

const ended = [
  'batch-size-step',
  'neighbour',
  'cache-starvation',
  'process-limit',
  'growing-sequences',
  'steady',
];
for (const [i, name] of ended.entries()) play(name, 30 - 4 * i);
const fragmented: RunFolder = play('fragmentation', 5).run;
const failed: RunFolder = play('slow-leak', 2, 'leak').run;
const { run: live, writer, goOn } = play('slow-leak', 0, 'cartpole', HALF);
const trainer = setInterval(() => goOn(Date.now()), 1000);

const server = await startServer({ runs, port: 0, host: '127.0.0.1' });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});

async function picture(
  name: string,
  path: string,
  colorScheme: 'dark' | 'light',
  [width, height]: [number, number],
  isPhone = false,
) {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme,
    deviceScaleFactor: isPhone ? 2 : 1,
  });
  await page.goto(`http://localhost:${server.port}${path}`);
  // The verdict rests on the whole log, which takes a moment to read.
  if (path.startsWith('/run/')) await page.locator('.verdict').waitFor();
  await page.waitForTimeout(path === '/' ? 5000 : 2500);
  await page.screenshot({ path: `docs/pictures/overwatch-${name}.png` });
  await page.close();
}

const desktop: [number, number] = [1440, 1500];
const phone: [number, number] = [390, 844];
await picture('list-dark', '/', 'dark', [1440, 760]);
await picture('list-light', '/', 'light', [1440, 760]);
await picture('run-dark', `/run/${live.id}`, 'dark', desktop);
await picture('run-light', `/run/${fragmented.id}`, 'light', desktop);
await picture('compare-light', `/compare?runs=${failed.id},${fragmented.id}`, 'light', [1440, 1000]);
await picture('phone-dark', `/run/${live.id}`, 'dark', phone, true);
await picture('phone-light', `/run/${live.id}`, 'light', phone, true);
await picture('phone-list-light', '/', 'light', phone, true);
clearInterval(trainer);
await browser.close();
writer.close();
await server.close();
rmSync(runs, { recursive: true });
