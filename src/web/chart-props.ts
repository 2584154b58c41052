/** What a chart is given: its lines, what happened along them, and where they may go. */
import type { Counted, StyledText } from '../present/index.ts';
import type { RunMark } from '../serve/index.ts';
import type { ChartSpec } from './charts.ts';

/** x, then minimum and maximum of each line. */
export interface ChartData {
  x: number[];
  lines: { min: (number | null)[]; max: (number | null)[] }[];
}

/** Something that happened once. */
export interface ChartMark {
  kind: RunMark['kind'] | 'refusal';
  text: string;
  at: number;
}

/** Something that lasted. */
export interface ChartSpan {
  from: number;
  to: number;
  level: 'warning' | 'critical';
  text: string;
}

/** Where a figure may go from its newest place (x, from): to the value `to` somewhere between low and high. */
export interface Fan {
  x: number;
  from: number;
  to: number;
  low: number;
  mid: number;
  high: number;
}

export interface ChartProps {
  spec: ChartSpec;
  data: ChartData;
  /** The newest value of a chart of one line, where it is known better than by the newest bucket. */
  newest?: StyledText | null;
  /** Shown range of x. */
  range: [number, number];
  x: 'batch' | 'time' | 'elapsed';
  /** What x counts, where it is no time. */
  counted: Counted;
  /** Charts of one key share a cursor. */
  syncKey: string;
  marks?: ChartMark[];
  spans?: ChartSpan[];
  fan?: Fan | null;
  /** x of the moment that is looked at. */
  at?: number | null;
  height: number;
  theme: string;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  onPick?: (index: number) => void;
  onMeaning?: (record: string) => void;
}
