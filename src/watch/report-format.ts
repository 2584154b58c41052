/**
 * Formats of trainers that print `key: value` in one spelling or another: on one line, or in a block of lines under a head. A
 * format names how a report is recognised and what its keys mean; what a report becomes is the same for all.
 */
import { emitReport, type Figures, memoryIn, type Names } from './figures.ts';
import { COUNTED, inEpochsOf, type LineParser, type LogFormat, type Outlet } from './format.ts';
import type { Pair } from './key-values.ts';
import { isPpoKey } from './known-keys.ts';
import type { LogLine } from './log-line.ts';
import { isCount, printedFigure } from './printed.ts';
import { StepNumbers } from './step-numbers.ts';
import { Trials } from './trials.ts';

/** A report, or the beginning of one. */
export interface Report {
  /** null to number it after the one before; below 0 where its block is to have it. */
  number: number | null;
  /** Of the training, where the line has it. */
  total?: number;
  /** Whether numbers begin with 0: the last is total − 1. */
  fromZero?: true;
  /** The epoch in which its number begins again; left out where it counts through all of them. */
  epoch?: number;
  /** Numbers that an epoch has, where the line has it. */
  each?: number;
  /** Whether it is of an epoch as a whole: none where anything finer is printed. */
  isEpoch?: true;
  /** Whether the training has ended with it. */
  isLast?: true;
  /** The training that it is of, where the log may have several at once: each is a rank, in the order in which they are seen. */
  trial?: string;
  /** Of the process, where the line has it. */
  rank?: number;
  /** Of what it holds, where the line names it. */
  device?: string;
  /** Its figures. */
  pairs: Pair[];
}

/** A line that names the epoch of the reports below it, and what it has of its own. */
export interface Heading {
  epoch: number;
  /** Epochs of the training, where the line has it: they are the steps, and count from 0. */
  epochs?: number;
  pairs: Pair[];
}

export interface ReportFormat extends Pick<LogFormat, 'name' | 'about' | 'marks' | 'claim'> {
  /** What keys mean to this trainer, before what they mean to all. */
  names: Names;
  /** Whether a report is an update of reinforcement learning; otherwise by its keys. */
  kind?: 'update' | 'step' | ((figures: Figures) => boolean);
  /** What the keys of these figures mean where they are an update's by their names alone; null where they are none's. */
  updateNames?(figures: Figures): Names | null;
  /** Whether these figures are of a training; whatever stands under the head, where it is left out. */
  isReport?(figures: Figures): boolean;
  /** A report's line, or the head of its block, where another's may be open; `none` for a line of the format that is no report; null for another's. */
  head(line: LogLine, isOpen: boolean): Report | 'none' | null;
  /** A line that names the epoch of the reports below it; null for any other. */
  heading?(line: LogLine): Heading | null;
  /** A line of the block under the head: its pairs; `end` where it closes the block; null for another's, which closes nothing. */
  row?(line: LogLine): Pair[] | 'end' | null;
  /** Whether its rows and other lines follow a report at once, and are of its step: it is emitted behind them, and before another program's. */
  isFollowed?: true;
  /** Whether lines of other programs may stand between it and those that are of its step. */
  isFollowedLate?: true;
  /** Whether any number of other programs' lines may stand between the head and its first row. */
  isRowsLate?: true;
  /** Whether rows without a head, in front of the first one, are of the report before it: a text that begins in the midst of one. */
  mayBeginWithin?: true;
  /** Other lines of the trainer: totals, last words, memory. Whether it was one. */
  other?(line: LogLine, out: Outlet): boolean;
}

/** Lines of other programs that a block may be interrupted by. */
const MOST_OTHERS = 20;

/** The name of a key that stands for the report's own number. */
export const NUMBER = '#';

export const reportFormat = (format: ReportFormat): LogFormat => ({
  name: format.name,
  about: format.about,
  marks: format.marks,
  ...(format.claim !== undefined && { claim: format.claim }),
  open: () => new ReportParser(format),
});

/** Figures of pairs: those that are numbers, units aside. A pair that ends a line in the midst is taken as it stands. */
export function figuresIn(pairs: Iterable<Pair>): Figures {
  const figures: Figures = new Map();
  for (const { key, value } of pairs) {
    const read = printedFigure(value);
    if (read !== null && !figures.has(key)) figures.set(key, read);
  }
  return figures;
}

class ReportParser implements LineParser {
  #format: ReportFormat;
  #number = 0;
  #block: { report: Report; figures: Figures; out: Outlet; line?: number } | null = null;
  #since: number | null = null;
  /** Lines since the newest row of the block. */
  #others = 0;
  #numbers = new StepNumbers(false);
  #heading: Heading | null = null;
  #isFiner = false;
  /** Figures that the format names in rows above the first head; null once there was one. */
  #within: Figures | null = new Map();
  /** Whose those rows are. */
  #out: Outlet | null = null;
  #trials = new Trials();

  constructor(format: ReportFormat) {
    this.#format = format;
  }

  /** The head of the block that is being emitted, where other lines may stand behind it. */
  get since(): number | null {
    return this.#since;
  }

  get isOpen(): boolean {
    return this.#block !== null || (this.#within?.size ?? 0) > 0;
  }

  read(line: LogLine, out: Outlet): boolean {
    const { head, heading, row, other, isFollowed } = this.#format;
    const named = heading?.(line) ?? null;
    if (named !== null) {
      this.end();
      this.#heading = named;
      return true;
    }
    const report = head(line, this.#block !== null);
    if (report === 'none' || (report?.isEpoch && this.#isFiner)) return true;
    if (report !== null) {
      this.#isFiner ||= !report.isEpoch;
      this.end();
      this.#reportWithin(report, out);
      const figures = figuresIn(report.pairs);
      this.#block = { report, figures, out, line: line.number };
      this.#others = 0;
      if (row === undefined) this.end();
      // What follows may begin the run.
      else if (isFollowed && report.total !== undefined) out.facts({ maxSteps: report.total });
      return true;
    }
    if (this.#block !== null && row !== undefined) {
      // What stands behind other lines is of its step, and no row of it.
      const pairs = this.#format.isFollowedLate === true && this.#others > 0 ? null : row(line);
      if (pairs === 'end') {
        this.end();
        return true;
      }
      if (pairs !== null) {
        this.#others = 0;
        for (const [key, value] of figuresIn(pairs))
          if (key === NUMBER || !this.#block.figures.has(key)) this.#block.figures.set(key, value);
        return true;
      }
      // Other programs' lines may stand among the rows; many of them, and the block is over.
      const { isRowsLate, isReport } = this.#format;
      const { figures } = this.#block;
      const isWaiting = isRowsLate === true && !(isReport?.(figures) ?? figures.size > 0);
      if (++this.#others > MOST_OTHERS && !isWaiting) this.end();
    }
    if (this.#within !== null && this.#format.mayBeginWithin === true) {
      this.#out = out;
      const pairs = row?.(line) ?? 'end';
      if (pairs !== 'end')
        for (const [key, value] of figuresIn(pairs))
          if (key === NUMBER || Object.hasOwn(this.#format.names, key)) this.#within.set(key, value);
    }
    return other?.(line, out) ?? false;
  }

  /** What stood above the first head is of the report before: it has its number itself, or that is one less. */
  #reportWithin(next: Pick<Report, 'number' | 'total' | 'fromZero'> | null, out: Outlet): void {
    const figures = this.#within;
    this.#within = null;
    const number = (next?.number ?? 0) - 1;
    // One alone may be anything.
    if (figures === null || figures.size < 2 || (number < 0 && !figures.has(NUMBER))) return;
    const total = { ...(next?.total !== undefined && { total: next.total }) };
    const fromZero = { ...(next?.fromZero !== undefined && { fromZero: next.fromZero }) };
    this.#block = { report: { number, ...total, ...fromZero, pairs: [] }, figures, out };
    this.end();
  }

  flush(): void {
    if (this.#format.isFollowed === true && this.#format.isFollowedLate !== true) this.end();
  }

  release(): void {
    if (this.#format.isFollowedLate === true) this.end();
  }

  /** A block that nothing closed is whole as far as it goes. */
  end(): void {
    const block = this.#block;
    if (block === null && this.#out !== null && this.#within?.has(NUMBER))
      this.#reportWithin(null, this.#out);
    if (block === null) return;
    this.#block = null;
    const { report, figures, out, line } = block;
    if (this.#format.isFollowedLate === true) this.#since = line ?? null;
    this.#emit(report, figures, out);
    this.#since = null;
    if (report.isLast) out.finished();
  }

  #emit(report: Report, figures: Figures, out: Outlet): void {
    if (figures.size === 0) return;
    const own = figures.get(NUMBER)?.value;
    figures.delete(NUMBER);
    const number = typeof own === 'number' ? own : this.#numberOf(report);
    if (!isCount(number)) return;
    for (const [key, value] of figuresIn(this.#heading?.pairs ?? []))
      if (!figures.has(key)) figures.set(key, value);
    if (this.#format.isReport?.(figures) === false) return;
    const isCounted = own === undefined && report.number === null && this.#heading === null;
    if (isCounted && this.#number === 0) out.facts(COUNTED);
    this.#number = number;
    const { kind = rl => [...rl.keys()].some(isPpoKey) } = this.#format;
    const ofUpdate = this.#format.updateNames?.(figures) ?? null;
    const names = ofUpdate ?? this.#format.names;
    const isUpdate = ofUpdate !== null || (typeof kind === 'function' ? kind(figures) : kind === 'update');
    const total = report.total ?? this.#heading?.epochs ?? null;
    if (total !== null && (report.fromZero || report.total === undefined)) out.last(total - 1);
    if (total === null && report.each !== undefined) out.facts(inEpochsOf(report.each));
    const memory = memoryIn(figures, report.device ?? 'cuda', names);
    const rank = report.trial === undefined ? report.rank : this.#trials.rankOf(report.trial);
    if (rank !== null) emitReport(out, { isUpdate, number, figures, memory, names, total, rank });
  }

  #numberOf({ number, epoch = this.#heading?.epoch, each }: Report): number {
    if (number === null) return this.#heading?.epoch ?? this.#number + 1;
    if (epoch === undefined || number < 0) return number;
    const of = { number, total: null, isWhole: false, epoch, isOfEpoch: true } as const;
    const counted = this.#numbers.of({ ...of, ...(each !== undefined && { each }) });
    this.#numbers.newest = counted;
    return counted;
  }
}

/** A format that knows something of the log that it is reading: each log has its own. */
export const perLog = (make: () => LogFormat): LogFormat => ({
  ...make(),
  open: options => make().open(options),
});
