/** A run's log as it grows: a look after every event, and word of when what was there already has been read. */
import { type AlarmNotice, type AlarmRule, defaultRules } from '../alarms/index.ts';
import type { SanctumSnapshot } from '../contract/index.ts';
import { emptyReport, isWriterGone, type LoggedEvent, tailRun } from '../log/index.ts';
import { Reduction } from '../reduce/index.ts';

const WRITERS_MS = 1000;

export interface Follower {
  /** The reading begins, or begins anew because a file was replaced. */
  began(): void;
  /** What an event of the part of the log that was there already did to the alarms. */
  past?: (notices: readonly AlarmNotice[]) => void;
  /** All that was there has been read. */
  caughtUp(snapshot: SanctumSnapshot): void;
  /** After each event that came since. */
  event(notices: readonly AlarmNotice[], event: LoggedEvent, reduction: Reduction): void;
  /** No process writes the log any more; what it wrote has been read. */
  writerGone(snapshot: SanctumSnapshot): void;
}

/** Follows until the signal aborts. Does not throw, unless the follower does. */
export async function followEvents(
  folder: string,
  follower: Follower,
  signal: AbortSignal,
  rules: readonly AlarmRule[] = defaultRules,
): Promise<void> {
  let reduction = new Reduction();
  // Its last lines may come with its going, so it must be gone twice: in between the log is read once more.
  let gone = 0;
  let isCaughtUp = false;
  const watch = setInterval(() => {
    gone = isCaughtUp && isWriterGone(folder, reduction.snapshot()) ? gone + 1 : 0;
    if (gone === 2) follower.writerGone(reduction.snapshot());
  }, WRITERS_MS);
  try {
    while (!signal.aborted) {
      const report = emptyReport();
      reduction = new Reduction(undefined, rules);
      isCaughtUp = false;
      follower.began();
      const caughtUp = () => {
        if (isCaughtUp || signal.aborted) return;
        isCaughtUp = true;
        follower.caughtUp(reduction.snapshot());
      };
      for await (const events of tailRun(folder, { signal, report, caughtUp })) {
        if (report.restarts > 0) break;
        for (const event of events) {
          const notices = reduction.add(event);
          if (isCaughtUp) follower.event(notices, event, reduction);
          else follower.past?.(notices);
          if (signal.aborted) return;
        }
      }
    }
  } finally {
    clearInterval(watch);
  }
}
