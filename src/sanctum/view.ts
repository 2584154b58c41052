/** What a frame depends on beside the snapshot: the terminal, the time, and what the viewer chose. */
import type { DeviceState, RankState, RunReport, RunState, SanctumSnapshot } from '../contract/index.ts';
import type { Overlay } from './keys.ts';

/** What reading the log met, counted since the beginning. */
export interface LogHealth {
  /** Lines that are no events. */
  malformed: number;
  /** Last lines that were cut off. */
  torn: number;
  /** Events missing in gaps of `seq`. */
  lost: number;
  /** Events of types or versions unknown here. */
  unknown: number;
}

/** Where a replay stands. */
export interface ReplayState {
  /** Events shown so far, and in all. */
  position: number;
  length: number;
  playing: boolean;
  /** Multiple of the recorded pace; Infinity for as fast as can be. */
  speed: number;
}

export interface View {
  /** Columns and rows of the terminal; a frame never exceeds them. */
  width: number;
  height: number;
  /** Wall clock, milliseconds since the epoch. */
  nowMs: number;
  color: boolean;
  /** IANA name of the zone that times are shown in; null for this machine’s own. */
  timeZone: string | null;
  /** Which of `snapshot.devices` and `snapshot.ranks` the panels show; taken modulo their number. */
  deviceIndex: number;
  rankIndex: number;
  /** Which of the rank's figures is drawn large; null: what training is for. */
  curveIndex: number | null;
  /** Null while following; else the events that came since the view was frozen. */
  paused: { newEvents: number } | null;
  /** The run as it is now, where the snapshot is a frozen one. */
  currentRun: SanctumSnapshot['run'] | null;
  /** Null unless a recorded run is played. */
  replay: ReplayState | null;
  report: LogHealth;
  /** The report of the run so far; null where it was not computed. */
  verdict: RunReport | null;
  /** The command that prints the run's report, as it can be typed where the viewer stands; null where none is known. */
  reportCommand: string | null;
  /** What lies over the dashboard; null while nothing does. */
  overlay: Overlay | null;
  /** False for a single frame: there is nobody to press keys. */
  keys: boolean;
}

/** A view with nothing chosen yet. */
export const initialView = (size: { width: number; height: number; nowMs: number }): View => ({
  ...size,
  color: false,
  timeZone: null,
  deviceIndex: 0,
  rankIndex: 0,
  curveIndex: null,
  paused: null,
  currentRun: null,
  replay: null,
  report: { malformed: 0, torn: 0, lost: 0, unknown: 0 },
  verdict: null,
  reportCommand: null,
  overlay: null,
  keys: true,
});

/** The state of the run as it is now, also while the view is frozen. */
export const stateNow = (snapshot: SanctumSnapshot, view: View): RunState =>
  (view.currentRun ?? snapshot.run).state;

const chosen = <T>(list: readonly T[], index: number): T | null =>
  list.length === 0 ? null : list[((index % list.length) + list.length) % list.length]!;

export const chosenRank = (snapshot: SanctumSnapshot, view: View): RankState | null =>
  chosen(snapshot.ranks, view.rankIndex);

export const chosenDevice = (snapshot: SanctumSnapshot, view: View): DeviceState | null =>
  chosen(snapshot.devices, view.deviceIndex);
