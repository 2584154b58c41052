/**
 * A telemetry record: what one figure means, when it is healthy, where it comes from, where it flows and who
 * shows it. A record is data; its references are symbols and paths that the compiler or `verify` resolves,
 * never line numbers.
 */
import type { EventType, Payload, SanctumSnapshot } from '../contract/index.ts';
import type { PathOf } from './path.ts';
import type { Thresholds } from './thresholds.ts';

export type Priority = 'P0-critical' | 'P1-important' | 'P2-useful';
export type Reader = 'operator' | 'developer' | 'researcher' | 'automation';
export type Moment = 'real-time' | 'periodic' | 'on-demand' | 'post-hoc';
export type RecordId = `TELE-${number}`;
export type SnapshotPath = PathOf<SanctumSnapshot>;

/** A symbol of the source: `symbol` is a function, a constant, a type, a class or `Class.method` of `file`. */
export interface Reference {
  /** From the root of the repository. */
  file: string;
  symbol: string;
}

/** How a level looks on a terminal. */
export type Style = 'plain' | 'dim' | 'green' | 'yellow' | 'red' | 'bold yellow' | 'bold red';
export type Level = 'healthy' | 'warning' | 'critical';

export interface RecordThresholds extends Thresholds {
  /** What each level means; a level without a bound has no meaning. */
  meaning: Partial<Record<Level, string>>;
  /** Where the reducer's judgement is found in the snapshot; null where the view judges, given the time. */
  judgedAt: SnapshotPath | null;
  /** Values and the level each must have: every bound from both sides. */
  examples: readonly (readonly [value: number, level: Level])[];
}

/** The event and the fields of its payload that carry the figure. */
export type Transport = {
  [T in EventType]: { event: T; fields: readonly PathOf<Payload<T>>[] };
}[EventType];

/** A widget that shows the figure. */
export interface Consumer {
  widget: string;
  file: string;
  /** What stands on the screen while the figure has the record's `example`. */
  form: string;
  usage: string;
  /** How each level looks there; omitted where the figure has one look. */
  styles?: Partial<Record<Level, Style>>;
}

export type UpstreamType = 'hardware' | 'event' | 'library' | 'file' | 'command' | 'record';
export type DownstreamType = 'display' | 'system' | 'human' | 'record';

export interface Dependency<T extends string> {
  type: T;
  /** A record's id, an event's type, a consumer's widget, a symbol as `file#symbol`, a name otherwise. */
  on: string;
  notes: string;
}

export interface TestReference {
  kind: 'unit (emitter)' | 'unit (schema)' | 'unit (reducer)' | 'integration' | 'visual';
  file: string;
  /** Title of the test, without the titles of its suites. */
  name: string;
}

export interface TelemetryRecord {
  id: RecordId;
  /** The figure's own name: the last part of its path, or what the view calls it. Unique. */
  figure: string;
  name: string;
  priority: Priority;
  /** One plain sentence for the screen's help. */
  summary: string;
  purpose: { question: string; who: readonly Reader[]; when: readonly Moment[] };
  specification: {
    type: 'float' | 'integer' | 'boolean' | 'text' | 'list';
    /** Computed by the reducer or the view from fields of the payload, or taken as it came. */
    computed: boolean;
    units: string;
    /** Inclusive; null for unbounded. Values outside are kept. */
    range: readonly [number | null, number | null] | null;
    /** How it is printed. */
    precision: string;
    /** The value in the snapshot where nothing was measured. */
    default: number | string | boolean | null | readonly never[];
  };
  /** `formula` is null for a figure that is taken as it came. */
  meaning: { formula: string | null; text: string };
  thresholds: RecordThresholds | null;
  source: Reference & {
    /** What is measured, and when. */
    origin: string;
    /** The call that measures. */
    call: string;
  };
  transport: Transport;
  schema: {
    /** Name of the schema in src/contract that declares the figure. */
    type: string;
    /** Paths that a computed figure is made of. */
    constituents: readonly SnapshotPath[];
    /** What makes the figure from the payload. */
    reducer: Reference;
  };
  /** Path from SanctumSnapshot; `[]` stands for the first entry. */
  path: SnapshotPath;
  /** A value whose form the consumers give. */
  example: number | string | boolean;
  consumers: readonly Consumer[];
  tests: readonly TestReference[];
  /** What a person does to see it, one step an entry. */
  manual: readonly string[];
  dependencies: { upstream: readonly Dependency<UpstreamType>[]; downstream: readonly Dependency<DownstreamType>[] };
  history: readonly { date: string; author: string; change: string }[];
  /** Title and text, Markdown. */
  notes: readonly (readonly [title: string, text: string])[];
}

