/**
 * Loops that print a block of `name: value` a report, its number first, a rule, an empty line or the next number behind it: `Iteration: 	 3`, `Loss: 	 0.12`,
 * `MeanRew: 	 -257.4 +- 63.1`, `-----`; Spinning Up's tables, `|             Epoch |               0 |`. Only where no format of a trainer reads the log.
 */
import type { Names } from '../figures.ts';
import { partedPairs } from '../key-values.ts';
import { isReward, isSetting, type KnownKey, TRAINING_LOSS, update } from '../known-keys.ts';
import { withoutTimedPrefix } from '../logger-prefix.ts';
import { updateNames } from '../loop-update.ts';
import { reportFormat } from '../report-format.ts';

const HEAD =
  /^\|?\s{0,24}(?:Iteration|Epoch|Iter|Itr|Step|Update|Episodes?|iteration|epoch|iter|itr|step|update|episodes?)(?::\s{1,20}| {1,24}\| {1,24})(\d{1,12})\s{0,24}\|?\s*$/;
/** Baselines' ACKTR: `Iteration 3025` alone, and a table below. */
const BARE_HEAD = /^Iteration (\d{1,12})\s*$/;
/** sg2im: `t = 15500 / 300000`, then ` G [total_loss]: 1.44`. */
const SCENE_HEAD = /^t = (\d{1,12}) \/ (\d{1,12})\s{0,8}$/;
/** `-------------------- Iteration #50 --------------------`, as PPO-for-Beginners and its heirs draw it. */
const RULED_HEAD =
  /^[-=*]{3,80} ?(?:Iteration|Epoch|Update|Episode) ?[#:]? ?(\d{1,12})(?:\/(\d{1,12}))? ?[-=*]{3,80}\s*$/i;
/** `***** Episode 31455, Mean R = 28911.0 *****`, as some learners by TRPO draw it: figures within the rule. */
const FIGURED_HEAD =
  /^\*{3,80} ?(?:Iteration|Epoch|Update|Episode) (\d{1,12})((?:, [A-Za-z][\w ]{0,40} = -?[\d.]{1,24}){1,4}) ?\*{3,80}\s*$/;
const ROW =
  /^\|?\s{0,24}([A-Za-z][\w ./()[\]-]{0,40}?)(?::\s{1,20}|\t {0,4}| {1,24}\| {1,24})([-+]?[\d.]{1,24}(?:e[-+]?\d{1,3})?|nan|inf)(?: ?\+- ?[\d.]{1,24})?(?: seconds)?\s{0,24}\|?\s*$/;
/** rl_replicas' first version has these above the number that they are of, those of the next report below it. */
const OF_NEXT = /^(?:Loss of the current|Difference of the previous) /;
/** A name may stand in it. */
const RULE = /^[-=]{5,200}\s*(?: [A-Za-z][\w .]{0,40} ?[-=]{5,200}\s*)?$/;
/** What one of its rows has by name, where the block is of a training: `acc` is none of `accumulation`. */
const OF_TRAINING =
  /loss|rew(?:ards?)?(?![a-z])|ret(?:urn)?\b|entropy|score|acc(?:uracy)?(?![a-z])|energy|cost|objective|(?:err(?:ors?)?|mse|mae|nll|elbo|ppl|dice|iou|auc|psnr|fid)(?![a-z])|\bkl|perplexity/i;

/** A validation's loss alone is no report: the training's own stands on another line. */
const OTHER_PHASE = /^(?:val(?:id(?:ation)?)?|test|eval(?:uation)?|dev)[ _./]?loss$/i;

/** Whether a line that stands alone numbers the block below it. */
export const isBlockHead = (text: string): boolean =>
  HEAD.test(withoutTimedPrefix(text)) ||
  BARE_HEAD.test(text) ||
  RULED_HEAD.test(text) ||
  FIGURED_HEAD.test(text);
/** Whether it is a row of a block: one name, one value, nothing else. */
export const isBlockRow = (text: string): boolean => ROW.test(withoutTimedPrefix(text));

/** `Average Episodic Return`, `Mean reward`, `Episode Length`: one word or several, all of a rollout. */
const spelt = (of: readonly string[], words: readonly string[], field: string): [string, KnownKey][] =>
  ['', 'Mean ', 'Average ', 'Avg ', 'Avg. '].flatMap(mean =>
    of.flatMap(front => words.map((word): [string, KnownKey] => [`${mean}${front}${word}`, update(field)])),
  );
const OF_EPISODE = ['Episode ', 'Episodic '];

const names: Names = {
  MeanRew: update('rollout.episodicReturn'),
  MeanLen: update('rollout.episodicLength'),
  EpRewMean: update('rollout.episodicReturn'),
  EpLenMean: update('rollout.episodicLength'),
  EVAfter: update('value.explainedVariance'),
  MeanEntropy: update('policy.entropy'),
  AverageEpRet: update('rollout.episodicReturn'),
  EpLen: update('rollout.episodicLength'),
  LossPi: update('loss.policy'),
  LossV: update('loss.value'),
  KL: update('policy.approxKl'),
  'Mean R': update('rollout.episodicReturn'),
  PolicyEntropy: update('policy.entropy'),
  PolicyLoss: update('loss.policy'),
  ValFuncLoss: update('loss.value'),
  Entropy: update('policy.entropy'),
  ClipFrac: update('policy.clipFraction'),
  TotalEnvInteracts: update('rollout.totalSteps'),
  // rl_replicas.
  'training/average_episode_return': update('rollout.episodicReturn'),
  'training/average_episode_length': update('rollout.episodicLength'),
  'Total env interactions': update('rollout.totalSteps'),
  'policy/loss': update('loss.policy'),
  'policy/avarage_entropy': update('policy.entropy'),
  'policy/kl_divergence': update('policy.approxKl'),
  'value_function/average_loss': update('loss.value'),
  total_steps: update('rollout.totalSteps'),
  total_episodes: update('rollout.totalEpisodes'),
  ...Object.fromEntries(
    spelt(['', 'Total ', ...OF_EPISODE], ['Reward', 'reward', 'Return', 'return'], 'rollout.episodicReturn'),
  ),
  ...Object.fromEntries(spelt(OF_EPISODE, ['Length', 'length'], 'rollout.episodicLength')),
  // PPO-for-Beginners.
  'Timesteps So Far': update('rollout.totalSteps'),
  // sg2im.
  'G [total_loss]': { step: 'loss' },
};

export const blocks = reportFormat({
  name: 'blocks',
  about: 'loops written by hand: a block of names and values under its number',
  marks: ['iteration', 'epoch', 'iter:', 'itr:', 'step:', 'iter |', 'step |', 'episode', 'update', 't = '],
  claim: 'weak',
  names,
  kind: figures =>
    ['MeanRew', 'EpRewMean', 'AverageEpRet', 'LossPi', 'PolicyLoss', 'MeanEntropy', 'policy/loss'].some(key =>
      figures.has(key),
    ),
  updateNames: figures => updateNames(figures, [...figures.keys()].some(isReward), names),
  isReport: figures =>
    [...figures.keys()].some(key => OF_TRAINING.test(key) && !isSetting(key) && !OTHER_PHASE.test(key)),
  head({ text }) {
    const head = HEAD.exec(withoutTimedPrefix(text)) ?? BARE_HEAD.exec(text);
    if (head !== null) return { number: Number(head[1]), pairs: [] };
    const scene = SCENE_HEAD.exec(text);
    if (scene !== null) return { number: Number(scene[1]), total: Number(scene[2]), pairs: [] };
    const figured = text.startsWith('***') ? FIGURED_HEAD.exec(text) : null;
    if (figured !== null)
      return { number: Number(figured[1]), pairs: partedPairs(figured[2]!.slice(2), ', ', ' = ') };
    const ruled = /^[-=*]/.test(text) ? RULED_HEAD.exec(text) : null;
    if (ruled === null) return null;
    return {
      number: Number(ruled[1]),
      ...(ruled[2] !== undefined && { total: Number(ruled[2]) }),
      pairs: [],
    };
  },
  row({ text: line }) {
    const text = withoutTimedPrefix(line);
    if (RULE.test(text) || OF_NEXT.test(text)) return 'end';
    const row = ROW.exec(text);
    if (row === null) return null;
    const key = row[1]!.trim();
    return [{ key: TRAINING_LOSS.test(key) ? 'loss' : key, value: row[2]! }];
  },
});
