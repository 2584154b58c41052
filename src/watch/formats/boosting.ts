/**
 * Boosting: `[10]⇥train-rmse:0.4⇥eval-rmse:0.5` (XGBoost), `[10]⇥training's binary_logloss: 0.61` (LightGBM), `10:⇥learn: 0.68⇥test: 0.69⇥total: 50.1ms` (CatBoost): a round is a step. None of the
 * figures is called a loss. The best round is printed again at the end.
 */
import { stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { Pair } from '../key-values.ts';
import type { LogLine } from '../log-line.ts';
import { figuresIn } from '../report-format.ts';

const ROUND = /^(?:\[\d\d:\d\d:\d\d\] )?\[(\d{1,9})\]\s{1,8}(\S.{1,1000})$/;
const VALUE = String.raw`([-+\d.e]{1,40}|nan|inf)(?: ?\+ ?[\d.e-]{1,40}|\+[\d.e-]{1,40})?`;
const PAIRS = new RegExp(
  String.raw`([A-Za-z_]\w{0,60}(?:-[\w@.]{1,60}(?=:\S)|'s [\w@.]{1,60})):\s?${VALUE}(?=\s|$)`,
  'g',
);
const CATBOOST = /^(\d{1,9}):\s{1,8}(learn: .{1,400})$/;
const NAMED = /\b(learn|test\d{0,2}): ([-+\d.e]{1,40}|nan|inf)(?=\s|$)/g;
/** LightGBM's sets of data by the names that it or its users give them, and its metrics: what someone's score is called is no metric of a set. */
const OF_A_SET =
  /^(?:train|valid|val|test|eval|dev|cv|fold)|'s (?:auc|map|ndcg|rmse|mse|mae|l1|l2|mape|huber|fair|poisson|quantile|gamma|tweedie|cross_entropy|kullback|kldiv|average_precision|(?:binary|multi)_(?:logloss|error))\b/i;
/** LightGBM's own program: `[LightGBM] [Info] Iteration:10, training auc : 0.81`, a line a metric. */
const NATIVE = /\[Info\] Iteration:(\d{1,9}), (.{1,80}?) : ([-+\d.e]{1,40}|nan|inf)\s*$/;
/** Two lines of a training that has ended; behind the first, by LightGBM or XGBoost, the best round is printed again. */
const BEST = /[Bb]est iteration(?: is)?:\s*$/;
const BEST_OF_CATBOOST = /^bestTest = /;

const pairs = (text: string, pattern: RegExp): Pair[] =>
  [...text.matchAll(pattern)].map(([, key, value]) => ({ key: key!, value: value! }));

export const boosting: LogFormat = {
  name: 'boosting',
  about: 'XGBoost, LightGBM, CatBoost: metrics of a round',
  marks: [
    '[info] iteration:',
    "'s ",
    'learn: ',
    'best iteration',
    'besttest',
    'train-',
    'eval-',
    'validation_',
    'valid-',
    'val-',
    'validation-',
    'test-',
    'dtrain-',
  ],
  open: () => new BoostingParser(),
};

class BoostingParser implements LineParser {
  /** Whether the round that comes is the best one, printed again. */
  #isAgain = false;

  read({ text }: LogLine, out: Outlet): boolean {
    if (text.length > 1200) return false;
    if (BEST_OF_CATBOOST.test(text)) return true;
    if (BEST.test(text)) {
      this.#isAgain = true;
      return true;
    }
    const native = NATIVE.exec(text);
    if (native !== null) {
      const [, number, key, value] = native as unknown as [string, string, string, string];
      out.step(stepOf(Number(number), figuresIn([{ key, value }])));
      return true;
    }
    const catboost = CATBOOST.exec(text.trimStart());
    const round = catboost ?? ROUND.exec(text);
    if (round === null) return false;
    const figures = figuresIn(pairs(round[2]!, catboost === null ? PAIRS : NAMED));
    // A loop by hand has its loss there.
    const keys = [...figures.keys()];
    if (figures.size === 0 || keys.some(key => key.endsWith('-loss'))) return false;
    if (keys.every(key => key.includes("'s ") && !OF_A_SET.test(key)) && !text.includes(']\t')) return false;
    if (!this.#isAgain) out.step(stepOf(Number(round[1]), figures));
    this.#isAgain = false;
    return true;
  }
}
