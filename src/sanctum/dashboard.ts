/**
 * The dashboard while it is open: the newest state, the viewer’s choices and the clock, as rows that change at most ten
 * times a second. It knows no terminal; what shows the rows subscribes.
 */
import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import { firstCurve } from './CurveOverlay.ts';
import { frame, overlayEnd, worstRankIndexes } from './frame.ts';
import type { Stroke } from './keyboard.ts';
import { type Command, type KeyChoices, noChoices, press } from './keys.ts';
import { initialView, type LogHealth, type ReplayState, type View } from './view.ts';

/** What is shown, as its owner has it. */
export interface SanctumState {
  snapshot: SanctumSnapshot;
  report?: LogHealth;
  /** In a replay: where it stands. */
  replay?: ReplayState | null;
  /** The report of the run so far; may be somewhat older than the snapshot. */
  verdict?: RunReport | null;
}

export interface SanctumSource {
  /** Calls `onChange` after every change of the state; returns what ends that. */
  subscribe(onChange: () => void): () => void;
  /**
   * The state now. The next event may change its snapshot.
   * @param isKept it must stay as it is: the viewer stopped to look at it
   */
  getState(isKept?: boolean): SanctumState;
}

export interface DashboardOptions {
  source: SanctumSource;
  replay: boolean;
  width: number;
  height: number;
  color: boolean;
  timeZone: string | null;
  reportCommand: string | null;
  /** Wall clock, milliseconds since the epoch. */
  now: () => number;
  onCommand: (command: Command) => void;
}

const FRAME_MS = 100;
const CLOCK_MS = 1000;
/** A frame of many ranks takes its time, and each of them brings something once a second: one that takes so long stays as long as the clock's. */
const DEAR_MS = 10;

const eventsOf = (snapshot: SanctumSnapshot): number =>
  snapshot.ranks.reduce((sum, rank) => sum + rank.events, 0);

export class Dashboard {
  #options: DashboardOptions;
  #choices: KeyChoices = noChoices;
  #frozen: SanctumState | null = null;
  #rows: string[] = [];
  #listeners = new Set<() => void>();
  #costMs = 0;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #pending: NodeJS.Timeout | undefined;
  #clock: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(options: DashboardOptions) {
    this.#options = { ...options };
    this.refresh();
  }

  /** Begins to follow the source and the clock. */
  start(): void {
    this.#unsubscribe = this.#options.source.subscribe(() => this.#refreshSoon());
    this.#awaitClock();
  }

  stop(): void {
    this.#unsubscribe?.();
    clearTimeout(this.#clock);
    this.#unsubscribe = undefined;
    clearTimeout(this.#pending);
    this.#listeners.clear();
  }

  /** The rows now; the same array until they change. */
  rows = (): string[] => this.#rows;

  /** Calls `listener` after the rows have changed; returns what ends that. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  resize(width: number, height: number): void {
    Object.assign(this.#options, { width, height });
    this.refresh();
  }

  /** Takes one key. */
  press(stroke: Stroke): void {
    const { source, replay, onCommand } = this.#options;
    const { snapshot } = this.#frozen ?? source.getState();
    const before = this.#choices;
    const { choices, command } = press(before, stroke, {
      replay,
      firstDeviceOfRank: snapshot.ranks.map(({ rank }) => {
        const index = snapshot.devices.findIndex(device => device.rank === rank);
        return index === -1 ? null : index;
      }),
      worst: () => worstRankIndexes(snapshot, this.#view()),
      overlayEnd: overlayEnd(snapshot, this.#view()),
      curve: firstCurve(snapshot, this.#view()),
    });
    this.#choices = choices;
    if (choices.paused !== before.paused) this.#frozen = choices.paused ? source.getState(true) : null;
    if (command) onCommand(command);
    this.refresh();
  }

  /** Draws the rows again, at once. */
  refresh(): void {
    clearTimeout(this.#pending);
    this.#pending = undefined;
    if (this.#unsubscribe !== undefined) this.#awaitClock();
    const began = performance.now();
    this.#refreshedAt = began;
    const { snapshot } = this.#frozen ?? this.#options.source.getState();
    const rows = frame(snapshot, this.#view());
    this.#costMs = performance.now() - began;
    if (rows.length === this.#rows.length && rows.every((row, i) => row === this.#rows[i])) return;
    this.#rows = rows;
    for (const listener of this.#listeners) listener();
  }

  /** What depends on the clock alone is drawn a second after the newest frame: events that come once a second need no frame beside. */
  #awaitClock(): void {
    clearTimeout(this.#clock);
    this.#clock = setTimeout(() => this.refresh(), CLOCK_MS);
  }

  #refreshSoon(): void {
    if (this.#pending !== undefined) return;
    const pause = Math.max(FRAME_MS, CLOCK_MS * Math.min(1, (this.#costMs / DEAR_MS) ** 2));
    const wait = Math.max(0, this.#refreshedAt + pause - performance.now());
    this.#pending = setTimeout(() => this.refresh(), wait);
  }

  #view(): View {
    const { source, width, height, color, timeZone, reportCommand, now } = this.#options;
    const current = source.getState();
    const { deviceIndex, rankIndex, curveIndex, overlay } = this.#choices;
    return {
      ...initialView({ width, height, nowMs: now() }),
      color,
      timeZone,
      reportCommand,
      deviceIndex,
      rankIndex,
      curveIndex,
      overlay,
      paused: this.#frozen && { newEvents: eventsOf(current.snapshot) - eventsOf(this.#frozen.snapshot) },
      currentRun: this.#frozen && current.snapshot.run,
      replay: current.replay ?? null,
      verdict: (this.#frozen ?? current).verdict ?? null,
      ...(current.report && { report: current.report }),
    };
  }
}
