/** What a test does on a page, and asks of it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator, Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Drags across a plot, from one share of its width to another, once it lies still: what comes above it moves it. */
export async function drag(plot: Locator, from: number, to: number): Promise<void> {
  const { width } = (await plot.boundingBox())!;
  const at = (share: number) => ({ x: width * share, y: 40 });
  await plot.dragTo(plot, { sourcePosition: at(from), targetPosition: at(to), steps: 4 });
}

/** What axe finds wrong, in short. */
export async function wrongs(on: Page): Promise<string[]> {
  await on.evaluate(axe);
  return on.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe is in the page, not in this program.
    const { violations } = await (globalThis as any).axe.run();
    return violations.map((v: { id: string; nodes: { html: string }[] }) => `${v.id}: ${v.nodes[0]?.html}`);
  });
}
