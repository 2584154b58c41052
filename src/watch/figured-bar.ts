/** A progress bar as it is drawn with figures of the training: tqdm's, in front of it and behind it, and Rich's. */
import { type DrawnFrame, secondsOf } from './bar-frames.ts';
import type { Figures } from './figures.ts';
import type { Outlet } from './format.ts';
import { equalsPairs, partedPairs, widePairs } from './key-values.ts';
import type { Printed } from './printed.ts';
import { countsData } from './progress-bar.ts';
import { figuresIn } from './report-format.ts';

const TQDM =
  /^(.{0,300}?)\s{0,4}(\d{1,3})%(?:\|[^|]{0,400}\| {0,8}| )(\d{1,12})\/(\d{1,12}) \[([\d:]{1,12}<[^,\]]{1,20}, {1,4}[^,\]]{1,24})((?:, [^\]]{1,600})?)(\]|$)/;
/** One without an end: `Epoch #1: 50001it [00:40, 1244.54it/s, env_step=50000, loss=-0.562]`. */
const ENDLESS = /^(.{0,300}?)\s(\d{1,12})it \[[\d:]{1,12}, {1,4}[^,\]]{1,24}((?:, [^\]]{1,600})?)(\]|$)/;
/** Ignite has the count in front, and its figures behind the bar: `Epoch [2/10]: [63/4391]   1%|▏          , loss=0.0535 [00:09<17:20]`. */
const IGNITE =
  /^(.{0,200}?)\[(\d{1,12})\/(\d{1,12})\] {1,4}(\d{1,3})%\|[^|,[\]]{0,400}((?:, [^[\]]{1,600}?)?) \[([\d:]{4,12})<([\d:?]{1,12})(?:\]|$)/;
/** Rich, as Lightning draws with it: `Epoch 2/2  ━━━━ 10/10 0:00:00 • 0:00:00 52.96it/s v_num: 0.000 train_loss: 2.9`. */
const RICH =
  /^Epoch (\d{1,9})\/(\d{1,9})\s{1,4}[━╸╺ ]{1,200}\s(\d{1,12})\/(\d{1,12}) \S{1,12} • \S{1,12} \S{1,20}(?: (.{1,400}))?$/;
const EPOCH = /(?:[Ee]poch|Episode):? {0,4}(\[|#)?(\d{1,9})(?:\/(\d{1,9}))?/;
/** `[fold_0] 001/200: ` in front of a bar, which no word names. */
const BARE_EPOCH = /(?:^|[\s\]|:])()(\d{1,6})\/(\d{1,6}) ?:?\s{0,8}$/;
/** Of a cross-validation, each of whose folds is a training. */
const FOLD = /\bfold[ _:#-]{0,2}(\d{1,4})\b/i;
const OF_EPOCH = /, epoch=()(\d{1,9})\/(\d{1,9})(?=,|$)/;
/** `[Epoch 003] Global Step 002464 =>> `: a step of all epochs, which the bar counts, whatever epoch stands beside it. */
const GLOBAL_STEP = /\bglobal[ _]step[:=]? {0,4}(\d{1,12})\b/i;
/** torchtune names the epoch and the step that its loss is of, which the bar has left once it is drawn again: `1|26|Loss: 1.24:  27%|██▋       | 27/101 [`. */
const TORCHTUNE = /(?:^|[\s:])(\d{1,6})\|(\d{1,12})\|Loss: [^|]{1,40}$/;
/** Bars of what is not training. */
const OTHER =
  /[Vv]alid|[Ee]val|[Tt]est|[Ss]anity|[Pp]redict|[Ll]oading|[Dd]ownload|[Tt]okeniz|^\s*Map\b|[Gg]enerat|[Ff]etching|make_experience|^\s{0,40}val_/;

/** super-gradients puts the class of the loss in front of the loss and of its parts: `PPYoloELoss/loss=1.63, PPYoloELoss/loss_cls=0.81`. */
const OF_CLASS = /^(?:Train_)?(?!Val|Test|Eval)[A-Z][A-Za-z\d]{0,40}Loss\/loss$/;

/** What TorchRL's loop has of its training in front of its bar, beside an evaluation's. */
const BESIDE_EVALUATION = /\baverage reward ?=/;

export interface FiguredBar {
  /** What stands in front of it. */
  about: string;
  number: number;
  /** Steps of all epochs; null where the bar is of one of them and shows no number of epochs. */
  total: number | null;
  /** Whether a line above it may name the epoch that it is of. */
  isBare: boolean;
  /** Steps that it counts. */
  each: number;
  /** Steps by which its figures, and so its number, are ahead of what it shows. */
  ahead?: number;
  /** Whether a figure of it counts the steps of all epochs. */
  isThrough?: true;
  figures: Figures;
  out: Outlet;
  /** As it is drawn; null for one that is not tqdm's. */
  frame: DrawnFrame | null;
  /** The training's version, as Lightning counts them, and its epoch; null where it shows neither. */
  run: { version: number | string | null; epoch: number } | null;
}

/** The epoch of a bar that names one without their number; Lightning's count from 0, wherever a text begins. */
export function firstEpochIn(text: string): number | null {
  const epoch = /%\||it\/s|s\/it/.test(text) && !text.includes('v_num=') ? EPOCH.exec(text) : null;
  return epoch === null ? null : Number(epoch[2]);
}

/** A bar of Ignite as tqdm draws others; any other text as it is. */
export function tqdmOfIgnite(text: string): string {
  const bar = text.includes('%|') ? IGNITE.exec(text) : null;
  if (bar === null) return text;
  const [, about, done, of, percent, figures, elapsed, left] = bar;
  return `${about} ${percent}%|| ${done}/${of} [${elapsed}<${left}, ?it/s${figures}]${text.slice(bar[0].length)}`;
}

/** Of a bar that has not moved. */
export const drawnFigures = (text: string): Figures =>
  figuresIn(partedPairs(TQDM.exec(text)?.[6] ?? '', ', ', '='));

/** @param fromOne whether the first epoch of the log is 1 */
export function tqdmBar(text: string, out: Outlet, fromOne: boolean): FiguredBar | null {
  const drawn = TQDM.exec(text);
  const endless = drawn === null ? ENDLESS.exec(text) : null;
  if (drawn === null && endless === null) return null;
  const [, about = '', , done, of, , figured = '', closed] = drawn ?? [
    '',
    endless![1],
    '',
    endless![2],
    '0',
    '',
    endless![3],
    endless![4],
  ];
  // Of a bar that is cut, the last pair may be.
  const behind = closed === ']' ? figured : figured.slice(0, Math.max(0, figured.lastIndexOf(', ')));
  if ((OTHER.test(about) && !BESIDE_EVALUATION.test(about)) || Number(done) === 0 || countsData(text))
    return null;
  const figures = figuresAround(about, behind);
  // What a bar counts is no figure of the training.
  const fold = FOLD.exec(about)?.[1];
  const version = figures.get('v_num')?.value ?? (fold === undefined ? null : `fold ${fold}`);
  figures.delete('v_num');
  const through = figures.get('total_it');
  const counted = figures.get('global_step') ?? figures.get('env_step') ?? through;
  const length = figures.get('len');
  if (figures.has('env_step') && length !== undefined) {
    figures.delete('len');
    figures.set('episode length', length);
  }
  const tuned = TORCHTUNE.exec(about);
  // `3.2e+4` is rounded: the bar's own count is exact.
  const step =
    tuned !== null
      ? Number(tuned[2])
      : counted === undefined || /e/i.test(counted.text)
        ? undefined
        : counted.value;
  figures.delete('total_it');
  figures.delete('global_step');
  figures.delete('env_step');
  // GluonTS has it behind: `epoch=1/10, avg_epoch_loss=5.23`.
  const global = Number(GLOBAL_STEP.exec(about)?.[1] ?? Number.NaN);
  const isGlobal = Math.abs(global - Number(done)) <= 1;
  const epoch = isGlobal ? null : (EPOCH.exec(about) ?? OF_EPOCH.exec(behind) ?? BARE_EPOCH.exec(about));
  const total = Number(of);
  // `Epoch 0` counts from 0, `epoch [1/3]` and `Epoch #1` from 1.
  const first = epoch?.[3] === undefined && epoch?.[1] !== '#' && !fromOne ? 0 : 1;
  const before = epoch === null ? 0 : Math.max(0, Number(epoch[2]) - first) * total;
  const own =
    step === undefined && epoch !== null ? stepThrough(figures, before + Number(done))?.value : step;
  // NeMo's one epoch is the training, and its `global_step` counts from 0.
  const isNemo =
    figures.has('consumed_samples') &&
    before === 0 &&
    counted !== undefined &&
    (step === undefined || step === Number(done) - 1 || step === Number(done) - 2);
  return {
    about,
    // A bar that has moved on has the figures of the step before until they are set.
    number:
      typeof own === 'number' && Number.isSafeInteger(own) ? own + Number(isNemo) : before + Number(done),
    ...(through !== undefined && { isThrough: true as const }),
    total:
      total === 0 || through !== undefined || (tuned !== null && tuned[1] !== '1')
        ? null
        : epoch === null || isNemo
          ? total
          : epoch[3] === undefined
            ? null
            : total * Number(epoch[3]),
    figures,
    out,
    isBare: epoch === null && total > 0 && step === undefined && !isNemo && !isGlobal,
    each: total,
    frame:
      drawn === null
        ? null
        : {
            done: Number(done),
            each: total,
            epoch: epoch === null ? null : Number(epoch[2]),
            elapsed: secondsOf(drawn[5]?.split('<')[0]),
          },
    run: epoch === null ? null : { version, epoch: Number(epoch[2]) },
  };
}

/** `Epoch 1: … 3/8 [… loss=1.12, lr=2e-07, step=11]`, as diffusers has it: the step of all epochs, or the one before it until the figures are set. It is taken out. */
function stepThrough(figures: Figures, shown: number): Printed | undefined {
  const step = figures.get('step');
  if (step === undefined || !(step.value === shown || step.value === shown - 1) || step.value === 0) return;
  figures.delete('step');
  return step;
}

/** What stands in front of a bar and behind its count, by name. */
function figuresAround(about: string, behind: string): Figures {
  // trlx has its losses in brackets: `[losses/policy_loss: -0.15 | losses/value_loss: 3.41]: `.
  const bracketed = about.includes('[')
    ? (/^\s{0,8}\[([^[\]]{1,280})\]:?\s{0,8}$/.exec(about)?.[1] ?? about)
    : about;
  // TorchRL has the first of each beside it, torch-ngp the mean: `average reward= 9.0890 (init= 9.0890), lr policy:  0.0003`, `loss=0.12 (0.14), lr=0.01: : `.
  const named = bracketed
    .replace(/ \((?:init[=:] {0,4})?-?[\d.]{1,20}(?:e[-+]?\d{1,3})?\)/g, '')
    .replace(/([:=]) {2,6}(?=[-\d])/g, '$1 ')
    // OpenVLA: `=>> Learning Rate :: 0.000020 - Loss :: 0.0830`. Jacinle: `Epoch 15 acc/qa=1.0 loss=0.046`.
    .replace(/ ?(?:=>>|-) (?=[A-Z][A-Za-z ]{0,30} :: )/g, ', ')
    .replaceAll(' :: ', ': ')
    .replace(/(?<=\d) (?=[A-Za-z_][\w/.-]{0,60}=-?[\d.])/g, ', ');
  // Bars and semicolons part them: gsplat's `loss=0.011| sh degree=3| : `.
  const inFront = named.replace(/:\s*(?::\s*)?$/, '').replace(/ ?[|;] ?/g, ', ');
  const figures = figuresIn([
    ...partedPairs(behind, ', ', '='),
    ...equalsPairs(inFront.replace(/^[^=]{0,80}[:#] ?(?=[\w/.-]{1,60}=)/, '')),
    ...widePairs(inFront),
  ]);
  // NeMo's own is of the step; the bar's is a mean of the newest, and no number for long once one was none.
  if (figures.has('reduced_train_loss')) figures.delete('loss');
  const own = figures.has('loss') ? undefined : [...figures.keys()].find(key => OF_CLASS.test(key));
  if (own !== undefined) {
    figures.set('loss', figures.get(own)!);
    figures.delete(own);
  }
  return figures;
}

export function richBar(text: string, out: Outlet): FiguredBar | null {
  const drawn = RICH.exec(text.trimEnd());
  if (drawn === null) return null;
  const total = Number(drawn[4]);
  const words = (drawn[5] ?? '').split(/: | /);
  const pairs = words.flatMap((key, i) =>
    i % 2 === 0 && words[i + 1] !== undefined ? [{ key, value: words[i + 1]! }] : [],
  );
  const figures = figuresIn(pairs);
  const version = figures.get('v_num')?.value ?? null;
  figures.delete('v_num');
  return {
    run: { version, epoch: Number(drawn[1]) },
    about: '',
    number: Number(drawn[1]) * total + Number(drawn[3]),
    total: total * (Number(drawn[2]) + 1),
    figures,
    out,
    isBare: false,
    each: total,
    frame: null,
  };
}
