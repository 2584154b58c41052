/**
 * A recorded run that can be played and scrubbed in bounded memory. One pass over the log keeps a snapshot every so
 * many events; any moment is reached by reducing the few events since the keyframe before it.
 */
import { RunAnalyser } from '../analysis/index.ts';
import { isUpdate, type RunReport, type SanctumSnapshot } from '../contract/index.ts';
import { type Bookmark, emptyReport, type LoggedEvent, type ReadReport, RunReader } from '../log/index.ts';
import { emptySnapshot, Reduction, reduceAll } from '../reduce/index.ts';

interface Keyframe {
  /** Events before it. */
  position: number;
  snapshot: SanctumSnapshot;
  /** Where reading resumes. */
  from: Bookmark | null;
}

/** A snapshot has all ranks: of more than so many ranks fewer are kept, but so many at least. */
const FEW_RANKS = 32;
const LEAST_KEYFRAMES = 16;

/** Events that are analysed in one go while somebody waits. */
const MOST_ANALYSED = 20_000;

export class ReplayRun {
  readonly folder: string;
  readonly report: ReadReport = emptyReport();
  /** Events in all. */
  readonly length: number;
  snapshot: SanctumSnapshot = emptySnapshot();
  /** Events reduced into `snapshot`. */
  position = 0;
  /** The report of the whole run. */
  readonly #whole: RunReport;
  /** Takes the events as they are passed forward, and how many of them it has; from the start after a step back. */
  #analyser = new RunAnalyser();
  #analysed = 0;
  #verdict: { position: number; report: RunReport } | null = null;
  #keyframes: Keyframe[] = [{ position: 0, snapshot: emptySnapshot(), from: null }];
  #segment: { keyframe: Keyframe; events: LoggedEvent[] } | null = null;

  /**
   * Reads the whole log once; a keyframe every `spacing` events, twice as far apart once there are `most`. Of a run of many ranks not
   * before each could have had an event, because a snapshot takes all of them their time.
   */
  constructor(folder: string, { spacing, most } = { spacing: 512, most: 256 }) {
    this.folder = folder;
    const reader = new RunReader(folder, this.report);
    let position = 0;
    let kept = 0;
    const ranks = new Set<number>();
    const reduction = new Reduction();
    const analyser = new RunAnalyser();
    for (const events of reader) {
      for (const event of events) {
        analyser.take(event);
        reduction.add(event);
        ranks.add(event.rank);
      }
      position += events.length;
      if (position - kept < Math.max(spacing, ranks.size)) continue;
      kept = position;
      this.#keyframes.push({ position, snapshot: reduction.snapshot(), from: reader.bookmark });
      const room = Math.max(LEAST_KEYFRAMES, (most * FEW_RANKS) / ranks.size);
      if (this.#keyframes.length <= Math.min(most, room)) continue;
      this.#keyframes = this.#keyframes.filter((_, i) => i % 2 === 0);
      spacing = 2 * Math.max(spacing, ranks.size);
    }
    this.length = position;
    this.#whole = analyser.report(this.report);
  }

  /** The report of the run up to here; null where that would take long to compute. */
  verdict(): RunReport | null {
    if (this.position === this.length) return this.#whole;
    if (this.#verdict?.position === this.position) return this.#verdict.report;
    const isBehind = this.#analysed > this.position;
    if (this.position - (isBehind ? 0 : this.#analysed) > MOST_ANALYSED) return null;
    if (isBehind) {
      this.#analyser = new RunAnalyser();
      this.#analysed = 0;
    }
    while (this.#analysed < this.position) {
      const index = this.#keyframes.findLastIndex(k => k.position <= this.#analysed);
      const { keyframe, events } = this.#segmentAt(index);
      const from = this.#analysed - keyframe.position;
      const passed = events.slice(from, this.position - keyframe.position);
      for (const event of passed) this.#analyser.take(event);
      this.#analysed += passed.length;
      if (passed.length === 0) return null;
    }
    this.#verdict = { position: this.position, report: this.#analyser.report() };
    return this.#verdict.report;
  }

  /** Moves to after so many events. */
  seek(position: number): void {
    const target = Math.max(0, Math.min(this.length, position));
    const index = this.#keyframes.findLastIndex(k => k.position <= target);
    const { keyframe, events } = this.#segmentAt(index);
    const known = this.position >= keyframe.position && this.position <= target;
    const [from, base] = known ? [this.position, this.snapshot] : [keyframe.position, keyframe.snapshot];
    this.snapshot = reduceAll(base, events.slice(from - keyframe.position, target - keyframe.position));
    this.position = target;
  }

  /** Moves by one update, back (−1) or forward (1); to either end where there is none. */
  step(direction: 1 | -1): void {
    this.seek(direction === 1 ? this.#nextUpdate() : this.#previousUpdate());
  }

  /** Moves forward over the events up to this time, as far as their clock goes on. */
  seekTime(timeMs: number): void {
    let position = this.position;
    while (position < this.length && this.#event(position)!.timeMs <= timeMs) position++;
    this.seek(position);
  }

  /** Time of the next event, milliseconds since the epoch; null at the end. */
  get nextTimeMs(): number | null {
    return this.#event(this.position)?.timeMs ?? null;
  }

  #event(position: number): LoggedEvent | undefined {
    const index = this.#keyframes.findLastIndex(k => k.position <= position);
    const { keyframe, events } = this.#segmentAt(index);
    return events[position - keyframe.position];
  }

  #nextUpdate(): number {
    for (let position = this.position; position < this.length; position++)
      if (isUpdate(this.#event(position)!)) return position + 1;
    return this.length;
  }

  #previousUpdate(): number {
    for (let i = this.#keyframes.findLastIndex(k => k.position < this.position); i >= 0; i--) {
      const { keyframe, events } = this.#segmentAt(i);
      const before = events.slice(0, Math.max(0, this.position - 1 - keyframe.position));
      const last = before.findLastIndex(isUpdate);
      if (last !== -1) return keyframe.position + last + 1;
    }
    return 0;
  }

  /** The events from this keyframe to the next, read again unless they are the ones in hand. */
  #segmentAt(index: number): { keyframe: Keyframe; events: LoggedEvent[] } {
    const keyframe = this.#keyframes[index]!;
    if (this.#segment?.keyframe === keyframe) return this.#segment;
    const count = (this.#keyframes[index + 1]?.position ?? this.length) - keyframe.position;
    const events: LoggedEvent[] = [];
    for (const batch of new RunReader(this.folder, emptyReport(), keyframe.from)) {
      events.push(...batch);
      if (events.length >= count) break;
    }
    events.length = Math.min(count, events.length);
    this.#segment = { keyframe, events };
    return this.#segment;
  }
}
