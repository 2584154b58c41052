/**
 * One line of a loop written by hand: the number of its step, and its figures by name. Which of them are memory, and of what, is
 * known by their names and units.
 */
import type { DeviceMemory } from '../contract/index.ts';
import { type Figures, memoryIn, type Names } from './figures.ts';
import {
  held,
  isReward,
  isSetting,
  memoryNames,
  peak,
  returnKey,
  TRAINING_LOSS,
  update,
} from './known-keys.ts';
import { updateNames } from './loop-update.ts';
import { type Printed, printedFigure } from './printed.ts';
import { countIn, type StepCount } from './step-count.ts';

const NUMBER =
  '[-+]?(?:\\d{1,3}(?:,\\d{3}){1,5}|\\d{1,40})(?:\\.\\d{0,20})?(?:[eE][-+]?\\d{1,3})?|nan|NaN|-?inf';
/** What may stand behind a number and a space: a letter alone only where no word follows, in `5 G loss: 1.2` it is the generator's. */
const UNIT = '%|ms|s|[KMGT]i?[Bb]|[KMGT](?= ?(?:$|[,;|)\\]/]))';
const LETTER = '[KMGT]';
/** `loss 4.1,` `lr: 1e-3 |` `loss=2.3`: a word, a number. */
const PAIR = new RegExp(
  `(?:^|[\\s,|;[(])([A-Za-z][\\w/.@+-]{0,40}(?: loss| lr)?)(?: ?[:=] {0,8}| {1,4})(${NUMBER})(?: ?(${UNIT})|(${LETTER}))?(?=$|[\\s|;\\])/>]|,(?!\\d)|:(?!\\d)|\\. )`,
  'g',
);
/** `max mem: 7890`, `iter time: 123.45 ms (step)`: several words, a colon; alone between bars, tabs, commas or wide spaces. */
const PART = new RegExp(
  `^(?:.{0,200}[\\])>] |.{0,200}- |(?:.{0,200} )?[A-Za-z]{1,20} \\d{1,12}: )?([A-Za-z][\\w /.()-]{0,40}?) ?[:=] {0,8}(${NUMBER})(?:(${LETTER})| ?(${UNIT}))?(?: ?\\([^()]{1,40}\\))?\\.?$`,
);
const PARTS =
  /\t|\s[|;]\s|,\s|,(?=[A-Za-z])|(?<![:=\s])\s{2,}|(?<=\d|\bTraining)\.\s(?=[A-Z])|(?<=\d) s\.? (?=[A-Z])/;
/** `mem 41.2/79.2 GB`: in use now, or at the peak where its name has that word, of all that there is; `RAM` without the GPU’s is the host’s. */
const OF_TOTAL =
  /(?<!(?:cpu|host|sys|system)[ _])((?:\b(?:peak|max)[ _])?)(?:\b(?:vram|mem(?:ory)?)|(?<=gpu[ _])ram|(?<=(?:peak|max)_)mem(?:ory)?)[:= ]{1,3}(\d{1,9}(?:\.\d{1,6})?) ?([GM]i?B)? ?\/ ?(\d{1,9}(?:\.\d{1,6})?) ?([GM]i?B)\b/gi;
const ofTotal = (
  _: string,
  peak: string,
  used: string,
  own: string | undefined,
  total: string,
  unit: string,
): string =>
  [peak === '' ? ', allocated=' : ', max_mem=', used, own ?? unit, ', device_total=', total, unit].join('');
/** `lr:(2.000e-04,)`: a tuple of one, as BasicSR prints its rates of learning. */
const ONE_ALONE = /\(([-+]?\d[\d.]{0,20}(?:e[-+]?\d{1,3})?),\)/g;
/** `RSS MEM USE: 5.11G`: what the process holds of the host's memory; it is no device's, and stays a figure of its own. */
const RSS = /\bRSS(?: mem(?:ory)?)?(?: used?)?[:= ]{1,3}(\d{1,6}(?:\.\d{1,6})?) ?([KMG]i?B?)\b/i;
/** A rate's share of each device, behind it. */
const PER_GPU = /\([\d.]{1,20}\/gpu\)/;
/** `(0.45 sec/step)`, as TensorFlow's slim prints a step's time. */
const STEP_TIME = /\((\d{1,6}\.\d{1,6}) sec\/step\)/;
/** `54,321 tok/s`, `0.52 s/it`: what has its name behind it. */
const RATE =
  /(?<![\w.:=-])(\d{1,3}(?:,\d{3}){1,4}|\d{1,12}(?:\.\d{1,9})?) ?(tok\/s|tok\/sec|tokens\/s|tokens\/sec|s\/it|s\/iter|s\/step|sec\/step|ms\/it|ms\/iter|ms\/step)\b/gi;
/** llama2.c: `490 | loss 5.75 | lr 4.9e-05 | 8060.78ms | mfu 0.21%`, a time that has no name, between bars. */
const TIME_ALONE = /\| (\d{1,9}(?:\.\d{1,6})?) ?ms(?= \||\s{0,8}$)/;
const RATES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['tok/s', 'tok/sec', 'tokens/s', 'tokens/sec'].map(rate => [rate, 'tok/sec'])),
  ...Object.fromEntries(['s/it', 's/iter', 's/step', 'sec/step'].map(rate => [rate, 'iter_time'])),
  ...Object.fromEntries(['ms/it', 'ms/iter', 'ms/step'].map(rate => [rate, 'time in ms'])),
};
/** What stands in front of `mem` where it is not the device's, or not what is in use. */
const OF_HOST = /(?:cpu|host|ram|sys|system|disk|swap|avail|available|free|total)[ _]?$/i;
/** The time of all that went before, and not of a step. */
const OF_ALL_BEFORE = /(?:\b(?:total|used|elapsed|wall|cumulative)[ _]?)$/i;
/** What environments give, and the word in front of it that it is no return of an episode without, or of which one. */
const GIVEN = /^(?:reward|return|score)s?$/i;
const OF_RETURN =
  /(?:^|[^A-Za-z])(best|max(?:imum)?|min(?:imum)?|highest|lowest|std|test|eval(?:uation)?|avg|average|mean)\.?$/i;
/** The words in front of any other name of one word, without which it is of something else: `Avg Accuracy 0.22`, `Avg Ep length 5.26`. */
const OF_STATISTIC =
  /(?:^|[^A-Za-z])((?:best|max(?:imum)?|min(?:imum)?|highest|lowest|std|avg|average|mean|median)(?: [A-Za-z]{1,12})?)\.?$/i;
/** Times in hours and minutes, days, and places in a program's source. */
const NO_FIGURE =
  /^(?:eta|of|in|is|are|was|were|line|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)$|\..*\.|\.py$/i;
/** A line with these figures is a report, whatever else it has. */
const REPORTS =
  /loss|^cross[ _]entropy$|^l_|^mean reward$|step_avg|^train[ _-](?!time|data|size|samples|steps?$|batch)|^[DG]_[A-Za-z]|^(?:rec|recon|kl|kld|nll|elbo|mse|bce)$|^(?:train(?:ing)?[ _-])?(?:ppl|perplexity)$/i;
/** `Train 9.68 | Val 9.67`: what was measured, a loss or another, has no name; it is no report of a step without the other phase beside it. */
const OF_BOTH =
  /(?<![\w.])train(?:ing)?[:=]? {1,3}\d{1,9}\.\d{1,12}[ ,|;]{1,5}(?:val|valid|validation|test|dev)\b/i;
/** `[epoch: 0/200, iter: 25/448] total: 1.94`: behind such a head all is of the training, and the sum of its losses has no word for one. */
const BEHIND_HEAD =
  /^\[epoch: ?\d{1,9}\/\d{1,9}, iters?: ?\d{1,12}\/\d{1,12}\](?: [\w.-]{1,40}: -?[\d.]{1,20}(?:e[-+]?\d{1,3})?){1,20}\s{0,8}$/;
/** What GANs call the losses of their two networks, where they have nothing but letters: `d1=0.68, d2=0.71 g=0.72`, `G 1.2 | D 0.5`. */
const CRITIC = /^[dc](?:\d|[_ -]?(?:real|fake))?$/i;
/** JAX's metric writers print the rate of the training by itself, too: `[9277] steps_per_sec=0.25`. */
const RATE_ALONE =
  /^(?:.{0,120}\] )?\[\d{1,15}\] (?:(?:steps_per_sec|uptime)=[\d.e+-]{1,24}(?:, |\s{0,8}$)){1,4}$/;
const isOfGan = (keys: readonly string[]): boolean =>
  keys.some(key => CRITIC.test(key)) && keys.some(key => /^g\d?$/i.test(key));
/** Counters by themselves or behind another word: `completed step`. */
const COUNTER =
  /(?:^| )(?:global_step|global_batch_idx|policy_step|num_updates|updates?|steps?|iterations?|iter|itr|it|batch|timestep)$/i;
/** What an episode had, and no number of a report. */
const STEPS_OF = /(?:^|[ _])steps$/i;
const EPOCH = /(?:^|\W)(?:epochs?|epi?|episodes?)$/i;
/** Words of the phases that train nothing. */
const OTHER_PHASE = 'val(?:id(?:ation)?)?|test|eval(?:uation)?';
/** A loss of another phase than training, and a line of one. */
const OTHER_LOSS = new RegExp(`(?:^|[ _/])(?:${OTHER_PHASE})(?:[ _/]|$)`, 'i');
/** mlx-lm, whose memory is Metal's and in powers of ten. */
const MLX = /^Iter \d{1,12}: .{1,2000}\bIt\/sec /;
const MLX_PAIR =
  /^(?:Iter \d{1,12}: )?([A-Za-z][\w /]{0,60}?) ([-+]?[\d.]{1,20}(?:e[-+]?\d{1,3})?(?: [KMGT]B)?)$/;
/** `GPU Mem (GB)`: a unit that stands in the key. */
const UNIT_IN_KEY = /^(.{1,40}?) ?\(([GM]i?B|ms)\)$/;
/** A number between a key's words: `batch 6 loss`, `Episode 12 score`. */
const COUNT_IN_KEY =
  /^(?:(?:mini)?batch|iter(?:ation)?|step|epoch|episode|update|game) \d{1,12}(?: ?\/ ?\d{1,12})? /i;
/** A line of another phase: its first words, or the first that stand in brackets. */
const TAGGED =
  /^[^[\]a-z]{0,60}(?:[\w.]{1,80} - )?(?:[A-Z]{4,8} - )?\W{0,4}\[[^\]]{0,40}\b(?:val(?:id(?:ation)?)?|test(?:ing)?|eval(?:uat(?:ion|or))?)\b[^\]]{0,40}\]/i;
const OTHER =
  /^\s*(?:.{0,80}\b(?:INFO|DEBUG)\b\W{1,4})?(?:\W{1,4}\s?)?(?:val(?:id(?:ation)?)?|test|eval(?:uation)?|Saving dict for global step)\b|\| valid on |\bepoch:? {0,2}\d{1,9} \((?:val(?:id(?:ation)?)?|test|eval(?:uation)?|infer)\)|\| {0,4}(?:valid(?:ation)?|test|eval(?:uation)?) {0,4}\||\bCV (?:\| {0,2}|Batch \d)|^(?:(?!loss)[^=]){0,200}, (?:val(?:id(?:ation)?)?|dev|test|eval(?:uation)?): /i;

const EPISODE_RETURN = 'episodic_return';
const LENGTH_KEY = 'episode_length';
/** All that some loops print of an episode: how long the agent held out. */
const EPISODE_LENGTH =
  /^(?:(?:last|avg|average|mean|episode)[ _])?(?:length|duration)$|^ep(?:isode)?_len(?:gth)?$/i;

const names: Names = {
  LR: { step: 'learningRate' },
  learning_rate: { step: 'learningRate' },
  'Learning rate': { step: 'learningRate' },
  'learning rate': { step: 'learningRate' },
  'Learning Rate': { step: 'learningRate' },
  LearningRate: { step: 'learningRate' },
  Lr: { step: 'learningRate' },
  'samples/sec': { step: 'samplesPerSecond' },
  gnorm: { step: 'gradNorm' },
  norm: { step: 'gradNorm' },
  'grad norm': { step: 'gradNorm' },
  'Grad. Norm': { step: 'gradNorm' },
  time: { step: 'stepMs', power: 3 },
  // ssd.pytorch.
  timer: { step: 'stepMs', power: 3 },
  dt: { step: 'stepMs', power: 3 },
  'iter time': { step: 'stepMs', power: 3 },
  iter_time: { step: 'stepMs', power: 3 },
  'time in ms': { step: 'stepMs' },
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

/** Where a peak stands on the same line, what has no word for it is held now. */
const PEAK = /(?:peak|max).{0,12}mem/i;
const besidePeak: Names = {
  ...names,
  mem: held('allocatedBytes', 'MiB'),
  gpu_mem: held('allocatedBytes', 'GiB'),
};

/** Beside what the environments gave, a time is that of an episode, or of several, and a mean is another return. */
const { time: _, 'Mean Reward': __, 'mean reward': ___, ...ofStep } = names;
const besideReturn: Names = {
  ...ofStep,
  ...Object.fromEntries(['FPS', 'fps', 'SPS'].map(key => [key, { step: 'samplesPerSecond' }])),
  ...Object.fromEntries(
    ['frame', 'Frame', 'frames', 'Frames', 'Timesteps', 'timesteps', 'total_steps', 'Total Steps'].map(
      key => [key, update('rollout.totalSteps')],
    ),
  ),
};

const mlxNames: Names = {
  'Peak mem': peak('peakAllocatedBytes', 'GB of ten'),
  'Learning Rate': { step: 'learningRate' },
  'Tokens/sec': { step: 'tokensPerSecond' },
  'Total rewards mean': update('rollout.episodicReturn'),
};

/** NeMo's Automodel: `… | step 9 | epoch 0 | loss 0.69 | grad_norm 1.5 | lr 1.00e-05 | mem 24.90 GiB | tps 11278.56(1409.82/gpu) |`, a peak of each step. */
const AUTOMODEL = /\| step \d{1,12} \| epoch \d{1,9} \| loss .{1,80} \| mem [\d.]{1,12} GiB \| tps /;
const autoModelNames: Names = {
  ...names,
  gpu_mem: peak('peakAllocatedBytes', 'GiB', 'update'),
  tps: { step: 'tokensPerSecond' },
};

export interface LoopLine {
  count: StepCount;
  figures: Figures;
  memory: DeviceMemory | null;
  names: Names;
  /** Whether it is an update of reinforcement learning. */
  isUpdate: boolean;
}

/**
 * null for a line that is no report of a step's training.
 * @param above what a line above counts, where this one has no number.
 */
export function loopLine(text: string, above: StepCount | null = null): LoopLine | null {
  if (text.length > 1000 || /[{}]/.test(text) || OTHER.test(text) || TAGGED.test(text)) return null;
  const count = countIn(text) ?? above;
  if (count === null) return null;
  const isMlx = MLX.test(text);
  const figures = isMlx ? mlxFigures(text) : figuresOf(text.replace(OF_TOTAL, ofTotal).replace(PER_GPU, ''));
  // modded-nanogpt's line of a validation has a step, too.
  if (figures.has('val_loss') && !figures.has('loss') && figures.has('step_avg')) return null;
  const keys = [...figures.keys()];
  const reports = (key: string) => REPORTS.test(key) && !OTHER_LOSS.test(key) && !isSetting(key);
  const isBehindHead = text.startsWith('[epoch') && BEHIND_HEAD.test(text);
  const isReport =
    keys.some(reports) || isOfGan(keys) || isBehindHead || RATE_ALONE.test(text) || OF_BOTH.test(text);
  const sum = isBehindHead && !figures.has('loss') ? figures.get('total') : undefined;
  if (sum !== undefined) {
    figures.delete('total');
    figures.set('loss', sum);
  }
  if (count.isEpisode || [...figures.keys()].some(isReward)) {
    withReturn(figures, text);
    withLength(figures);
  }
  const hasLength = count.isEpisode === true && keys.some(key => EPISODE_LENGTH.test(key));
  if (!isReport && !figures.has(EPISODE_RETURN) && !hasLength) return null;
  const isBesidePeak = [...figures.keys()].some(
    key => PEAK.test(key) || /^(?:peak|max)_/.test(spelt(key) ?? ''),
  );
  if (!isMlx) nameMemory(figures);
  const isOuter = count.isEpoch === true || count.isEpisode === true;
  // The meters of PyTorch's ImageNet example and its heirs: seconds of a batch, and those of them that waited for data.
  const time = figures.has('Data') ? figures.get('Time') : undefined;
  if (time !== undefined && !figures.has('time')) {
    figures.delete('Time');
    figures.set('time', time);
  }
  for (const key of figures.keys())
    if ((COUNTER.test(key) && !(count.isEpisode && STEPS_OF.test(key))) || (isOuter && EPOCH.test(key)))
      figures.delete(key);
  const ofLoop = figures.has(EPISODE_RETURN) ? besideReturn : names;
  const own = isMlx ? mlxNames : AUTOMODEL.test(text) ? autoModelNames : isBesidePeak ? besidePeak : ofLoop;
  const memory = memoryIn(figures, isMlx ? 'mps' : 'cuda', own);
  const ofUpdate = updateNames(figures, figures.has(EPISODE_RETURN), own);
  return { count, figures, memory, names: ofUpdate ?? own, isUpdate: ofUpdate !== null };
}

/** `ACTION [0.7, 0.3] / REWARD -1.0`: beside what the agent did, a reward is that of one step of the environment. */
const ONE_STEP = /\baction\b ?[:=]? {0,2}[[({\d-]/i;

/** Two pairs or more, and nothing else behind a logger's words or a time. */
const NOTHING_ELSE =
  /^(?:[^=]{0,120}[\]:|-] {0,3})?(?:Time \d{1,4}h \d\dm \d\ds, )?(?:[A-Za-z][\w ./-]{0,40}(?:=| ?: ?| )-?[\d.]{1,24}(?:e[-+]?\d{1,3})?(?:, {0,4}|$)){2,24}$/;

/** A loss alone behind a logger's time and place: `… | INFO | __main__:train:35 - loss: 2.5`. */
const LOSS_ALONE =
  /^\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d.{0,120}[\]:|-] {1,3}(?:train(?:ing)?[ _])?loss ?[:=] ?-?\d{1,9}\.\d{1,20}(?:e[-+]?\d{1,3})?$/i;

/** Figures of a line that numbers nothing, where it has nothing but them; null for any other. */
export function unnumberedLine(text: string): LoopLine | null {
  if (text.length > 600) return null;
  if (!NOTHING_ELSE.test(text.trimEnd()) && !LOSS_ALONE.test(text.trimEnd())) return null;
  return loopLine(text.trimEnd(), { number: 0, total: null, isWhole: true, isEpoch: true });
}

/** Spellings of what loops print of a device's memory, in small letters alone; with their unit they are of memory, and of nothing else. */
const SPELLINGS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    gpu_mem:
      'gpu gpumem gpumemory gpumemused gpumemoryused cudamem cudamemory vram vramused mem memory memused memoryused',
    peak_mem:
      'peak peakmem peakmemory peakgpumem peakgpumemory peakvram peakgpu maxmem maxmemory maxgpumem maxgpumemory maxvram gpupeak gpumempeak mempeak memorypeak',
    max_allocated:
      'maxallocated maxalloc peakallocated peakalloc maxmemallocated maxmemoryallocated peakmemoryallocated',
    max_reserved: 'maxreserved peakreserved maxmemreserved maxmemoryreserved peakmemoryreserved',
    allocated: 'allocated alloc memallocated memoryallocated gpuallocated cudaallocated gpumemallocated',
    reserved: 'reserved memreserved memoryreserved gpureserved cudareserved gpumemreserved cached',
  }).flatMap(([name, spellings]) => spellings.split(' ').map(spelling => [spelling, name] as const)),
);
const spelt = (key: string): string | undefined => SPELLINGS.get(key.toLowerCase().replace(/[^a-z]/g, ''));

/** Each spelling has one name; without its unit it may be of anything. */
function nameMemory(figures: Figures): void {
  for (const [key, figure] of [...figures]) {
    const name = spelt(key);
    if (name === undefined || (figure.unit === undefined && !Object.hasOwn(memoryNames, key))) continue;
    figures.delete(key);
    const isOf = figure.unit !== undefined && /^[KMGT]?i?B$/.test(figure.unit);
    if (!isOf) figures.set(`${key} (no unit)`, figure);
    else if (!figures.has(name)) figures.set(name, figure);
  }
}

/** The episode's own return takes the name that it has for all. */
function withReturn(figures: Figures, text: string): void {
  const own = returnKey(figures.keys());
  if (own === undefined || (/^rewards?$/i.test(own) && ONE_STEP.test(text))) return;
  const figure = figures.get(own)!;
  figures.delete(own);
  figures.set(EPISODE_RETURN, figure);
}

/** `ep length`, `Episode Length`, `mean_ep_len`: the episode's own before a mean. */
const LENGTH = /^(?:mean|avg\.?|average)?[ _]?(?:ep(?:isode|isodic)?)[ _]?len(?:gth)?(?:[ _]mean)?$/i;

function withLength(figures: Figures): void {
  const lengths = [...figures.keys()].filter(key => LENGTH.test(key));
  const own = lengths.find(key => !/mean|av/i.test(key)) ?? lengths[0];
  if (own === undefined || own === LENGTH_KEY) return;
  const figure = figures.get(own)!;
  figures.delete(own);
  figures.set(LENGTH_KEY, figure);
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

function figuresOf(line: string): Figures {
  // ParallelWaveGAN ends its lines as sentences, others with a comma.
  const text = line.replace(ONE_ALONE, '$1').replace(/(?<=\d)[.,]\s{0,4}$/, '');
  const figures: Figures = new Map();
  /** Whether the loss that was read is called so, and nothing more: `LM Loss` beside it is a part. */
  let isWhole = false;
  const add = (key: string, value: string, behind: string | undefined) => {
    const [, bare = key, within] = UNIT_IN_KEY.exec(key) ?? [];
    const unit = behind ?? within;
    const read = printedFigure(unit === undefined ? value : `${value}${unit.replace(/b$/, 'B')}`);
    const own = (Object.hasOwn(names, key) ? key : bare).replace(COUNT_IN_KEY, '');
    const name = TRAINING_LOSS.test(own) ? 'loss' : own;
    const isLoss = /^loss$/i.test(own);
    if (read === null || !isOwnUnit(name, read) || (figures.has(name) && (!isLoss || isWhole))) return;
    isWhole ||= isLoss;
    figures.set(name, read);
  };
  const stepTime = STEP_TIME.exec(text)?.[1];
  if (stepTime !== undefined) add('time', stepTime, 's');
  const alone = text.includes('ms') ? TIME_ALONE.exec(text)?.[1] : undefined;
  if (alone !== undefined) add('time in ms', alone, undefined);
  for (const [, value, rate] of text.matchAll(RATE)) add(RATES[rate!.toLowerCase()]!, value!, undefined);
  const rss = text.includes('RSS') || text.includes('rss') ? RSS.exec(text) : null;
  if (rss !== null) figures.set(`RSS (${rss[2]})`, printedFigure(rss[1]!)!);
  const endings = new Set<string>();
  for (const part of text.split(PARTS)) {
    if (part.length > 260) continue;
    const [, key, value, letter, unit] = PART.exec(part.trim()) ?? [];
    if (key?.includes(' ') !== true) continue;
    add(key, value!, unit ?? letter);
    endings.add(key.slice(key.lastIndexOf(' ') + 1));
  }
  for (const { 1: key, 2: value, 3: unit, 4: letter, index } of text.matchAll(PAIR)) {
    const isOfHost = key === 'mem' && OF_HOST.test(text.slice(Math.max(0, index - 12), index));
    const isEnding = endings.has(key!) && /[\w.)]/.test(text[index - 1] ?? '');
    // `Best Reward 184.5` among parts without a colon.
    const front = GIVEN.test(key!)
      ? OF_RETURN.exec(text.slice(Math.max(0, index - 14), index))?.[1]
      : /loss/i.test(key!) || Object.hasOwn(names, key!)
        ? undefined
        : OF_STATISTIC.exec(text.slice(Math.max(0, index - 30), index))?.[1];
    const isOfAll = key === 'time' && OF_ALL_BEFORE.test(text.slice(Math.max(0, index - 12), index + 1));
    if (!isEnding && !NO_FIGURE.test(key!) && !isOfHost && !isOfAll)
      add(front === undefined ? key! : `${front} ${key}`, value!, unit ?? letter);
  }
  return figures;
}

/** A number with K, M or G behind it is an amount of memory or a count that was shortened: only the first can be read. */
const isOwnUnit = (name: string, { unit }: Printed): boolean =>
  unit === undefined || !/^[KMGT]/.test(unit) || Object.hasOwn(names, name) || spelt(name) !== undefined;
