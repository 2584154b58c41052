/** Overwatch for a test: the page as it is built now, its server, and a real browser. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import type { ServerOptions } from '../../src/serve/index.ts';
import { PATIENCE_MS } from '../patience.ts';
import { type Served, serve } from '../serve/fixture.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const hasChromium = existsSync(CHROMIUM);
/** The end of a title, with what is skipped for. */
export const unlessChromium = hasChromium ? '' : ` (skipped: no ${CHROMIUM})`;

export interface Overwatch {
  served: Served;
  /** Folder of the built page. */
  web: string;
  url: (path?: string) => string;
  open: (options?: Parameters<Browser['newPage']>[0]) => Promise<Page>;
  /** Requests to anywhere else, and errors of the pages. */
  strangers: string[];
  errors: string[];
  end: () => Promise<void>;
}

export async function openOverwatch(options: Partial<ServerOptions> = {}): Promise<Overwatch> {
  const web = mkdtempSync(join(tmpdir(), 'esper-web-'));
  await build({
    configFile: 'vite.config.ts',
    logLevel: 'silent',
    build: { outDir: web, emptyOutDir: true },
  });
  const served = await serve({ web, ...options });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
  });
  const [strangers, errors]: string[][] = [[], []];
  return {
    served,
    web,
    strangers: strangers!,
    errors: errors!,
    url: (path = '/') => `http://localhost:${served.server.port}${path}`,
    open: async pageOptions => {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...pageOptions });
      page.setDefaultTimeout(PATIENCE_MS);
      page.on('request', request => {
        const { protocol, hostname } = new URL(request.url());
        if (protocol !== 'data:' && hostname !== 'localhost') strangers!.push(request.url());
      });
      page.on('pageerror', error => errors!.push(error.message));
      page.on('console', message => {
        if (message.type() === 'error' && !/ERR_CONNECTION|Failed to load resource/.test(message.text()))
          errors!.push(message.text());
      });
      return page;
    },
    end: async () => {
      await browser.close();
      await served.end();
      rmSync(web, { recursive: true, force: true });
    },
  };
}
