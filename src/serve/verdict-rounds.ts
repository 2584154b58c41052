/**
 * The verdicts of a list's runs. A verdict takes a whole log: logs are read for it one at a time, when nothing else is to be
 * done, of the runs that a page shows first, then newest first.
 */
import { setTimeout } from 'node:timers/promises';
import { isOver } from '../contract/index.ts';
import type { ReadReport, RunFolder } from '../log/index.ts';
import { type FolderLook, lookAt } from '../runs/index.ts';
import { isSameLook } from './folder-look.ts';
import { LIVE_VERDICT_MS } from './limits.ts';
import { type Rows, rowsOf } from './run-row.ts';
import type { RunStore } from './run-store.ts';
import type { Judging, VerdictReaders } from './verdict-readers.ts';

const WAIT_MS = 100;

/** A run of the list. */
export interface Listing extends Rows, Judging {
  /** Null of a run that is known from the last time, until its log is looked at. */
  run: RunFolder | null;
  /** When a page last showed it. */
  shownMs: number;
}

export const mayGrow = ({ row }: Rows): boolean => !row.read || !isOver(row.state);

/** What the rounds are made for. */
interface JudgedList<Known extends Listing> {
  newestFirst: () => readonly Known[];
  has: (known: Known) => boolean;
  /** Whether anybody asks for the list. */
  isWanted: () => boolean;
  /** @param met what reading the log met; null where a page follows the run. @param seen its files before that */
  judged: (known: Known, rows: Rows, met: Readonly<ReadReport> | null, seen: FolderLook) => void;
  /** No verdict is due. */
  done: () => void;
}

export class VerdictRounds<Known extends Listing> {
  readonly #list: JudgedList<Known>;
  readonly #readers: VerdictReaders;
  readonly #store: RunStore;
  #isJudging = false;
  /** What a page shows now. */
  #shown: readonly Known[] = [];
  /** Runs whose verdict is due, the next one last; empty: to be looked for again. */
  #due: Known[] = [];

  constructor(list: JudgedList<Known>, readers: VerdictReaders, store: RunStore) {
    this.#list = list;
    this.#readers = readers;
    this.#store = store;
  }

  /** These go first from now on. */
  show(shown: readonly Known[]): void {
    this.#shown = shown;
  }

  /** After a look at all runs: makes verdicts until all are made, or nobody asks any more. */
  async make(): Promise<void> {
    this.#due = [];
    if (this.#isJudging) return;
    this.#isJudging = true;
    try {
      const { isWanted } = this.#list;
      // A page waits for a run that is open: that goes first.
      const goOn = () => isWanted() && !this.#store.isReading;
      for (let next = this.#next(); next !== null && isWanted(); next = this.#next()) {
        while (this.#store.isReading && isWanted()) await setTimeout(WAIT_MS);
        const seen = lookAt(next.path);
        const judged = await this.#readers.judge(next, mayGrow(next), goOn);
        if (judged === null || next.run === null) continue;
        // What stands of the alarms depends on the whole log, which was read now.
        this.#list.judged(next, rowsOf(next.run, judged.snapshot, next.whole), judged.met, seen);
      }
      if (this.#next() === null) this.#list.done();
    } finally {
      this.#isJudging = false;
    }
  }

  #next(): Known | null {
    const now = performance.now();
    // One that went meanwhile, or that was judged since, is due no more.
    const isNext = (known: Known) => isDue(known, now) && this.#list.has(known);
    const shown = this.#shown.find(isNext);
    if (shown !== undefined) return shown;
    for (let next = this.#due.pop(); next !== undefined; next = this.#due.pop())
      if (isNext(next)) return next;
    this.#due = this.#list
      .newestFirst()
      .filter(known => isDue(known, now))
      .reverse();
    return this.#due.pop() ?? null;
  }
}

/** Whether it has grown since its verdict was made; one that goes on is not judged all the time. */
const isDue = (known: Listing, now: number): boolean => {
  const { look, judged, judgedMs, row, run } = known;
  if (!row.read || look === null || run === null || judged === look) return false;
  return (
    judged === null || (!isSameLook(judged, look) && (!mayGrow(known) || now - judgedMs >= LIVE_VERDICT_MS))
  );
};
