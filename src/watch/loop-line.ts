/**
 * One line of a loop written by hand: the number of its step, and its figures by name. Which of them are memory, and of what, is
 * known by their names and units.
 */

import type { DeviceMemory } from '../contract/index.ts';
import { byShape, byText } from './by-shape.ts';
import { countIn } from './count-in.ts';
import { type Figures, memoryIn, type Names } from './figures.ts';
import { isReward, isSetting, returnKey, update } from './known-keys.ts';
import { loopFigures } from './loop-figures.ts';
import { nameMemory, namesBeside } from './loop-names.ts';
import { updateNames } from './loop-update.ts';
import { mlxFigures, mlxNames } from './mlx-lines.ts';
import type { StepCount } from './step-count.ts';

/** A line with these figures is a report, whatever else it has. */
const REPORTS =
  /loss|^cross[ _]entropy$|^l_|^mean reward$|step_avg|^train[ _-](?!time|data|size|samples|steps?$|batch)|^[DG]_[A-Za-z]|^(?:rec|recon|kl|kld|nll|elbo|mse|bce)$|^(?:train(?:ing)?[ _-])?(?:ppl|perplexity)$/i;
/** `Train 9.68 | Val 9.67`: what was measured, a loss or another, has no name; it is no report of a step without the other phase beside it. */
const OF_BOTH = byShape(
  /(?<![\w.])train(?:ing)?[:=]? {1,3}\d{1,9}\.\d{1,12}[ ,|;]{1,5}(?:val|valid|validation|test|dev)\b/i,
);
/** `[epoch: 0/200, iter: 25/448] total: 1.94`: behind such a head all is of the training, and the sum of its losses has no word for one. */
const BEHIND_HEAD =
  /^\[epoch: ?\d{1,9}\/\d{1,9}, iters?: ?\d{1,12}\/\d{1,12}\](?: [\w.-]{1,40}: -?[\d.]{1,20}(?:e[-+]?\d{1,3})?){1,20}\s{0,8}$/;
/** What GANs call the losses of their two networks, where they have nothing but letters: `d1=0.68, d2=0.71 g=0.72`, `G 1.2 | D 0.5`. */
const CRITIC = /^[dc](?:\d|[_ -]?(?:real|fake))?$/i;
/** JAX's metric writers print the rate of the training by itself, too: `[9277] steps_per_sec=0.25`. */
const RATE_ALONE = byShape(
  /^(?:.{0,120}\] )?\[\d{1,15}\] (?:(?:steps_per_sec|uptime)=[\d.e+-]{1,24}(?:, |\s{0,8}$)){1,4}$/,
);
/** `Train epoch 1, total time 21.5, accuracy:11.0`: all that some print of an epoch's training. */
const TRAIN_EPOCH = byShape(/^(?:[^=]{0,80}[\]:|-] )?train(?:ing)?[ :|-]{1,3}epoch\b/i);
const ACCURACY = /^(?:(?:avg|average|mean) )?acc(?:uracy)?$/i;
/** `[epoch 3] FG-ARI=0.45 mBO=0.22`: an epoch and what was measured of it, by names of any kind, and nothing else. */
const EPOCH_OF_METRICS = byShape(
  /^\W{0,3}epoch[ :#=]{0,3}\d{1,9}(?: ?\/ ?\d{1,9})?[\]\s|:,-]{1,6}(?:(?!\w{0,20}time|elapsed|lr\b|eta\b|speed)[A-Za-z][\w@./-]{0,30}(?:=|: )-?\d{1,9}\.\d{1,9}%?(?:[,;| ]{1,4}|\s{0,4}$)){2,12}$/i,
);
/** `Epoch: [15][ 5/32]⇥Time 38.357 (38.357)`, `Time: 0.631s (0.688s)`: their meter of a batch's seconds, and the mean so far. */
const TIME_METER = byShape(
  /^\W{0,4}epoch:? ?\[\d{1,9}\](?: ?\/ ?\d{1,9})?\s{0,4}\[ {0,8}\d{1,12} ?\/ ?\d{1,12}\]\s{1,4}Time:? {1,6}\d{1,9}\.\d{1,6}s? \( {0,6}\d/i,
);
/** `train_seq_len:1024 iterations:20000 warmup_steps:20`: what is set, and no report. */
const SETTINGS =
  /(?:^|[\s,|])(?:warm_?up_steps|max_(?:steps|iters|iterations|epochs)|num_epochs|(?:train_|micro_)?batch_size|(?:train_)?seq_len(?:gth)?) ?[:=] ?\d/i;
const isOfGan = (keys: readonly string[]): boolean =>
  keys.some(key => CRITIC.test(key)) && keys.some(key => /^g\d?$/i.test(key));
/** Counters by themselves or behind another word: `completed step`. */
const COUNTER =
  /(?:^| )(?:global[_-]step|global_batch_idx|policy_step|num_updates|updates?|steps?|iterations?|iters?|itr|it|batch|timestep)$/i;
/** What an episode had, and no number of a report. */
const STEPS_OF = /(?:^|[ _])steps$/i;
const EPOCH = /(?:^|\W)(?:epochs?|epi?|episodes?)$/i;
/** A loss of another phase than training. */
const OTHER_LOSS = /(?:^|[ _/])(?:val(?:id(?:ation)?)?|test|eval(?:uation)?)(?:[ _/]|$)/i;
/** A line of another phase: its first words, or the first that stand in brackets. */
const TAGGED = byShape(
  /^[^[\]a-z]{0,60}(?:[\w.]{1,80} - )?(?:[A-Z]{4,8} - )?\W{0,4}\[[^\]]{0,40}\b(?:val(?:id(?:ation)?)?|test(?:ing)?|eval(?:uat(?:ion|or))?)\b[^\]]{0,40}\]/i,
);
/** The same behind the count: `Epoch 1/200 [Val]   loss: 0.36`. */
const TAGGED_BEHIND = byShape(
  /\b(?:epoch|step|iter(?:ation)?)[ :#=]{0,3}\d{1,12}(?: ?\/ ?\d{1,12})?[ |:,-]{1,4}\[(?:val(?:id(?:ation)?)?|test(?:ing)?|eval(?:uation)?)\]/i,
);
const OTHER = byShape(
  /^\s*(?:.{0,80}\b(?:INFO|DEBUG)\b\W{1,4})?(?:\W{1,4}\s?)?(?:val(?:id(?:ation)?)?|test|eval(?:uation)?|Saving dict for global step)\b|\| valid on |\bepoch:? {0,2}\d{1,9} (?:val(?:id(?:ation)?)?|test|eval(?:uation)?),|\bsav(?:e|ed|ing) (?:the )?(?:new )?best model\b|\bepoch:? {0,2}\d{1,9} \((?:val(?:id(?:ation)?)?|test|eval(?:uation)?|infer)\)|\| {0,4}(?:valid(?:ation)?|test|eval(?:uation)?) {0,4}\||\bCV (?:\| {0,2}|Batch \d)|^(?:(?!loss)[^=]){0,200}, (?:val(?:id(?:ation)?)?|dev|test|eval(?:uation)?): /i,
);

const EPISODE_RETURN = 'episodic_return';
const BEST_OF_EPISODES = /^best[ _]?(?:avg)?$/i;
const LENGTH_KEY = 'episode_length';
/** All that some loops print of an episode: how long the agent held out. */
const EPISODE_LENGTH =
  /^(?:(?:last|avg|average|mean|episode)[ _])?(?:length|duration)$|^ep(?:isode)?_len(?:gth)?$/i;

export interface LoopLine {
  count: StepCount;
  figures: Figures;
  memory: DeviceMemory | null;
  names: Names;
  /** Whether it is an update of reinforcement learning. */
  isUpdate: boolean;
}

const BRACES = byShape(/[{}]/);
const isOfReport = byText((key: string) => REPORTS.test(key) && !OTHER_LOSS.test(key) && !isSetting(key));
const isCounter = byText((key: string) => COUNTER.test(key));

/**
 * null for a line that is no report of a step's training.
 * @param above what a line above counts, where this one has no number.
 */
export function loopLine(given: string, above: StepCount | null = null): LoopLine | null {
  const text = withoutLists(given);
  if (
    text.length > 1000 ||
    BRACES.test(text) ||
    OTHER.test(text) ||
    TAGGED.test(text) ||
    TAGGED_BEHIND.test(text)
  )
    return null;
  const count = countIn(text) ?? above;
  if (count === null || (!/loss/i.test(text) && SETTINGS.test(text))) return null;
  const ofMlx = mlxFigures(text);
  const figures = ofMlx ?? loopFigures(text);
  // modded-nanogpt's line of a validation has a step, too.
  if (figures.has('val_loss') && !figures.has('loss') && figures.has('step_avg')) return null;
  const keys = [...figures.keys()];
  const isBehindHead = text.startsWith('[epoch') && BEHIND_HEAD.test(text);
  const isReport =
    keys.some(isOfReport) ||
    isOfGan(keys) ||
    isBehindHead ||
    RATE_ALONE.test(text) ||
    // Whatever its losses are called.
    (figures.has('Data') && TIME_METER.test(text)) ||
    OF_BOTH.test(text) ||
    EPOCH_OF_METRICS.test(text) ||
    (keys.some(key => ACCURACY.test(key)) && TRAIN_EPOCH.test(text));
  if (isBehindHead && !figures.has('loss')) rename(figures, 'total', 'loss');
  const short = keys.some(key => LEARNED.test(key)) ? keys.find(key => SHORT_RETURN.test(key)) : undefined;
  if (short !== undefined && !keys.some(isReward)) rename(figures, short, EPISODE_RETURN);
  // `Episode: 100  Avg: 32.9  BestAvg: 35.0`: of episodes, what has no other name is their return.
  if (count.isEpisode && keys.some(key => BEST_OF_EPISODES.test(key)) && !keys.some(isReward))
    rename(figures, 'Avg', EPISODE_RETURN);
  if (count.isEpisode || [...figures.keys()].some(isReward)) {
    withReturn(figures, text);
    withLength(figures);
  }
  const hasLength = count.isEpisode === true && keys.some(key => EPISODE_LENGTH.test(key));
  if (!isReport && !figures.has(EPISODE_RETURN) && !hasLength) return null;
  const hasPeak = ofMlx === null && nameMemory(figures);
  const isOuter = count.isEpoch === true || count.isEpisode === true;
  // The meters of PyTorch's ImageNet example and its heirs: seconds of a batch, and those of them that waited for data.
  if ((figures.has('Data') || TIME_METER.test(text)) && !figures.has('time')) rename(figures, 'Time', 'time');
  const hasReturn = figures.has(EPISODE_RETURN);
  const steps = hasReturn ? figures.get('global_step') : undefined;
  // `steps=209.7` is a mean, and counts nothing.
  for (const [key, { value }] of figures)
    if (
      (isCounter(key) && Number.isInteger(value) && !(count.isEpisode && STEPS_OF.test(key))) ||
      (isOuter && EPOCH.test(key))
    )
      figures.delete(key);
  const names = ofMlx === null ? namesBeside(text, hasPeak, hasReturn) : mlxNames;
  // Beside what an environment gave, and another count, they are its steps.
  if (typeof steps?.value === 'number' && steps.value > count.number) figures.set(TOTAL_STEPS, steps);
  const memory = memoryIn(figures, ofMlx === null ? 'cuda' : 'mps', names);
  const ofUpdate = updateNames(figures, hasReturn, names);
  const isUpdate = ofUpdate !== null;
  const own = isUpdate ? ofIteration(text, count, figures) : count;
  const all = figures.has(TOTAL_STEPS) ? { ...(ofUpdate ?? names), ...NAME_OF_STEPS } : (ofUpdate ?? names);
  return { count: own, figures, memory, names: all, isUpdate };
}

/** `[it 0008] step=8192 | EpRew=1.0`: an update's number is the iteration's, and the steps are those of the environments. */
const ITERATION = byShape(
  /^[^\w]{0,3}(?:it|iter|iteration|update|rollout)[ :#=]{0,2}(\d{1,9})(?: ?\/ ?(\d{1,9}))?[\]\s|,:-]{1,5}(?:total[_ ]?)?(?:env[_ ]?)?(?:time)?steps?[ :=]{1,3}(\d{1,12})(?=[\s|,])/i,
);
const TOTAL_STEPS = 'environment steps';
const NAME_OF_STEPS: Names = { [TOTAL_STEPS]: update('rollout.totalSteps') };

function ofIteration(text: string, count: StepCount, figures: Figures): StepCount {
  const [, number, total, steps] = ITERATION.exec(text) ?? [];
  if (steps === undefined || count.number !== Number(steps) || count.number <= Number(number)) return count;
  figures.set(TOTAL_STEPS, { value: Number(steps), text: steps });
  return { ...count, number: Number(number), total: total === undefined ? null : Number(total) };
}

/** `rl_loss: 0.003, time: 109.7, reward_data: {'total_num': 256}, metadata: {…}`: behind a line's own figures. */
const LISTS = byShape(
  /^(.{0,300}?[a-z]: ?-?\d{1,9}\.\d{1,20}(?:e[-+]?\d{1,3})?), [a-z_]{2,40}: \{[^{}]{1,600}\}(?:, [a-z_]{2,40}: \{[^{}]{1,600}\}){0,3}\s{0,4}$/i,
);
const withoutLists = (text: string): string =>
  text.endsWith('}') && /loss: /.test(text) ? (LISTS.exec(text)?.[1] ?? text) : text;

/** `ACTION [0.7, 0.3] / REWARD -1.0`: beside what the agent did, a reward is that of one step of the environment. */
const ONE_STEP = /\baction\b ?[:=]? {0,2}[[({\d-]/i;

/** Two pairs or more, and nothing else behind a logger's words or a time. */
const NOTHING_ELSE =
  /^(?:[^=]{0,120}[\]:|-] {0,3})?(?:Time \d{1,4}h \d\dm \d\ds, )?(?:[A-Za-z][\w ./-]{0,40}(?:=| ?: ?| )-?[\d.]{1,24}(?:e[-+]?\d{1,3})?(?:, {0,4}|$)){2,24}$/;

/** A loss alone behind a logger's time and place: `… | INFO | __main__:train:35 - loss: 2.5`. */
const LOSS_ALONE =
  /^\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d.{0,120}[\]:|-] {1,3}(?:train(?:ing)?[ _])?loss ?[:=] ?-?\d{1,9}\.\d{1,20}(?:e[-+]?\d{1,3})?$/i;

/** Figures of a line that numbers nothing, where it has nothing but them; null for any other. */
export function unnumberedLine(given: string): LoopLine | null {
  const text = withoutLists(given);
  if (text.length > 600) return null;
  if (!NOTHING_ELSE.test(text.trimEnd()) && !LOSS_ALONE.test(text.trimEnd())) return null;
  return loopLine(text.trimEnd(), { number: 0, total: null, isWhole: true, isEpoch: true });
}

/** The episode's own return takes the name that it has for all. */
function withReturn(figures: Figures, text: string): void {
  const own = returnKey(figures.keys());
  if (own === undefined || (/^rewards?$/i.test(own) && ONE_STEP.test(text))) return;
  rename(figures, own, EPISODE_RETURN);
}

/** `r=  22.2 … ploss=-0.01`: a letter alone, beside what a policy has learned. */
const SHORT_RETURN = /^r(?:et)?$/i;
const LEARNED = /^(?:p|v|pi|policy|value|actor|critic)[ _]?loss$/i;

/** `ep length`, `Episode Length`, `mean_ep_len`: the episode's own before a mean. */
const LENGTH = /^(?:mean|avg\.?|average)?[ _]?(?:ep(?:isode|isodic)?)[ _]?len(?:gth)?(?:[ _]mean)?$/i;

function withLength(figures: Figures): void {
  const lengths = [...figures.keys()].filter(key => LENGTH.test(key));
  const own = lengths.find(key => !/mean|av/i.test(key)) ?? lengths[0];
  if (own !== undefined && own !== LENGTH_KEY) rename(figures, own, LENGTH_KEY);
}

/** A figure that is there moves to another name. */
function rename(figures: Figures, from: string, to: string): void {
  const figure = figures.get(from);
  if (figure === undefined) return;
  figures.delete(from);
  figures.set(to, figure);
}
