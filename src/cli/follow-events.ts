/** A run's log as it grows: the snapshot after every event, and word of when what was there already has been read. */
import type { SanctumSnapshot } from '../contract/index.ts';
import { emptyReport, tailRun } from '../log/index.ts';
import { emptySnapshot, reduceAll } from '../reduce/index.ts';
import { isWriterGone } from './live-run.ts';

const WRITERS_MS = 1000;

export interface Follower {
  /** The reading begins, or begins anew because a file was replaced. */
  began(): void;
  /** After an event of the part of the log that was there already; leave out what does not need each, and it is read faster. */
  past?: (snapshot: SanctumSnapshot) => void;
  /** All that was there has been read. */
  caughtUp(snapshot: SanctumSnapshot): void;
  /** After each event that came since. */
  event(snapshot: SanctumSnapshot): void;
  /** No process writes the log any more; what it wrote has been read. */
  writerGone(snapshot: SanctumSnapshot): void;
}

/** Follows until the signal aborts. Does not throw, unless the follower does. */
export async function followEvents(folder: string, follower: Follower, signal: AbortSignal): Promise<void> {
  let snapshot = emptySnapshot();
  // Its last lines may come with its going, so it must be gone twice: in between the log is read once more.
  let gone = 0;
  let isCaughtUp = false;
  const watch = setInterval(() => {
    gone = isCaughtUp && isWriterGone(folder, snapshot) ? gone + 1 : 0;
    if (gone === 2) follower.writerGone(snapshot);
  }, WRITERS_MS);
  try {
    while (!signal.aborted) {
      const report = emptyReport();
      snapshot = emptySnapshot();
      isCaughtUp = false;
      follower.began();
      const caughtUp = () => {
        if (isCaughtUp || signal.aborted) return;
        isCaughtUp = true;
        follower.caughtUp(snapshot);
      };
      for await (const events of tailRun(folder, { signal, report, caughtUp })) {
        if (report.restarts > 0) break;
        const each = isCaughtUp ? follower.event.bind(follower) : follower.past?.bind(follower);
        if (each === undefined) {
          snapshot = reduceAll(snapshot, events);
          continue;
        }
        for (const event of events) {
          snapshot = reduceAll(snapshot, [event]);
          each(snapshot);
          if (signal.aborted) return;
        }
      }
    }
  } finally {
    clearInterval(watch);
  }
}
