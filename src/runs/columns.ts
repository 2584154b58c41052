/** The columns of lists of runs: how each is read from a row, written, sorted and filtered. */
import { figureNamed } from '../alarms/index.ts';
import { amount, count, UNKNOWN } from '../base/index.ts';
import { fitsPattern } from '../log/index.ts';
import { age, duration, etaText, headline, milliseconds, percent, share, short } from '../present/index.ts';
import type { ListedRun } from './listed-run.ts';

/** A column, a condition or an order that there is not. The message is one sentence on what to write. */
export class ListError extends Error {
  override name = 'ListError';
}

export type Cell = string | number | null;

export interface Column {
  /** As it is asked for. */
  name: string;
  /** Null: not measured, or not noted. */
  value: (row: ListedRun) => Cell;
  /** For a person. */
  text: (row: ListedRun) => string;
  /** A unit that numbers in filters may have. */
  unit: 'bytes' | 'percent' | 'fraction' | 'ms' | 'time' | null;
  /** The whole log is read for it. */
  isJudged: boolean;
}

const VERDICT_COLUMNS = 64;

const column = (
  name: string,
  value: Column['value'],
  over: Partial<Omit<Column, 'name' | 'value'>> = {},
): Column => ({
  name,
  value,
  text: row => {
    const cell = value(row);
    return cell === null ? UNKNOWN : typeof cell === 'number' ? short(cell) : cell;
  },
  unit: null,
  isJudged: false,
  ...over,
});

const numbers = (
  name: string,
  value: (row: ListedRun) => number | null,
  format: (value: number) => string,
  over: Partial<Column> = {},
): Column =>
  column(name, value, {
    text: row => {
      const cell = value(row);
      return cell === null ? UNKNOWN : format(cell);
    },
    ...over,
  });

const day = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** When its newest event came, milliseconds since the epoch; of a run without events, when it was made. */
export const endedMs = ({ createdMs, durationMs }: ListedRun): number => createdMs + (durationMs ?? 0);

/** @param sizes bytes of each run's folder, by id; empty where they were not asked for */
const known = (sizes: ReadonlyMap<string, number>): Column[] => [
  column('run', row => row.id),
  column('name', row => row.name),
  column('state', row => row.state),
  column('task', row => row.task),
  column('batch', row => row.batch, {
    text: ({ batch, maxBatches }) =>
      batch === null ? UNKNOWN : maxBatches === null ? `${batch}` : `${batch}/${maxBatches}`,
  }),
  numbers(
    'return',
    row => row.episodicReturn,
    value => value.toFixed(1),
  ),
  numbers('mem', row => row.memoryUsagePercent, percent, { unit: 'percent' }),
  column('eta', row => row.etaMs, {
    unit: 'ms',
    text: ({ etaMs, verdict }) => (etaMs === null ? UNKNOWN : etaText(etaMs, verdict).text),
  }),
  numbers('duration', row => row.durationMs, duration, { unit: 'ms' }),
  numbers('age', row => Date.now() - endedMs(row), age, { unit: 'ms' }),
  numbers('created', row => row.createdMs, day, { unit: 'time' }),
  numbers('peak', row => row.peakBytes, amount, { unit: 'bytes', isJudged: true }),
  column('verdict', row => row.verdict?.kind ?? null, {
    text: row =>
      row.verdict === null
        ? row.problem === null
          ? 'not read'
          : UNKNOWN
        : headline(row.verdict, VERDICT_COLUMNS).text,
    isJudged: true,
  }),
  column('tags', row => (row.tags.length === 0 ? null : row.tags.join(','))),
  column('note', row => row.note),
  numbers('size', row => sizes.get(row.id) ?? null, amount, { unit: 'bytes' }),
];

export const usualColumns = ['run', 'state', 'task', 'batch', 'return', 'mem', 'eta', 'verdict'];

const plainText = (value: unknown): Cell =>
  typeof value === 'number' || typeof value === 'string'
    ? value
    : value == null
      ? null
      : JSON.stringify(value);

/** Every column that has a name of its own. */
export const columnNames: readonly string[] = known(new Map()).map(({ name }) => name);

/** What a person reads of a number, and what a condition compares it with: 0.0003, not 0.00030000000000000003. */
const sixDigits = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(6)));

/** A column, `config.KEY`, or a figure of the records. Throws a ListError. */
export function columnNamed(name: string, sizes: ReadonlyMap<string, number> = new Map()): Column {
  const own = known(sizes).find(one => one.name === name);
  if (own !== undefined) return own;
  if (name === 'id') return column('id', row => row.id);
  if (name.startsWith('config.')) {
    const key = name.slice('config.'.length);
    return column(name, row => plainText(row.config[key]), {
      text: row => {
        const cell = plainText(row.config[key]);
        return cell === null ? UNKNOWN : typeof cell === 'number' ? String(sixDigits(cell)) : cell;
      },
    });
  }
  const figure = figureNamed(name);
  if (figure === undefined || figure.type !== 'number')
    throw new ListError(
      `There is no column "${name}": choose ${known(sizes)
        .map(one => one.name)
        .join(', ')}, config.KEY, or a figure of "esper records list".`,
    );
  const value = (row: ListedRun) => row.figures[figure.name] ?? null;
  const { units } = figure;
  if (units === 'bytes') return numbers(name, value, amount, { unit: 'bytes' });
  if (units.startsWith('percent')) return numbers(name, value, percent, { unit: 'percent' });
  if (units.startsWith('fraction')) return numbers(name, value, share, { unit: 'fraction' });
  if (units === 'ms') return numbers(name, value, milliseconds, { unit: 'ms' });
  return numbers(name, value, units === 'count' ? count : short);
}

const operators = ['>=', '<=', '!=', '=', '>', '<'] as const;

export interface RunFilter {
  column: Column;
  /** Whether the row is to be listed. */
  keeps: (row: ListedRun) => boolean;
}

/** `30d`, `12h`, `90m` in milliseconds. Throws a ListError. */
export function ageNamed(text: string): number {
  const ms = numberIn(text, 'ms');
  if (ms === null || ms < 0 || /^[\d.]+$/.test(text))
    throw new ListError(`"${text}" is no age: write 30d, 12h or 90m.`);
  return ms;
}

/** `200GiB` in bytes. Throws a ListError. */
export function bytesNamed(text: string): number {
  const bytes = numberIn(text, 'bytes');
  if (bytes === null || bytes < 0) throw new ListError(`"${text}" is no size: write 200GiB or 500MiB.`);
  return bytes;
}

const units: Readonly<Record<string, number>> = { kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 };
const times: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `20GiB`, `90%`, `3h`, `2026-11-23`; null where it is no number in this unit. */
function numberIn(text: string, unit: Column['unit']): number | null {
  if (unit === 'time' && /^\d{4}-\d\d-\d\d/.test(text)) {
    const at = Date.parse(text);
    return Number.isNaN(at) ? null : at;
  }
  const [, digits, of = ''] = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)([a-z%]*)$/i.exec(text) ?? [];
  if (digits === undefined) return null;
  const number = Number(digits);
  const name = of.toLowerCase();
  if (name === '') return number;
  if (name === '%') return unit === 'percent' ? number : unit === 'fraction' ? number / 100 : null;
  const factor = unit === 'bytes' ? units[name] : unit === 'ms' ? times[name] : undefined;
  return factor === undefined ? null : number * factor;
}

/** `verdict=leak`, `peak>20GiB`, `config.lr<=1e-3`, `tags=good`, `name=sweep*`. Throws a ListError. */
export function parseFilter(text: string, sizes?: ReadonlyMap<string, number>): RunFilter {
  const [, name = '', operator = '', right = ''] =
    /^([A-Za-z][\w.-]*)\s*(>=|<=|!=|=|>|<)\s*(.*)$/.exec(text.trim()) ?? [];
  if (name === '')
    throw new ListError(
      `"${text}" is no filter: write a column, one of ${operators.join(' ')}, and a value, as in verdict=leak or peak>20GiB.`,
    );
  const column = columnNamed(name === 'tag' ? 'tags' : name, sizes);
  const number = numberIn(right, column.unit);
  if (operator === '=' || operator === '!=') {
    const isEqual = (row: ListedRun): boolean => {
      if (column.name === 'tags') return row.tags.some(tag => fitsPattern(right, tag));
      const cell = column.value(row);
      if (cell === null) return false;
      return typeof cell !== 'number'
        ? fitsPattern(right, cell)
        : number !== null && sixDigits(cell) === sixDigits(number);
    };
    return { column, keeps: row => isEqual(row) === (operator === '=') };
  }
  if (number === null)
    throw new ListError(`"${text}" compares ${name} with "${right}", which is no number in its unit.`);
  return {
    column,
    keeps: row => {
      const cell = column.value(row);
      if (typeof cell !== 'number') return false;
      if (operator === '>') return cell > number;
      if (operator === '<') return cell < number;
      return operator === '>=' ? cell >= number : cell <= number;
    },
  };
}

/** By the column, upwards, or downwards after a minus; what is not known comes last. */
export function compareRows({ value }: Column, isDown: boolean): (a: ListedRun, b: ListedRun) => number {
  return (a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    const order =
      typeof one === 'number' && typeof other === 'number'
        ? one - other
        : String(one) < String(other)
          ? -1
          : Number(String(one) !== String(other));
    return isDown ? -order : order;
  };
}
