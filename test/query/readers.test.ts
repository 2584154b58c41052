/** One suite over all readers: the reducer, CSV, Parquet and SQL give the same figures of every recorded run. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { packCommand } from '../../src/cli/pack.ts';
import { isMalformed, parseEvent } from '../../src/contract/index.ts';
import { eventsFile, ranksIn, readRun } from '../../src/log/index.ts';
import { interpreterOf } from '../environments.ts';
import { unpack } from '../path/old-runs.ts';
import { scratch } from '../scratch.ts';
import { fromCsv, fromParquet, fromPython, fromQuery, fromReducer, type Rows } from './readers.ts';

let runs: string;
let out: string;
let ids: string[];
beforeAll(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.spyOn(console, 'log').mockImplementation(() => {});
  runs = scratch('readers');
  out = scratch('readers-out');
  ids = [...unpack(runs)];
  for (const file of readdirSync('test/golden/runs').filter(name => name.endsWith('.jsonl'))) {
    const id = basename(file, '.jsonl');
    mkdirSync(join(runs, id));
    copyFileSync(join('test/golden/runs', file), join(runs, id, 'events-0.jsonl'));
    ids.push(id);
  }
});

/** Those figures of each row that the other reader has as well. */
const shared = (rows: Rows, others: Rows) =>
  [...rows].map(([rank, own]) => [
    rank,
    own.map((row, i) => {
      const other = others.get(rank)?.[i] ?? {};
      return Object.fromEntries(Object.entries(row).filter(([name]) => name in other));
    }),
  ]);

test('lines that are read by their shape are the events that the parser makes of them, byte for byte', () => {
  let lines = 0;
  for (const id of ids)
    for (const rank of ranksIn(join(runs, id))) {
      const path = eventsFile(join(runs, id), rank);
      const parsed = readFileSync(path, 'utf8')
        .split('\n')
        .slice(0, -1)
        .filter(line => line.trim() !== '')
        .map(line => parseEvent(line.replace(/^\ufeff/, '')))
        .filter(event => !isMalformed(event));
      const events = [...readRun([path])].flat();
      expect(events.map(event => JSON.stringify(event))).toEqual(parsed.map(event => JSON.stringify(event)));
      lines += events.length;
    }
  expect(lines).toBeGreaterThan(1_000);
});

const frameworks = interpreterOf('frameworks');
const csvOf = new Map<string, Rows>();

test('every reader gives the reducer’s figures of every recorded run', async () => {
  let compared = 0;
  for (const id of ids) {
    const csv = await fromCsv(runs, id, out);
    csvOf.set(id, csv);
    const reducer = fromReducer(join(runs, id));
    // What a run logs by itself has rows, and no update that the reducer counts.
    if (reducer.size > 0) {
      for (const [rank, rows] of reducer)
        for (const [i, row] of rows.entries()) {
          expect(csv.get(rank)![i], `${id}, rank ${rank}, update ${i}`).toMatchObject(row);
          compared += Object.keys(row).length;
        }
    }
    expect(await fromParquet(runs, id, out), id).toEqual(csv);
    const query = await fromQuery(runs, id);
    expect(shared(query, csv), id).toEqual([...csv]);
  }
  expect(compared).toBeGreaterThan(20_000);
});

test('Python’s lists are the same, of plain and of compressed logs', async () => {
  const lists = fromPython('python3', 'lists', runs, ids);
  for (const id of ids) expect(lists.get(id), id).toEqual(csvOf.get(id));
});

test.skipIf(!existsSync(frameworks))(
  `as are its Arrow table and its DataFrame, of logs and of packed runs${existsSync(frameworks) ? '' : ' (no environment frameworks)'}`,
  async () => {
    for (const form of ['arrow', 'pandas'] as const) {
      const tables = fromPython(frameworks, form, runs, ids);
      for (const id of ids) expect(tables.get(id), `${form} ${id}`).toEqual(csvOf.get(id));
      if (form === 'arrow')
        await packCommand().exitOverride().parseAsync(['*', '--no-keep', '--runs', runs], { from: 'user' });
    }
    const lists = fromPython('python3', 'lists', runs, ids);
    for (const id of ids) expect(lists.get(id), id).toEqual(csvOf.get(id));
  },
);
