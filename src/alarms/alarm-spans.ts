/** The notices of a run → one entry a raise, from its raise to its clearing. In bounded memory. */
import type { AlarmSpan } from '../contract/index.ts';
import type { AlarmNotice } from './notice.ts';

/** The newest so many are kept. */
const SPANS = 500;

export class AlarmSpans {
  #spans: AlarmSpan[] = [];

  /** Oldest first. Entries are replaced and never changed. */
  get all(): readonly AlarmSpan[] {
    return this.#spans;
  }

  take(notices: readonly AlarmNotice[]): void {
    for (const { what, rank, device, rule, level, reason, figure, timeMs, batch } of notices) {
      if (what === 'cleared') {
        this.#spans = this.#spans.map(span =>
          span.rule === rule && span.rank === rank && span.device === device && span.toMs === null
            ? { ...span, toMs: timeMs, toBatch: batch }
            : span,
        );
        continue;
      }
      const from = { fromMs: timeMs, fromBatch: batch };
      const span = { rank, device, rule, level, reason, figure, ...from, toMs: null, toBatch: null };
      this.#spans = [...this.#spans.slice(1 - SPANS), span];
    }
  }

  /** Forgets what was raised on a rank after this batch, because a resumed run makes it again. */
  rewind(rank: number, batch: number): void {
    this.#spans = this.#spans.filter(span => span.rank !== rank || (span.fromBatch ?? 0) <= batch);
  }
}
