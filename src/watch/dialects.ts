/**
 * What keys mean in records of a trainer's own files (JSON lines, CSV, TensorBoard), where one key means different things: a
 * record is of the first trainer whose keys it has. The same trainer's console lines use the same names and numbers.
 */
import { dreamerNames } from './dreamer-names.ts';
import type { Figures, Names } from './figures.ts';
import { huggingFaceNames, isHuggingFaceRl } from './hugging-face-names.ts';
import { isPpoKey, numberKeys, peak, returnKey, TRAINING_LOSS, update } from './known-keys.ts';
import { rllibNames } from './rllib-names.ts';

export interface Dialect {
  is(figures: Figures): boolean;
  isUpdate(figures: Figures): boolean;
  names: Names;
  /** Keys of which one numbers the record, the most telling first; those of all where it names none. */
  numbers?: readonly string[];
  /**
   * From the number in the record to the number that the trainer's console has for the same: as it stands where this is left
   * out; null where the record has the environment's steps, and updates are counted. `first` is the number of the first record.
   */
  number?(inRecord: number, key: string, isUpdate: boolean, first: number): number | null;
  /** Whether it sums up an epoch, whose steps may have records of their own: none where they have. */
  isSum?(figures: Figures): boolean;
  /** Whether it is the record of an update or a step; others are passed over. */
  isReport?(figures: Figures): boolean;
}

const has = (figures: Figures, test: (key: string) => boolean): boolean => {
  for (const key of figures.keys()) if (test(key)) return true;
  return false;
};

/** Times and memory of its iterations, or an evaluation’s average precision. */
const isOpenMmlab = (figures: Figures): boolean =>
  figures.has('data_time') || has(figures, key => /^(?:\w{1,20}_)?mAP(?:_|$)/.test(key));

/** The loss of another phase than training: `val_loss`, `loss/val`. */
const EVALUATED_LOSS =
  /(?:^|[_/])(?:val(?:id(?:ation)?)?|test)[_/]loss$|^loss[_/](?:val(?:id(?:ation)?)?|test)$/i;
const OF_RLLIB = /^(?:env_runners|learners|info|sampler_results)\/|^episode_(?:reward|len)_mean$/;

const dialects: readonly Dialect[] = [
  {
    // RLlib; Ray Tune counts the same of any other training.
    is: figures => figures.has('training_iteration'),
    isUpdate: figures =>
      has(figures, key => isPpoKey(key) || OF_RLLIB.test(key)) ||
      !has(figures, key => /^(?:val|metrics)\//.test(key)),
    names: rllibNames,
    numbers: ['training_iteration'],
  },
  {
    // Stable-Baselines3 reports before it learns: the figures of `train/` are of the update before, as in its tables. Environment
    // steps number steps.
    is: figures => figures.has('time/total_timesteps') || figures.has('time/fps'),
    isUpdate: figures => has(figures, isPpoKey),
    names: {},
    numbers: ['time/iterations', 'time/total_timesteps', 'step'],
    number: (inRecord, key, isUpdate) =>
      !isUpdate ? inRecord : key === 'time/iterations' ? inRecord - 1 : null,
    isReport: figures => has(figures, key => key.startsWith('train/')),
  },
  {
    // ChainerRL's and PFRL's scores.txt: evaluations, by the environment's step.
    is: figures => figures.has('steps') && figures.has('episodes') && figures.has('stdev'),
    isUpdate: figures => has(figures, key => /^average_(?:loss_policy|policy_loss)$/.test(key)),
    names: {
      mean: update('rollout.episodicReturn'),
      episodes: update('rollout.totalEpisodes'),
      average_loss: { step: 'loss' },
      // PPO of the one and of the other. Whether ChainerRL’s average_loss_entropy is the entropy or its negative depends on its version.
      average_loss_policy: update('loss.policy'),
      average_loss_value_func: update('loss.value'),
      average_policy_loss: update('loss.policy'),
      average_value_loss: update('loss.value'),
      average_entropy: update('policy.entropy'),
    },
    numbers: ['steps'],
  },
  {
    // RSL-RL's TensorBoard.
    is: figures => has(figures, key => /^Loss\/(?:value|surrogate|value_function|entropy)$/.test(key)),
    isUpdate: () => true,
    names: {
      'Loss/value': update('loss.value'),
      'Loss/value_function': update('loss.value'),
      'Loss/surrogate': update('loss.policy'),
      'Loss/entropy': update('policy.entropy'),
      'Loss/learning_rate': update('policy.learningRate'),
      'Train/mean_reward': update('rollout.episodicReturn'),
      'Train/mean_episode_length': update('rollout.episodicLength'),
      'Perf/total_fps': update('timing.stepsPerSecond'),
      'Perf/collection time': update('timing.rolloutMs', { power: 3 }),
      'Perf/collection_time': update('timing.rolloutMs', { power: 3 }),
      'Perf/learning_time': update('timing.updateMs', { power: 3 }),
    },
  },
  {
    // DreamerV3's metrics.jsonl and scores.jsonl.
    is: figures => figures.has('episode/score') || figures.has('train/loss/dyn'),
    isUpdate: () => false,
    names: dreamerNames,
    numbers: ['step'],
  },
  {
    // skrl's TensorBoard.
    is: figures => has(figures, key => key.startsWith('Loss / ')),
    isUpdate: () => true,
    names: {
      'Loss / Policy loss': update('loss.policy'),
      'Loss / Value loss': update('loss.value'),
      'Learning / Learning rate': update('policy.learningRate'),
      'Reward / Total reward (mean)': update('rollout.episodicReturn'),
      'Episode / Total timesteps (mean)': update('rollout.episodicLength'),
    },
  },
  {
    // rl_games' TensorBoard.
    is: figures => figures.has('losses/a_loss') || figures.has('losses/c_loss'),
    isUpdate: () => true,
    names: {
      'losses/a_loss': update('loss.policy'),
      'losses/c_loss': update('loss.value'),
      'losses/entropy': update('policy.entropy'),
      'info/kl': update('policy.approxKl'),
      'info/last_lr': update('policy.learningRate'),
      'rewards/step': update('rollout.episodicReturn'),
      'rewards/iter': update('rollout.episodicReturn'),
      'episode_lengths/iter': update('rollout.episodicLength'),
    },
  },
  {
    // fairseq: an interval of updates, or an epoch; validation is numbered by the same key.
    is: figures => figures.has('num_updates') || figures.has('train_num_updates'),
    isUpdate: () => false,
    names: {
      gnorm: { step: 'gradNorm' },
      train_loss: { step: 'loss' },
      train_lr: { step: 'learningRate' },
      train_gnorm: { step: 'gradNorm' },
    },
    numbers: ['num_updates', 'train_num_updates'],
    isReport: figures => figures.has('loss') || figures.has('train_loss'),
    isSum: figures => !figures.has('num_updates'),
  },
  {
    // SlowFast: peaks of the run.
    is: figures => figures.has('dt_data'),
    isUpdate: () => false,
    names: { gpu_mem: peak('peakAllocatedBytes', 'GiB') },
  },
  {
    // DeiT, MAE, PVT and their like: a record of each epoch, as it is numbered there.
    is: figures =>
      figures.has('epoch') &&
      figures.has('train_loss') &&
      (figures.has('train_lr') || figures.has('n_parameters')),
    isUpdate: () => false,
    names: { train_loss: { step: 'loss' }, train_lr: { step: 'learningRate' } },
    numbers: ['epoch'],
  },
  {
    // OpenMMLab before mmengine: iterations begin again in each epoch, and a record of an evaluation shows how many there were.
    is: figures =>
      figures.has('epoch') && figures.has('iter') && !figures.has('step') && isOpenMmlab(figures),
    isUpdate: () => false,
    names: { time: { step: 'stepMs', power: 3 } },
    numbers: ['iter'],
    isReport: figures => has(figures, key => /(?:^|[._])loss/.test(key)),
  },
  {
    // results.csv of YOLOv5 and Ultralytics: an epoch, as it is numbered there.
    is: figures =>
      figures.has('epoch') && has(figures, key => /^train\/(?:box|seg|cls|dfl)_?loss$/.test(key)),
    isUpdate: () => false,
    names: {},
    numbers: ['epoch'],
  },
  {
    // Keras' CSVLogger: its epoch counts from 0. A loop's own may count from 1.
    is: figures =>
      figures.has('epoch') &&
      figures.has('loss') &&
      // Keras 3 has the rate of learning beside its validation, the Hugging Face Trainer without one.
      (!figures.has('learning_rate') || figures.has('val_loss')) &&
      !has(figures, key => numberKeys.includes(key) || /^grad_norm$|\//.test(key)),
    isUpdate: () => false,
    names: {},
    numbers: ['epoch'],
    number: (inRecord, _key, _isUpdate, first) => inRecord + Number(first === 0),
  },
  {
    // The Hugging Face Trainer and its like: entropy alone makes no policy.
    is: figures => figures.has('epoch') && has(figures, key => key === 'loss' || isHuggingFaceRl(key)),
    isUpdate: figures => has(figures, isHuggingFaceRl),
    names: huggingFaceNames,
    numbers: ['step', 'global_step', 'current_steps'],
  },
  {
    // Lightning's metrics.csv: its step counts from 0, and 49 is the first of each fifty. A loop's own has 50.
    is: figures => figures.has('epoch') && figures.has('step') && has(figures, key => /loss/i.test(key)),
    isUpdate: figures => has(figures, isPpoKey),
    names: {
      train_loss: { step: 'loss' },
      train_loss_step: { step: 'loss' },
      train_loss_batch: { step: 'loss' },
      'train/loss': { step: 'loss' },
      'train/loss_step': { step: 'loss' },
      'loss/train': { step: 'loss' },
    },
    numbers: ['step'],
    number: (inRecord, _key, _isUpdate, first) => inRecord + Number(first === 0 || first % 10 !== 0),
    // The sum of an epoch stands in a row of its own, and so does an evaluation, whatever else was measured with its loss.
    isReport: figures =>
      has(figures, key => !/^(?:val|test)|^step$|(?:^|_)epoch(?:_|$)/.test(key)) &&
      (has(figures, key => TRAINING_LOSS.test(key)) || !has(figures, key => EVALUATED_LOSS.test(key))),
  },
];

/** A loop written by hand, where a loss of training has a name that is not in any table: `Train Loss`, `training_loss`. */
function lossDialect(figures: Figures): Dialect | null {
  if (figures.has('loss') || has(figures, isPpoKey)) return null;
  const loss = [...figures.keys()].find(key => TRAINING_LOSS.test(key));
  if (loss === undefined) return null;
  return named(loss, () => ({
    is: () => true,
    isUpdate: () => false,
    names: { [loss]: { step: 'loss' } },
    numbers: [...numberKeys, ...EPOCHS],
  }));
}

/** What a file's own names make of a dialect, once a file. */
function named(key: string, make: () => Dialect): Dialect {
  const dialect = namedDialects.get(key) ?? make();
  if (namedDialects.size < MOST_NAMES) namedDialects.set(key, dialect);
  return dialect;
}

/** A loop that counts episodes: the return of each. */
function episodeDialect(figures: Figures): Dialect | null {
  const number = [...figures.keys()].find(key => /^episodes?$/i.test(key));
  if (number === undefined || has(figures, key => isPpoKey(key) || numberKeys.includes(key))) return null;
  const own = returnKey(figures.keys());
  const loss = [...figures.keys()].find(key => TRAINING_LOSS.test(key));
  return named(`${number} ${own} ${loss}`, () => ({
    is: () => true,
    isUpdate: () => false,
    names: {
      ...(own !== undefined && { [own]: update('rollout.episodicReturn') }),
      ...(loss !== undefined && { [loss]: { step: 'loss' } }),
    },
    numbers: [number],
  }));
}

const namedDialects = new Map<string, Dialect>();
const MOST_NAMES = 100;
/** Of a record that nothing finer numbers. */
export const EPOCHS = ['epoch', 'Epoch', 'EPOCH'];

export const plainDialect: Dialect = {
  is: () => true,
  isUpdate: figures => has(figures, isPpoKey),
  names: {},
};

/** The first trainer's whose keys the record has; the plain one where it is nobody's. */
export const dialectOf = (figures: Figures): Dialect =>
  dialects.find(({ is }) => is(figures)) ?? episodeDialect(figures) ?? lossDialect(figures) ?? plainDialect;
