/** The answer to a question in SQL as a table, as JSON, or as CSV: chunk by chunk, so that a long one takes no memory. */
import type { DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { columns as columnsOf, printable, terminalJson } from '../base/index.ts';
import { short } from '../present/index.ts';
import { csvCell } from './csv.ts';
import { sayError } from './say.ts';

type AnswerCell = string | number | null;

/** Rows that a table shows. */
const SHOWN = 200;
/** Widest cell of a table. */
const WIDEST = 60;

export async function writeAnswer(
  result: DuckDBResult,
  { json, csv }: { json?: boolean; csv?: boolean },
): Promise<void> {
  const names = result.deduplicatedColumnNames();
  if (json) return writeJson(result, names);
  if (csv) {
    write(`${names.map(csvCell).join(',')}\n`);
    for await (const rows of result.yieldRows())
      write(rows.map(row => `${row.map(value => csvCell(cellOf(value))).join(',')}\n`).join(''));
    return;
  }
  const shown: DuckDBValue[][] = [];
  let count = 0;
  for await (const rows of result.yieldRows()) {
    count += rows.length;
    if (shown.length < SHOWN) shown.push(...rows.slice(0, SHOWN - shown.length));
  }
  write(table(names, shown));
  if (count > SHOWN)
    sayError(`esper: ${count - SHOWN} more rows are not shown: give --csv or --json, or a LIMIT.`);
}

const write = (text: string): void => {
  process.stdout.write(text);
};

async function writeJson(result: DuckDBResult, names: readonly string[]): Promise<void> {
  let before = '[';
  for await (const rows of result.yieldRows()) {
    let text = '';
    for (const row of rows) {
      text += `${before}\n  ${terminalJson(Object.fromEntries(names.map((name, i) => [name, plain(row[i]!)])))}`;
      before = ',';
    }
    write(text);
  }
  write(before === '[' ? '[]\n' : '\n]\n');
}

/** A value as JSON has it: whole numbers as numbers where they fit one, times as ISO texts, lists and structs as such. */
function plain(value: DuckDBValue): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== 'object') return String(value);
  if ('micros' in value && 'toParts' in value) return isoOf(value.micros as bigint) ?? String(value);
  if ('items' in value) return (value.items as readonly DuckDBValue[]).map(plain);
  if ('toDouble' in value) return (value as { toDouble(): number }).toDouble();
  if ('entries' in value && !Array.isArray(value.entries))
    return Object.fromEntries(
      Object.entries(value.entries).map(([key, one]) => [key, plain(one as DuckDBValue)]),
    );
  return String(value);
}

/** A time since the epoch; null where a Date cannot have it. */
function isoOf(micros: bigint): string | null {
  const ms = Number(micros) / 1000;
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null;
}

function cellOf(value: DuckDBValue): AnswerCell {
  const one = plain(value);
  if (one === null || typeof one === 'number' || typeof one === 'string') return one;
  return typeof one === 'boolean' ? String(one) : JSON.stringify(one);
}

/** From here on a fraction is left out: a mean of bytes stands among bytes. */
const LARGE = 999.95;

const numberText = (value: number): string =>
  Number.isInteger(value)
    ? String(value)
    : Math.abs(value) < LARGE
      ? short(value)
      : String(Math.round(value));

function table(names: readonly string[], rows: readonly (readonly DuckDBValue[])[]): string {
  const texts = rows.map(row =>
    row.map(value => {
      const cell = cellOf(value);
      if (cell === null) return '–';
      if (typeof cell === 'number') return numberText(cell);
      const text = printable(cell);
      return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
    }),
  );
  const isNumber = names.map((_, i) =>
    rows.every(row => row[i] === null || typeof plain(row[i]!) === 'number'),
  );
  const widths = names.map((name, i) => Math.max(columnsOf(name), ...texts.map(row => columnsOf(row[i]!))));
  return [names.map(name => printable(name)), ...texts]
    .map(line =>
      line
        .map((text, i) => {
          const pad = ' '.repeat(Math.max(0, widths[i]! - columnsOf(text)));
          return isNumber[i] ? pad + text : text + pad;
        })
        .join('  ')
        .trimEnd(),
    )
    .map(line => `${line}\n`)
    .join('');
}
