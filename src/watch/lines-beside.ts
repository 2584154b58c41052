/** Lines of a loop that have one figure of it and no report: the rate of learning by itself, a validation's loss where the training prints none. */
import type { Figures } from './figures.ts';
import type { Outlet } from './format.ts';
import { printedFigure } from './printed.ts';

const NUMBER = '(\\d{1,3}(?:\\.\\d{0,20})?(?:e[-+]?\\d{1,3})?)';
/** `learning rate 0.0002 -> 0.0001`, `->>lr:0.0005`, `Current learning rate is 0.001`, `Adjusting learning rate of group 0 to 1.0000e-03.` */
const RATE_ALONE = new RegExp(
  `^\\W{0,10}(?:(?:current|new|now|adjusting|setting|updated) ){0,2}(?:lr|learning[ _]rate)\\b(?: of group 0)?(?: is| to)?[ :=]{1,3}(?:${NUMBER} ?(?:->|→|to) ?)?${NUMBER}\\.?\\s{0,8}$`,
  'i',
);
/** `Starting epoch 3 current lr is 0.001`: at the end of an epoch's own line. */
const RATE_OF_EPOCH = new RegExp(
  `\\bepoch\\b.{1,60}\\b(?:lr|learning[ _]rate)(?: is|[:=]) {0,2}${NUMBER}\\s{0,8}$`,
  'i',
);
/** `[DEBUG] grad_norm = 1.25`, alone on a line: of the report below it, where the first of them stood above the first report. */
const NORM_ALONE =
  /^(?:.{0,80}[\]:|>-] {1,3}|\W{0,8})(?:total[ _])?grad(?:ient)?[ _-]?norm ?[:=] {0,4}(\d{1,12}(?:\.\d{0,20})?(?:e[-+]?\d{1,3})?|nan|inf)\s{0,8}$/i;
/** modded-nanogpt's: its line of a validation has a step and a time as those of the training, which have no loss. */
const VALIDATION =
  /^(?:s:|step:)(\d{1,12})\/\d{1,12} val_loss:(\d{1,9}\.\d{1,12}) (?:val_bpb:(\d{1,9}\.\d{1,12}) )?/;

/** build-nanogpt's log file: `250 val 5.8727`, `250 hella 0.2463`, before `250 train 5.9`. */
const OF_LOG_FILE = /^(\d{1,12}) (val|hella) (\d{1,9}\.\d{1,12})\s{0,8}$/;

/** Parts of such lines; and of reports of a divergence or a likelihood, that have no word for a loss. */
export const besideMarks = [
  ' train ',
  ' hella ',
  'lr:',
  'lr ',
  'learning rate',
  'learning_rate',
  'grad_norm',
  'grad norm',
  'gradient norm',
  'kl=',
  'kl:',
  'kl ',
  'kld',
  'nll',
  'elbo',
  'mse',
  'bce',
  'recon',
  'xent',
  'ppl',
  'perplexity',
  'cross entropy',
  'cross_entropy',
];

export class LinesBeside {
  #rate: string | null = null;
  /** Whether a report has come: until then a rate is a setting. */
  #hasReport = false;
  /** A gradient's norm, for the next report; undefined where none stood above the first. */
  #norm: string | null | undefined;
  /** Validations before the first report. */
  #held: [batch: number, name: string, value: number][] = [];

  /** Whether the line has nothing else. */
  read(text: string, out: Outlet): boolean {
    if (text.length > 200) return false;
    const validation = VALIDATION.exec(text);
    const ofFile = validation === null ? OF_LOG_FILE.exec(text) : null;
    const found = validation ?? ofFile;
    if (found !== null) {
      const name = ofFile?.[2] === 'hella' ? 'hella' : 'val_loss';
      this.#held.push([Number(found[1]), name, Number(ofFile?.[3] ?? found[2])]);
      if (ofFile === null && found[3] !== undefined)
        this.#held.push([Number(found[1]), 'val_bpb', Number(found[3])]);
      if (this.#hasReport) this.#emit(out);
      return this.#hasReport;
    }
    const mayBeNorm = !this.#hasReport || this.#norm !== undefined;
    const norm = mayBeNorm ? NORM_ALONE.exec(text)?.[1] : undefined;
    if (norm !== undefined) {
      this.#norm = norm;
      return this.#hasReport;
    }
    const alone = RATE_ALONE.exec(text);
    if (alone !== null && this.#hasReport) this.#rate = alone[2]!;
    else this.#rate = RATE_OF_EPOCH.exec(text)?.[1] ?? this.#rate;
    return alone !== null && this.#hasReport;
  }

  /** A report, before it is emitted: it has the rate that was printed last, where it has none of its own. */
  beforeReport(figures: Figures): void {
    this.#hasReport = true;
    const rate = this.#rate === null ? null : printedFigure(this.#rate);
    const norm = this.#norm == null ? null : printedFigure(this.#norm);
    if (this.#norm !== undefined) this.#norm = null;
    if (norm !== null && ![...figures.keys()].some(key => /grad/i.test(key))) figures.set('grad_norm', norm);
    if (rate !== null && ![...figures.keys()].some(key => /lr|learning/i.test(key))) figures.set('lr', rate);
  }

  /** A report was emitted. */
  afterReport(out: Outlet): void {
    if (this.#held.length > 0) this.#emit(out);
  }

  startAgain(): void {
    this.#rate = null;
    this.#norm = undefined;
    this.#hasReport = false;
    this.#held = [];
  }

  #emit(out: Outlet): void {
    for (const [batch, name, value] of this.#held.splice(0))
      out.figures({ batch, figures: { [name]: value } });
  }
}
