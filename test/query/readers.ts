/** Every reader of a run's figures in one form, so that they can be held against each other: rows by rank, in their order. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DuckDBValue } from '@duckdb/node-api';
import { exportCommand } from '../../src/cli/export.ts';
import { batchOf, isUnknown, learnerNames } from '../../src/contract/index.ts';
import { openRun, readRun } from '../../src/log/index.ts';
import { type Database, openDatabase, RunTables, tablesNamed } from '../../src/query/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';

/** Figures of an update that were measured, by the names of the export. */
export type Row = Record<string, number>;
export type Rows = Map<number, Row[]>;

const rowsOf = (all: Rows, rank: number): Row[] => {
  const own = all.get(rank) ?? [];
  all.set(rank, own);
  return own;
};

/**
 * The reducer, one update after the other: what its snapshot holds of the update itself. Figures that it derives across updates, or
 * keeps where an update does not measure them, are left out.
 */
export function fromReducer(folder: string): Rows {
  const all: Rows = new Map();
  let snapshot = emptySnapshot();
  for (const events of readRun(folder))
    for (const event of events) {
      snapshot = reduceAll(snapshot, [event]);
      const batch = batchOf(event);
      if (batch === null || isUnknown(event)) continue;
      const row: Row = { batch, timeMs: event.timeMs };
      const { ppo } = snapshot.ranks.find(({ rank }) => rank === event.rank)!;
      for (const name of learnerNames) if (ppo[name] !== null) row[name] = Number(ppo[name]);
      for (const device of snapshot.devices) {
        if (device.rank !== event.rank || device.timeMs !== event.timeMs || device.batch !== batch) continue;
        const { reading, pressure, infrastructure } = device;
        const put = (name: string, value: number | null | undefined) => {
          if (value != null) row[`${device.device}/${name}`] = value;
        };
        put('allocatedBytes', reading?.allocatedBytes);
        put('reservedBytes', reading?.reservedBytes);
        put('peakAllocatedBytes', reading?.peakAllocatedBytes);
        put('deviceTotalBytes', reading?.deviceTotalBytes);
        put('budgetBytes', pressure.budgetBytes);
        put('pressureFraction', pressure.pressureFraction);
        if (infrastructure.memoryStatus !== 'unmeasured')
          put('memoryUsagePercent', infrastructure.memoryUsagePercent);
      }
      rowsOf(all, event.rank).push(row);
    }
  return all;
}

export async function fromCsv(runs: string, id: string, out: string): Promise<Rows> {
  const file = join(out, 'run.csv');
  await exportCommand().exitOverride().parseAsync([id, '--runs', runs, '--out', file], { from: 'user' });
  const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const names = head!.split(',').map(name => name.replace(/^"(.*)"$/, '$1'));
  const all: Rows = new Map();
  for (const line of lines) {
    const cells = line
      .split(',')
      .map((cell, i): [string, number | null] => [names[i]!, cell === '' ? null : Number(cell)]);
    addNamed(all, Object.fromEntries(cells));
  }
  return all;
}

/** A row with its rank in it; nulls are left out. */
export function addNamed(all: Rows, { rank, ...cells }: Record<string, number | null>): void {
  rowsOf(all, rank!).push(
    Object.fromEntries(Object.entries(cells).filter(([, value]) => value !== null)) as Row,
  );
}

const numberOf = (value: DuckDBValue): number | null =>
  value === null
    ? null
    : typeof value === 'bigint' || typeof value === 'boolean'
      ? Number(value)
      : (value as number);

export async function fromParquet(runs: string, id: string, out: string): Promise<Rows> {
  const file = join(out, 'run.parquet');
  await exportCommand().exitOverride().parseAsync([id, '--runs', runs, '--out', file], { from: 'user' });
  return withDatabase(async ({ connection }) => {
    const reader = await connection.runAndReadAll(`FROM '${file}'`);
    const all: Rows = new Map();
    for (const row of reader.getRowObjects())
      addNamed(all, Object.fromEntries(Object.entries(row).map(([name, value]) => [name, numberOf(value)])));
    return all;
  });
}

/** The views of `esper query`, joined to rows: `allocatedBytes` of cuda:0 becomes `cuda:0/allocatedBytes`. */
export async function fromQuery(runs: string, id: string): Promise<Rows> {
  return withDatabase(async database => {
    const tables = new RunTables(database, tablesNamed('updates devices'));
    await tables.create();
    const run = openRun(join(runs, id))!;
    await tables.addLog(run, readRun(run.path));
    await tables.end();
    await database.lock();
    const read = async (sql: string) => (await database.connection.runAndReadAll(sql)).getRowObjects();
    const all: Rows = new Map();
    const bySeq = new Map<string, Row>();
    for (const { run: _, rank, seq, time, ...figures } of await read('FROM updates')) {
      const row: Row = { timeMs: Number((time as { micros: bigint }).micros) / 1000 };
      for (const [name, value] of Object.entries(figures)) if (value !== null) row[name] = numberOf(value)!;
      rowsOf(all, Number(rank)).push(row);
      bySeq.set(`${rank} ${seq}`, row);
    }
    for (const { run: _, rank, seq, time: __, batch: ___, device, ...figures } of await read('FROM devices'))
      for (const [name, value] of Object.entries(figures))
        if (value !== null && typeof value !== 'string')
          bySeq.get(`${rank} ${seq}`)![`${device}/${name}`] = numberOf(value)!;
    return all;
  });
}

const PYTHON = `
import json, sys
import esper_telemetry
form, runs, *ids = sys.argv[1:]
for run in ids:
    table = esper_telemetry.read(run, form, runs=runs)
    if form == "pandas":
        import pyarrow
        table = pyarrow.Table.from_pandas(table)
    print(json.dumps({run: table if form == "lists" else table.to_pydict()}))
`;

/** \`esper_telemetry.read\`, of many runs by one process. */
export function fromPython(
  python: string,
  form: 'lists' | 'arrow' | 'pandas',
  runs: string,
  ids: readonly string[],
): Map<string, Rows> {
  const env = { ...process.env, PYTHONPATH: resolve('python') };
  const lines = execFileSync(python, ['-c', PYTHON, form, runs, ...ids], {
    env,
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  const all = new Map<string, Rows>();
  for (const line of lines.trimEnd().split('\n')) {
    const [[id, columns]] = Object.entries(
      JSON.parse(line) as Record<string, Record<string, (number | null)[]>>,
    ) as [[string, Record<string, (number | null)[]>]];
    const rows: Rows = new Map();
    for (let i = 0; i < columns.rank!.length; i++)
      addNamed(
        rows,
        Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, numberOf(column[i]!)])),
      );
    all.set(id, rows);
  }
  return all;
}

async function withDatabase<T>(use: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase('the test');
  try {
    return await use(database);
  } finally {
    database.close();
  }
}
