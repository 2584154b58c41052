/**
 * JSON lines: one object a record. Nested objects are joined by `/`; the containers `data` and `metrics` (verl's and others' file
 * loggers) leave no trace.
 */
import type { Figures } from '../figures.ts';
import type { LineParser, LogFormat, MappedField, Outlet } from '../format.ts';
import { isPpoKey, isReward, TRAINING_LOSS } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { PrettyJson, withoutNonFinite } from '../pretty-json.ts';
import type { Printed } from '../printed.ts';
import { takeFigure } from '../python-dict.ts';
import { RecordReader } from '../record-reader.ts';

const DEPTH = 4;

/** A record behind what a logger puts before it: `2020-06-01 10:00:00 | INFO | train_inner | {"epoch": 27, …}`. */
const LOGGED = /^[^{]{1,200}[|\]:>-] {1,4}(\{".*\})\s*$/;

export const jsonLines: LogFormat = {
  name: 'json',
  about: 'JSON lines, with --map for names of your own',
  marks: ['{"', '": '],
  readsLongLines: true,
  open: ({ map }) => new JsonLinesParser(map),
};

function isReported(key: string): boolean {
  const own = key.slice(key.lastIndexOf('/') + 1);
  return TRAINING_LOSS.test(own) || isReward(own) || isPpoKey(key);
}

/** OpenMMLab's `"mode": "val"`, and what loops call the same. */
const isEvaluation = (record: Record<string, unknown>): boolean =>
  PHASES.some(key => EVALUATION.test(String(record[key] ?? '')));
const PHASES = ['mode', 'phase', 'split', 'stage'];
const EVALUATION = /^(?:val|valid|validation|dev|test|eval|evaluation)$/i;

class JsonLinesParser implements LineParser {
  #records: RecordReader;
  #pretty = new PrettyJson();
  #hasMap: boolean;
  #since: number | null = null;

  constructor(map: ReadonlyMap<string, MappedField>) {
    this.#records = new RecordReader(map);
    this.#hasMap = map.size > 0;
  }

  get isOpen(): boolean {
    return this.#pretty.isOpen;
  }

  /** The first line of the document that is being read. */
  get since(): number | null {
    return this.#since;
  }

  read({ text, number }: LogLine, out: Outlet): boolean {
    const isOpen = this.#pretty.isOpen;
    const pretty = this.#pretty.take(text);
    if (!isOpen) this.#since = pretty === null ? null : number;
    // Until it is whole, any line of it may be of an error or an ending.
    if (pretty === 'open') return false;
    if (pretty !== null) return this.#document(pretty, out);
    this.#since = null;
    const record = text.trimStart();
    if (record.startsWith('[{"')) return this.#list(record, out);
    const logged = record.startsWith('{"') ? null : LOGGED.exec(record);
    if (logged === null && !record.startsWith('{"')) return false;
    const entry = recordIn(logged?.[1] ?? text);
    if (entry === null) {
      if (logged !== null) return false;
      out.almost('a line that is no JSON');
      return true;
    }
    const figures = recordFigures(entry);
    // Loggers print configurations and events as JSON, too.
    if (logged !== null && !(figures.has('loss') || figures.has('train_loss'))) return false;
    // Text that something wraps in JSON, as Docker does, may be of an error.
    if (figures.size === 0) return false;
    this.#records.take(figures, out, isEvaluation(entry));
    return true;
  }

  /** All records of one array. */
  #list(text: string, out: Outlet): boolean {
    try {
      const records = JSON.parse(withoutNonFinite(text)) as Record<string, unknown>[];
      return records.map(record => this.#document(record, out)).includes(true);
    } catch {
      return false;
    }
  }

  /** Configurations are written so, too: a record has a loss, a return, or W&B's own step. */
  #document(record: Record<string, unknown>, out: Outlet): boolean {
    const figures = recordFigures(record);
    const step = figures.get('_step');
    if (step !== undefined) {
      for (const key of figures.keys()) if (key.startsWith('_')) figures.delete(key);
      if (!figures.has('step')) figures.set('step', step);
    }
    const isRecord = this.#hasMap || step !== undefined || [...figures.keys()].some(isReported);
    if (isRecord) this.#records.take(figures, out, isEvaluation(record));
    return isRecord;
  }

  end(): void {
    this.#records.end();
  }
}

/** The object that a text is; null where it is none. Of one that is cut no parser is asked: its error takes longer than a record. */
function recordIn(text: string): Record<string, unknown> | null {
  if (!text.trimEnd().endsWith('}')) return null;
  try {
    return JSON.parse(withoutNonFinite(text)) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** The numbers of a record by their keys, those of nested objects joined. */
export function recordFigures(record: Record<string, unknown>): Figures {
  const figures: Figures = new Map();
  flatten(record, '', figures, DEPTH);
  return figures;
}

/** A number of a document: few are asked for their text. */
class ParsedNumber implements Printed {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  get text(): string {
    return String(this.value);
  }
}

function flatten(value: Record<string, unknown>, prefix: string, figures: Figures, depth: number): void {
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'number') figures.set(prefix + key, new ParsedNumber(inner));
    else if (typeof inner === 'string') {
      takeFigure(figures, prefix + key, inner);
    } else if (inner !== null && typeof inner === 'object' && !Array.isArray(inner) && depth > 0) {
      const bare = prefix === '' && (key === 'data' || key === 'metrics');
      flatten(inner as Record<string, unknown>, bare ? '' : `${prefix}${key}/`, figures, depth - 1);
    }
  }
}
