/** What is drawn on the canvas of a chart, and what must stand still, in a real browser: no word on the page shows it. */

import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GIB } from '../../src/base/index.ts';
import type { DeviceMemory, TelemetryEvent } from '../../src/contract/index.ts';
import { writeRun } from '../log-files.ts';
import { event, hold } from '../serve/fixture.ts';
import { hasChromium, type Overwatch, openOverwatch, unlessChromium } from './browser.ts';

const UPDATES = 60;
const reading = (peakBytes: number, allocRetries = 0): DeviceMemory => ({
  device: 'cuda:0',
  allocatedBytes: peakBytes,
  activeBytes: peakBytes,
  reservedBytes: peakBytes,
  inactiveSplitBytes: 0,
  peakAllocatedBytes: peakBytes,
  peakActiveBytes: peakBytes,
  peakScope: 'update',
  deviceTotalBytes: 8 * GIB,
  deviceFreeBytes: 8 * GIB - peakBytes,
  allocRetries,
  ooms: 0,
});
const update = (batch: number, memory: DeviceMemory, seq = batch) =>
  event(seq, 'PPO_UPDATE_COMPLETED', { batch, memory: [memory] });
/** Grows by 0.05 GiB an update from 4 GiB on, and scatters: memory runs out some 20 updates after the last. */
const leaking = Array.from({ length: UPDATES }, (_, i) =>
  update(i + 1, reading(Math.round((4 + 0.05 * i + 1.2 * (((i * i * 7) % 13) / 13 - 0.5)) * GIB))),
);
const begin = event(0, 'TRAINING_STARTED', {});

interface Region {
  /** Shares of the plot's width. */
  from: number;
  to: number;
  /** Rows from its top; all where not given. */
  rows?: number;
}

/** The columns of the plot, in pixels, in which something of that colour of the style sheet is drawn, and of how much. */
async function inkOf(chart: Locator, color: string, { from, to, rows }: Region) {
  const [plot, canvas] = [chart.locator('.u-over'), chart.locator('canvas')];
  const [inner, outer] = [(await plot.boundingBox())!, (await canvas.boundingBox())!];
  const area = {
    x: inner.x - outer.x + from * inner.width,
    y: inner.y - outer.y,
    width: (to - from) * inner.width,
    height: rows ?? inner.height,
  };
  return canvas.evaluate(
    // biome-ignore lint/suspicious/noExplicitAny: the canvas is in the page.
    (element: any, { area, color }): { columns: number[]; pixels: number } => {
      // biome-ignore lint/suspicious/noExplicitAny: so is the document.
      const { document, getComputedStyle } = globalThis as any;
      const wanted = document.createElement('canvas').getContext('2d');
      wanted.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--${color}`).trim();
      wanted.fillRect(0, 0, 1, 1);
      const [r, g, b] = wanted.getImageData(0, 0, 1, 1).data;
      const context = element.getContext('2d');
      const { data, width } = context.getImageData(area.x, area.y, area.width, area.height);
      const columns = new Set<number>();
      let pixels = 0;
      for (let i = 0; i < data.length; i += 4) {
        const isNear = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 40;
        if (data[i + 3] < 30 || !isNear) continue;
        columns.add((i / 4) % width);
        pixels++;
      }
      return { columns: [...columns].sort((a, b) => a - b), pixels };
    },
    { area, color },
  );
}

describe.skipIf(!hasChromium)(`on the page${unlessChromium}`, () => {
  let overwatch: Overwatch;
  let page: Page;
  const show = async (id: string, events: readonly TelemetryEvent[], goesOn: boolean, query = '') => {
    const folder = writeRun(overwatch.served.runs, id, events);
    const writer = goesOn ? hold(folder) : null;
    await page.goto(overwatch.url(`/run/${id}${query}`));
    await page.locator('.verdict').waitFor();
    const chart = (name: string) => page.locator(`[data-chart="${name}"]`);
    await chart('memory').scrollIntoViewIfNeeded();
    return { chart, end: () => writer?.close() };
  };
  beforeAll(async () => {
    overwatch = await openOverwatch();
    page = await overwatch.open();
  });
  afterAll(() => overwatch?.end());

  test.each(['', '?x=time'])(
    'the forecast of a run under way is a fan beyond its newest update (%s)',
    async query => {
      const id = `20260101-000000-fan-${query ? 'aaaa' : 'bbbb'}`;
      const { chart, end } = await show(id, [begin, ...leaking], true, query);
      // The last part of the axis is the fan's, where no update has been: it is an area, not a line.
      const height = async () => {
        const { columns, pixels } = await inkOf(chart('pressure'), 'vermilion', { from: 0.82, to: 0.88 });
        return pixels / Math.max(1, columns.length);
      };
      await expect.poll(height).toBeGreaterThan(5);
      end();
    },
  );

  test('a run that has ended has no fan: its own line reaches to the end of the axis', async () => {
    const over = event(UPDATES + 1, 'TRAINING_COMPLETED', { reason: 'finished' });
    const { chart } = await show('20260101-000000-over-aaaa', [begin, ...leaking, over], false);
    const newest = () => inkOf(chart('pressure'), 'vermilion', { from: 0.97, to: 1 });
    await expect.poll(async () => (await newest()).columns.length).toBeGreaterThan(3);
    const { columns, pixels } = await newest();
    expect(pixels / columns.length).toBeLessThan(8);
  });

  test('a loss that is printed at every tenth step is a line; a gap among many is a gap', async () => {
    const step = (at: number, loss: number | null) =>
      event(at, 'STEP_COMPLETED', { step: at, loss, memory: [reading(5 * GIB)] });
    const lossOf = async (name: string, lossAt: (at: number) => number | null) => {
      const steps = Array.from({ length: 200 }, (_, i) => step(i + 1, lossAt(i + 1)));
      const { chart } = await show(`20260101-000000-${name}-aaaa`, [begin, ...steps], false);
      const drawn = () => inkOf(chart('totalLoss'), 'blue', { from: 0.3, to: 0.7 });
      await expect.poll(async () => (await drawn()).columns.length).toBeGreaterThan(0);
      const { columns } = await drawn();
      return columns.length / (columns.at(-1)! - columns[0]! + 1);
    };
    expect(await lossOf('sparse', at => (at % 10 === 0 ? 1 + at / 100 : null))).toBe(1);
    expect(await lossOf('gap', at => (at > 90 && at < 110 ? null : 1 + at / 100))).toBeLessThan(0.9);
  });

  test('every refusal of the device is a stroke, also after a resume', async () => {
    const counted = (retries: (i: number) => number, from: number, to: number, seq: number) =>
      Array.from({ length: to - from }, (_, i) =>
        update(from + i, reading(5 * GIB, retries(from + i)), seq + i),
      );
    const { chart } = await show(
      '20260101-000000-refused-aaaa',
      [
        begin,
        ...counted(batch => (batch >= 20 ? 10 : 0), 1, 40, 1),
        event(40, 'TRAINING_STARTED', { resumedAtBatch: 39 }),
        ...counted(batch => (batch >= 50 ? 3 : 0), 40, 61, 41),
        event(70, 'TRAINING_COMPLETED', { reason: 'finished' }),
      ],
      false,
    );
    const strokes = () => inkOf(chart('memory'), 'critical', { from: 0, to: 1, rows: 7 });
    await expect.poll(async () => (await strokes()).columns.length).toBeGreaterThan(0);
    const { width } = (await chart('memory').locator('.u-over').boundingBox())!;
    const at = (batch: number) => (width * (batch - 1)) / 59;
    const { columns } = await strokes();
    for (const batch of [20, 50])
      expect(
        columns.some(x => Math.abs(x - at(batch)) < 3),
        `${batch}`,
      ).toBe(true);
    for (const x of columns) expect(Math.min(Math.abs(x - at(20)), Math.abs(x - at(50)))).toBeLessThan(3);
  });

  describe('the runtime', () => {
    const runtime = () => page.locator('.run-head .meaning.plain').first().textContent();
    const begun = (agoMs: number) => {
      const now = Date.now();
      return [begin, update(1, reading(GIB)), update(2, reading(GIB))].map((own, i) => ({
        ...own,
        timeMs: now - agoMs + i * 1000,
      }));
    };
    const seenTwice = async () => {
      const first = await runtime();
      await page.waitForTimeout(1300);
      return [first, await runtime()];
    };

    test('of a run that sends events goes on', async () => {
      const { end } = await show('20260101-000000-sending-aaaa', begun(2500), true);
      const [first, second] = await seenTwice();
      expect(second).not.toBe(first);
      end();
    });

    test('of a run that is silent stands still at its newest event', async () => {
      const { end } = await show('20260101-000000-silent-aaaa', begun(3_600_000), true);
      const [first, second] = await seenTwice();
      expect(first).toMatch(/\b2\b|0:02/);
      expect(second).toBe(first);
      end();
    });

    test('of a run whose trainer is gone stands still, however short ago', async () => {
      await show('20260101-000000-gone-aaaa', begun(2500), false);
      const [first, second] = await seenTwice();
      expect(first).toMatch(/\b2\b|0:02/);
      expect(second).toBe(first);
    });
  });

  test('a phone shows a run and the list without scrolling sideways, whatever is written in it', async () => {
    const words = `${'unbroken'.repeat(60)} ${'and words '.repeat(40)}`;
    const failed = event(UPDATES + 1, 'TRAINING_FAILED', {
      errorType: `Error${'X'.repeat(200)}`,
      message: words,
    });
    const named = event(0, 'TRAINING_STARTED', {
      name: 'n'.repeat(200),
      algorithm: 'a'.repeat(120),
      task: 't'.repeat(120),
    });
    const own = Object.fromEntries(['x', 'y'].map(letter => [letter.repeat(80), 1e-9]));
    const extra = leaking.map(({ seq, data }) => event(seq, 'PPO_UPDATE_COMPLETED', { ...data, extra: own }));
    const id = '20260101-000000-wide-aaaa';
    writeRun(overwatch.served.runs, id, [named, ...extra, failed]);
    const phone = await overwatch.open({ viewport: { width: 390, height: 844 } });
    for (const path of [`/run/${id}`, '/', `/compare?runs=${id}`]) {
      await phone.goto(overwatch.url(path));
      await phone.locator(path === '/' ? 'table.runs' : '[data-chart="pressure"]').waitFor();
      if (path === '/')
        await phone.getByText('out of memory').or(phone.getByText('failed:')).first().waitFor();
      const [width, widest] = await phone.evaluate(() => {
        // biome-ignore lint/suspicious/noExplicitAny: the document is in the page.
        const { document } = globalThis as any;
        const beyond = [...document.querySelectorAll('main *')].filter(
          element =>
            element.getBoundingClientRect().right > 391 && element.closest('.scroll, .wide-table') === null,
        );
        return [document.documentElement.scrollWidth, beyond.map(({ outerHTML }) => outerHTML.slice(0, 99))];
      });
      expect([width, widest[0]], path).toEqual([390, undefined]);
    }
    await phone.close();
  });

  test('no page met an error', () => expect(overwatch.errors).toEqual([]));
});
