/** The HTML report in a real browser, on screen and on paper. Without Chromium these tests are skipped, visibly. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunReport } from '../../src/contract/index.ts';
import { runDocument, toHtml } from '../../src/report/index.ts';
import { context } from './runs.ts';
import { INPUTS } from './write-inputs.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const inputs = readdirSync(INPUTS).filter(file => file.endsWith('.report.json'));
const report = (file: string) => JSON.parse(readFileSync(join(INPUTS, file), 'utf8')) as RunReport;

const HOSTILE =
  '</title><script>window.broken=1</script><img src=x onerror="window.broken=1">"\'><svg onload=alert(1)>\u202e{{7*7}}';

/** Every text of a report replaced by one that wants out. */
function poisoned(original: RunReport): RunReport {
  const texts = new Set(['message', 'errorType', 'name', 'id', 'task', 'algorithm', 'says', 'device']);
  const change = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return texts.has(key) ? HOSTILE : value;
    if (Array.isArray(value)) return value.map(inner => change(inner, key === 'next' ? 'says' : key));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner, name)]));
  };
  return change(original, '') as RunReport;
}

describe.skipIf(!existsSync(CHROMIUM))('the HTML report', () => {
  let browser: Browser;
  let folder: string;
  /** What a page asked for beside itself, and what it complained of. */
  let asked: string[] = [];
  let complaints: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'esper-html-'));
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(made: RunReport, colorScheme: 'light' | 'dark' = 'light', width = 1100): Promise<Page> {
    [asked, complaints] = [[], []];
    const file = join(folder, 'report.html');
    writeFileSync(file, toHtml(runDocument(made, context)));
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    page.on('request', request => asked.push(request.url()));
    page.on('console', message => complaints.push(message.text()));
    page.on('pageerror', error => complaints.push(error.message));
    page.on('dialog', dialog => {
      complaints.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(`file://${file}`);
    asked = asked.filter(url => url !== `file://${file}` && url !== 'data:,');
    return page;
  }

  const wrongs = async (page: Page): Promise<string[]> => {
    await page.evaluate(axe);
    return page.evaluate(async () => {
      // biome-ignore lint/suspicious/noExplicitAny: axe is in the page, not in this program.
      const { violations } = await (globalThis as any).axe.run();
      return violations.map((v: { id: string; nodes: { html: string }[] }) => `${v.id}: ${v.nodes[0]?.html}`);
    });
  };

  test.each(inputs)('%s: nothing is loaded, nothing complained of', async file => {
    const page = await open(report(file));
    expect([asked, complaints]).toEqual([[], []]);
    await page.close();
  });

  test.each(['leak', 'two-ranks', 'empty'])('%s: axe finds nothing, light and dark', async name => {
    for (const scheme of ['light', 'dark'] as const) {
      const page = await open(report(`${name}.report.json`), scheme);
      expect(await wrongs(page)).toEqual([]);
      await page.close();
    }
  });

  test('whatever others wrote is text', async () => {
    const page = await open(poisoned(report('leak.report.json')));
    expect([asked, complaints]).toEqual([[], []]);
    expect(await page.evaluate('window.broken')).toBeUndefined();
    expect(await page.locator('script, img, [onload], [onerror]').count()).toBe(0);
    expect(await page.locator('h1').textContent()).toBe(HOSTILE.replace('\u202e', ''));
    expect(await wrongs(page)).toEqual([]);
    await page.close();
  });

  test('a plot describes what it shows, for those who cannot see it', async () => {
    const page = await open(report('leak.report.json'));
    const names = await page.locator('svg[role=img] > title').allTextContents();
    expect(names).toEqual(
      expect.arrayContaining(['Need and budget', 'Memory pressure', 'Where the bytes were', 'Lost time']),
    );
    // Of a run that failed there is none.
    expect(names).not.toContain('Forecast');
    for (const described of await page.locator('svg[role=img] > desc').allTextContents())
      expect(described).toMatch(/\w+.*\.$/);
    expect(await page.locator('path.mark.failed').first().locator('title').textContent()).toMatch(
      /OutOfMemoryError/,
    );
    await page.close();
  });

  test('on a phone nothing but tables and plots is wider than the screen', async () => {
    const page = await open(report('leak.report.json'), 'light', 390);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.close();
  });

  test('prints in light colours; no figure, finding or row is cut by a page', async () => {
    const page = await open(report('leak.report.json'), 'dark');
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    // A4 in points.
    expect(pdf.toString('latin1')).toMatch(/MediaBox \[0 0 59[45]\S* 84[12]/);
    await page.emulateMedia({ media: 'print' });
    const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(ground).toBe('rgb(255, 255, 255)');
    for (const unbroken of ['figure', 'article', 'tr'])
      expect(
        await page.evaluate(`getComputedStyle(document.querySelector('${unbroken}')).breakInside`),
        unbroken,
      ).toBe('avoid');
    await page.close();
  });
});
