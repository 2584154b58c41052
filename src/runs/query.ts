/** Which runs a list shows, and in which order: conditions and words as they are typed, and a column to sort by. */
import { type Column, columnNamed, compareRows, parseFilter, type RunFilter } from './columns.ts';
import type { ListedRun } from './listed-run.ts';

export interface Order {
  column: Column;
  isDown: boolean;
}

/** `return` upwards, `-return` downwards. Throws a ListError. @param sizes bytes of each run's folder, by id */
export const orderNamed = (text: string, sizes?: ReadonlyMap<string, number>): Order => ({
  column: columnNamed(text.replace(/^-/, ''), sizes),
  isDown: text.startsWith('-'),
});

export interface RunQuery {
  /** All must hold. */
  filters: readonly RunFilter[];
  /** Each must stand in the run's names, labels, task, state or verdict; in lower case. */
  words: readonly string[];
}

/** A condition, spaces around its operator, its value in quotes where it has spaces; a word; words in quotes. */
const PART = /([A-Za-z][\w.-]*)\s*(>=|<=|!=|=|>|<)\s*(?:"([^"]*)"|(\S+))|"([^"]+)"|(\S+)/g;

/**
 * One line of conditions and words: `verdict=leak peak>20GiB task="scenario steady" sweep`. Throws a ListError where a condition is none.
 * @param sizes bytes of each run's folder, by id
 */
export function parseQuery(text: string, sizes?: ReadonlyMap<string, number>): RunQuery {
  const filters: RunFilter[] = [];
  const words: string[] = [];
  for (const [, name, operator, quoted, plain, phrase, word] of text.matchAll(PART)) {
    if (name !== undefined) filters.push(parseFilter(`${name}${operator}${quoted ?? plain}`, sizes));
    // A condition whose value is still to be typed.
    else if (/[<>=]/.test(word ?? '')) filters.push(parseFilter(word!, sizes));
    else words.push((phrase ?? word ?? '').toLowerCase());
  }
  return { filters, words };
}

/** Columns that a selection reads. */
export const columnsRead = ({ filters }: Pick<RunQuery, 'filters'>, order: Order | null): Column[] => [
  ...filters.map(({ column }) => column),
  ...(order === null ? [] : [order.column]),
];

/** What words are looked for in, by row: the rows of a list are asked for again with every letter that is typed. */
const texts = new WeakMap<ListedRun, string>();

function textOf(row: ListedRun): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const { id, name, algorithm, task, state, verdict, tags, note } = row;
  const text = [id, name, algorithm, task, state, verdict?.kind, ...tags, note].join(' ').toLowerCase();
  texts.set(row, text);
  return text;
}

/** Those that the query keeps, in the order; as they stand where it is null. */
export function selectedBy<Known>(
  known: readonly Known[],
  listedOf: (known: Known) => ListedRun,
  { filters, words }: RunQuery,
  order: Order | null,
): Known[] {
  const found = known.filter(one => {
    const row = listedOf(one);
    return filters.every(({ keeps }) => keeps(row)) && words.every(word => textOf(row).includes(word));
  });
  if (order === null) return found;
  const compare = compareRows(order.column, order.isDown);
  return found.sort((a, b) => compare(listedOf(a), listedOf(b)));
}

/** The same of rows themselves. */
export const selected = (rows: readonly ListedRun[], query: RunQuery, order: Order | null): ListedRun[] =>
  selectedBy(rows, row => row, query, order);
