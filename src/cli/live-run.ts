/** A run as it is written, offered to a view or as plain lines. */
import { isOver, isUpdate, type RunReport, type SanctumSnapshot } from '../contract/index.ts';
import { RunFollower } from '../follow/index.ts';
import type { ReadReport } from '../log/index.ts';
import { emptySnapshot } from '../reduce/index.ts';
import type { SanctumSource } from '../sanctum/index.ts';
import { LiveVerdict } from './live-verdict.ts';

/** What a view's report line needs, from what the reader and the reducer counted. */
export const logHealth = ({ malformed, torn, unknown }: ReadReport, { ranks }: SanctumSnapshot) => ({
  malformed,
  torn,
  unknown,
  lost: ranks.reduce((sum, rank) => sum + rank.lostEvents, 0),
});

export class LiveRun implements SanctumSource {
  #snapshot: SanctumSnapshot = emptySnapshot();
  /** Events came since it was made. */
  #isOld = false;
  /** Called after every update with the snapshot as it was then and the newest report; each costs a reduction, so null when unused. */
  onUpdate: ((snapshot: SanctumSnapshot, report: RunReport | null) => void) | null = null;
  readonly #follower: RunFollower;
  #verdict = new LiveVerdict();
  #listeners = new Set<() => void>();
  #stop = new AbortController();

  constructor(folder: string) {
    const show = () => {
      this.#isOld = true;
      for (const listener of this.#listeners) listener();
    };
    this.#follower = new RunFollower(folder, {
      began: () => {
        this.#verdict = new LiveVerdict();
      },
      event: event => {
        this.#verdict.take([event]);
        if (this.onUpdate !== null && isUpdate(event))
          this.onUpdate(this.#follower.snapshot(), this.#verdict.get());
      },
      caughtUp: isFirst => {
        if (!isFirst) return;
        this.#verdict.renew();
        show();
      },
      batch: show,
      writers: show,
    });
  }

  /** After the newest events: made when it is asked for, because one of many ranks takes its time. */
  get snapshot(): SanctumSnapshot {
    if (this.#isOld) this.#snapshot = this.#follower.snapshot();
    this.#isOld = false;
    return this.#snapshot;
  }

  getState() {
    const { snapshot } = this;
    return {
      snapshot,
      report: logHealth(this.#follower.read, snapshot),
      verdict: this.#verdict.get(),
    };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows until `stop`. */
  follow(): Promise<void> {
    return this.#follower.follow(this.#stop.signal);
  }

  /** Resolves once the run is over: by its log, or because no process writes it any more. */
  async ended(): Promise<void> {
    if (isOver(this.snapshot.run.state)) return;
    await new Promise<void>(resolve => {
      const unsubscribe = this.subscribe(() => {
        if (!isOver(this.snapshot.run.state)) return;
        unsubscribe();
        resolve();
      });
    });
  }

  /** Resolves once all that the log holds at this moment has been read. */
  readToEnd(): Promise<void> {
    return this.#follower.readToEnd();
  }

  stop(): void {
    this.#stop.abort();
  }
}
