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
    if (!text.trimStart().startsWith('{"')) return false;
    let value: unknown;
    try {
      value = JSON.parse(text.replace(NON_FINITE, '$1"$2"'));
    } catch {
      out.almost('a line that is no JSON');
      return true;
    }
    this.#records.take(recordFigures(value as Record<string, unknown>), out);
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
