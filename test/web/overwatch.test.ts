/** Overwatch in a real browser, beside a training that really runs. Without Chromium these tests are skipped, visibly. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadRun } from '../../src/cli/load-run.ts';
import type { RunReport } from '../../src/contract/index.ts';
import {
  emptyReport,
  type LoggedEvent,
  listRuns,
  type ReadReport,
  readRun,
  resolveRuns,
} from '../../src/log/index.ts';
import { groupsDocument, runDocument, toHtml } from '../../src/report/index.ts';
import { compareGiven } from '../../src/runs/index.ts';
import { bannerRows } from '../../src/sanctum/StatusBanner.ts';
import { append, writeRun } from '../log-files.ts';
import { PATIENCE_MS } from '../patience.ts';
import { played, writeRun as writePlayed } from '../report/runs.ts';
import { eventsOfVariant } from '../report/variants.ts';
import { event, type Served, serve, update } from '../serve/fixture.ts';
import { hasChromium, type Overwatch, openOverwatch, unlessChromium } from './browser.ts';
import { drag, wrongs } from './pages.ts';
import { train, writeSteps } from './runs.ts';

/** As the command has it. */
const reportPage = (report: RunReport) =>
  toHtml(runDocument(report, { nowMs: 0, timeZone: 'UTC', version: 'test' }));

let overwatch: Overwatch;
let served: Served;
let page: Page;

const url = (path = '/') => overwatch.url(path);

const text = (selector: string, on = page) => on.locator(selector).first().textContent();

describe.skipIf(!hasChromium)(`Overwatch${unlessChromium}`, () => {
  beforeAll(async () => {
    overwatch = await openOverwatch({ reportPage });
    served = overwatch.served;
    page = await overwatch.open();
  });
  afterAll(() => overwatch?.end());

  test('an empty folder explains how to begin', async () => {
    await page.goto(url());
    await page.getByText('esper demo').waitFor();
    expect(await wrongs(page)).toEqual([]);
  });

  test('a training that really runs: [Mem:NN%] changes without a reload, and in the end shows what Sanctum shows', async () => {
    const training = await train(served.runs, 30);
    const banner = () => bannerRows(loadRun(training.path, emptyReport()), 2000).flat();
    const memory = () => banner().find(({ text }) => text.startsWith('[Mem:'))?.text;
    try {
      await page.getByRole('link', { name: 'trained' }).click();
      await page.locator('[data-styled="status"]').waitFor();
      await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
      const seen = new Set<string | undefined>();
      while (seen.size < 3) {
        await training.step();
        await expect.poll(async () => (await text('[data-styled="memory"]')) === memory()).toBe(true);
        seen.add(memory());
      }
      await training.finish();
      // The log's last word comes after its last update.
      await expect.poll(() => text('[data-styled="status"]')).toBe('[✓] FINISHED');
      expect(await text('[data-styled="counter"]')).toBe('Batch:30/30');
      expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
      const sanctum = banner();
      for (const name of ['status', 'counter', 'memory']) {
        const shown = await text(`[data-styled="${name}"]`);
        expect(sanctum.map(({ text }) => text)).toContain(shown);
      }
      for (const figure of await page.locator('.banner .figures li').allTextContents())
        expect(sanctum.map(({ text }) => text).join('')).toContain(figure);
      // The chart's newest value is the banner's.
      expect(`[Mem:${await text('[data-chart="pool"] [data-line="0"]')}]`).toBe(
        await text('[data-styled="memory"]'),
      );
      expect(await wrongs(page)).toEqual([]);
    } finally {
      training.end();
    }
  });

  test('a click shows that moment, a link restores the whole view, Escape leads back', async () => {
    const plot = page.locator('[data-chart="pool"] .u-over');
    const { width } = (await plot.boundingBox())!;
    await plot.click({ position: { x: width / 2, y: 60 } });
    await page.locator('.notice.then').waitFor();
    const counter = await text('[data-styled="counter"]');
    expect(counter).toMatch(/^Batch:1[4-7]\/30$/);
    await drag(plot, 0.25, 0.75);
    await expect.poll(() => new URL(page.url()).searchParams.has('from')).toBe(true);
    await page.keyboard.press('x');
    await expect.poll(() => new URL(page.url()).searchParams.get('x')).toBe('time');
    const other = await overwatch.open();
    await other.goto(page.url());
    await other.locator('.notice.then').waitFor();
    expect(await text('[data-styled="counter"]', other)).toBe(counter);
    expect(await other.getByRole('button', { name: 'by time' }).getAttribute('aria-pressed')).toBe('true');
    await other.keyboard.press('Escape');
    await expect.poll(() => text('[data-styled="counter"]', other)).toBe('Batch:30/30');
    await other.close();
  });

  test('what a figure means comes from its record', async () => {
    await page.locator('[data-styled="memory"]').click();
    const dialog = page.getByRole('dialog', { name: 'GPU Memory Usage Percentage' });
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain(
      'memoryUsagePercent = (cudaMemoryAllocatedGb / cudaMemoryReservedGb) * 100',
    );
    expect(await wrongs(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });

  test(
    'zoom shows a one-update spike among 1,000,000 points',
    async () => {
      const id = '20260101-000000-spike-aaaa';
      const N = 1_000_000;
      const SPIKE = 654_321;
      writeSteps(join(served.runs, id), N, step => (step === SPIKE ? 77 : 1));
      await page.goto(url(`/run/${id}`));
      const chart = page.locator('[data-chart="totalLoss"]');
      await expect
        .poll(() => text('[data-styled="counter"]'), { timeout: 6 * PATIENCE_MS })
        .toBe(`Step:${N}`);
      await expect.poll(() => page.locator('.notice progress').count()).toBe(0);
      await chart.scrollIntoViewIfNeeded();
      // The line's own colour above the middle of the plot: nothing but the spike reaches there.
      const inked = () =>
        // biome-ignore lint/suspicious/noExplicitAny: the canvas is in the page.
        chart.locator('canvas').evaluate((canvas: any): number[] => {
          const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height / 2);
          const columns = new Set<number>();
          for (let i = 0; i < data.length; i += 4)
            if (data[i + 3] > 40 && data[i + 2] > data[i] + 50) columns.add((i / 4) % width);
          return [...columns].sort((a, b) => a - b);
        });
      await expect.poll(async () => (await inked()).length).toBeGreaterThan(0);
      const box = async () => (await chart.locator('.u-over').boundingBox())!;
      const at = async (step: number, from: number, to: number) => {
        const { x, y, width } = await box();
        await page.mouse.move(x + (width * (step - from)) / (to - from), y + 30);
        return chart.locator('[data-line="0"]').textContent();
      };
      const { x, width } = await box();
      const left = x - (await chart.locator('canvas').boundingBox())!.x;
      for (const column of await inked())
        expect(Math.abs(column - left - (width * SPIKE) / N)).toBeLessThan(4);
      // Zoomed in by hand, and then by a link to single updates.
      await drag(chart.locator('.u-over'), 0.6, 0.7);
      await expect.poll(() => new URL(page.url()).searchParams.has('from')).toBe(true);
      await expect.poll(async () => (await inked()).length).toBeGreaterThan(0);
      const [from, to] = [SPIKE - 10, SPIKE + 10];
      await page.goto(url(`/run/${id}?from=${from}&to=${to}`));
      await expect.poll(async () => at(SPIKE, from, to)).toBe('77.00');
      expect(await at(SPIKE - 1, from, to)).toBe('1.00');
    },
    10 * PATIENCE_MS,
  );

  test('the server’s death is shown, its return survived, and what was missed comes', async () => {
    const folder = writeRun(served.runs, '20260102-000000-lasting-bbbb', [
      event(0, 'TRAINING_STARTED', {}),
      update(1, 45),
    ]);
    // The charts' questions fail as those do that the server's end cuts short.
    await page.route('**/series?**', route => route.abort());
    await page.goto(url('/run/20260102-000000-lasting-bbbb'));
    await expect.poll(() => text('[data-styled="memory"]')).toBe('[Mem:45%]');
    const { port } = served.server;
    await served.server.close();
    await page.getByText('SERVER AWAY').waitFor();
    await page.getByRole('alert').waitFor();
    append(folder, [update(2, 91)]);
    await page.unroute('**/series?**');
    const { startServer } = await import('../../src/serve/index.ts');
    served.server = await startServer({
      runs: served.runs,
      web: overwatch.web,
      reportPage,
      port,
      host: '127.0.0.1',
    });
    await expect.poll(() => text('[data-styled="memory"]')).toBe('[Mem:91%]');
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    expect(await page.locator('[data-styled="memory"]').getAttribute('class')).toBe('tone-critical');
  });

  test('the verdict shows what it was, its evidence leads there, and the report stands by itself', async () => {
    const id = '20260103-000000-leaking-cccc';
    writeRun(served.runs, id, played('slow-leak', 3));
    await page.goto(url(`/run/${id}`));
    await page.locator('.verdict').waitFor();
    expect(await text('[data-styled="verdict"]')).toBe('leak');
    // What it cost, how close the end was: a run that has ended heads nowhere.
    expect(await page.locator('.answers li').count()).toBe(2);
    expect(await wrongs(page)).toEqual([]);
    const evidence = page.locator('.evidence button', { hasText: 'batches' }).first();
    const [from, to] = (await evidence.textContent())!.match(/\d+/g)!.map(Number);
    await evidence.click();
    await expect.poll(() => new URL(page.url()).searchParams.get('from')).not.toBeNull();
    const query = new URL(page.url()).searchParams;
    expect(Number(query.get('from'))).toBeLessThanOrEqual(from!);
    expect(Number(query.get('to'))).toBeGreaterThanOrEqual(to!);
    const opened = page.context().waitForEvent('page');
    await page.getByRole('link', { name: 'Report' }).click();
    const report = await opened;
    await report.getByText('leak', { exact: false }).first().waitFor();
    // Its styles are inside, and the policy lets them be.
    expect(await report.evaluate('getComputedStyle(document.querySelector("main")).maxWidth')).not.toBe(
      'none',
    );
    await report.close();
  });

  test('two runs are compared, chosen in the list', async () => {
    await page.goto(url('/'));
    await page.getByRole('checkbox', { name: 'Compare trained' }).check();
    await page.getByRole('checkbox', { name: 'Compare lasting' }).check();
    await page.getByRole('button', { name: 'Compare 2 runs' }).click();
    const pool = page.locator('[data-chart="pool"]');
    await pool.waitFor();
    expect(await pool.locator('.legend li').count()).toBe(2);
    // What changed, in the words of the command, and the configuration.
    await page.locator('[data-styled="comparison"]').waitFor();
    await page.getByText(/\d+ of \d+ differ/).waitFor();
    expect(await wrongs(page)).toEqual([]);
  });

  test('two logs of peaks alone are compared by them, step by step, without columns of dashes', async () => {
    const logOf = (gib: number) =>
      Array.from(
        { length: 12 },
        (_, i) => `step: ${i + 1}  loss: ${8 - i / 9}  memory: ${gib}.${10 + i}GiB(50.66%)  tps: 7,038`,
      );
    const ids = [3, 5].map(gib => {
      const name = `titan-${gib}`;
      const command = ['src/cli/esper.ts', 'watch', '-', '--name', name, '--runs', served.runs];
      const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', ...command], {
        input: `${logOf(gib).join('\n')}\n`,
        encoding: 'utf8',
      });
      expect({ status, stderr }).toMatchObject({ status: 0 });
      return listRuns(served.runs).find(run => run.name === name)!.id;
    });
    await page.goto(url(`/compare?runs=${ids.join()}`));
    await page.getByRole('button', { name: 'by step' }).waitFor();
    const memory = page.locator('[data-chart="memory"]');
    await memory.waitFor();
    expect(await memory.count()).toBe(1);
    expect(await memory.textContent()).toMatch(/^Peak reserved +GiB.*titan-3 3\.21.*titan-5 5\.21/);
    expect(await page.locator('main > table th').allTextContents()).toEqual([
      'Run',
      'Verdict',
      'Progress',
      'Remove',
    ]);
    expect(await wrongs(page)).toEqual([]);
  });

  test('groups are compared as the command compares them', async () => {
    for (const [lr, noise] of [
      [1, 10],
      [3, 30],
    ] as const)
      for (const seed of [1, 2]) {
        const variant = { job: 5, noise: noise + seed, updates: 40, slower: lr === 3 ? 1.5 : 1 };
        const folder = writePlayed(served.runs, `swept-lr${lr}-s${seed}`, eventsOfVariant(variant));
        const path = join(folder, 'run.json');
        const manifest = JSON.parse(readFileSync(path, 'utf8'));
        writeFileSync(path, JSON.stringify({ ...manifest, config: { lr, seed } }));
      }
    const groups = [`swept-lr1*`, 'swept-lr3*'].map(label => ({
      label,
      runs: resolveRuns(served.runs, label),
    }));
    const read = (folder: string, report: ReadReport, take: (event: LoggedEvent) => void) => {
      for (const events of readRun(folder, report)) for (const event of events) take(event);
    };
    const compared = await compareGiven(groups, { by: null, ignore: [], read });
    if (compared.kind !== 'groups') throw new Error('These are groups.');
    const shown = groupsDocument(compared.comparison, { nowMs: 0, timeZone: null, version: '' });
    await page.goto(url('/groups'));
    await page.getByRole('searchbox').fill('swept-lr1* swept-lr3*');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await expect.poll(() => text('.document p')).toBe(`${shown.verdict.label} ${shown.verdict.says}`);
    const cells = shown.sections.flatMap(({ blocks }) =>
      blocks.flatMap(block => (block.type === 'table' ? block.rows.flatMap(row => row.cells.slice(1)) : [])),
    );
    expect(await page.locator('.document tbody td').allTextContents()).toEqual(cells);
    expect(cells.join()).toMatch(/±.*\[/);
    expect(await wrongs(page)).toEqual([]);
    // One pattern is a sweep; conditions of the list are a group too.
    await page.goto(url('/groups?group=swept*&by=time'));
    await expect.poll(() => text('.document p')).toMatch(/\(lr=1\) has the best time of an update/);
    await page.goto(url('/groups?group=config.lr%3D1&group=config.lr%3D3'));
    await expect.poll(() => page.locator('.document tbody td').allTextContents()).toEqual(cells);
    await page.goto(url('/groups?group=nothing*'));
    await page.getByRole('alert').getByText('No run in this folder fits "nothing*".').waitFor();
  });

  test('the list is filtered, sorted, given columns and choices, and all of it is in the address', async () => {
    await page.goto(url('/'));
    await page.getByRole('searchbox').fill('verdict=leak');
    await page.getByRole('status').getByText('1 of').waitFor();
    await page.getByRole('searchbox').fill('batch>1');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'peak', exact: true }).check();
    expect(await wrongs(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'peak', exact: true }).click();
    await page.getByRole('columnheader', { name: 'peak ▼' }).waitFor();
    await page.getByRole('checkbox', { name: 'Compare leaking' }).check();
    const rows = (on: Page) => on.locator('.run-list tbody .name a').allTextContents();
    await expect.poll(async () => (await rows(page))[0]).toBe('leaking');
    const shown = await rows(page);
    expect(shown.indexOf('lasting')).toBeGreaterThan(0);
    const other = await overwatch.open();
    await other.goto(page.url());
    await other.getByRole('columnheader', { name: 'peak ▼' }).waitFor();
    expect(await rows(other)).toEqual(shown);
    expect(await other.getByRole('checkbox', { name: 'Compare leaking' }).isChecked()).toBe(true);
    await other.getByRole('searchbox').fill('peak>much');
    await other.getByRole('alert').getByText('no number in its unit').waitFor();
    // What was found before stays.
    expect(await rows(other)).toEqual(shown);
    await other.close();
  });

  test.each(['dark', 'light'] as const)(
    'on a phone nothing is cut off, in %s, and axe is content',
    async colorScheme => {
      const phone = await overwatch.open({ viewport: { width: 390, height: 844 }, colorScheme });
      const { id } = listRuns(served.runs).find(run => run.name === 'trained')!;
      for (const path of [
        '/',
        '/?columns=run,peak,tags,verdict&q=batch>0',
        `/run/${id}`,
        `/compare?runs=${id},20260102-000000-lasting-bbbb`,
        '/groups?group=swept*',
        '/run/none',
        '/nowhere',
      ]) {
        await phone.goto(url(path));
        await phone.locator('h1, .notice').first().waitFor();
        await phone.waitForTimeout(300);
        expect(await phone.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(390);
        expect(await wrongs(phone), path).toEqual([]);
      }
      // Panels stand out of the page: their rules reach them.
      await phone.goto(url(`/run/${id}`));
      for (const panel of ['.banner', '.panel', '.chart']) {
        await phone.locator(panel).first().waitFor();
        const border = `getComputedStyle(document.querySelector('${panel}')).borderTopWidth`;
        expect(await phone.evaluate(border), panel).toBe('1px');
      }
      await phone.close();
    },
  );

  test('under a path of another server: from the list to a run, its figures, its report and back', async () => {
    const under = await serve({ web: overwatch.web, basePath: '/team/esper', reportPage });
    try {
      const id = '20260104-000000-under-dddd';
      writeRun(under.runs, id, [event(0, 'TRAINING_STARTED', {}), update(1), update(2)]);
      const other = await overwatch.open();
      await other.goto(`http://localhost:${under.server.port}/team/esper/`);
      await other.getByRole('link', { name: 'under' }).click();
      await other.locator('[data-chart="pool"] [data-line="0"]').waitFor();
      expect(new URL(other.url()).pathname).toBe(`/team/esper/run/${id}`);
      const href = await other.getByRole('link', { name: 'Report' }).getAttribute('href');
      expect(href).toBe(`/team/esper/api/runs/${id}/report.html`);
      await other.reload();
      await other.locator('[data-styled="status"]').waitFor();
      await other.getByRole('link', { name: 'Overwatch' }).click();
      await other.getByRole('link', { name: 'under' }).waitFor();
      expect(new URL(other.url()).pathname).toBe('/team/esper/');
      await other.close();
    } finally {
      await under.end();
    }
  });

  test('nothing was requested from any other host, and no page met an error', () => {
    expect(overwatch.strangers).toEqual([]);
    expect(overwatch.errors).toEqual([]);
  });
});
