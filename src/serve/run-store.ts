/** The runs that are being followed: at most OPEN_RUNS, the one that nobody asked for longest goes first. */
import type { RunFolder } from '../log/index.ts';
import { OPEN_RUNS } from './limits.ts';
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
      if (this.#feeds.size <= OPEN_RUNS) break;
      if (idle === feed || idle.listeners > 0) continue;
      this.#feeds.delete(id);
      void idle.stop();
    }
    return feed;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#feeds.values()].map(feed => feed.stop()));
  }
}
