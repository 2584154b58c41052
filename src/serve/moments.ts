/**
 * A run as it was: snapshots are kept along the way, and what lies between them is reduced again from the log. Where nothing is kept,
 * from the log's beginning: a moment is the same however much of the run has been read.
 */
import { setImmediate } from 'node:timers/promises';
import { batchOf, type SanctumSnapshot } from '../contract/index.ts';
import { emptyReport, eventsFile, placeOfSeq, RunReader } from '../log/index.ts';
import { emptySnapshot, Reduction } from '../reduce/index.ts';
import { KEYFRAMES } from './limits.ts';

/** Events between two snapshots, at first. */
const SPACING = 512;
const FEW_RANKS = 8;

interface Keyframe {
  events: number;
  snapshot: SanctumSnapshot;
}

export class Moments {
  #keyframes: Keyframe[] = [];
  #spacing = SPACING;

  /** Keeps the snapshot after so many events, where it is far enough from the one before. */
  note(events: number, snapshot: SanctumSnapshot): void {
    if (events - (this.#keyframes.at(-1)?.events ?? 0) < this.#spacing) return;
    this.#keyframes.push({ events, snapshot });
    // One of many ranks takes as much memory as many of few.
    const most = Math.max(2, Math.min(KEYFRAMES, (KEYFRAMES * FEW_RANKS) / snapshot.ranks.length));
    if (this.#keyframes.length <= most) return;
    this.#keyframes = this.#keyframes.filter((_, i) => i % 2 === 1);
    this.#spacing *= 2;
  }

  /**
   * The run after its last event up to a time, or once rank 0 had completed a batch; whatever comes first.
   * @param path the run's folder
   */
  async at(path: string, moment: { timeMs?: number; batch?: number }): Promise<SanctumSnapshot> {
    const { timeMs = Number.POSITIVE_INFINITY, batch = Number.POSITIVE_INFINITY } = moment;
    const reached = ({ run, tamiyo }: SanctumSnapshot) =>
      (run.lastEventMs ?? 0) > timeMs || (tamiyo.batch ?? tamiyo.step ?? -1) >= batch;
    // A run that goes on from an earlier batch counts it again: the first time is meant.
    const later = this.#keyframes.findIndex(({ snapshot }) => reached(snapshot));
    const before = this.#keyframes.at(later === -1 ? this.#keyframes.length - 1 : later - 1);
    const snapshot = (later === 0 ? undefined : before)?.snapshot ?? emptySnapshot();
    const reduction = new Reduction(snapshot);
    const next = new Map(snapshot.ranks.map(({ rank, nextSeq }) => [rank, nextSeq]));
    const places = new Map(
      [...next].map(([rank, seq]) => [eventsFile(path, rank), placeOfSeq(eventsFile(path, rank), seq)]),
    );
    for (const events of new RunReader(path, emptyReport(), places)) {
      const fresh = events.filter(event => event.seq >= (next.get(event.rank) ?? 0));
      const end = fresh.findIndex(event => event.timeMs > timeMs);
      const part = end === -1 ? fresh : fresh.slice(0, end);
      const last = part.findIndex(event => event.rank === 0 && (batchOf(event) ?? -1) >= batch);
      for (const event of last === -1 ? part : part.slice(0, last + 1)) reduction.add(event);
      if (end !== -1 || last !== -1) break;
      await setImmediate();
    }
    return reduction.snapshot();
  }
}
