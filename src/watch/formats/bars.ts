/**
 * Progress bars with figures, as tqdm, Lightning, OpenRLHF and loops written by hand draw them:
 * `Epoch 2:  40%|████  | 4/10 [00:00<00:00, 70it/s, v_num=0, train_loss=2.82]`, `Train epoch [1/1]: … pg=-0.0197, rm=0.463`. A bar is drawn
 * several times a step: the last of each counts. Steps are numbered through all epochs. A bar in front of the log of another
 * trainer is not its log. Where nothing has figures, the newest bar without any shows how far the training came.
 */
import { BarFrames } from '../bar-frames.ts';
import { isAmount, isOfRlLoop, isRlBar as isRl, barNames as names } from '../bar-names.ts';
import { type EpochHeading, epochHeading } from '../epoch-heading.ts';
import {
  drawnFigures,
  type FiguredBar,
  firstEpochIn,
  richBar,
  tqdmBar,
  tqdmOfIgnite,
} from '../figured-bar.ts';
import { emitReport, type Figures, memoryIn } from '../figures.ts';
import { inEpochsOf, type LineParser, type LogFormat, type Outlet } from '../format.ts';
import { partedPairs } from '../key-values.ts';
import type { LogLine } from '../log-line.ts';
import { printedFigure } from '../printed.ts';
import { figuresIn } from '../report-format.ts';

/** A bar without its end, and how the rest of one looks. */
const CUT = /%\|[^|]{0,400}\| {0,8}\d{1,12}\/\d{1,12} \[[^\]]{1,400}$/;
/** One that begins, and nothing in front of it: `0% 0/3000 [00:00<?, ?it/s]`. */
const BEGINS = /^\s{0,40}0%(?:\|[^|]{0,400}\| {0,8}| )0\/(\d{1,12}) \[/;
/** OpenPCDet's second bar has what its first, which counts, does not: `train: … [… total_it=10]`, then `epochs: … [… loss=3.2, lr=0.001]`. */
const OF_EPOCHS = /^\s{0,8}epochs:[^[\]]{0,400}\[[^,\]]{1,40}, {1,4}[^,\]]{1,24}, ([^\]]{1,600})\]/;
const REST = /^[^\]]{0,400}\]/;
const MORE = /^\s{8,400}([\w/.-]{1,80}): (\S{1,40})\s*$/;
/** AllenNLP's line in front of the bars of either; other loops have no word for the end of an evaluation. */
const PHASE = /\ballennlp\.\S{1,80} - (?:Training|Validating)\s*$/;
/** Tianshou's line behind the bar of an epoch: what its test gave. */
const TESTED =
  /^Epoch #(\d{1,9}): test_reward: (-?[\d.]{1,20}) ± [\d.]{1,20}, best_reward: (-?[\d.]{1,20}) ± /;
/** A line in front of a bar that counts what is read or computed before the training: `loading image sizes.`, `caching latents...`. */
const OF_DATA =
  /(?:^|\s)(?:loading|caching|checking|reading|encoding|hashing|preparing) (?:the )?(?:image|latent|text|cache|data|caption|metadata|file|token|feature)\w{0,3}\b[^|\d]{0,60}(?:\s[\w.]{1,40}\.py:\d{1,6})?\s{0,8}$/i;
/** kohya's and diffusers' bar of all steps, whatever epochs are named around it. */
const STEPS = /^\s*steps:?\s*$/i;
/** In front of the bars of their epochs. */
const TOTAL = /\bTotal optimization steps ?= ?(\d{1,12})\s*$/;
/** What the bar of a training has in front, where that is not nothing. */
const OF_TRAINING = /train|epoch|episode|step|iter|^\s*$/i;

export const bars: LogFormat = {
  name: 'bars',
  about: 'progress bars with figures: Lightning, OpenRLHF before 0.8, tqdm',
  marks: ['%|', 'it/s', 's/it', 'epoch', '- validating', '- training', 'Total optimization steps'],
  claim: 'weak',
  open: () => new BarsParser(),
};

/** Steps that an epoch has come to where it is well under way. */
const LEAST_WAY = 4;

class BarsParser implements LineParser {
  #bar: FiguredBar | null = null;
  /** Lines of that bar and of the one that is read, and of the one whose report is being emitted. */
  #barLine = 0;
  #line = 0;
  #since: number | null = null;
  /** The newest bar of a training that has no figures, until there is one that has. */
  #plain: FiguredBar | null = null;
  #hasFigures = false;
  #frames = new BarFrames();
  /** Figures of the newest report. */
  #reported: Figures | null = null;
  /** The epoch that a line of its own names. */
  #heading: EpochHeading | null = null;
  /** Number of the first epoch that has a line of its own. */
  #firstHeading = 1;
  /** The first epoch that has such a line and a bar below it. */
  #begunWith: number | null = null;
  /** Number of the first epoch that a bar names. */
  #firstEpoch: number | null = null;
  /** Epochs before the one under way, where bars of as many steps begin again without a word. */
  #epochs = 0;
  /** A bar of Rich whose figures may stand on the lines below it. */
  #isRich = false;
  /** A bar that a newline has cut, as a terminal's width does: its rest is on the next line. */
  #cut: string | null = null;
  /** Whether its iterations are counted through all epochs, by a figure of the bar. */
  #isThrough = false;
  /** Steps that there will be, by a line of its own. */
  #total: number | null = null;
  /** Whether an evaluation is under way, by a line of its own. */
  #isEvaluation = false;
  /** Whether the newest line that is no bar is of data that is read: what is counted below it is no step. */
  #isOfData = false;

  get isOpen(): boolean {
    return this.#isRich || this.#cut !== null;
  }

  /** What stands between two bars is of the step behind it. */
  get since(): number | null {
    return this.#since;
  }

  read(line: LogLine, out: Outlet): boolean {
    const cut = this.#cut;
    this.#cut = null;
    this.#line = line.number;
    const isRest = cut !== null && REST.test(line.text) && !line.text.includes('%|');
    const text = isRest ? cut + line.text : tqdmOfIgnite(line.text);
    if (CUT.test(text)) this.#cut = text;
    return this.#read(text, out) || this.#cut !== null;
  }

  #read(text: string, out: Outlet): boolean {
    const more = this.#isRich && this.#bar !== null ? MORE.exec(text) : null;
    if (more !== null) {
      const read = printedFigure(more[2]!);
      if (read !== null) this.#bar!.figures.set(more[1]!, read);
      return true;
    }
    const heading = epochHeading(text);
    if (heading !== null || PHASE.test(text)) {
      this.#heading = heading ?? this.#heading;
      this.#frames.begin();
      this.#isEvaluation = text.trimEnd().endsWith('Validating');
      return false;
    }
    if (this.#isEvaluation) return false;
    const total = TOTAL.exec(text)?.[1];
    if (total !== undefined) {
      this.#total = Number(total);
      return false;
    }
    const tested = TESTED.exec(text);
    if (tested !== null) return this.#tested(tested, out);
    const beside = this.#isThrough ? OF_EPOCHS.exec(text)?.[1] : undefined;
    if (beside !== undefined) {
      // The first behind a count is of its iteration: it is drawn more often.
      const figures = this.#bar?.figures;
      if (figures?.size === 0)
        for (const [key, figure] of figuresIn(partedPairs(beside, ', ', '='))) figures.set(key, figure);
      return true;
    }
    // A notebook's page draws none between the share and the count.
    const isTqdm = text.includes('%|') || /\d% \d{1,12}\/\d{1,12} \[/.test(text);
    const isRich = text.includes('━') || text.includes('╺');
    if (!isTqdm && !isRich && text.trim() !== '') this.#isOfData = OF_DATA.test(text);
    this.#firstEpoch ??= firstEpochIn(text);
    const bar = isTqdm || !isRich ? tqdmBar(text, out, this.#firstEpoch === 1) : richBar(text, out);
    this.#isRich = bar !== null && isRich && !isTqdm;
    if (bar === null) {
      if (isTqdm && text.includes(' 0/')) this.#frames.before(text, !this.#hasFigures, drawnFigures);
      // What was counted before a longer one was no training: files, or images that it needs.
      const each = this.#plain?.isBare && isTqdm ? Number(BEGINS.exec(text)?.[1] ?? 0) : 0;
      if (each > (this.#plain?.each ?? 0)) this.#plain = null;
      return false;
    }
    if (bar.frame !== null && this.#frames.isAnothers(bar.frame)) return true;
    // kohya's and diffusers' bar of all steps moves before its figures are set.
    const isOfAll = STEPS.test(bar.about);
    if (isOfAll && bar.frame !== null && this.#frames.isOfNext(bar.figures, bar.frame.done)) return true;
    if (bar.isBare && isOfAll) bar.ahead = 0;
    else if (bar.isBare) {
      const left = bar.each - bar.number;
      bar.ahead = left > 0 ? Math.min(left, this.#frames.ahead(bar.figures, bar.number)) : 0;
      this.#place(bar);
      bar.number += bar.ahead;
    }
    if (isOfRlLoop(bar.figures) && bar.frame !== null) {
      const { lead, isSecond } = this.#frames.lead(bar.figures, bar.frame.done);
      bar.number += bar.frame.done < bar.each ? lead : 0;
      // The bar before it showed the same step, before it had moved.
      if (isSecond && this.#bar?.number === bar.number - 1) this.#bar = null;
    }
    if (!isRich && bar.figures.size === 0) {
      // An evaluation's bar, which looks the same, counts fewer steps.
      const isOfSteps = OF_TRAINING.test(bar.about) && !(this.#isOfData && /^\s*$/.test(bar.about));
      if (isTqdm && isOfSteps && bar.each >= (this.#plain?.each ?? 0)) this.#plain = bar;
      if (bar.isThrough !== true) return false;
    }
    this.#hasFigures ||= bar.figures.size > 0;
    this.#isThrough ||= bar.isThrough === true;
    const isAnother = isBefore(bar, this.#bar);
    if (this.#bar !== null && (isAnother || this.#bar.number !== bar.number)) this.#report(this.#bar);
    if (isAnother) out.begins(true);
    this.#bar = bar;
    this.#barLine = this.#line;
    return true;
  }

  /** Of the newest bar; of an epoch where there are none. */
  #tested([, epoch, reward, best]: RegExpExecArray, out: Outlet): boolean {
    const figures = figuresIn([
      { key: 'test_reward', value: reward! },
      { key: 'best_reward', value: best! },
    ]);
    if (this.#bar !== null) for (const [key, figure] of figures) this.#bar.figures.set(key, figure);
    else if (!this.#hasFigures && this.#plain === null)
      emitReport(out, { isUpdate: false, number: Number(epoch), figures });
    else return false;
    return true;
  }

  /** A bar of one epoch counts through all of them. */
  #place(bar: FiguredBar): void {
    const each = bar.total!;
    if (this.#heading !== null) {
      const { epoch, epochs } = this.#heading;
      if (epoch === 0) this.#firstHeading = 0;
      this.#begunWith ??= epoch;
      const isFromOne = epochs !== null || this.#begunWith === 1;
      bar.number += Math.max(0, epoch - (isFromOne ? this.#firstHeading : 0)) * each;
      // `Epoch 0/19` may be of 19 or of 20.
      bar.total = epochs === null || this.#firstHeading === 0 ? null : epochs * each;
      return;
    }
    const before = bar.figures.size > 0 ? this.#bar : this.#plain;
    if (before?.isBare && before.each === each) {
      // Of bars that are full, one after another, the next has begun its own time.
      const isFullAgain =
        bar.number === each &&
        before.number % each === 0 &&
        (bar.frame?.elapsed ?? 0) < (before.frame?.elapsed ?? 0);
      if (bar.number + this.#epochs * each < before.number - (before.ahead ?? 0) || isFullAgain) {
        this.#epochs++;
        before.total = null;
      }
    } else if ((before === null || before.each !== each) && (bar.figures.size > 0 || !this.#hasFigures))
      this.#epochs = 0;
    bar.number += this.#epochs * each;
    if (this.#epochs === 0) return;
    // What the first had was an epoch's; how many epochs there will be is not in the log.
    bar.total = null;
    bar.out.last(Number.POSITIVE_INFINITY);
  }

  end(): void {
    const last = this.#bar;
    // A bar moves on once more when all is done, and is full: what it still shows was reported.
    if (last !== null && last.number === last.total && isSame(last.figures, this.#reported)) {
      this.#bar = null;
      const { number, total, out } = last;
      emitReport(out, { isUpdate: isRl(last.figures), number, figures: new Map(), total });
    } else if (last !== null) this.#report(last);
    if (this.#plain === null || this.#hasFigures) return;
    const { number, total, figures, out } = this.#plain;
    this.#plain = null;
    emitReport(out, { isUpdate: false, number, figures, total });
  }

  /** Emits a bar’s report, once the bar has moved on. */
  #report(bar: FiguredBar): void {
    this.#bar = null;
    if (bar.figures.size === 0) return;
    const { number, figures, out } = bar;
    // One without an end counts the steps of a bar beside it, which has their number.
    const beside = bar.each === 0 && Math.abs((this.#plain?.number ?? Number.NaN) - number) <= 1;
    const total = beside ? this.#plain!.total : (bar.total ?? this.#total);
    if (total === null && bar.each > 0 && bar.isThrough !== true) out.facts(inEpochsOf(bar.each));
    this.#reported = new Map(figures);
    // Without its unit, a name like these is of anything.
    const amounts = new Map([...figures].filter(([key, { unit }]) => isAmount(key) && unit !== undefined));
    for (const key of amounts.keys()) figures.delete(key);
    const memory = memoryIn(amounts, 'cuda', names);
    this.#since = this.#barLine;
    emitReport(out, { isUpdate: isRl(figures), number, figures, names, memory, total });
    this.#since = null;
  }
}

/**
 * Whether a bar is of another training than the one before it: of another version, two epochs behind, or the first of an epoch that was well under way. As
 * little as one behind, a process of the same job may be.
 */
function isBefore({ run, number, each }: FiguredBar, before: FiguredBar | null): boolean {
  const last = before?.run ?? null;
  if (run === null || last === null) return false;
  if (run.epoch === last.epoch && each === before!.each && each > LEAST_WAY)
    return number % each === 1 && before!.number - number >= LEAST_WAY;
  const isOther = run.version !== null && last.version !== null && run.version !== last.version;
  return isOther ? run.epoch <= last.epoch : run.epoch < last.epoch - 1;
}

/** Figures that stay the same by chance are few. */
const FEW = 3;

/** Whether figures are those that were reported before, to the last digit. */
const isSame = (figures: Figures, reported: Figures | null): boolean =>
  figures.size > FEW &&
  figures.size === reported?.size &&
  [...figures].every(([key, { text }]) => reported.get(key)?.text === text);
