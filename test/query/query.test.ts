/** `esper query`: the examples of its page, what it refuses, and what a broken log leaves. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { tagCommand } from '../../src/cli/labelled-runs.ts';
import { queryCommand } from '../../src/cli/query.ts';
import { DuckTable } from '../../src/query/duck-table.ts';
import { DUCKDB_VERSION, openDatabase } from '../../src/query/index.ts';
import { event, reading } from '../events.ts';
import { writeRun } from '../log-files.ts';
import { unpack } from '../path/old-runs.ts';
import { scratch } from '../scratch.ts';

let runs: string;
let small: string;
let printed: string;
let errors: string;

beforeAll(() => {
  runs = scratch('query');
  unpack(runs);
  small = scratch('query-small');
  writeRun(small, 'a', [
    event('TRAINING_STARTED', { name: 'a', hostname: 'h1', versions: { torch: '2.15' } }, 0),
    event('STEP_COMPLETED', { step: 1, loss: 0.5, extra: { 'a"b': 1 }, memory: [reading(1, 2)] }, 1),
    event('STEP_COMPLETED', { step: 2, loss: 'NaN', memory: [reading(1.5, 2)] }, 2),
    event('FIGURES_LOGGED', { figures: { late: 3 } }, 3),
  ]);
  const log = join(small, 'a', 'events-0.jsonl');
  appendFileSync(
    log,
    '{"v":"9.0","seq":4,"timeMs":1,"run":"a","rank":0,"type":"FROM_TOMORROW","data":{"x":1}}\n',
  );
  appendFileSync(log, 'garbage\n{"v":"1.0","seq":5,"ti');
});
beforeEach(() => {
  printed = '';
  errors = '';
  vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    printed += text;
    return true;
  });
  vi.spyOn(console, 'error').mockImplementation(text => {
    errors += `${text}\n`;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const query = (folder: string, ...args: string[]) =>
  queryCommand()
    .exitOverride()
    .parseAsync([...args, '--runs', folder], { from: 'user' });
const json = async (folder: string, ...args: string[]): Promise<Record<string, unknown>[]> => {
  printed = '';
  await query(folder, ...args, '--json');
  return JSON.parse(printed);
};

test('every example of the page is answered, with rows', async () => {
  const lines = readFileSync('docs/query.md', 'utf8').match(/^npx esper query .*$/gm)!;
  expect(lines.length).toBeGreaterThan(7);
  for (const line of lines) {
    const [, sql, rest] = /^npx esper query "([^"]*)" ?(.*)$/.exec(line)!;
    printed = '';
    await query(runs, sql!, ...rest!.split(' ').filter(word => word !== ''));
    expect(printed.trimEnd().split('\n').length, line).toBeGreaterThan(1);
  }
});

test('the help’s examples are answered', async () => {
  const help = queryCommand();
  let text = '';
  help.configureOutput({ writeOut: part => (text += part) });
  help.outputHelp();
  const sqls = [...text.matchAll(/esper query "([^"]*)"/g)].map(([, sql]) => sql!);
  expect(sqls).toHaveLength(3);
  for (const sql of sqls) await query(runs, sql);
});

test('what a broken log holds is answered, and what was not read is reported', async () => {
  const rows = await json(
    small,
    'SELECT rank, batch, totalLoss, "own/a""b" AS own, "own/late" AS late FROM updates ORDER BY seq',
  );
  expect(rows).toEqual([
    { rank: 0, batch: 1, totalLoss: 0.5, own: 1, late: null },
    { rank: 0, batch: 2, totalLoss: null, own: null, late: 3 },
  ]);
  expect(errors).toMatch(/a: lines passed over: 1 malformed, 1 torn, 1 of unknown types or versions/);
  const events = await json(small, 'SELECT type, v, known, data FROM events ORDER BY seq DESC LIMIT 2');
  expect(events[0]).toEqual({ type: 'FROM_TOMORROW', v: '9.0', known: false, data: '{"x":1}' });
  const [run] = await json(small, "SELECT host, versions->>'torch' AS torch, archived, tags FROM runs");
  expect(run).toEqual({ host: 'h1', torch: '2.15', archived: false, tags: null });
  expect(
    await json(small, 'SELECT device, allocatedBytes, peakScope FROM devices ORDER BY seq LIMIT 1'),
  ).toEqual([{ device: 'cuda:0', allocatedBytes: 2 ** 30, peakScope: null }]);
});

test('a fraction among whole numbers makes the column DOUBLE and changes no value', async () => {
  const database = await openDatabase('the test');
  try {
    const { duckdb, connection } = database;
    const table = new DuckTable(duckdb, connection, 't', new Map([['n', 'BIGINT']]));
    await table.create();
    for (const value of [1, 0.5, null, 2 ** 60]) {
      table.put('n', value);
      table.endRow();
      await table.flush();
    }
    await table.end();
    const reader = await connection.runAndReadAll('SELECT n, typeof(n) FROM t');
    expect(reader.getRows()).toEqual([1, 0.5, null, 2 ** 60].map(value => [value, 'DOUBLE']));
  } finally {
    database.close();
  }
});

test('labels, patterns and several runs', async () => {
  await tagCommand()
    .exitOverride()
    .parseAsync(['20261128-064005-cpu-5b94', 'good', '--runs', runs], { from: 'user' });
  expect(await json(runs, "SELECT name FROM runs WHERE tags = 'good'")).toEqual([{ name: 'cpu' }]);
  expect(await json(runs, 'SELECT count(DISTINCT run) AS n FROM updates', 'watched-*', 'cpu')).toEqual([
    { n: 4 },
  ]);
});

test('a question writes nothing, reads no file, and unlocks nothing', async () => {
  const out = join(scratch('query-out'), 'x.csv');
  const secret = join(scratch('query-secret'), 's.csv');
  writeFileSync(secret, 'a,b\n1,2\n');
  for (const sql of [
    `COPY runs TO '${out}'`,
    `ATTACH '${out}' AS other`,
    `EXPORT DATABASE '${out}'`,
    `SELECT * FROM read_csv('${secret}')`,
    `SELECT * FROM '${secret}'`,
    `SELECT * FROM read_text('${secret}')`,
    `SELECT * FROM glob('${secret}')`,
    'SET enable_external_access = true',
    "SET temp_directory = '/tmp'",
    'INSTALL httpfs',
  ])
    await expect(query(small, sql), sql).rejects.toThrow(/^The query cannot be answered: /);
  expect(existsSync(out)).toBe(false);
});

test('what is wrong is one sentence', async () => {
  await expect(query(small, 'SELECT nope FROM runs')).rejects.toThrow(
    /^The query cannot be answered: Binder Error: .*"nope"[^\n]*$/,
  );
  await expect(query(small, 'SELEC 1')).rejects.toThrow(/syntax error at or near "SELEC"[^\n]*$/);
  await expect(query(small, 'SELECT 1', 'nobody')).rejects.toThrow(/There is no run "nobody"/);
  await expect(query(small, 'SELECT 1', '--json', '--csv')).rejects.toThrow(/exclude each other/);
  await expect(query(scratch('query-none'), 'SELECT 1')).rejects.toThrow(/There are no runs in/);
  vi.stubEnv('ESPER_DUCKDB', 'off');
  await expect(query(small, 'SELECT 1')).rejects.toThrow(
    `esper query needs DuckDB, which is not installed here: npm install @duckdb/node-api@${DUCKDB_VERSION}.`,
  );
  const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(optionalDependencies['@duckdb/node-api']).toBe(DUCKDB_VERSION);
});

test('values of every kind have a form as text, JSON and CSV', async () => {
  const sql =
    "SELECT 1::HUGEINT AS h, 9007199254740993 AS big, [1, 2] AS l, {'a': true} AS s, DATE '2026-01-02' AS d, 1.5::DECIMAL(4, 1) AS c, " +
    "'inf'::DOUBLE AS i, NULL AS n, 'a,\"b' AS t";
  expect(await json(small, sql)).toEqual([
    {
      h: 1,
      big: '9007199254740993',
      l: [1, 2],
      s: { a: true },
      d: '2026-01-02',
      c: 1.5,
      i: 'Infinity',
      n: null,
      t: 'a,"b',
    },
  ]);
  printed = '';
  await query(small, sql, '--csv');
  expect(printed).toBe(
    'h,big,l,s,d,c,i,n,t\n1,9007199254740993,"[1,2]","{""a"":true}",2026-01-02,1.5,Infinity,,"a,""b"\n',
  );
  printed = '';
  await query(small, "SELECT 'x' || range AS name, range AS n FROM range(300)");
  expect(printed.split('\n')).toHaveLength(202);
  expect(errors).toContain('100 more rows are not shown');
  // Bytes, and means of bytes, in one column.
  printed = '';
  await query(small, 'SELECT unnest([5138998272, 5138998272.4, 0.25, 999.96])::DOUBLE AS n');
  expect(printed.split('\n').map(line => line.trim())).toEqual([
    ...['n', '5138998272', '5138998272', '0.250', '1000', ''],
  ]);
});
