/** The runs that are being followed: as many as there is room for, the one that nobody asked for longest goes first. */
import type { RunReport, SanctumSnapshot } from '../contract/index.ts';
import type { RunFolder } from '../log/index.ts';
import { INDEX_BYTES, OPEN_RUNS } from './limits.ts';
import { RunFeed } from './run-feed.ts';

export class RunStore {
  #feeds = new Map<string, RunFeed>();

  /** The run's feed, opened where it is not yet. */
  open(run: RunFolder): RunFeed {
    const feed = this.#feeds.get(run.id) ?? new RunFeed(run);
    // A map keeps the order of insertion: the newest is last.
    this.#feeds.delete(run.id);
    this.#feeds.set(run.id, feed);
    feed.follow();
    for (const [id, idle] of this.#feeds) {
      if (this.#feeds.size <= OPEN_RUNS && this.#indexBytes() <= INDEX_BYTES) break;
      if (idle === feed || idle.listeners > 0) continue;
      this.#feeds.delete(id);
      void idle.stop();
    }
    return feed;
  }

  /** The report of a run that is followed and has been read; null for any other. */
  report(id: string): RunReport | null {
    const feed = this.#feeds.get(id);
    return feed?.isComplete ? feed.report() : null;
  }

  /** The newest state of a run that is followed and has been read; null for any other. */
  snapshot(id: string): SanctumSnapshot | null {
    const feed = this.#feeds.get(id);
    return feed?.isComplete ? feed.snapshot : null;
  }

  /** Whether somebody waits for a run to be read. */
  get isReading(): boolean {
    return [...this.#feeds.values()].some(feed => !feed.isComplete);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#feeds.values()].map(feed => feed.stop()));
  }

  #indexBytes(): number {
    return [...this.#feeds.values()].reduce((sum, feed) => sum + feed.index.bytes, 0);
  }
}
