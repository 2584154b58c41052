/** A part of the list of runs, as it was asked for: by the columns, the filter and the order that the command has. */
import { alarmFigures, shortNames } from '../alarms/index.ts';
import { printable, shortened } from '../base/index.ts';
import {
  columnNamed,
  columnNames,
  columnsRead,
  folderBytes,
  type ListedRun,
  orderNamed,
  parseQuery,
  selectedBy,
} from '../runs/index.ts';
import type { ColumnsResponse, ListResponse } from './api.ts';
import type { Rows } from './run-row.ts';

export interface ListQuery {
  columns: readonly string[];
  /** Conditions and words, as they were typed. */
  filter: string;
  /** A column, after a minus from the highest down; null: the newest first. */
  sort: string | null;
  /** Archived runs as well. */
  all: boolean;
  /** Only these; null: all of them. */
  ids: readonly string[] | null;
  /** The first so many. */
  count: number;
}

/** Characters of a cell. */
const LONGEST = 200;
/** Keys of configurations that are offered. */
const MOST_KEYS = 200;

/** @param known newest first. Throws a ListError. */
export function listAnswer<Known extends Rows & { run: { path: string } | null }>(
  known: readonly Known[],
  query: ListQuery,
  sizeOf: (known: Known) => number,
): Omit<ListResponse, 'version' | 'isSame'> & { shown: Known[] } {
  const sizes = new Map<string, number>();
  const columns = query.columns.map(name => columnNamed(name, sizes));
  const parts = parseQuery(query.filter, sizes);
  const order = query.sort === null ? null : orderNamed(query.sort, sizes);
  const used = [...columns, ...columnsRead(parts, order)];
  const ids = query.ids === null ? null : new Set(query.ids);
  // Thousands of runs are gone through once.
  const all: Known[] = [];
  let [archived, live, unread] = [0, 0, 0];
  for (const one of known) {
    const { row, listed } = one;
    if (listed.archived) archived++;
    if (ids === null ? listed.archived && !query.all : !ids.has(listed.id)) continue;
    all.push(one);
    if (listed.state === 'running') live++;
    if (row.verdict === null && row.problem === null) unread++;
  }
  if (used.some(({ name }) => name === 'size')) for (const one of all) sizes.set(one.listed.id, sizeOf(one));
  const found = selectedBy(all, ({ listed }) => listed, parts, order);
  const shown = found.slice(0, query.count);
  return {
    total: all.length,
    archived,
    live,
    found: found.length,
    unread,
    columns: columns.map(({ name, value }) => ({
      name,
      isNumber: typeof firstOf(shown, ({ listed }) => value(listed)) === 'number',
    })),
    rows: shown.map(({ row, listed }) => ({
      run: row,
      cells: columns.map(({ text }) => printable(shortened(text(listed), LONGEST))),
    })),
    shown,
  };
}

function firstOf<T, U>(all: readonly T[], of: (one: T) => U | null): U | null {
  for (const one of all) {
    const value = of(one);
    if (value !== null) return value;
  }
  return null;
}

const shorter = new Map(Object.entries(shortNames).map(([short, name]) => [name, short]));

/** What columns these runs have. */
export function columnsAnswer(known: readonly { listed: ListedRun }[]): ColumnsResponse {
  const keys = new Set<string>();
  for (const { listed } of known) {
    for (const key of Object.keys(listed.config)) keys.add(key);
    if (keys.size >= MOST_KEYS) break;
  }
  return {
    columns: columnNames,
    config: [...keys].sort().slice(0, MOST_KEYS),
    figures: [...alarmFigures.values()]
      .filter(({ type }) => type === 'number')
      .map(({ name, label }) => ({ name: shorter.get(name) ?? name, label })),
  };
}

/** Sizes of folders, looked at again after a while. */
export class FolderSizes {
  readonly #sizes = new Map<string, { bytes: number; atMs: number }>();

  of(path: string, nowMs = performance.now()): number {
    const known = this.#sizes.get(path);
    if (known !== undefined && nowMs - known.atMs < FRESH_MS) return known.bytes;
    const bytes = folderBytes(path);
    this.#sizes.set(path, { bytes, atMs: nowMs });
    return bytes;
  }
}

const FRESH_MS = 60_000;
