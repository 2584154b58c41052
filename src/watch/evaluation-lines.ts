/**
 * Lines of an evaluation between a loop's reports → figures of their own, at the newest step: `Validation loss: 2.3, accuracy: 0.5`, `[val] epoch:1 miou:0.48`,
 * `Evaluation Epoch 0 - Average Loss: 4.5`. Of one that prints a line for each of its batches, the last stands for it.
 */
import { byShape, byText } from './by-shape.ts';
import type { Figures } from './figures.ts';
import type { Outlet } from './format.ts';
import { withoutLogger } from './logger-prefix.ts';
import { loopFigures } from './loop-figures.ts';
import { printedFigure } from './printed.ts';

const WORD = 'val(?:id(?:at(?:ion|ing))?|i)?|test(?:ing)?|eval(?:uat(?:ion|ing))?|dev';
/** The phase by a word in front of all figures. */
const PHASE = byShape(new RegExp(`(?<![\\w./=\\\\-])(${WORD})(?![\\w./\\\\])`, 'i'));
/** By a figure's own name. */
const OWN = new RegExp(`(?:^|[ _/.-])(?:${WORD})(?:[ _/.-]|$)`, 'i');
const isOwn = byText((key: string) => OWN.test(key));
/** What is measured; what else stands on the line is its time, its samples, its settings. */
const METRIC =
  /loss|acc|ppl|perplexity|entropy|iou|dice|jaccard|(?:^|[ _/.-])m?ap(?:[ _@/.-]|\d|$)|f1|f[ _-]?score|auc|bleu|rouge|meteor|cider|(?:^|[ _/.-])[wc]er$|psnr|ssim|lpips|m[as]e$|rmse|mape|r2$|precision|recall|reward|return|score|err(?:or)?s?(?:[ _]rate)?$|nll|fid$|top[ _-]?\d|success|hits?@|mrr|ndcg|kappa|mcc|pesq|stoi|sn?dr|(?:^|[ _])pk$|windiff/i;
const isMetric = byText(
  (key: string) => METRIC.test(key) && !/time|threshold|weight|train|epoch|step/i.test(key),
);
/** What was best so far is no result of this evaluation, but under that name. */
const BEST = new RegExp(`\\b(?:best|lowest|highest)\\b(?: \\w{1,12})? (?:${WORD})`, 'i');
const OF_TRAINING = /\btrain/i;
const SAVES = /\bsav(?:ed?|ing)\b/i;
/** The words with which a training stops early are its last, whatever was best until then. */
const STOPS = /\bstop/i;
/** `giou: 0.24, ciou: 0.15`, alone on a line: what is measured of an evaluation, where the training's own reports have none of it. */
const METRICS_ALONE =
  /^\W{0,8}(?:[A-Za-z][\w@.-]{0,24} ?[:=] ?-?\d{1,6}\.\d{1,12} ?%?(?:[,;|\s]{1,4}|\s{0,4}$)){2,10}$/;
/** `[eval] iter 500: train 3.70 val 3.64`, nanoGPT's estimates: of both sets, under the tag of an evaluation. */
const OF_BOTH_SETS =
  /^\W{0,3}eval(?:uation)?\b.{0,60}?\btrain[ _:=]{1,3}(\d{1,9}\.\d{1,9})[\s,|]{1,4}val[ _:=]{1,3}(\d{1,9}\.\d{1,9})(?=$|[\s,|])/i;
const LONGEST = 400;
const MOST = 40;

/** A count of all is no figure; its share is, where it stands behind it: `Accuracy: 9812/10000 (98%)`. */
const SHARE = /\b\d{1,12} ?\/ ?\d{1,12} \((\d{1,3}(?:\.\d{0,6})?) ?%\)/g;
const COUNT = /[:=]? ?\b\d{1,12} ?\/ ?\d{1,12}(?![\w.])/g;
/** `Test: [ 3/40]  Loss: 0.547 ( 0.274)  Acc@1: 75.000 (81.250)`: of a batch's meters, the mean so far is the evaluation's. */
const OF_BATCH = /\[ {0,8}\d{1,9} ?\/ ?\d{1,9}\]/;
const METER =
  /[-+]?\d{1,12}\.\d{1,12}(?:e[-+]?\d{1,3})? {1,4}\( {0,8}([-+]?\d{1,12}\.\d{1,12}(?:e[-+]?\d{1,3})?) {0,4}\)/g;
/** PyTorch's ImageNet example and its heirs sum an evaluation up without a word for it: ` * Acc@1 76.1 Acc@5 92.9`. */
const SUM = byShape(/^\s{0,4}\*{1,3} {0,3}(?=(?:acc|prec)@)/i);

/** null for a line that is none of an evaluation. */
export function evaluationFigures(line: string): Figures | null {
  if (line.length > LONGEST || /[{}]/.test(line)) return null;
  const text = withoutLogger(line);
  const both = text.includes('rain') ? OF_BOTH_SETS.exec(text) : null;
  if (both !== null)
    return new Map(['train', 'val'].map((set, i) => [`eval ${set}`, printedFigure(both[i + 1]!)!] as const));
  if (OF_TRAINING.test(text) || STOPS.test(text)) return null;
  const phase = PHASE.exec(text);
  const isSum = SUM.test(text);
  const isBest = BEST.test(text);
  const areAlone = phase === null && METRICS_ALONE.test(text);
  if (phase === null && !isSum && !areAlone && !/[_-]/.test(text)) return null;
  const means = OF_BATCH.test(text) && [...text.matchAll(METER)].length > 1;
  const pairs = (means ? text.replace(METER, '$1') : text)
    .replace(SHARE, '$1 %')
    .replace(COUNT, '')
    .replace(/ (?:is|was) (?=[-+]?\d)/g, ': ');
  const figures = loopFigures(pairs);
  const first = phase === null ? -1 : text.slice(0, phase.index).search(/[:=] ?-?\d+\.\d/);
  const own: Figures = new Map();
  for (const [key, figure] of figures) {
    if (!isMetric(key) || own.size === MOST || (isBest && !/best|lowest|highest/i.test(key))) continue;
    if (isOwn(key) || isSum || (areAlone && !/loss|reward|return|score/i.test(key))) own.set(key, figure);
    else if (phase !== null && first === -1) own.set(`${phase[1]!.toLowerCase()} ${key}`, figure);
  }
  const isPart = areAlone && own.size < figures.size && ![...own.keys()].some(isOwn);
  return own.size === 0 || isPart ? null : own;
}

export class EvaluationLines {
  #figures: Figures = new Map();
  #batch = 0;
  #out: Outlet | null = null;

  /**
   * Whether the line is of an evaluation.
   * @param newest number of the newest report
   * @param reported figures of that report
   */
  read(text: string, newest: number, out: Outlet, reported: Figures): boolean {
    const figures = newest < 0 ? null : evaluationFigures(text);
    if (figures === null) return false;
    // That it was saved, with what was reported already.
    if (SAVES.test(text) && [...figures.values()].every(figure => this.#has(figure.text, reported)))
      return true;
    this.add(figures, newest, out);
    return true;
  }

  #has(text: string, reported: Figures): boolean {
    const isSame = (figure: { text: string }) => figure.text === text;
    return (
      [...reported.values()].some(isSame) || (this.#out !== null && [...this.#figures.values()].some(isSame))
    );
  }

  /** Figures that stand on lines of their own, of the newest report. */
  add(figures: Figures, newest: number, out: Outlet): void {
    if (newest !== this.#batch) this.flush();
    this.#batch = newest;
    this.#out = out;
    for (const [key, figure] of figures) this.#figures.set(key, figure);
  }

  /** @param before number of the report that is next: what is of it, or of a later one, waits. */
  flush(before = Number.POSITIVE_INFINITY): void {
    if (this.#out === null || this.#batch >= before) return;
    const figures = Object.fromEntries([...this.#figures].map(([key, { value }]) => [key, value]));
    this.#figures = new Map();
    this.#out.figures({ batch: this.#batch, figures });
    this.#out = null;
  }
}
