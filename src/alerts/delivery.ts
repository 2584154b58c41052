/**
 * Notices on their way to somewhere slow: a bounded queue, one delivery at a time, in order, tried again with growing
 * pauses. `deliver` returns at once and never throws; what was lost is counted, with the reason of the newest.
 */
import type { AlarmNotice } from '../alarms/index.ts';
import { onAbort } from '../base/index.ts';

/** What one attempt came to. `again` is worth another try, after `afterMs` where the receiver asked for a pause. */
export type Attempt = { result: 'done' } | { result: 'again' | 'refused'; reason: string; afterMs?: number };

export interface DeliveryStats {
  delivered: number;
  /** Attempts beyond each notice's first. */
  retries: number;
  /** Refused, or tried as often as allowed, or pushed out of a full queue. */
  lost: number;
  waiting: number;
  /** Why the newest attempt failed; null where none did. */
  problem: string | null;
}

/** A receiver of alarm notices. */
export interface AlarmSink {
  name: string;
  deliver(notice: AlarmNotice): void;
  /** Resolves once all is delivered or lost, or `patienceMs` have passed; nothing is tried any more then. */
  close(patienceMs: number): Promise<void>;
  stats(): DeliveryStats;
}

export interface DeliveryOptions {
  name: string;
  /** A rejection is a refusal. The signal aborts when the sink is closed. */
  attempt: (notice: AlarmNotice, signal: AbortSignal) => Promise<Attempt>;
  attempts: number;
  /** Notices that wait at most; the oldest goes first. */
  capacity?: number;
  /** Pause before the second attempt, ms; each further one is twice as long. */
  firstPauseMs?: number;
  longestPauseMs?: number;
  /** In [0, 1): spreads pauses, so that many senders do not come back together. */
  random?: () => number;
}

export class Delivery implements AlarmSink {
  readonly name: string;
  #options: Required<DeliveryOptions>;
  #queue: AlarmNotice[] = [];
  #working: Promise<void> | null = null;
  #stop = new AbortController();
  #counts = { delivered: 0, retries: 0, lost: 0 };
  #problem: string | null = null;

  constructor(options: DeliveryOptions) {
    this.name = options.name;
    this.#options = {
      capacity: 100,
      firstPauseMs: 1000,
      longestPauseMs: 60_000,
      random: Math.random,
      ...options,
    };
  }

  deliver(notice: AlarmNotice): void {
    if (this.#stop.signal.aborted) {
      this.#counts.lost++;
      return;
    }
    this.#queue.push(notice);
    if (this.#queue.length > this.#options.capacity) {
      this.#queue.shift();
      this.#counts.lost++;
      this.#problem ??= 'the queue was full';
    }
    this.#working ??= this.#work();
  }

  async close(patienceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), patienceMs);
    await this.#working;
    clearTimeout(timer);
    this.#stop.abort();
    this.#counts.lost += this.#queue.splice(0).length;
  }

  stats(): DeliveryStats {
    return { ...this.#counts, waiting: this.#queue.length + (this.#working ? 1 : 0), problem: this.#problem };
  }

  async #work(): Promise<void> {
    // The code that raised the alarm goes on first.
    await Promise.resolve();
    for (let notice = this.#queue.shift(); notice !== undefined; notice = this.#queue.shift()) {
      if (this.#stop.signal.aborted || !(await this.#bring(notice))) this.#counts.lost++;
      else this.#counts.delivered++;
    }
    this.#working = null;
  }

  async #bring(notice: AlarmNotice): Promise<boolean> {
    const { attempt, attempts, firstPauseMs, longestPauseMs, random } = this.#options;
    const { signal } = this.#stop;
    for (let made = 1; ; made++) {
      const outcome = await attempt(notice, signal).catch(
        (error: Error): Attempt => ({ result: 'refused', reason: error.message }),
      );
      if (outcome.result === 'done') return true;
      this.#problem = outcome.reason;
      if (outcome.result === 'refused' || made >= attempts || signal.aborted) return false;
      const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (made - 1)) * (0.5 + random() / 2);
      await sleep(Math.max(pause, Math.min(longestPauseMs, outcome.afterMs ?? 0)), signal);
      if (signal.aborted) return false;
      this.#counts.retries++;
    }
  }
}

/** Ends early where the signal aborts. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const wake = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, ms);
    const forget = onAbort(signal, wake);
  });
}
