/**
 * What the rules go by: the common figures of one process's memory on one device. Bytes; null where not reported.
 */
import type { Attribution, DeviceProcess, DeviceReport, Forecast } from '../contract/index.ts';
import type { Counted } from '../present/index.ts';
import type { ExpandableSegments } from '../texts/index.ts';
import type { SampleFigure, TypicalLevel } from './level.ts';
import type { OomCause } from './oom-cause.ts';
import type { Spikes } from './spikes.ts';
import type { Trend } from './trend.ts';
import type { PastUpdate, UpdateSample } from './update-sample.ts';

export interface DeviceAnalysis {
  /** What the numbers of updates count. */
  counted: Counted;
  /** Updates, and those of them that are past the warm-up. */
  points: number;
  settled: number;
  views: readonly PastUpdate[][];
  first: TypicalLevel;
  last: TypicalLevel;
  newest: UpdateSample;
  totalBytes: number | null;
  forecast: Forecast;
  /** Of the whole run; null for a process of which that is not known. */
  attribution: Attribution | null;
  spikes: Spikes;
  /** Whether a figure keeps growing; null where too few updates report it. */
  trend: (of: SampleFigure) => Trend | null;
  /** Batch of the first update, of those that are kept, in which a figure was at least so much; the newest for none. */
  firstAtLeast: (of: SampleFigure, value: number) => number;
  /** Ups and downs of the memory at rest. */
  ratchet: Ratchet;
  starved: Starved | null;
  refusals: AllocationFailures;
  /** First and last batch with a refusal. */
  wall: { fromBatch: number; toBatch: number } | null;
  highest: DeviceReport['highestPressure'];
  /** Other processes of the device, as the driver named them when they held most; none where it reported nothing. */
  neighbours: readonly DeviceProcess[];
  end: OomCause | null;
  allocatorConf: string | null;
  expandable: ExpandableSegments;
}

/** Requests that the device refused at first, and for good, and updates with one of either. */
export interface AllocationFailures {
  retries: number;
  ooms: number;
  updates: number;
}

/** How memory at rest went up and down, from point to point of the view that holds the whole process. */
export interface Ratchet {
  ups: number;
  upBytes: number;
  downBytes: number;
  largestUpBytes: number;
}

/** Updates that left nothing on the device while much was idle in the cache. */
export interface Starved {
  updates: number;
  fromBatch: number;
  toBatch: number;
  /** Most that was idle then. */
  idleBytes: number;
  /** Least that was free then. */
  freeBytes: number;
  /** Most that others held then, and what that is above the least they ever held. */
  othersBytes: number;
  othersMovedBytes: number;
}
