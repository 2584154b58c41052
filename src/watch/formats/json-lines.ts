/**
 * JSON lines: one object a record. Nested objects are joined by `/`; the containers `data` and `metrics` (verl's and others' file
 * loggers) leave no trace.
 */
import type { Figures } from '../figures.ts';
import type { LineParser, LogFormat, MappedField, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { takeFigure } from '../python-dict.ts';
import { RecordReader } from '../record-reader.ts';

const DEPTH = 4;
/** Python writes NaN and Infinity, which JSON does not know. */
const NON_FINITE = /([:[,] {0,4})(NaN|-?Infinity)(?= {0,4}[,}\]])/g;

/** A record behind what a logger puts before it: `2020-06-01 10:00:00 | INFO | train_inner | {"epoch": 27, …}`. */
const LOGGED = /^[^{]{1,200}[|\]:>-] {1,4}(\{".*\})\s*$/;

export const jsonLines: LogFormat = {
  name: 'json',
  about: 'JSON lines, with --map for names of your own',
  marks: ['{"'],
  readsLongLines: true,
  open: ({ map }) => new JsonLinesParser(map),
};

class JsonLinesParser implements LineParser {
  #records: RecordReader;

  constructor(map: ReadonlyMap<string, MappedField>) {
    this.#records = new RecordReader(map);
  }

  read({ text }: LogLine, out: Outlet): boolean {
    const record = text.trimStart();
    const logged = record.startsWith('{"') ? null : LOGGED.exec(record);
    if (logged === null && !record.startsWith('{"')) return false;
    let value: unknown;
    try {
      value = JSON.parse((logged?.[1] ?? text).replace(NON_FINITE, '$1"$2"'));
    } catch {
      if (logged !== null) return false;
      out.almost('a line that is no JSON');
      return true;
    }
    const figures = recordFigures(value as Record<string, unknown>);
    // Loggers print configurations and events as JSON, too.
    if (logged !== null && !(figures.has('loss') || figures.has('train_loss'))) return false;
    // Text that something wraps in JSON, as Docker does, may be of an error.
    if (figures.size === 0) return false;
    this.#records.take(figures, out);
    return true;
  }

  end(): void {
    this.#records.end();
  }
}

/** The numbers of a record by their keys, those of nested objects joined. */
export function recordFigures(record: Record<string, unknown>): Figures {
  const figures: Figures = new Map();
  flatten(record, '', figures, DEPTH);
  return figures;
}

function flatten(value: Record<string, unknown>, prefix: string, figures: Figures, depth: number): void {
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'number') figures.set(prefix + key, { value: inner, text: String(inner) });
    else if (typeof inner === 'string') {
      takeFigure(figures, prefix + key, inner);
    } else if (inner !== null && typeof inner === 'object' && !Array.isArray(inner) && depth > 0) {
      const bare = prefix === '' && (key === 'data' || key === 'metrics');
      flatten(inner as Record<string, unknown>, bare ? '' : `${prefix}${key}/`, figures, depth - 1);
    }
  }
}
