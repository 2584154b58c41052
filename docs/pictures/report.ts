/**
 * The pictures of a report in the docs, of a run that failed: `esper demo --scenario slow-leak`, then
 *   npx tsx docs/pictures/report.ts runs/RUN
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const run = process.argv[2]!;
const folder = mkdtempSync(join(tmpdir(), 'esper-picture-'));
const report = (options: string[], env = {}) =>
  execFileSync('node', ['--import', 'tsx', 'src/cli/esper.ts', 'report', run, ...options], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });

// To the end of the first plot.
const lines = report([], { FORCE_COLOR: '3', COLUMNS: '100' }).split('\n');
const plots = lines.findIndex(line => line.includes('Need and budget'));
const end = lines.findIndex((line, at) => at > plots && line.includes('batch 1 '));
const input = lines.slice(0, end + 1).join('\n');
execFileSync(
  'node',
  ['docs/pictures/ansi-to-png.mjs', '--columns', '100', '--out', 'docs/pictures/report-terminal.png'],
  { input },
);

const page = join(folder, 'report.html');
report(['--out', page]);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const [file, colorScheme, from, to] of [
  ['report-light.png', 'light', null, 'Alarms'],
  ['report-plots-dark.png', 'dark', 'Memory over time', 'Learning and speed'],
] as const) {
  const view = await browser.newPage({
    viewport: { width: 768, height: 900 },
    deviceScaleFactor: 1.5,
    colorScheme,
  });
  await view.goto(`file://${page}`);
  const top = async (heading: string | null) =>
    heading === null
      ? 0
      : await view.locator('h2', { hasText: heading }).evaluate(h => h.getBoundingClientRect().top + scrollY);
  const [y, below] = [await top(from), await top(to)];
  await view.screenshot({
    path: `docs/pictures/${file}`,
    fullPage: true,
    clip: { x: 0, y: Math.max(0, y - 16), width: 768, height: below - y },
  });
}
await browser.close();
rmSync(folder, { recursive: true });
