/**
 * A telemetry record: what one figure means, when it is healthy, where it comes from, where it flows and who
 * shows it. A record is data; its references are symbols and paths that the compiler or `verify` resolves,
 * never line numbers.
 */
import type { EventType, Payload, RunReport, SanctumSnapshot } from '../contract/index.ts';
import type { PathOf } from './path.ts';
import type { Thresholds } from './thresholds.ts';

export type Priority = 'P0-critical' | 'P1-important' | 'P2-useful';
export type Reader = 'operator' | 'developer' | 'researcher' | 'automation';
export type Moment = 'real-time' | 'periodic' | 'on-demand' | 'post-hoc';
export type RecordId = `TELE-${number}`;
export type SnapshotPath = PathOf<SanctumSnapshot>;
export type ReportPath = PathOf<RunReport>;

/** A symbol of the source: `symbol` is a function, a constant, a type, a class or `Class.method` of `file`. */
export interface Reference {
  /** From the root of the repository. */
  file: string;
  symbol: string;
}

/** How a figure looks on a terminal. */
export type Style = 'plain' | 'dim' | 'bold' | 'yellow' | 'red' | 'bold green' | 'bold yellow' | 'bold red';
export type Level = 'healthy' | 'warning' | 'critical';

export interface RecordThresholds extends Thresholds {
  /** What each level means; a level without a bound has no meaning. */
  meaning: Partial<Record<Level, string>>;
  /** Where the reducer's judgement is found in the snapshot; null where the view judges, given the time. */
  judgedAt: SnapshotPath | null;
  /** What shows the level, and how each level looks there; null where the bound is advice that nobody shows. */
  widget: string | null;
  styles: Partial<Record<Level, Style>>;
  /** Every bound from both sides: a value, its level, and what stands there; null where nothing does. */
  examples: readonly (readonly [value: number, level: Level, form: string | null])[];
}

/** Where a figure is measured: a symbol, and the call in it that measures. */
export interface Source extends Reference {
  /** What is measured, and when. */
  origin: string;
  call: string;
}

/** The event that carries the figure: fields of its payload, and of its envelope where those matter. */
export type Transport = {
  [T in EventType]: {
    event: T;
    fields: readonly PathOf<Payload<T>>[];
    envelope?: readonly ('type' | 'seq' | 'timeMs' | 'telemetryMs')[];
  };
}[EventType];

/** A widget that shows the figure. */
export interface Consumer {
  widget: string;
  file: string;
  /** What formats the figure there; the widget itself unless told. */
  symbol?: string;
  /** What stands on the screen while the figure has the record's `example`; runs of spaces count as one. */
  form: string;
  usage: string;
}

export interface Dependency {
  type: 'record' | 'hardware' | 'library' | 'file' | 'command' | 'human' | 'system';
  /** A record's id, a symbol as `file#symbol` for a system, a name otherwise. */
  on: string;
  notes: string;
}

export interface TestReference {
  kind:
    | 'unit (emitter)'
    | 'unit (log)'
    | 'unit (reducer)'
    | 'unit (display)'
    | 'integration (end-to-end)'
    | 'visual (terminal)';
  file: string;
  /** Title of the test, without the titles of its suites. */
  name: string;
}

/** What holds the figure: the snapshot, unless told; or the report of a whole run. `[]` stands for the first entry. */
export type Place = { document?: undefined; path: SnapshotPath } | { document: 'report'; path: ReportPath };

export type TelemetryRecord = Statement & Place;

interface Statement {
  id: RecordId;
  /** The figure's own name, unique among records. */
  figure: string;
  name: string;
  /** As the screen names it, for the screen's help. */
  label: string;
  /** One or two plain sentences for the screen's help. */
  summary: string;
  priority: Priority;
  purpose: { question: string; who: readonly Reader[]; when: readonly Moment[] };
  specification: {
    type: 'float' | 'integer' | 'boolean' | 'text' | 'list';
    units: string;
    /** Inclusive; null for unbounded. Values outside are kept as they came. */
    range: readonly [number | null, number | null] | null;
    /** How it is printed. */
    precision: string;
    /** The value at `path` where nothing was measured. */
    default: number | string | boolean | null | readonly never[];
  };
  /** `formula` is null for a figure that is taken as it came. Markdown. */
  meaning: { formula: string | null; text: string };
  thresholds: RecordThresholds | null;
  source: Source;
  /** Others that measure the same figure and fill the same fields. */
  alsoFrom?: readonly Source[];
  transport: Transport;
  schema: {
    /** Name of the schema that declares the field. */
    type: string;
    /** Where it is declared, other than in src/contract/snapshot.ts. */
    file?: string;
    /** Paths that a computed figure is made of. */
    constituents: readonly (SnapshotPath | ReportPath)[];
    /** What makes the figure from the payload. */
    reducer: Reference;
  };
  /** The value that the consumers' forms show. */
  example: number | string | boolean;
  consumers: readonly Consumer[];
  tests: readonly TestReference[];
  /** Beside the event that carries the figure and the widgets that show it. */
  dependencies: { upstream: readonly Dependency[]; downstream: readonly Dependency[] };
  history: readonly { date: string; author: string; change: string }[];
  /** Title and text, Markdown. */
  notes: readonly (readonly [title: string, text: string])[];
  /** Whether its page quotes the code of source, schema, reducer and consumers. */
  quotes?: true;
}
