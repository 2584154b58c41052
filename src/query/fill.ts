/** The logs of runs → the tables that a question names: `events`, `updates` and `devices`. */
import { isUnknown } from '../contract/index.ts';
import type { LoggedEvent, RunFolder } from '../log/index.ts';
import {
  type ColumnType,
  deviceColumns,
  eventColumns,
  runColumns,
  typeNamed,
  updateColumns,
} from './columns.ts';
import { DuckTable, type TableValue } from './duck-table.ts';
import type { Database } from './duckdb.ts';
import { type RunPoint, RunPoints } from './run-points.ts';

const tableNames = ['runs', 'events', 'updates', 'devices'] as const;
type TableName = (typeof tableNames)[number];

/** Tables whose names stand anywhere in the text: more than it needs at worst, never fewer. */
export const tablesNamed = (sql: string): ReadonlySet<TableName> =>
  new Set(tableNames.filter(name => new RegExp(`(?<!\\w)${name}(?!\\w)`, 'i').test(sql)));

/** Values of a row of `runs`, by column. */
export type RunValues = Readonly<Record<string, TableValue>>;

export class RunTables {
  readonly #tables: Readonly<Record<TableName, DuckTable>>;
  readonly #wanted: ReadonlySet<TableName>;

  /** @param figures names that rows of `runs` may have beside its own columns */
  constructor(
    { duckdb, connection }: Database,
    wanted: ReadonlySet<TableName>,
    figures: readonly string[] = [],
  ) {
    const table = (name: TableName, columns: ReadonlyMap<string, ColumnType>) =>
      new DuckTable(duckdb, connection, name, columns);
    this.#tables = {
      runs: table('runs', new Map([...figures.map(name => [name, typeNamed(name)] as const), ...runColumns])),
      events: table('events', eventColumns),
      updates: table('updates', updateColumns),
      devices: table('devices', deviceColumns),
    };
    this.#wanted = wanted;
  }

  /** Makes all of them, empty. */
  async create(): Promise<void> {
    for (const table of Object.values(this.#tables)) await table.create();
  }

  async addRun(values: RunValues): Promise<void> {
    const { runs } = this.#tables;
    for (const [name, value] of Object.entries(values)) runs.put(name, value);
    if (runs.endRow()) await runs.flush();
  }

  /** Reads the run's log where a table needs it. @param batches its events, ranks merged by time */
  async addLog({ id }: RunFolder, batches: Iterable<readonly LoggedEvent[]>): Promise<void> {
    const { events, updates, devices } = this.#tables;
    const [hasEvents, hasUpdates, hasDevices] = (['events', 'updates', 'devices'] as const).map(name =>
      this.#wanted.has(name),
    );
    if (!hasEvents && !hasUpdates && !hasDevices) return;
    const full = new Set<DuckTable>();
    const end = (table: DuckTable) => {
      if (table.endRow()) full.add(table);
    };
    const points = new RunPoints(point => {
      if (hasUpdates) putUpdate(updates, id, point, end);
      if (hasDevices) putDevices(devices, id, point, end);
    });
    for (const batch of batches)
      for (const event of batch) {
        if (hasEvents) putEvent(events, id, event, end);
        points.take(event);
        for (const table of full) await table.flush();
        full.clear();
      }
    points.end();
    for (const table of full) await table.flush();
  }

  /** After the last run. */
  async end(): Promise<void> {
    for (const table of Object.values(this.#tables)) await table.end();
  }
}

type EndRow = (table: DuckTable) => void;

function putEvent(table: DuckTable, run: string, event: LoggedEvent, end: EndRow): void {
  const { rank, seq, timeMs, type, v } = event;
  table.put('run', run);
  table.put('rank', rank);
  table.put('seq', seq);
  table.put('time', timeMs);
  table.put('type', type);
  table.put('v', v);
  table.put('known', isUnknown(event) ? 0 : 1);
  const { data } = event as { data?: unknown };
  if (data !== undefined) table.put('data', JSON.stringify(data));
  end(table);
}

function putPlace(table: DuckTable, run: string, { rank, seq, timeMs, batch }: RunPoint): void {
  table.put('run', run);
  table.put('rank', rank);
  table.put('seq', seq);
  table.put('time', timeMs);
  table.put('batch', batch);
}

/** Figures of a device are named `cuda:0/allocatedBytes` and `cuda:0/phase/rollout`, those of a trainer's own `own/accuracy`. */
function placeOfFigure(name: string): { device: string | null; figure: string } {
  const phase = name.indexOf('/phase/');
  const slash = phase >= 0 ? phase : name.lastIndexOf('/');
  if (slash < 0 || name.startsWith('own/')) return { device: null, figure: name };
  return { device: name.slice(0, slash), figure: name.slice(slash + 1) };
}

function putUpdate(table: DuckTable, run: string, point: RunPoint, end: EndRow): void {
  putPlace(table, run, point);
  for (const [name, value] of Object.entries(point.figures))
    if (placeOfFigure(name).device === null) table.put(name, value);
  end(table);
}

function putDevices(table: DuckTable, run: string, point: RunPoint, end: EndRow): void {
  const figures = new Map<string, [string, TableValue][]>();
  for (const reading of point.memory)
    figures.set(reading.device, Object.entries(reading) as [string, TableValue][]);
  for (const [name, value] of Object.entries(point.figures)) {
    const { device, figure } = placeOfFigure(name);
    if (device === null) continue;
    const own = figures.get(device) ?? [['device', device]];
    own.push([figure, value]);
    figures.set(device, own);
  }
  for (const values of figures.values()) {
    putPlace(table, run, point);
    // A field that a later version adds has no column here, unless it is a figure.
    for (const [name, value] of values)
      if (deviceColumns.has(name) || name.startsWith('phase/')) table.put(name, value, typeNamed(name));
    end(table);
  }
}
