/**
 * Loops written by hand, and trainers without a format of their own: a number of the step and a loss on one line, in any of the usual
 * spellings: `iter 10: loss 4.1, time 200ms`, `Train Epoch: 1 [640/60000 (1%)] Loss: 2.2`, `step 00010/21400 (0.05%) | loss: 10.12 |`,
 * `Epoch: [0]  [  10/1251]  loss: 6.94 (6.94)  max mem: 9120`. Only where no format of a trainer reads the log.
 */
import { type Figures, memoryIn, type Names, stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { held, memoryNames, peak, TRAINING_LOSS, update } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { type Printed, printedFigure } from '../printed.ts';
import { countIn, type EpochHeading, epochHeading, type StepCount } from '../step-count.ts';

const NUMBER =
  '[-+]?(?:\\d{1,3}(?:,\\d{3}){1,5}|\\d{1,15})(?:\\.\\d{0,20})?(?:[eE][-+]?\\d{1,3})?|nan|NaN|-?inf';
const UNIT = '%|ms|s|[KMGT]i?[Bb]|[KMGT]';
/** `loss 4.1,` `lr: 1e-3 |` `loss=2.3`: a word, a number. */
const PAIR = new RegExp(
  `(?:^|[\\s,|;[(])([A-Za-z][\\w/.-]{0,40}(?: loss| lr)?)(?: ?[:=] {0,4}| {1,4})(${NUMBER})(?: ?(${UNIT}))?(?=$|[\\s|;\\])/>]|,(?!\\d)|:(?!\\d)|\\. )`,
  'g',
);
/** `max mem: 7890`, `iter time: 123.45 ms (step)`: several words, a colon; alone between bars, tabs, commas or wide spaces. */
const PART = new RegExp(
  `^(?:.{0,200}[\\])>] |.{0,200}- |(?:.{0,200} )?[A-Za-z]{1,20} \\d{1,12}: )?([A-Za-z][\\w /.()-]{0,40}?) ?[:=] {0,6}(${NUMBER}) ?(${UNIT})?(?: ?\\([^()]{1,40}\\))?\\.?$`,
);
const PARTS = /\t|\s\|\s|,\s|\s{2,}|(?<=\d)\.\s(?=[A-Z])|(?<=\d) s (?=[A-Z])/;
/** `(0.45 sec/step)`, as TensorFlow's slim prints a step's time. */
const OF_TOTAL =
  /\b((?:v?ram|mem(?:ory)?)[:= ]{1,3}\d{1,9}(?:\.\d{1,6})?) ?\/ ?(\d{1,9}(?:\.\d{1,6})?) ?([GM]i?B)\b/i;
const STEP_TIME = /\((\d{1,6}\.\d{1,6}) sec\/step\)/;
/** What stands in front of `mem` where it is not the device's, or not what is in use. */
const OF_HOST = /(?:cpu|host|ram|sys|system|disk|swap|avail|available|free|total)[ _]?$/i;
/** Times in hours and minutes, and places in a program's source. */
const NO_FIGURE = /^eta$|\..*\.|\.py$/i;
/** A line with these figures is a report, whatever else it has. */
const REPORTS = /loss|^l_|^mean reward$|step_avg/i;
/** What the episodes of environments gave: a loop that counts episodes reports it, whatever else it has. */
const RETURN =
  /^(?:(?:ep(?:isode|isodic)?|total|cum(?:ulative)?|avg|average|mean|running|moving|last|train(?:ing)?|smoothed)[ _]?){0,2}(?:reward|return|score)s?$/i;
/** Of several, the one of the episode itself. */
const AVERAGE = /avg|average|mean|running|moving|last|smoothed/i;
/** Counters by themselves or behind another word: `completed step`. */
const COUNTER = /(?:^| )(?:global_step|num_updates|steps?|iteration|iter|batch)$/i;
const EPOCH = /(?:^|\W)(?:epoch|ep|episode)s?$/i;
/** A loss of another phase than training, and a line of one. */
const OTHER_LOSS = /^(?:val(?:id(?:ation)?)?|test|eval(?:uation)?)[ _/]/i;
const ESTIMATE =
  /^(?:\S{1,30} \S{1,30} )?step \d{1,12}: train loss \S{1,20}(?: [A-Za-z]{1,8})?, val loss \S{1,20}(?: [A-Za-z]{1,8})?\s*$/;
/** Informer's heirs (Time-Series-Library) sum an epoch up with its number of steps: `Epoch: 2, Steps: 569 | Train Loss: 0.13 Vali Loss: 0.12`. */
const EPOCH_SUM = /^Epoch: \d{1,9}, Steps: (\d{1,9}) \| Train Loss:/;
/** mlx-lm, whose memory is Metal's and in powers of ten. */
const MLX = /^Iter \d{1,12}: .{1,2000}\bIt\/sec /;
const MLX_PAIR =
  /^(?:Iter \d{1,12}: )?([A-Za-z][\w /]{0,60}?) ([-+]?[\d.]{1,20}(?:e[-+]?\d{1,3})?(?: [KMGT]B)?)$/;
/** A number between a key's words: `batch 6 loss`. */
const COUNT_IN_KEY = /^(?:(?:mini)?batch|iter(?:ation)?|step|epoch) \d{1,12}(?: ?\/ ?\d{1,12})? /i;
/** A line of another phase: its first words, or the first that stand in brackets. */
const TAGGED =
  /^[^[\]a-z]{0,60}(?:[\w.]{1,80} - )?(?:[A-Z]{4,8} - )?\W{0,4}\[[^\]]{0,40}\b(?:val(?:id(?:ation)?)?|test(?:ing)?|eval(?:uation)?)\b[^\]]{0,40}\]/i;
const OTHER =
  /^\s*(?:.{0,80}\b(?:INFO|DEBUG)\b\W{1,4})?(?:\W{1,4}\s?)?(?:val(?:id(?:ation)?)?|test|eval(?:uation)?)\b|\| valid on /i;

const EPISODE_RETURN = 'episodic_return';

const names: Names = {
  LR: { step: 'learningRate' },
  learning_rate: { step: 'learningRate' },
  gnorm: { step: 'gradNorm' },
  norm: { step: 'gradNorm' },
  'grad norm': { step: 'gradNorm' },
  'Grad. Norm': { step: 'gradNorm' },
  time: { step: 'stepMs', power: 3 },
  dt: { step: 'stepMs', power: 3 },
  'iter time': { step: 'stepMs', power: 3 },
  iter_time: { step: 'stepMs', power: 3 },
  'tok/sec': { step: 'tokensPerSecond' },
  // MaxText; ML-Agents.
  seconds: { step: 'stepMs', power: 3 },
  'Tokens/s/device': { step: 'tokensPerSecond' },
  'Mean Reward': update('rollout.episodicReturn'),
  'mean reward': update('rollout.episodicReturn'),
  // The logger of torchvision's references, DETR, MAE, DINO; Swin and YOLOX: all of torch.cuda.max_memory_allocated.
  'max mem': peak('peakAllocatedBytes', 'MiB'),
  mem: peak('peakAllocatedBytes', 'MiB'),
  ...memoryNames,
  // `mem 41.2/79.2 GB`
  device_total: held('deviceTotalBytes', 'GiB'),
  // PaddleNLP, PaddleDetection.
  max_mem_allocated: peak('peakAllocatedBytes', 'MiB'),
  max_mem_reserved: peak('peakReservedBytes', 'MiB'),
  max_memory_allocated: peak('peakAllocatedBytes', 'GiB'),
  max_memory_reserved: peak('peakReservedBytes', 'GiB'),
  current_memory_allocated: held('allocatedBytes', 'GiB'),
  current_memory_reserved: held('reservedBytes', 'GiB'),
  // nanotron.
  cuda_memory_allocated: held('allocatedBytes', 'GiB'),
  cuda_max_memory_reserved: peak('peakReservedBytes', 'GiB'),
  // ArcticTraining.
  MA: held('allocatedBytes', 'GiB'),
  Max_MA: peak('peakAllocatedBytes', 'GiB'),
  // prime-rl.
  'Peak Mem.': peak('peakReservedBytes', 'GiB'),
};

const mlxNames: Names = {
  'Peak mem': peak('peakAllocatedBytes', 'GB of ten'),
  'Learning Rate': { step: 'learningRate' },
  'Tokens/sec': { step: 'tokensPerSecond' },
  'Total rewards mean': update('rollout.episodicReturn'),
};

export const plainFormat: LogFormat = {
  name: 'plain',
  about: 'loops written by hand, and other trainers: a step and a loss on one line',
  marks: ['loss', 'xent', 'l_pix', 'l_g_', 'mean reward', 'step_avg', 'episode', 'epoch'],
  claim: 'weak',
  open: () => new PlainParser(),
};

class PlainParser implements LineParser {
  #newest = -1;
  #total: number | null = null;
  /** The newest count of a batch within an epoch, as printed. */
  #place: { epoch: number; number: number } | null = null;
  /** Whether batches were seen to begin again in each epoch. */
  #beginsAgain = false;
  /** Steps before the epoch that is under way, as far as batches were printed, where nothing shows how many it has. */
  #before = 0;
  /** Batches of an epoch, where a line of their own shows them. */
  #each: number | undefined;
  /** Number that the first epoch has. */
  #firstEpoch = 1;
  #isFiner = false;
  /** The epoch that a line of its own names. */
  #heading: EpochHeading | null = null;
  #held: { number: number; figures: Figures; out: Outlet } | null = null;

  read({ text: line }: LogLine, out: Outlet): boolean {
    // Of a bar only what the loop put in front of it; the bar's own count is of its format.
    const text = line.includes('%|') ? line.slice(0, line.search(/\d{1,3}%\|/)) : line;
    if (text.length > 1000 || /[{}]/.test(text) || OTHER.test(text) || TAGGED.test(text)) return false;
    const heading = epochHeading(text);
    if (heading !== null) {
      this.#heading = heading;
      return false;
    }
    const each = EPOCH_SUM.exec(text)?.[1];
    if (each !== undefined && this.#isFiner) {
      this.#each = Number(each);
      return true;
    }
    const isMlx = MLX.test(text);
    const figures = isMlx ? mlxFigures(text) : figuresOf(text.replace(OF_TOTAL, '$1$3, device_total=$2$3'));
    withoutUnitless(figures);
    // modded-nanogpt's line of a validation has a step, too.
    if (figures.has('val_loss') && !figures.has('loss') && figures.has('step_avg')) return false;
    const found = countIn(text);
    if (found === null) return false;
    const count = this.#underHeading(found);
    const isReport = [...figures.keys()].some(key => REPORTS.test(key) && !OTHER_LOSS.test(key));
    if (count.isEpisode) withReturn(figures);
    if (!isReport && !(count.isEpisode && figures.has(EPISODE_RETURN))) return false;
    // The sum of an epoch, where its steps are printed; the epoch in front of a bar that counts them.
    if (count.isEpoch && (this.#isFiner || text !== line)) return false;
    this.#isFiner ||= !count.isEpoch;
    const number = this.#numberOf(count);
    if (this.#held !== null && this.#held.number !== number) this.end();
    this.#held = null;
    // nanoGPT estimates its losses before a step that it may print as well.
    if (ESTIMATE.test(text) && (count.isWhole || number > this.#newest)) {
      this.#held = { number, figures, out };
      return true;
    }
    this.#newest = number;
    const isOuter = count.isEpoch === true || count.isEpisode === true;
    for (const key of figures.keys())
      if (COUNTER.test(key) || (isOuter && EPOCH.test(key))) figures.delete(key);
    const total = count === found ? count.total : this.#totalUnderHeading(found.total);
    if (total !== null && total !== this.#total) {
      this.#total = total;
      out.facts({ maxSteps: total });
    }
    const keys = isMlx ? mlxNames : names;
    const memory = memoryIn(figures, isMlx ? 'mps' : 'cuda', keys);
    out.step(stepOf(number, figures, memory, keys));
    return true;
  }

  /** What nothing followed was all that there was of its step. */
  end(): void {
    if (this.#held === null) return;
    const { number, figures, out } = this.#held;
    this.#held = null;
    this.#newest = number;
    for (const key of figures.keys()) if (COUNTER.test(key)) figures.delete(key);
    out.step(stepOf(number, figures, null, names));
  }

  /** A batch is of the epoch that a line above it names. */
  #underHeading(count: StepCount): StepCount {
    if (this.#heading === null || !count.mayBeginAgain) return count;
    const { number, total } = count;
    const { epoch } = this.#heading;
    return { number, total: null, isWhole: false, epoch, ...(total !== null && { each: total }) };
  }

  /** Whether a total is of one epoch shows once there was a second. */
  #totalUnderHeading(each: number | null): number | null {
    const { epoch, epochs } = this.#heading!;
    if (each === null) return null;
    if (this.#beginsAgain) return epochs === null ? null : epochs * each;
    return epoch > this.#firstEpoch || epochs === 1 ? each : null;
  }

  /** A batch that begins again in each epoch counts through. */
  #numberOf({ number, isWhole, isNext, epoch, each = this.#each }: StepCount): number {
    if (isNext) return Math.max(0, this.#newest) + 1;
    if (epoch !== undefined) {
      const before = this.#place;
      this.#place = { epoch, number };
      if (epoch === 0) this.#firstEpoch = 0;
      // Another rank's line of the same batch.
      if (before !== null && epoch === before.epoch && number === before.number) return this.#newest;
      if (before !== null && epoch > before.epoch && number <= before.number) {
        this.#beginsAgain = true;
        this.#before = this.#newest;
      }
      if (each !== undefined && this.#beginsAgain) return (epoch - this.#firstEpoch) * each + number;
      if (this.#beginsAgain) return this.#before + number;
    }
    return isWhole || number > this.#newest ? number : this.#newest + 1;
  }
}

/** Names that loops of other meanings have as well: of memory only with its unit. */
function withoutUnitless(figures: Figures): void {
  for (const key of Object.keys(memoryNames)) {
    const figure = figures.get(key);
    if (figure === undefined || figure.unit !== undefined) continue;
    figures.delete(key);
    figures.set(`${key} (no unit)`, figure);
  }
}

/** The episode's own return takes the name that it has for all. */
function withReturn(figures: Figures): void {
  const keys = [...figures.keys()].filter(key => RETURN.test(key));
  const own = keys.find(key => !AVERAGE.test(key)) ?? keys[0];
  if (own === undefined) return;
  const figure = figures.get(own)!;
  figures.delete(own);
  figures.set(EPISODE_RETURN, figure);
}

/** mlx-lm parts pairs by commas, and a pair's name, of several words, from its value by a space. */
function mlxFigures(text: string): Figures {
  const figures: Figures = new Map();
  for (const part of text.trimEnd().split(', ')) {
    const [, key, value] = MLX_PAIR.exec(part) ?? [];
    const read = value === undefined ? null : printedFigure(value);
    if (read !== null) figures.set(TRAINING_LOSS.test(key!) ? 'loss' : key!, read);
  }
  return figures;
}

function figuresOf(text: string): Figures {
  const figures: Figures = new Map();
  const add = (key: string, value: string, unit: string | undefined) => {
    const read = printedFigure(unit === undefined ? value : `${value}${unit.replace(/b$/, 'B')}`);
    const own = key.replace(COUNT_IN_KEY, '');
    const name = TRAINING_LOSS.test(own) ? 'loss' : own;
    if (read !== null && !figures.has(name) && isOwnUnit(name, read)) figures.set(name, read);
  };
  const stepTime = STEP_TIME.exec(text)?.[1];
  if (stepTime !== undefined) add('time', stepTime, 's');
  const endings = new Set<string>();
  for (const part of text.split(PARTS)) {
    if (part.length > 260) continue;
    const [, key, value, unit] = PART.exec(part.trim()) ?? [];
    if (key?.includes(' ') !== true) continue;
    add(key, value!, unit);
    endings.add(key.slice(key.lastIndexOf(' ') + 1));
  }
  for (const { 1: key, 2: value, 3: unit, index } of text.matchAll(PAIR)) {
    const isOfHost = key === 'mem' && OF_HOST.test(text.slice(Math.max(0, index - 12), index));
    if (!endings.has(key!) && !NO_FIGURE.test(key!) && !isOfHost) add(key!, value!, unit);
  }
  return figures;
}

/** A number with K, M or G behind it is an amount of memory or a count that was shortened: only the first can be read. */
const isOwnUnit = (name: string, { unit }: Printed): boolean =>
  unit === undefined || !/^[KMGT]/.test(unit) || Object.hasOwn(names, name);
