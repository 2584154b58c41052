/**
 * The numbering of a rank's events as they are read: what is new, what came a second time, what is missing. A number that leaps
 * ahead leaves a gap; an event of that gap was never seen, so it is none that came twice, however high the number before it
 * was: one line with a wrong number silences nothing after it.
 */
/** Where a rank's log is in its numbering. */
export interface SeqPlace {
  /** seq expected next. */
  nextSeq: number;
  /**
   * The newest gap, of one leap or of several in a row: from its first missing seq up to before the one that came, and how
   * many of it are counted as missing. Null where there was none.
   */
  seqGap: { from: number; to: number; missing: number } | null;
}

/**
 * Moves the place past an event.
 * @returns how many more events are missing now than before, negative where some came late; null for an event that was seen
 */
export function passSeq(place: SeqPlace, seq: number): number | null {
  const { nextSeq, seqGap: gap } = place;
  if (seq >= nextSeq) {
    place.nextSeq = seq + 1;
    if (seq === nextSeq) return 0;
    // From within a gap beyond it: the event after the gap was seen.
    const missing = seq - nextSeq - (gap !== null && nextSeq <= gap.to && gap.to < seq ? 1 : 0);
    const isNext = gap !== null && gap.to + 1 === nextSeq;
    place.seqGap = isNext
      ? { from: gap.from, to: seq, missing: gap.missing + missing }
      : { from: nextSeq, to: seq, missing };
    return missing;
  }
  if (gap === null || seq < gap.from || seq >= gap.to) return null;
  // The event after the gap was seen.
  const isFilled = seq + 1 === gap.to;
  place.nextSeq = isFilled ? gap.to + 1 : seq + 1;
  place.seqGap = isFilled ? null : { from: seq + 1, to: gap.to, missing: 0 };
  return Math.min(seq - gap.from, gap.missing) - gap.missing;
}

/** A leap that a writer's own losses explain; a number further from all others is a wrong one. */
const MOST_LOST = 1_000_000;

/**
 * The seq with which the next writer goes on: after the highest that can be right.
 * @param seqs of the newest events, in any order; two distinguish a wrong number from a right one
 * @param isWhole whether the log has no others
 */
export function seqToGoOn(seqs: readonly number[], isWhole: boolean): number {
  const rising = [...(isWhole ? [-1] : []), ...seqs].sort((a, b) => a - b);
  while (rising.length > 1 && rising.at(-1)! - rising.at(-2)! > MOST_LOST) rising.pop();
  return (rising.at(-1) ?? -1) + 1;
}
