/** A run as it is written: its log followed, reduced, and offered to a view or as plain lines. */
import type { SanctumSnapshot } from '../contract/index.ts';
import { emptyReport, type LoggedEvent, type ReadReport, tailRun, writerState } from '../log/index.ts';
import { emptySnapshot, reduceAll } from '../reduce/index.ts';

const isUpdate = ({ type }: LoggedEvent) => type === 'PPO_UPDATE_COMPLETED' || type === 'STEP_COMPLETED';
const hasEnded = ({ run }: SanctumSnapshot) => run.state !== 'running' && run.state !== 'waiting';

export class LiveRun {
  readonly folder: string;
  snapshot: SanctumSnapshot = emptySnapshot();
  report: ReadReport = emptyReport();
  /** Called after every update with the snapshot as it was then; costs a reduction each, so null when unused. */
  onUpdate: ((snapshot: SanctumSnapshot) => void) | null = null;
  #listeners = new Set<() => void>();
  #stop = new AbortController();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** True once no process can be writing: every rank's writer has closed its log, or died. */
  get writerGone(): boolean {
    const ranks = this.snapshot.ranks;
    return (
      ranks.length > 0 &&
      ranks.every(({ rank }) => ['closed', 'gone'].includes(writerState(this.folder, rank)))
    );
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follows until `stop`. A file that began anew is reduced anew. */
  async follow(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.report = emptyReport();
      let snapshot = emptySnapshot();
      for await (const events of tailRun(this.folder, { signal: this.#stop.signal, report: this.report })) {
        if (this.report.restarts > 0) break;
        snapshot = this.#reduce(snapshot, events);
        this.snapshot = snapshot;
        for (const listener of this.#listeners) listener();
      }
    }
  }

  /** Resolves when the log says that the run has ended, or after `patienceMs` without that. */
  async ended(patienceMs: number): Promise<void> {
    if (hasEnded(this.snapshot)) return;
    await new Promise<void>(resolve => {
      const timer = setTimeout(done, patienceMs);
      const unsubscribe = this.subscribe(() => hasEnded(this.snapshot) && done());
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

  #reduce(snapshot: SanctumSnapshot, events: LoggedEvent[]): SanctumSnapshot {
    if (this.onUpdate === null) return reduceAll(snapshot, events);
    let from = 0;
    for (let i = 0; i < events.length; i++) {
      if (!isUpdate(events[i]!)) continue;
      snapshot = reduceAll(snapshot, events.slice(from, i + 1));
      from = i + 1;
      this.onUpdate(snapshot);
    }
    return reduceAll(snapshot, events.slice(from));
  }
}
