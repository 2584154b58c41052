/**
 * A table of DuckDB that is filled row by row. Columns that only a log names are added when they come. Of a column of whole numbers
 * that gets another kind, all become DOUBLE: no value is changed on its way in.
 */
import type { DuckDBAppender, DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type { ColumnType, ColumnTypes } from './columns.ts';
import { type DuckDb, sqlName } from './duckdb.ts';

/** Rows that are handed over together: a vector of DuckDB. */
const ROWS = 2048;
/** Times that a Date can have. */
const LATEST_MS = 8.64e15;

/** Milliseconds since the epoch in a TIMESTAMP, 0 or 1 in a BOOLEAN. Null: not measured. */
export type TableValue = number | string | null;

interface TableColumn {
  type: ColumnType;
  values: TableValue[];
}

export class DuckTable {
  readonly name: string;
  rows = 0;
  readonly #duckdb: DuckDb;
  readonly #connection: DuckDBConnection;
  readonly #columns = new Map<string, TableColumn>();
  #filled = 0;
  #appender: DuckDBAppender | null = null;
  /** Statements that the next hand-over begins with. */
  #changes: string[] = [];

  constructor(duckdb: DuckDb, connection: DuckDBConnection, name: string, columns: ColumnTypes) {
    this.name = name;
    this.#duckdb = duckdb;
    this.#connection = connection;
    for (const [column, type] of columns) this.#columns.set(column, { type, values: [] });
  }

  /** Makes it, empty. */
  async create(): Promise<void> {
    const columns = [...this.#columns].map(([name, { type }]) => `${sqlName(name)} ${type}`);
    await this.#connection.run(`CREATE TABLE ${sqlName(this.name)} (${columns.join(', ')})`);
  }

  /** @param type of the column, where the table does not have it yet */
  put(name: string, value: TableValue, type: ColumnType = 'DOUBLE'): void {
    if (value === null) return;
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = { type, values: [] };
      this.#columns.set(name, column);
      this.#changes.push(`ADD COLUMN ${sqlName(name)} ${type}`);
    }
    if (column.type === 'BIGINT' && !Number.isSafeInteger(value)) {
      column.type = 'DOUBLE';
      this.#changes.push(`ALTER COLUMN ${sqlName(name)} TYPE DOUBLE`);
    }
    column.values[this.#filled] = value;
  }

  /** Ends the row. @returns whether the rows are enough to be handed over */
  endRow(): boolean {
    this.#filled++;
    this.rows++;
    return this.#filled >= ROWS;
  }

  /** Hands over what was put. */
  async flush(): Promise<void> {
    if (this.#changes.length > 0) {
      this.#appender?.closeSync();
      this.#appender = null;
      for (const change of this.#changes)
        await this.#connection.run(`ALTER TABLE ${sqlName(this.name)} ${change}`);
      this.#changes = [];
    }
    const columns = [...this.#columns.values()];
    for (let from = 0; from < this.#filled; from += ROWS) {
      const rows = Math.min(ROWS, this.#filled - from);
      this.#appender ??= await this.#connection.createAppender(this.name);
      const chunk = this.#duckdb.DuckDBDataChunk.create(
        columns.map(({ type }) => this.#typeOf(type)),
        rows,
      );
      for (const [i, { type, values }] of columns.entries()) {
        const vector = chunk.getColumnVector(i);
        for (let row = 0; row < rows; row++)
          vector.setItem(row, this.#valueOf(type, values[from + row] ?? null));
        vector.flush();
      }
      this.#appender.appendDataChunk(chunk);
    }
    for (const column of columns) column.values = [];
    this.#filled = 0;
  }

  async end(): Promise<void> {
    await this.flush();
    this.#appender?.closeSync();
    this.#appender = null;
  }

  #typeOf(type: ColumnType): DuckDBType {
    const { BIGINT, BOOLEAN, DOUBLE, TIMESTAMP, VARCHAR } = this.#duckdb;
    return { BIGINT, BOOLEAN, DOUBLE, TIMESTAMP, VARCHAR, JSON: VARCHAR }[type];
  }

  #valueOf(type: ColumnType, value: TableValue): DuckDBValue {
    if (value === null || typeof value === 'string') return value;
    if (type === 'BIGINT') return BigInt(value);
    if (type === 'BOOLEAN') return value !== 0;
    if (type === 'TIMESTAMP')
      return Math.abs(value) <= LATEST_MS
        ? new this.#duckdb.DuckDBTimestampValue(BigInt(Math.round(value * 1000)))
        : null;
    return value;
  }
}
