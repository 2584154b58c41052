/**
 * Loops written by hand, and trainers without a format of their own: a number of the step and a loss on one line, in any of the usual
 * spellings: `iter 10: loss 4.1, time 200ms`, `Train Epoch: 1 [640/60000 (1%)] Loss: 2.2`, `step 00010/21400 (0.05%) | loss: 10.12 |`,
 * `Epoch: [0]  [  10/1251]  loss: 6.94 (6.94)  max mem: 9120`. Only where no format of a trainer reads the log.
 */
import { OF_EPOCH } from '../../texts/index.ts';
import { abbreviatedMarks, spelledOut } from '../abbreviated.ts';
import { byShape } from '../by-shape.ts';
import { countAlone, countAloneMarks } from '../count-alone.ts';
import { epochHeading } from '../epoch-heading.ts';
import { readEpochLength } from '../epoch-lengths.ts';
import { EvaluationPhase, evaluationMarks } from '../evaluation-phase.ts';
import { FiguresBelow } from '../figures-below.ts';
import { COUNTED, type LineParser, type LogFormat, type Outlet } from '../format.ts';
import { inPairs } from '../in-pairs.ts';
import { besideMarks } from '../lines-beside.ts';
import type { LogLine } from '../log-line.ts';
import { withoutBasicPrefix } from '../logger-prefix.ts';
import { type LoopLine, loopLine } from '../loop-line.ts';
import { LoopReports } from '../loop-reports.ts';
import { PrintedRanks } from '../printed-ranks.ts';
import { RankNumbers } from '../rank-numbers.ts';
import type { StepCount } from '../step-count.ts';
import type { StepNumbers } from '../step-numbers.ts';
import { totalIn, totalMarks } from '../total-lines.ts';
import { translated, translatedMarks } from '../translated.ts';
import { Trials } from '../trials.ts';
import { ReportsUnderEpoch, type UnderEpoch } from '../under-epoch.ts';
import { UnnumberedReports } from '../unnumbered-reports.ts';
import { isBlockHead, isBlockRow } from './blocks.ts';

const ESTIMATE =
  /^(?:\S{1,30} \S{1,30} )?step \d{1,12}: train loss \S{1,20}(?: [A-Za-z]{1,8})?, val loss \S{1,20}(?: [A-Za-z]{1,8})?\s*$/;
/** Informer's heirs (Time-Series-Library) sum an epoch up with its number of steps: `Epoch: 2, Steps: 569 | Train Loss: 0.13 Vali Loss: 0.12`. */
const EPOCH_SUM = byShape(/^Epoch: \d{1,9}, Steps: (\d{1,9}) \| Train Loss:/);
/** Where a bar begins, or the line ends. */
const BAR = /\d{1,3}%(?:\|| \d{1,12}\/\d{1,12} \[)|\b\d{1,12}(?:it| [a-z]{2,12}) \[\d\d:\d\d[:\d]{0,6}[,<]|$/;
/** A row that Keras draws again and again: its reader makes an epoch of them. */
const KERAS_ROW = byShape(/^\s{0,12}\d{1,12}\/\d{1,12} (?:\[[=>.]{10,60}\]|[━╸]{5,60}) /);
/** Reports that were written without a newline between: `train_acc: 0.25epoch: 2/100, train_loss: 0.9`. */
const JOINED = /(?<=\d)(?=epoch: ?\d{1,9}\/\d{1,9}, ?[a-z_]{1,40}: ?\d)/;
const LEAST_JOINED = 60;
/** CleanRL's, whose episodes are distinguished from its updates by more than a line. */
const OF_CLEANRL = /^global[_ ]step=/;
/** SLM-Lab: a line of one training of several. */
const SESSION = /\bTrial \d{1,6} session \d{1,6} \S{1,200} \[train_df\]/;
export const plainFormat: LogFormat = {
  name: 'plain',
  about: 'loops written by hand, and other trainers: a step and a loss on one line',
  marks: [
    'loss',
    'iteration ',
    ' step:',
    '] iteration: ',
    '] update: ',
    'l_pix',
    'l_g_',
    'mean reward',
    'step_avg',
    ...besideMarks,
    'training images = ',
    ' cost ',
    ' avgcost=',
    '] steps_per_sec=',
    '] uptime=',
    'episode',
    'epoch',
    'reward',
    'return:',
    'return=',
    'score',
    'episodic_return_',
    'epochiter',
    '] total: ',
    'd1=',
    'd1[',
    ', d=',
    'c1=',
    ...countAloneMarks,
    ...totalMarks,
    ...evaluationMarks,
    ...translatedMarks,
    ...abbreviatedMarks,
  ],
  claim: 'weak',
  open: () => new PlainParser(),
};

class PlainParser implements LineParser {
  #ranks = new PrintedRanks();
  #ofRanks = new RankNumbers();
  /** Those of the newest line. */
  #numbers = this.#ofRanks.all;
  #isFiner = false;
  #isNumbered = false;
  #reports = new LoopReports();
  #unnumbered = new UnnumberedReports(this.#reports);
  /** What a line of its own counts, until a report has it. */
  #above: StepCount | null = null;
  #sessions = new Trials();
  #evaluation = new EvaluationPhase();
  #below = new FiguresBelow();
  #under = new ReportsUnderEpoch();
  /** Whether the lines before are a block's, as far as its head. */
  #isBlock = false;
  /** The first line of the log, where it counts an epoch: its sum, if steps follow. */
  #sum: {
    number: number;
    read: LoopLine;
    out: Outlet;
    rank: number | undefined;
    numbers: StepNumbers;
  } | null = null;
  #held: { number: number; read: LoopLine; out: Outlet } | null = null;

  /** Lines right below a report, which have no marks. */
  get isOpen(): boolean {
    return this.#below.isOpen;
  }

  read(line: LogLine, out: Outlet): boolean {
    const isRead = this.#readJoined(line, out);
    this.#below.after(line.text);
    return isRead;
  }

  #readJoined(line: LogLine, out: Outlet): boolean {
    if (line.text.length < LEAST_JOINED || !JOINED.test(line.text)) return this.#read(line, out);
    return line.text.split(JOINED).filter(text => this.#read({ ...line, text }, out)).length > 0;
  }

  #read({ text: line, source }: LogLine, out: Outlet): boolean {
    this.#numbers = this.#ofRanks.all;
    // Of a bar only what the loop put in front of it; the bar's own count is of its format.
    const drawn =
      line.includes('%|') || line.includes('it/s') || line.includes('s/it') || line.includes('s/s]')
        ? line.slice(0, line.search(BAR))
        : line;
    // Words that a page shows in bold.
    const text = withoutBasicPrefix(drawn).replaceAll('**', '');
    if (!this.#isNumbered && this.#reports.plan(text)) return false;
    if (text.length > 1000 || KERAS_ROW.test(text) || OF_CLEANRL.test(text)) return false;
    if (this.#reports.beside.read(text, out)) return true;
    const heading = epochHeading(text);
    if (heading !== null) {
      this.#closeEpoch(heading.epoch);
      this.#numbers.heading = heading;
      this.#evaluation.end();
      this.#isBlock = isBlockHead(text);
      return false;
    }
    // One name and one value a line, under `epoch: 3`: the block is read as one.
    if (this.#isBlock && isBlockRow(text)) return false;
    this.#isBlock = false;
    const each = EPOCH_SUM.exec(text)?.[1];
    if (each !== undefined && this.#isFiner) {
      this.#numbers.each = Number(each);
      return true;
    }
    const alone = countAlone(text);
    if (alone !== null) {
      this.#above = alone;
      return false;
    }
    if (readEpochLength(text, this.#numbers)) return false;
    const total = totalIn(text);
    if (total !== null) {
      this.#reports.named = total;
      return false;
    }
    this.#evaluation.read(text);
    const pairs = inPairs(translated(spelledOut(text)));
    const open = this.#above === null ? this.#openEpoch : null;
    const read = loopLine(pairs, this.#above ?? open);
    if (read === null)
      return this.#readUnnumbered(pairs, out) || this.#below.read(pairs, this.#ofBelow(open), out);
    this.#below.report(read.figures);
    if (open !== null && read.count === open) {
      // What stands in front of a bar is the bar's.
      if (drawn !== line) return false;
      this.#isNumbered = true;
      this.#under.take({ read, out, rank: source?.rank ?? 0 });
      if (this.#under.areBatches) this.#countBatches();
      return true;
    }
    this.#above = null;
    if (this.#evaluation.has(read.count)) return false;
    this.#isNumbered = true;
    const printed = source?.rank == null ? this.#ranks.take(read.figures) : null;
    this.#numbers = this.#ofRanks.of(printed);
    const session = SESSION.exec(text)?.[0];
    const rank = printed ?? (session === undefined ? null : this.#sessions.rankOf(session)) ?? undefined;
    // What stood below the epoch's line without a number was of something else.
    this.#under.release();
    const count = this.#numbers.under(read.count);
    // The sum of an epoch, where its steps are printed; the epoch in front of a bar that counts them.
    if (count.isEpoch && (this.#isFiner || drawn !== line)) {
      // That of the last is the end of all steps.
      if (drawn === line) this.#brokenSum(read, out);
      const isLast = drawn === line && count.total !== null && count.number >= count.total;
      if (isLast && this.#numbers.newest >= 0) out.last(this.#numbers.newest);
      return false;
    }
    this.#isFiner ||= !count.isEpoch;
    const { newest } = this.#numbers;
    // Above the first steps, the sum of the epoch before is no step.
    if (this.#sum !== null && !count.isEpoch) this.#sum = null;
    if (this.#sum === null && newest < 0 && count.isEpoch === true && !this.#isFiner) {
      this.#sum = { number: count.number, read, out, rank, numbers: this.#numbers };
      return true;
    }
    this.#reportSum();
    const number = this.#numbers.of(count);
    if (this.#held !== null && this.#held.number !== number) this.end();
    else if (this.#held !== null) this.#below.estimated(this.#held.read.figures, number, this.#held.out);
    this.#held = null;
    // nanoGPT estimates its losses before a step that it may print as well.
    if (ESTIMATE.test(text) && (count.isWhole || number > newest)) {
      this.#held = { number, read, out };
      return true;
    }
    this.#numbers.newest = number;
    this.#report(number, read, out, rank);
    return true;
  }

  /** The mean of an epoch is no number where one loss of it was none, which need not be among those that are printed. */
  #brokenSum({ figures }: LoopLine, out: Outlet): void {
    const broken = [...figures].filter(([key, { value }]) => /loss/i.test(key) && typeof value === 'string');
    if (broken.length > 0 && this.#numbers.newest >= 0)
      out.figures({
        batch: this.#numbers.newest,
        figures: Object.fromEntries(broken.map(([key, { value }]) => [key + OF_EPOCH, value])),
      });
  }

  /** What figures between reports are of: the epoch whose sum is still to come, or the newest report. */
  #ofBelow(open: StepCount | null): number {
    const newest = this.#sum?.number ?? this.#under.number ?? this.#numbers.newest;
    return newest >= 0 && open !== null && open.number > newest ? open.number : newest;
  }

  #readUnnumbered(text: string, out: Outlet): boolean {
    if (this.#isNumbered || this.#numbers.heading !== null) return false;
    return this.#unnumbered.read(text, out);
  }

  startAgain(): void {
    this.#below.startAgain();
    this.#ofRanks.startAgain();
    this.#numbers = this.#ofRanks.all;
    this.#reports.beside.startAgain();
  }

  #reportSum(): void {
    if (this.#sum === null) return;
    const { number, read, out, rank, numbers } = this.#sum;
    this.#sum = null;
    numbers.newest = number;
    this.#report(number, read, out, rank);
  }

  /** Nothing finer has followed it for a while. */
  release(): void {
    this.#reportSum();
    this.#reportUnder(this.#under.releaseSums());
    this.#below.flush();
  }

  /** The epoch that a line above names, and that has no report yet: its sum may stand without a number. */
  get #openEpoch(): StepCount | null {
    const epoch = this.#numbers.heading?.epoch ?? null;
    const isOpen = epoch !== null && !this.#isFiner && epoch > this.#numbers.newest;
    return isOpen ? { number: epoch, total: null, isWhole: true, isEpoch: true } : null;
  }

  /** Another epoch begins, or the log ends: what the one before has, and no number, is its own. */
  #closeEpoch(next: number | null): void {
    const { heading } = this.#numbers;
    // The line of an epoch may come again, from another process.
    if (heading === null || heading.epoch === next) return;
    this.#reportUnder(this.#under.release());
  }

  #reportUnder(reports: readonly UnderEpoch[]): void {
    for (const { read, out } of reports) {
      this.#numbers.newest = read.count.number;
      this.#report(read.count.number, read, out);
    }
  }

  #countBatches(): void {
    for (const { read, out, rank } of this.#under.release()) {
      const number = this.#under.next(rank);
      if (number === 1) out.facts(COUNTED);
      this.#reports.emit(number, read, out);
    }
  }

  /** What nothing followed was all that there was of its step. */
  end(): void {
    this.#reportSum();
    this.#closeEpoch(null);
    this.#below.flush();
    if (this.#held === null) return;
    const { number, read, out } = this.#held;
    this.#held = null;
    this.#numbers.newest = number;
    this.#report(number, read, out);
  }

  #report(number: number, read: LoopLine, out: Outlet, rank?: number): void {
    this.#below.flush(number);
    this.#reports.report(number, this.#numbers, read, out, rank);
  }
}
