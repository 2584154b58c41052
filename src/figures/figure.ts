/**
 * The declaration of one figure. Everything else that is known of it follows from here: its record (record.ts), its help, its
 * chart, its gauge, the alarms that may name it, the map between payload and snapshot.
 */
import type { RankFindingKind, RunReport, SanctumSnapshot } from '../contract/index.ts';
import type { RecordThresholds } from './bounds.ts';
import type { PathOf } from './path.ts';
import type { Place } from './places.ts';
import type { Measured } from './sources.ts';
import type { Unit } from './units.ts';

export type RecordId = `TELE-${number}`;
export type Reader = 'operator' | 'developer' | 'researcher' | 'automation';
export type Moment = 'real-time' | 'periodic' | 'on-demand' | 'post-hoc';
export type SnapshotPath = PathOf<SanctumSnapshot>;
export type ReportPath = PathOf<RunReport>;

/**
 * Where the figure stands: in the snapshot, or in the report of a whole run. `[]` stands for the first entry; with `finding`, for the
 * one of that kind among those across ranks, which is there only where it is found.
 */
export type Location =
  | { path: SnapshotPath; document?: undefined; finding?: undefined }
  | { path: ReportPath; document: 'report'; finding?: RankFindingKind };

/** What a figure is. Its own name is the key of its declaration, unique among all. */
export type Figure = Location & {
  id: RecordId;
  name: string;
  /** As the screens name it. */
  label: string;
  /** One or two plain sentences for the screens' help; `{warning}` and `{critical}` stand for the bounds. */
  summary: string;
  /** The question that it answers. */
  question: string;
  /** What exactly it is. Markdown. */
  meaning: string;
  /** Null for a figure that is taken as it came. */
  formula?: string;
  unit: Unit;
  priority: 'P0-critical' | 'P1-important' | 'P2-useful';
  readers: readonly Reader[];
  /** Default: live and after the run. */
  moments?: readonly Moment[];
  /** Where it is measured, and which event carries it. */
  from: Measured;
  /** What makes it from the payload, where its path does not show it; as `file#symbol`. */
  madeBy?: string;
  bounds?: RecordThresholds;
  /** Paths that a computed figure is made of. */
  of?: readonly (SnapshotPath | ReportPath)[];
  /** Figures that it depends on, by name, and what for. */
  needs?: Readonly<Record<string, string>>;
  /** What others need it for, where their name does not show it; by their name. */
  feeds?: Readonly<Record<string, string>>;
  /** What depends on it and is no figure, where the first reader's question does not show it. */
  serves?: string;
  /** The value that stands in `shown`. */
  example: number | string | boolean;
  /** Where it is shown, and what stands there while it has the value of the example; runs of spaces count as one. */
  shown: Partial<Record<Place, string | readonly [sanctum: string, overwatch: string]>>;
  /** Of a figure of the learner: that the panel and a chart show it with its history. */
  trend?: TrendRow;
  /** Its metric for other systems. */
  metric?: Metric;
  /** Tests beside those of its source, as `file#title`. */
  tests?: readonly string[];
  notes?: readonly (readonly [title: string, text: string])[];
  history?: readonly { date: string; author: string; change: string }[];
  /** Whether its page quotes the code of source, schema, reducer and consumers. */
  quotes?: true;
};

export interface TrendRow {
  /** The most telling figure comes first. */
  order: number;
  /** The title of its chart, where it is not the label. */
  title?: string;
  /** How a loop that is not PPO calls it; absent: such a loop does not show it. */
  step?: { label: string; title: string };
}

/** A metric as OpenTelemetry has it; its name in Prometheus follows from name and unit. */
export interface Metric {
  /** With dots: OpenTelemetry's own where it has one. */
  name: string;
  /** In UCUM: `By`, `s`, `1` of a ratio, `%`. Absent: a plain number. */
  unit?: string;
  help: string;
  /** From the figure's unit to the metric's: ms → s, percent → ratio. */
  factor?: number;
}

/** Figures of one family, by name. */
export type Family = Readonly<Record<string, Figure>>;
