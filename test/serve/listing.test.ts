/** The list as it is asked for: columns, conditions, words, order, labels; and what is known of ended runs from the last time. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { tagCommand } from '../../src/cli/labelled-runs.ts';
import { runsCommand } from '../../src/cli/runs.ts';
import { VERSION } from '../../src/cli/version.ts';
import type { ColumnsResponse, ListResponse } from '../../src/serve/index.ts';
import { startServer } from '../../src/serve/index.ts';
import { pressed, update } from '../events.ts';
import { writeRun } from '../report/runs.ts';
import { event, type Served, serve } from './fixture.ts';

let served: Served;
const ids = ['lr3-1', 'lr3-2', 'lr9-1', 'old-1'];
beforeAll(async () => {
  served = await serve({ version: VERSION });
  for (const [i, id] of ids.entries()) {
    const events = id === 'lr9-1' ? [update(0), update(1)] : pressed(0.4 + i / 5, 4);
    const folder = writeRun(served.runs, id, [
      ...events,
      event(events.length, 'TRAINING_COMPLETED', { reason: 'finished' }),
    ]);
    const path = join(folder, 'run.json');
    const config = { lr: id.startsWith('lr9') ? 9e-4 : 3e-4, optimizer: { name: 'adam' } };
    writeFileSync(
      path,
      JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), name: id.slice(0, -2), config }),
    );
  }
  const labels = { name: null, tags: ['bad'], note: null, archived: true };
  writeFileSync(join(served.runs, 'old-1', 'labels.json'), JSON.stringify(labels));
});
afterAll(() => served.end());

const list = (query: Record<string, string>) =>
  served.ask<ListResponse>(`/api/list?${new URLSearchParams(query)}`);
const idsOf = ({ rows }: ListResponse) => rows.map(({ run }) => run.id);

/** What the command prints. */
async function command(made: Command, ...args: string[]): Promise<string> {
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation(text => void printed.push(text));
  try {
    await made.exitOverride().parseAsync([...args, '--runs', served.runs], { from: 'user' });
  } finally {
    log.mockRestore();
  }
  return printed.join('\n');
}

test('columns, conditions, words and order are those of the command', async () => {
  await expect.poll(async () => (await list({})).unread).toBe(0);
  const columns = 'run,config.lr,config.optimizer.name,peak,verdict,pressure';
  for (const [filter, sort] of [
    ['', '-peak'],
    ['peak>1GiB', 'run'],
    ['config.lr<5e-4 pressure>50%', 'run'],
    ['verdict!=leak', '-config.lr'],
    ['run=*-1', 'peak'],
  ] as const) {
    const filters = filter
      .split(' ')
      .filter(Boolean)
      .flatMap(text => ['--filter', text]);
    const rows = JSON.parse(
      await command(runsCommand(), '--json', '--columns', 'run', '--sort', sort, ...filters),
    );
    const found = await list({ columns, sort, filter });
    expect(idsOf(found), filter).toEqual(rows.map(({ run }: { run: string }) => run));
    expect(found).toMatchObject({ found: rows.length, total: 3, archived: 1 });
  }
  const found = await list({ columns, filter: 'lr3-2' });
  expect(found.rows.map(({ cells }) => cells.slice(0, 3))).toEqual([['lr3-2', '0.0003', 'adam']]);
  expect(found.columns.map(({ isNumber }) => isNumber)).toEqual([false, true, false, true, false, true]);
  expect(idsOf(await list({ filter: 'LR3 config.optimizer.name = "adam"', sort: 'run' }))).toEqual([
    'lr3-1',
    'lr3-2',
  ]);
  expect(idsOf(await list({ filter: 'tag=bad', all: '1' }))).toEqual(['old-1']);
  expect(idsOf(await list({ runs: 'old-1,lr9-1', sort: 'run' }))).toEqual(['lr9-1', 'old-1']);
  expect((await list({ count: '1', sort: 'run' })).rows).toHaveLength(1);
  const known = await served.ask<ColumnsResponse>('/api/columns');
  expect(known.config).toEqual(['lr', 'optimizer.name']);
  expect([known.columns, known.figures.map(({ name }) => name)]).toEqual([
    expect.arrayContaining(['verdict', 'tags', 'peak']),
    expect.arrayContaining(['pressure', 'approxKl']),
  ]);
});

test('a mistake is answered by one sentence', async () => {
  for (const [query, sentence] of [
    ['filter=peak>', /^"peak>" compares peak with "", which is no number/],
    ['columns=pek', /^There is no column "pek"/],
    ['sort=-nothing', /^There is no column "nothing"/],
    ['count=-1', /^count takes a number from 0 up\.$/],
    [`columns=${'run,'.repeat(65)}`, /^At most 64 columns/],
  ] as const) {
    const { status, body } = await served.get(`/api/list?${query}`);
    expect([status, JSON.parse(body).error], query).toEqual([400, expect.stringMatching(sentence)]);
  }
});

test('labels are seen as they change, and only what changed is sent', async () => {
  const before = await list({ filter: 'run=lr9-1' });
  expect(before.rows[0]!.run.tags).toEqual([]);
  await command(tagCommand(), 'lr9-1', 'good');
  await expect
    .poll(async () => idsOf(await list({ filter: 'tag=good' })), { timeout: 30_000 })
    .toEqual(['lr9-1']);
  const { version } = await list({});
  expect(await list({ since: String(version) })).toMatchObject({ isSame: true, rows: [], total: 3 });
});

test('the next server knows ended runs at once, and reads again what has changed', async () => {
  await expect
    .poll(() => readFileSync(join(served.runs, '.esper-runs.json'), 'utf8'))
    .toContain('"id":"lr3-1"');
  const all = (await list({ columns: 'verdict,peak', sort: 'run' })).rows;
  writeRun(served.runs, 'lr3-2', [update(0)]);
  const server = await startServer({ runs: served.runs, port: 0, host: '127.0.0.1', version: VERSION });
  try {
    const ask = async () => {
      const answer = await fetch(new URL('/api/list?columns=verdict,peak&sort=run', server.url));
      return (await answer.json()) as ListResponse;
    };
    const first = await ask();
    const cells = ({ rows }: ListResponse) => rows.map(row => [row.run.id, ...row.cells]);
    expect(cells(first)[0]).toEqual([all[0]!.run.id, ...all[0]!.cells]);
    expect(first.rows[0]!.run).toMatchObject({ read: true, verdict: all[0]!.run.verdict });
    await expect.poll(async () => (await ask()).rows[1]!.run).toMatchObject({ id: 'lr3-2', batch: 0 });
    // Its newest readings come once it is shown.
    await expect.poll(async () => (await ask()).rows[0]!.run.sparkline.length).toBeGreaterThan(0);
  } finally {
    await server.close();
  }
});
