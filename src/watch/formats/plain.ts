/**
 * Loops written by hand, and trainers without a format of their own: a number of the step and a loss on one line, in any of the usual
 * spellings: `iter 10: loss 4.1, time 200ms`, `Train Epoch: 1 [640/60000 (1%)] Loss: 2.2`, `step 00010/21400 (0.05%) | loss: 10.12 |`,
 * `Epoch: [0]  [  10/1251]  loss: 6.94 (6.94)  max mem: 9120`. Only where no format of a trainer reads the log.
 */
import { abbreviatedMarks, spelledOut } from '../abbreviated.ts';
import { epochHeading } from '../epoch-heading.ts';
import { EvaluationPhase, evaluationMarks } from '../evaluation-phase.ts';
import { stepOf, updateOf } from '../figures.ts';
import { COUNTED, IN_SAMPLES, type LineParser, type LogFormat, type Outlet } from '../format.ts';
import { inPairs } from '../in-pairs.ts';
import type { LogLine } from '../log-line.ts';
import { type LoopLine, loopLine, unnumberedLine } from '../loop-line.ts';
import { updateNames } from '../loop-update.ts';
import { PrintedRanks } from '../printed-ranks.ts';
import { countIn, type StepCount } from '../step-count.ts';
import { StepNumbers } from '../step-numbers.ts';
import { totalIn, totalMarks } from '../total-lines.ts';
import { translated, translatedMarks } from '../translated.ts';
import { Trials } from '../trials.ts';
import { ReportsUnderEpoch, type UnderEpoch } from '../under-epoch.ts';
import { isBlockHead, isBlockRow } from './blocks.ts';

const ESTIMATE =
  /^(?:\S{1,30} \S{1,30} )?step \d{1,12}: train loss \S{1,20}(?: [A-Za-z]{1,8})?, val loss \S{1,20}(?: [A-Za-z]{1,8})?\s*$/;
/** Informer's heirs (Time-Series-Library) sum an epoch up with its number of steps: `Epoch: 2, Steps: 569 | Train Loss: 0.13 Vali Loss: 0.12`. */
const EPOCH_SUM = /^Epoch: \d{1,9}, Steps: (\d{1,9}) \| Train Loss:/;
/** What Python's own logging puts in front, and absl's: `INFO:root:`, a time and `INFO:`, `I0102 10:20:30.123456 1234 train.py:91] `. */
const BASIC =
  /^\W{0,2}(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):[\w.]{1,80}: ?|^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d{3})? (?:DEBUG|INFO|WARNING|ERROR):(?=\S)|^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \([\w.]{1,60}:\d{1,6}\) (?:DEBUG|INFO|WARNING|ERROR): |^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} {1,4}\d{1,18} [\w.-]{1,80}:\d{1,6}\] /;
/** Where a bar begins, or the line ends. */
const BAR = /\d{1,3}%(?:\|| \d{1,12}\/\d{1,12} \[)|\b\d{1,12}(?:it| [a-z]{2,12}) \[\d\d:\d\d[:\d]{0,6}[,<]|$/;
/** A row that Keras draws again and again: its reader makes an epoch of them. */
const KERAS_ROW = /^\s{0,12}\d{1,12}\/\d{1,12} (?:\[[=>.]{10,60}\]|[━╸]{5,60}) /;
/** `Epoch 1 Batch 1856`, alone on a line: the losses of it stand below. */
const STEP_HEAD =
  /^\W{0,12}epoch[:# ]{0,3}\[?\d{1,9}(?: ?\/ ?\d{1,9})?\]?[\s,;|-]{1,4}(?:mini)?(?:batch|step|iter(?:ation)?)[:# ]{0,3}\[?\d{1,12}(?: ?\/ ?\d{1,12})?\]?\W{0,12}$/i;
/** `INFO iteration 9/10000`, alone on a line: epochs of its data may stand between it and its figures. */
const ITERATION_HEAD =
  /^[^A-Za-z]{0,60}(?:[A-Z]{4,8}\W{1,8})?(?:iteration|step) {1,2}(\d{1,12}) ?\/ ?(\d{1,12})\s{0,8}$/i;
/** Paddle's first trainer names a pass, and how many batches it had, where it ends. */
const END_OF_PASS = /\bPass=(\d{1,9}) Batch=(\d{1,12}) samples=\d{1,15} AvgCost=/;
/** pix2pix and CycleGAN count images within an epoch, and name at the beginning how many it has. */
const IMAGES = /^The number of training images = (\d{1,9})\s*$/;
/** Their count through all epochs, where one ends. */
const END_OF_EPOCH = /^saving the model at the end of epoch \d{1,9}, iters (\d{1,12})\s*$/;
/** `[2026-01-02 10:20:30.123] Step: 3`, alone on a line: its figures stand below. */
const TIMED_HEAD =
  /^\[[\d :.,/T-]{8,40}\] (?:Step|Iteration|Update):? {1,2}(\d{1,12})(?: ?\/ ?(\d{1,12}))?\s{0,8}$/i;
/** `Epoch: 3, global_step=76800`, alone on a line, as ManiSkill's PPO prints it: what it has learned stands below. */
const UPDATE_HEAD =
  /^(?:epoch|iteration|update)[:=]? {0,2}(\d{1,12}),? {1,3}global_step[:=] ?\d{1,15}\s{0,8}$/i;
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
    '] step: ',
    '] iteration: ',
    '] update: ',
    'xent',
    'ppl',
    'perplexity',
    'cross entropy',
    'cross_entropy',
    'l_pix',
    'l_g_',
    'mean reward',
    'step_avg',
    'training images = ',
    ', cost ',
    ' avgcost=',
    'eval begin',
    'eval samples',
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
    '| val',
    ', val',
    '| test',
    ', test',
    'd1=',
    'd1[',
    ', d=',
    'c1=',
    ...totalMarks,
    ...evaluationMarks,
    ...translatedMarks,
    ...abbreviatedMarks,
  ],
  claim: 'weak',
  open: () => new PlainParser(),
};

const isFirstOf = ({ number, nested }: StepCount): boolean => number % nested!.each === 0;

class PlainParser implements LineParser {
  #all = new StepNumbers();
  #numbers = this.#all;
  #ranks = new PrintedRanks();
  /** Of the ranks that lines print themselves. */
  #ofRank = new Map<number, StepNumbers>();
  #total: number | null = null;
  /** Steps that there will be, as a line of the beginning has it. */
  #named: number | null = null;
  #isFiner = false;
  #isNumbered = false;
  /** Whether it has printed updates of reinforcement learning. */
  #isRl = false;
  /** The newest report that has no number, and how many were counted. */
  #unnumbered: LoopLine | null = null;
  #counted = 0;
  /** What a line of its own counts, until a report has it. */
  #above: StepCount | null = null;
  #sessions = new Trials();
  #evaluation = new EvaluationPhase();
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

  read(line: LogLine, out: Outlet): boolean {
    if (line.text.length < LEAST_JOINED || !JOINED.test(line.text)) return this.#read(line, out);
    return line.text.split(JOINED).filter(text => this.#read({ ...line, text }, out)).length > 0;
  }

  #read({ text: line, source }: LogLine, out: Outlet): boolean {
    // Of a bar only what the loop put in front of it; the bar's own count is of its format.
    this.#numbers = this.#all;
    const drawn =
      line.includes('%|') || line.includes('it/s') || line.includes('s/it') || line.includes('s/s]')
        ? line.slice(0, line.search(BAR))
        : line;
    // Words that a page shows in bold.
    const text = drawn.replace(BASIC, '').replaceAll('**', '');
    if (text.length > 1000 || KERAS_ROW.test(text) || OF_CLEANRL.test(text)) return false;
    const heading = epochHeading(text);
    if (heading !== null) {
      this.#closeEpoch(heading.epoch);
      this.#all.heading = heading;
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
    if (STEP_HEAD.test(text)) {
      this.#above = countIn(text);
      return false;
    }
    const iteration = ITERATION_HEAD.exec(text);
    if (iteration !== null) {
      this.#above = { number: Number(iteration[1]), total: Number(iteration[2]), isWhole: true };
      return false;
    }
    const head = text.startsWith('[') ? TIMED_HEAD.exec(text) : null;
    if (head !== null) {
      const total = head[2] === undefined ? null : Number(head[2]);
      this.#above = { number: Number(head[1]), total, isWhole: true };
      return false;
    }
    const pass = text.includes('Pass=') ? END_OF_PASS.exec(text) : null;
    if (pass !== null) {
      this.#all.ends(Number(pass[1]), Number(pass[2]));
      return false;
    }
    const images = IMAGES.exec(text)?.[1];
    if (images !== undefined) {
      this.#numbers.each = Number(images);
      return false;
    }
    const update = UPDATE_HEAD.exec(text)?.[1];
    if (update !== undefined) {
      this.#above = { number: Number(update), total: null, isWhole: true };
      return false;
    }
    const ended = END_OF_EPOCH.exec(text)?.[1];
    if (ended !== undefined) {
      this.#numbers.endsAt(Number(ended));
      return false;
    }
    const total = totalIn(text);
    if (total !== null) {
      this.#named = total;
      return false;
    }
    this.#evaluation.read(text);
    const pairs = inPairs(translated(spelledOut(text)));
    const open = this.#above === null ? this.#openEpoch : null;
    const read = loopLine(pairs, this.#above ?? open);
    if (read === null) return this.#readUnnumbered(pairs, out);
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
    this.#numbers = this.#numbersOf(printed);
    const rank = printed ?? this.#rankIn(text);
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
        figures: Object.fromEntries(broken.map(([key, { value }]) => [`${key} of an epoch`, value])),
      });
  }

  /** Each rank that is printed has its own count, under the same lines of epochs. */
  #numbersOf(rank: number | null): StepNumbers {
    if (rank === null) return this.#all;
    const own = this.#ofRank.get(rank) ?? new StepNumbers();
    own.heading = this.#all.heading;
    own.each ??= this.#all.each;
    this.#ofRank.set(rank, own);
    return own;
  }

  /** undefined where the line names no training. */
  #rankIn(text: string): number | undefined {
    const session = SESSION.exec(text)?.[0];
    return session === undefined ? undefined : (this.#sessions.rankOf(session) ?? undefined);
  }

  /** A loop that numbers nothing: its reports are counted. One alone may be of anything, and where others are numbered it is of something else. */
  #readUnnumbered(text: string, out: Outlet): boolean {
    const read = this.#isNumbered || this.#numbers.heading !== null ? null : unnumberedLine(text);
    if (read === null) return false;
    const first = this.#unnumbered;
    this.#unnumbered = read;
    const keysOf = ({ figures }: LoopLine) => [...figures.keys()].join(' ');
    if (first === null || keysOf(first) !== keysOf(read)) return false;
    out.facts(COUNTED);
    for (const each of this.#counted === 0 ? [first, read] : [read]) this.#emit(++this.#counted, each, out);
    return true;
  }

  startAgain(): void {
    this.#all = new StepNumbers();
    this.#numbers = this.#all;
    this.#ofRank.clear();
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
      this.#emit(number, read, out);
    }
  }

  /** What nothing followed was all that there was of its step. */
  end(): void {
    this.#reportSum();
    this.#closeEpoch(null);
    if (this.#held === null) return;
    const { number, read, out } = this.#held;
    this.#held = null;
    this.#numbers.newest = number;
    this.#report(number, read, out);
  }

  #report(number: number, read: LoopLine, out: Outlet, rank?: number): void {
    const { count } = read;
    const total = this.#numbers.totalOf(count) ?? this.#epochsOf(count) ?? this.#namedTotal(number, count);
    if (total !== null && total !== this.#total) {
      this.#total = total;
      out.facts(read.isUpdate ? { maxBatches: total } : { maxSteps: total });
      // Epochs do not begin again.
      if (count.isEpoch) out.last(total);
    }
    // Batches of an epoch that count from 0: the last of all is one before the total.
    const isFirst = count.nested === undefined ? count.isOfEpoch && count.number === 0 : isFirstOf(count);
    if (total !== null && isFirst) out.last(total - 1);
    if (count.isOfSamples) out.facts(IN_SAMPLES);
    this.#emit(number, read, out, rank);
  }

  #emit(number: number, { figures, memory, names, isUpdate }: LoopLine, out: Outlet, rank?: number): void {
    const own = new Map(figures);
    this.#isRl ||= isUpdate;
    // A line of it that was cut, or has other figures.
    const ofUpdate = isUpdate ? names : this.#isRl ? updateNames(own, true, names) : null;
    if (ofUpdate !== null) out.update(updateOf(number, own, memory, ofUpdate), rank);
    else out.step(stepOf(number, own, memory, names), rank);
  }

  #epochsOf({ number, isEpoch }: StepCount): number | null {
    const { heading } = this.#numbers;
    return isEpoch && heading?.epoch === number ? heading.epochs : null;
  }

  /** What a line before called the total, where steps are counted through. */
  #namedTotal(number: number, { isEpoch, isEpisode, isNext }: StepCount): number | null {
    const isSame = !isEpoch && !isEpisode && !isNext && !this.#numbers.beginsAgain;
    return isSame && this.#named !== null && number <= this.#named ? this.#named : null;
  }
}
