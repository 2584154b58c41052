/** A run as it is written: its log followed, reduced, and offered to a view or as plain lines. */
import type { SanctumSnapshot } from '../contract/index.ts';
import { emptyReport, isWriterGone, type LoggedEvent, type ReadReport, tailRun } from '../log/index.ts';
import { emptySnapshot, reduceAll } from '../reduce/index.ts';
import type { SanctumSource } from '../sanctum/index.ts';
import { LiveVerdict } from './live-verdict.ts';
import { isUpdate } from './updates.ts';

const WRITERS_MS = 1000;

const hasEnded = ({ run }: SanctumSnapshot) => run.state !== 'running' && run.state !== 'waiting';

/** What a view's report line needs, from what the reader and the reducer counted. */
export const readProblems = ({ malformed, torn, unknown }: ReadReport, { ranks }: SanctumSnapshot) => ({
  malformed,
  torn,
  unknown,
  lost: ranks.reduce((sum, rank) => sum + rank.lostEvents, 0),
});

export class LiveRun implements SanctumSource {
  readonly folder: string;
  snapshot: SanctumSnapshot = emptySnapshot();
  report: ReadReport = emptyReport();
  /** Called after every update with the snapshot as it was then; each costs a reduction, so null when unused. */
  onUpdate: ((snapshot: SanctumSnapshot) => void) | null = null;
  #verdict = new LiveVerdict();
  #writerGone = false;
  #listeners = new Set<() => void>();
  #stop = new AbortController();

  constructor(folder: string) {
    this.folder = folder;
  }

  getState() {
    const { snapshot, report } = this;
    return {
      snapshot,
      report: readProblems(report, snapshot),
      writerGone: this.#writerGone,
      verdict: this.#verdict.get(),
    };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows until `stop`. A file that began anew is reduced anew. */
  async follow(): Promise<void> {
    const watch = setInterval(() => this.#lookForWriters(), WRITERS_MS);
    try {
      while (!this.#stop.signal.aborted) {
        this.report = emptyReport();
        this.#verdict = new LiveVerdict();
        let snapshot = emptySnapshot();
        for await (const events of tailRun(this.folder, { signal: this.#stop.signal, report: this.report })) {
          if (this.report.restarts > 0) break;
          this.#verdict.take(events);
          snapshot = this.#reduce(snapshot, events);
          this.#show(snapshot);
        }
      }
    } finally {
      clearInterval(watch);
    }
  }

  /** Resolves once the log says that the run has ended, no process writes it any more, or `patienceMs` have passed. */
  async ended(patienceMs = Number.POSITIVE_INFINITY): Promise<void> {
    if (hasEnded(this.snapshot) || this.#writerGone) return;
    await new Promise<void>(resolve => {
      const timer = Number.isFinite(patienceMs) ? setTimeout(done, patienceMs) : undefined;
      const unsubscribe = this.subscribe(() => {
        if (hasEnded(this.snapshot) || this.#writerGone) done();
      });
      function done() {
        clearTimeout(timer);
        unsubscribe();
        resolve();
      }
    });
  }

  stop(): void {
    this.#stop.abort();
  }

  #show(snapshot: SanctumSnapshot): void {
    this.snapshot = snapshot;
    for (const listener of this.#listeners) listener();
  }

  #lookForWriters(): void {
    const gone = isWriterGone(this.folder, this.snapshot);
    if (gone === this.#writerGone) return;
    this.#writerGone = gone;
    for (const listener of this.#listeners) listener();
  }

  #reduce(snapshot: SanctumSnapshot, events: LoggedEvent[]): SanctumSnapshot {
    let from = 0;
    for (let i = 0; this.onUpdate !== null && i < events.length; i++) {
      if (!isUpdate(events[i]!)) continue;
      snapshot = reduceAll(snapshot, events.slice(from, i + 1));
      from = i + 1;
      this.onUpdate(snapshot);
    }
    return reduceAll(snapshot, events.slice(from));
  }
}
