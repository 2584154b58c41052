/**
 * Frames of bars, one after another: which are another process's, a few steps behind, and whether figures are set before the bar moves, as a loop over it does:
 * `0/100 [00:00<?, ?it/s, loss=2.5]` has the loss of the first step.
 */
import type { Figures } from './figures.ts';

export interface DrawnFrame {
  /** Steps that it shows, and that it counts. */
  done: number;
  each: number;
  /** The epoch that it names; null for none. */
  epoch: number | null;
  /** Seconds since it began; null where it has none. */
  elapsed: number | null;
}

/** A bar that has not moved and has figures: a counter or a loss that was set to nothing is none. */
const BEFORE_FIRST =
  /\| {0,8}0\/\d{1,12} \[[\d:]{1,12}<[^,\]]{1,20}, {1,4}[^,\]]{1,24}, [^\]]{0,400}?\b[\w/-]{0,60}loss[\w/-]{0,20}=(?!0(?:\.0{1,12})?[,\]]|nan)/i;

/** `01:30` or `1:02:03`; null for what is no time. */
export function secondsOf(time: string | undefined): number | null {
  const parts = time?.split(':').map(Number) ?? [];
  return parts.length < 2 || parts.some(Number.isNaN)
    ? null
    : parts.reduce((all, part) => all * 60 + part, 0);
}

export class BarFrames {
  #newest: DrawnFrame | null = null;
  /** Whether figures are set before the bar moves. */
  #isAhead = false;
  #figures = '';
  /** How often they have changed since the bar moved, and where it stood. */
  #changes = 0;
  #changedAt = -1;
  /** Where the bar stood, and how often its figures have changed since it moved there. */
  #at = 0;
  #since = 0;
  /** By how much it moves once its figures are set: 1 where they change several times before. */
  #stride = 1;
  /** Of a bar whose loop is known: where it stood, its figures there, and whether they are of the step that comes. */
  #looped = { done: -1, figures: '', lead: 0 };
  /** Of a bar that moves before its figures are set: where it stood, its figures there, and how often they have changed since it moved. */
  #behind = { done: -1, figures: '', changes: 0 };

  /** A line of its own names another epoch: its bar begins again. */
  begin(): void {
    this.#newest = null;
  }

  /** One that has not moved. @param isFirst whether no figures came before. */
  before(text: string, isFirst: boolean, figuresIn: (text: string) => Figures): void {
    this.#isAhead ||= isFirst && BEFORE_FIRST.test(text);
    if (!this.#isAhead) return;
    const now = spelt(figuresIn(text));
    this.#behind = { done: 0, figures: now, changes: 0 };
    this.#since += Number(now !== this.#figures);
    this.#figures = now;
  }

  /** Whether it is of a process that is a few steps behind: a bar that begins again is near its beginning, and its time as well. */
  isAnothers(frame: DrawnFrame): boolean {
    const newest = this.#newest;
    const isBehind =
      newest !== null &&
      frame.each === newest.each &&
      frame.epoch === newest.epoch &&
      frame.done < newest.done &&
      frame.done * 2 > newest.done &&
      (frame.elapsed ?? 0) * 2 > (newest.elapsed ?? Number.POSITIVE_INFINITY);
    if (!isBehind) this.#newest = frame;
    return isBehind;
  }

  /** Steps by which the figures are ahead of the bar: where they are set before it moves, one for each time that they change until it does. */
  ahead(figures: Figures, done: number): number {
    if (!this.#isAhead) return 0;
    const now = spelt(figures);
    const moved = done - this.#at;
    this.#at = done;
    const since = this.#since;
    this.#since = (moved > 0 ? 0 : since) + Number(now !== this.#figures);
    if (now === this.#figures) {
      if (moved > 0) this.#stride = since === 1 ? moved : 1;
      this.#changes = 0;
      return 0;
    }
    this.#figures = now;
    this.#changes = done === this.#changedAt ? this.#changes + 1 : 1;
    this.#changedAt = done;
    return this.#changes * this.#stride;
  }

  /**
   * The same of a loop that is known to set its figures before its bar moves: drawn twice at one count, the second time with other figures, those are of the
   * step that comes. A first drawing may be either: what the next one repeats, moved on, was the second.
   */
  lead(figures: Figures, done: number): { lead: number; isSecond: boolean } {
    const before = this.#looped;
    const now = spelt(figures);
    const isSame = now === before.figures;
    const stays = done === before.done;
    const lead = stays ? (isSame ? before.lead : Number(before.figures !== '')) : 0;
    this.#looped = { done, figures: now, lead };
    return { lead, isSecond: isSame && done === before.done + 1 && before.lead === 0 };
  }

  /**
   * Whether figures are of the step that comes, in a loop that is known to move its bar before it sets them: of a step that is made of several batches, what
   * follows the first change is of the next one's.
   */
  isOfNext(figures: Figures, done: number): boolean {
    const before = this.#behind;
    const now = spelt(figures);
    const isChange = before.figures !== '' && now !== before.figures;
    const changes = (done === before.done ? before.changes : 0) + Number(isChange);
    this.#behind = { done, figures: now, changes };
    return changes > 1;
  }
}

const spelt = (figures: Figures): string => [...figures].map(([key, { text }]) => `${key}=${text}`).join(' ');
