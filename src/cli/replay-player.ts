/** Plays a recorded run at a multiple of its own pace, as a view's source and controls. */
import type { RunReport } from '../contract/index.ts';
import type { ReplayControls, SanctumSource } from '../sanctum/index.ts';
import { logHealth } from './live-run.ts';
import type { ReplayRun } from './replay-run.ts';

const TICK_MS = 100;
/** Part of a tick spent on reducing when the pace is as fast as can be. */
const BUSY_MS = 50;
/** A pause in the recording (a resumed run) is played no longer than this. */
const LONGEST_PAUSE_MS = 2000;
/** While it plays, a verdict is shown so long before it is computed again. */
const VERDICT_MS = 2000;
const SPEEDS = [0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 1000, Number.POSITIVE_INFINITY];

export class ReplayPlayer implements SanctumSource, ReplayControls {
  #run: ReplayRun;
  #speed: number;
  #playing = true;
  /** Time in the recording up to which events are shown. */
  #clockMs: number;
  #timer: NodeJS.Timeout;
  #verdict: RunReport | null = null;
  #verdictMs = Number.NEGATIVE_INFINITY;
  #listeners = new Set<() => void>();

  constructor(run: ReplayRun, speed: number) {
    this.#run = run;
    this.#speed = speed;
    this.#clockMs = run.nextTimeMs ?? 0;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  getState() {
    const { snapshot, report, position, length } = this.#run;
    const replay = { position, length, playing: this.#playing, speed: this.#speed };
    return { snapshot, report: logHealth(report, snapshot), replay, verdict: this.#verdictNow() };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  togglePlay(): void {
    if (!this.#playing && this.#run.position === this.#run.length) this.#run.seek(0);
    this.#setPlaying(!this.#playing);
  }

  scrub(updates: number): void {
    if (Number.isFinite(updates))
      for (let i = 0; i < Math.abs(updates); i++) this.#run.step(updates < 0 ? -1 : 1);
    else this.#run.seek(updates < 0 ? 0 : this.#run.length);
    this.#setPlaying(false);
  }

  changeSpeed(direction: 1 | -1): void {
    const at = SPEEDS.findIndex(speed => speed >= this.#speed);
    this.#speed = SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + direction))]!;
    this.#changed();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #verdictNow(): RunReport | null {
    const now = performance.now();
    if (this.#playing && now < this.#verdictMs + VERDICT_MS) return this.#verdict;
    this.#verdict = this.#run.verdict();
    this.#verdictMs = performance.now();
    return this.#verdict;
  }

  #setPlaying(playing: boolean): void {
    this.#playing = playing;
    this.#clockMs = this.#run.nextTimeMs ?? this.#clockMs;
    this.#changed();
  }

  #tick(): void {
    if (!this.#playing) return;
    if (Number.isFinite(this.#speed)) this.#advance(TICK_MS * this.#speed);
    else for (const began = performance.now(); performance.now() - began < BUSY_MS; ) this.#advance(Infinity);
    if (this.#run.position === this.#run.length) this.#playing = false;
    this.#changed();
  }

  /** Shows the events of the next so many milliseconds of the recording; of all of it, a portion. */
  #advance(ms: number): void {
    const run = this.#run;
    if (ms === Number.POSITIVE_INFINITY) {
      run.seek(run.position + 64);
      return;
    }
    const next = run.nextTimeMs;
    if (next !== null && next > this.#clockMs + LONGEST_PAUSE_MS) this.#clockMs = next - LONGEST_PAUSE_MS;
    this.#clockMs += ms;
    run.seekTime(this.#clockMs);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
