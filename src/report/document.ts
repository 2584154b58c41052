/**
 * The content of a report, before its medium is known: sections of sentences, tables, findings and plots. A run and a
 * comparison become documents; terminal, Markdown and HTML each know how to show one.
 */

export type ReportTone = 'plain' | 'dim' | 'good' | 'warning' | 'critical';

/** A question that the reader has, its answer in a few words, and the sentence that stands behind it. */
export interface Conclusion {
  question: string;
  answer: string;
  tone: ReportTone;
  says: string;
}

/** One thing that was found, as the contract's Finding has it. */
export interface FindingBlock {
  type: 'finding';
  title: string;
  confidence: string;
  tone: ReportTone;
  says: string;
  /** `where`: batches, records. */
  evidence: { says: string; where: string[] }[];
  next: string[];
}

export interface Table {
  type: 'table';
  /** Names the table for who cannot see where it stands; not shown. */
  caption: string;
  head: string[];
  /** Cells as many as `head`; the first names its row. */
  rows: TableRow[];
}
export interface TableRow {
  cells: string[];
  tone: ReportTone;
}

export type DocumentBlock =
  | { type: 'text'; text: string; tone: ReportTone }
  /** The words of others, as they came. */
  | { type: 'quote'; text: string }
  | { type: 'answers'; answers: Conclusion[] }
  | { type: 'list'; items: string[] }
  | { type: 'plot'; plot: Plot }
  | FindingBlock
  | Table;

export interface Section {
  title: string;
  blocks: DocumentBlock[];
}

export interface Document {
  title: string;
  /** What it is about: task, state, times. */
  facts: string[];
  /** The answer in one sentence. */
  verdict: { label: string; tone: ReportTone; says: string };
  sections: Section[];
  /** What made it, and when. */
  colophon: string;
}

/** What a line or area stands for; what it looks like is the renderer's. */
export type Ink =
  | 'peak'
  | 'held'
  | 'reserved'
  | 'cache'
  | 'stranded'
  | 'others'
  | 'free'
  | 'budget'
  | 'total'
  | 'lost'
  | 'fit'
  | 'series';

/** `y` null: not measured, a gap. `low`: lower edge of an area or a band. `to`: right edge of a bar. */
export interface PlotPoint {
  x: number;
  y: number | null;
  low?: number;
  to?: number;
}

export interface PlotSeries {
  name: string;
  ink: Ink;
  shape: 'line' | 'area' | 'band' | 'bars' | 'dots';
  /** By ascending x. */
  points: PlotPoint[];
  /** The line that the plot is about; there is one. */
  isMain?: boolean;
}

export interface Axis {
  /** What is counted or measured: batch, GiB. */
  unit: string;
  min: number;
  max: number;
  ticks: number[];
  format: (value: number) => string;
}

export interface Guide {
  at: number;
  label: string;
  tone: ReportTone;
}

/** Something that happened at an x. */
export interface PlotMark {
  x: number;
  kind: 'refused' | 'failed' | 'restart' | 'spike';
  /** Where it is, for a spike. */
  y: number | null;
  says: string;
}

export interface Plot {
  title: string;
  /** What is to be seen, as text for those who cannot see it, and under the plot. */
  says: string;
  x: Axis;
  y: Axis;
  series: PlotSeries[];
  guides: Guide[];
  marks: PlotMark[];
  /** Of the usual height. */
  height: 'whole' | 'half';
}
