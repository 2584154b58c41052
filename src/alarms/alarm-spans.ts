/** The notices of a run → one entry a raise, from its raise to its clearing. In bounded memory. */
import type { AlarmSpan, SanctumSnapshot } from '../contract/index.ts';
import { type AlarmNotice, wallReason } from './notice.ts';

/** The newest so many are kept. */
const SPANS = 500;

/** A refusal's alarm counts them, and more follow while it stands: its reason has the newest count. */
function refusedSince(
  { figure }: Pick<AlarmSpan, 'figure'>,
  { allocRetries = null, ooms = null }: { allocRetries?: number | null; ooms?: number | null },
): Partial<AlarmSpan> {
  const isCounted = figure === 'atTheWall' && (allocRetries !== null || ooms !== null);
  return isCounted ? { reason: wallReason({ allocRetries, ooms }) } : {};
}

export class AlarmSpans {
  #spans: AlarmSpan[] = [];

  /** Oldest first. Entries are replaced and never changed. */
  get all(): readonly AlarmSpan[] {
    return this.#spans;
  }

  take(notices: readonly AlarmNotice[]): void {
    for (const { what, rank, device, rule, level, reason, figure, timeMs, batch, figures } of notices) {
      if (what === 'cleared') {
        this.#spans = this.#spans.map(span =>
          span.rule === rule && span.rank === rank && span.device === device && span.toMs === null
            ? { ...span, ...refusedSince(span, figures), toMs: timeMs, toBatch: batch }
            : span,
        );
        continue;
      }
      const from = { fromMs: timeMs, fromBatch: batch };
      const span = { rank, device, rule, level, reason, figure, ...from, toMs: null, toBatch: null };
      this.#spans = [...this.#spans.slice(1 - SPANS), span];
    }
  }

  /** With what was refused since they were raised, of those that stand. */
  asOf({ devices }: Pick<SanctumSnapshot, 'devices'>): AlarmSpan[] {
    return this.#spans.map(span => {
      const device = devices.find(({ device, rank }) => device === span.device && rank === span.rank);
      return span.toMs !== null || device === undefined ? span : { ...span, ...refusedSince(span, device) };
    });
  }

  /** Forgets what was raised on a rank after this batch, because a resumed run makes it again. */
  rewind(rank: number, batch: number): void {
    this.#spans = this.#spans.filter(span => span.rank !== rank || (span.fromBatch ?? 0) <= batch);
  }
}
