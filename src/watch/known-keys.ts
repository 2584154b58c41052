/**
 * The names that trainers give to their figures, and the contract's names for the same. One table for every format:
 * a key means the same in a console line, a table and a JSON line.
 *
 * Where a definition differs from the contract's it is noted beside the key. A key that is not here is kept under
 * `extra`, as it came.
 */
import { byText } from './by-shape.ts';

export interface KnownKey {
  /** Field of a PPO update. */
  update?: string;
  /** Field of a step of a loop that is not PPO. */
  step?: string;
  /** Power of ten between the log's unit and the contract's. */
  power?: number;
  /** The log prints the negative. */
  negative?: true;
  /** It is memory: field of the device's reading, the unit where none is printed, and since when a peak holds. */
  memory?: { field: string; unit: string; scope?: 'run' | 'update' };
}

export const peak = (field: string, unit: string, scope: 'run' | 'update' = 'run'): KnownKey => ({
  memory: { field, unit, scope },
});
export const held = (field: string, unit: string): KnownKey => ({ memory: { field, unit } });

const both = (update: string, step: string): KnownKey => ({ update, step });
/** A figure of an update alone; what the environments gave is of a step, too: a DQN has no update. */
export const update = (field: string, rest: Omit<KnownKey, 'update'> = {}): KnownKey => ({
  update: field,
  ...(field.startsWith('rollout.') && { step: field }),
  ...rest,
});

export const knownKeys: Record<string, KnownKey> = {
  // verl. Its ppo_kl is the mean of old − new log-probability, the same in expectation and sometimes below zero; its
  // returns and lengths are means of this batch.
  'actor/pg_loss': update('loss.policy'),
  'actor/loss': update('loss.total'),
  'actor/entropy': update('policy.entropy'),
  'actor/entropy_loss': update('policy.entropy'),
  'actor/ppo_kl': update('policy.approxKl'),
  'actor/pg_clipfrac': update('policy.clipFraction'),
  'actor/lr': update('policy.learningRate'),
  'actor/lr(1e-4)': update('policy.learningRate', { power: -4 }),
  'actor/grad_norm': update('gradient.norm'),
  'critic/vf_loss': update('loss.value'),
  'critic/vf_explained_var': update('value.explainedVariance'),
  'critic/values/mean': update('value.meanValue'),
  'critic/returns/mean': update('value.meanReturn'),
  'critic/score/mean': update('rollout.episodicReturn'),
  // EasyR1.
  'reward/overall': update('rollout.episodicReturn'),
  'critic/rewards/mean': update('rollout.episodicReturn'),
  'response_length/mean': update('rollout.episodicLength'),
  'timing_s/gen': update('timing.rolloutMs', { power: 3 }),
  'timing_s/update_actor': update('timing.updateMs', { power: 3 }),

  // Stable-Baselines3. Its entropy_loss is the negative entropy.
  'train/loss': both('loss.total', 'loss'),
  'train/policy_gradient_loss': update('loss.policy'),
  'train/policy_loss': update('loss.policy'),
  'train/value_loss': update('loss.value'),
  'train/entropy_loss': update('policy.entropy', { negative: true }),
  'train/approx_kl': update('policy.approxKl'),
  'train/clip_fraction': update('policy.clipFraction'),
  'train/clip_range': update('policy.clipRange'),
  'train/learning_rate': both('policy.learningRate', 'learningRate'),
  'train/explained_variance': update('value.explainedVariance'),
  'rollout/ep_rew_mean': update('rollout.episodicReturn'),
  'rollout/ep_len_mean': update('rollout.episodicLength'),
  'time/episodes': update('rollout.totalEpisodes'),
  'time/total_timesteps': update('rollout.totalSteps'),
  'time/fps': both('timing.stepsPerSecond', 'samplesPerSecond'),

  // verl's supervised trainer.
  'train/lr(1e-3)': { step: 'learningRate', power: -3 },
  'train/time(s)': { step: 'stepMs', power: 3 },
  'train/grad_norm': { step: 'gradNorm' },

  // CleanRL. Its approx_kl and losses are of the last minibatch.
  'losses/policy_loss': update('loss.policy'),
  'losses/value_loss': update('loss.value'),
  'losses/entropy': update('policy.entropy'),
  'losses/approx_kl': update('policy.approxKl'),
  'losses/clipfrac': update('policy.clipFraction'),
  'losses/explained_variance': update('value.explainedVariance'),
  'charts/learning_rate': update('policy.learningRate'),
  'charts/episodic_return': update('rollout.episodicReturn'),
  'charts/episodic_length': update('rollout.episodicLength'),
  'charts/SPS': update('timing.stepsPerSecond'),

  // Brax. Its entropy loss is the entropy times a cost.
  'training/policy_loss': update('loss.policy'),
  'training/v_loss': update('loss.value'),
  'training/critic_loss': update('loss.value'),
  'training/actor_loss': update('loss.policy'),
  'training/kl_mean': update('policy.approxKl'),
  'training/total_loss': both('loss.total', 'loss'),
  'training/sps': both('timing.stepsPerSecond', 'samplesPerSecond'),

  // TRL, by both of its PPO trainers' names.
  'loss/policy_avg': update('loss.policy'),
  'loss/value_avg': update('loss.value'),
  'policy/approxkl_avg': update('policy.approxKl'),
  'policy/clipfrac_avg': update('policy.clipFraction'),
  'policy/entropy_avg': update('policy.entropy'),
  'objective/rlhf_reward': update('rollout.episodicReturn'),
  episode: update('rollout.totalEpisodes'),
  'ppo/loss/policy': update('loss.policy'),
  'ppo/loss/value': update('loss.value'),
  'ppo/loss/total': update('loss.total'),
  'ppo/policy/approxkl': update('policy.approxKl'),
  'ppo/policy/clipfrac': update('policy.clipFraction'),
  'ppo/policy/entropy': update('policy.entropy'),
  'ppo/val/var_explained': update('value.explainedVariance'),
  'ppo/mean_scores': update('rollout.episodicReturn'),

  // Plain names: the Hugging Face Trainer, torchtitan (its tps is per device), loops written by hand.
  loss: both('loss.total', 'loss'),
  // Lingua.
  'loss/out': both('loss.total', 'loss'),
  total_loss: both('loss.total', 'loss'),
  policy_loss: update('loss.policy'),
  value_loss: update('loss.value'),
  entropy: update('policy.entropy'),
  approx_kl: update('policy.approxKl'),
  clip_fraction: update('policy.clipFraction'),
  clipfrac: update('policy.clipFraction'),
  explained_variance: update('value.explainedVariance'),
  episodic_return: update('rollout.episodicReturn'),
  episode_reward: update('rollout.episodicReturn'),
  episode_return: update('rollout.episodicReturn'),
  ...Object.fromEntries(
    ['mean_reward', 'avg_reward', 'average_reward', 'reward_mean', 'mean_return', 'avg_return'].map(key => [
      key,
      update('rollout.episodicReturn'),
    ]),
  ),
  ep_r: update('rollout.episodicReturn'),
  ep_ret: update('rollout.episodicReturn'),
  ep_rew: update('rollout.episodicReturn'),
  ep_len: update('rollout.episodicLength'),
  episode_length: update('rollout.episodicLength'),
  grad_norm: both('gradient.norm', 'gradNorm'),
  learning_rate: both('policy.learningRate', 'learningRate'),
  lr: both('policy.learningRate', 'learningRate'),
  tps: { step: 'tokensPerSecond' },
  tokens_per_second: { step: 'tokensPerSecond' },
  samples_per_second: { step: 'samplesPerSecond' },

  // Memory beside the figures: peaks, never current values.
  'perf/max_memory_allocated_gb': peak('peakAllocatedBytes', 'GiB'),
  'perf/max_memory_reserved_gb': peak('peakReservedBytes', 'GiB'),
  'actor/perf/max_memory_allocated_gb': peak('peakAllocatedBytes', 'GiB'),
  'actor/perf/max_memory_reserved_gb': peak('peakReservedBytes', 'GiB'),
  'memory/max_active(GiB)': peak('peakActiveBytes', 'GiB', 'update'),
  'memory/max_reserved(GiB)': peak('peakReservedBytes', 'GiB', 'update'),
  // ms-swift, Liger's callback, Gaudi.
  'memory(GiB)': peak('peakReservedBytes', 'GiB'),
  step_peak_memory_allocated_MB: peak('peakAllocatedBytes', 'MiB', 'update'),
  step_peak_memory_reserved_MB: peak('peakReservedBytes', 'MiB', 'update'),
  // OpenMMLab, renamed by the reader of its lines.
  max_memory_allocated_MB: peak('peakAllocatedBytes', 'MiB'),
  'max_memory_allocated (GB)': peak('peakAllocatedBytes', 'GiB'),
  'total_memory_available (GB)': held('deviceTotalBytes', 'GiB'),
};

/**
 * Names that loops written by hand give to what torch.cuda reports, where a unit stands behind the figure. A name that does not tell what was
 * asked is taken for the peak of what tensors held, which most of them print.
 */
export const memoryNames: Readonly<Record<string, KnownKey>> = {
  ...Object.fromEntries(
    [
      'gpu_mem',
      'GPU Mem',
      'gpu mem',
      'GPU mem',
      'gpu_memory',
      'GPU memory',
      'GPU Memory',
      'VRAM',
      'vram',
      'cuda_mem',
      'peak memory',
      'peak_mem',
      'peak mem',
      'Peak memory',
      'max_allocated',
      'max_alloc',
      'peak_allocated',
    ].map(key => [key, peak('peakAllocatedBytes', 'GiB')]),
  ),
  ...Object.fromEntries(
    ['max_reserved', 'peak_reserved'].map(key => [key, peak('peakReservedBytes', 'GiB')]),
  ),
  allocated: held('allocatedBytes', 'GiB'),
  reserved: held('reservedBytes', 'GiB'),
};

/** Names of the loss that is trained on: `train_loss`, `Training Loss`, `avg loss`, OpenNMT's `xent`; never of a validation's. */
export const TRAINING_LOSS =
  /^(?:(?:trn|train(?:ing)?|total|estimated average|avg|avr|ave|average|mean|main|running|lm|step|(?:mini)?batch|iter(?:ation)?|epoch|curr(?:ent)?)[ _/-]?){0,2}loss(?:[ _/](?:train|avg|total)|_step)?(?: \(curr\))?$|^xent$|^cross[ _]entropy$/i;

/** Whether it is set, and not measured: `loss_weight`, `kl_coef`. */
export const isSetting = (key: string): boolean =>
  /(?:weight|coef|coeff|coefficient|lambda|factor|scale)s?$/i.test(key);

/** What the episodes of environments gave: a loop that counts episodes reports it, whatever else it has. */
const RETURN =
  /^(?:(?:ep(?:isode|isodic)?|total|cum(?:ulative)?|avg|average|mean|running|moving|last|train(?:ing)?|smoothed)(?:[1-9]0{1,3})?[ _]?){0,2}(?:reward|return|score)s?(?:_env_\d{1,4}|_train|[ _](?:last[ _]?)?[1-9]0{1,3})?$|^ep_?(?:rew|ret)(?:_?mean)?$/i;
/** The same where it is a reward by its word: a score may be of anything. */
export const isReward = byText((key: string) => RETURN.test(key) && !/score/i.test(key));
/** Of several, the one of the episode itself. */
const AVERAGE = /avg|average|mean|running|moving|last|smoothed/i;

/** The key of a return among those of a report that counts episodes: that of the episode itself before a mean. */
export function returnKey(keys: Iterable<string>): string | undefined {
  const returns = [...keys].filter(key => RETURN.test(key));
  const own = returns.filter(key => !AVERAGE.test(key));
  return own.find(key => !/score/i.test(key)) ?? own[0] ?? returns[0];
}

/** Fields that only PPO has: one of them makes a report an update, none of them a step. */
const ppoOnly = /^(?:loss\.(?:policy|value)|policy\.(?!learningRate)|value\.)/;

export const isPpoKey = (key: string): boolean => {
  const field = knownKeys[key]?.update;
  return field !== undefined && ppoOnly.test(field);
};

/** Keys that number a report, the most telling first. */
export const numberKeys = [
  'batch',
  'update',
  'iteration',
  'iterations',
  'time/iterations',
  'training/global_step',
  'current_steps',
  'iter',
  'step',
  'global_step',
  'training_step',
  'time/total_timesteps',
];

/** Words of a key that names an amount of a device's memory with its unit: `memory/max_allocated (GiB)`, `peak_memory_reserved_gb`. */
const MEMORY =
  /^(?!.*(?:cpu|host|total|avail|free|ram\b)).*mem.*?(alloc|reserv|active).*?(?:[( _/](gib|gb|mib|mb)\)?)$/i;
/** `gpu_mem_gb`, `peak_vram_gb`: as in loops by hand, a peak where the name does not tell. */
const LOOP_MEMORY =
  /^(?:train[_/])?(?:(?:gpu|cuda|peak|max)[_/]){0,3}(?:mem|memory|vram)(?:_used|_usage|_peak)?[_ (](gib|gb|mib|mb)\)?$/i;
const memoryKeys = new Map<string, KnownKey | null>();
const MOST_KEYS = 4096;

/** What such a key means; null for any other. Peaks are those of the run: none of these trainers has another word. */
export function memoryKey(key: string): KnownKey | null {
  const known = memoryKeys.get(key);
  if (known !== undefined) return known;
  const [, what, unit] = key.length > 100 ? [] : (MEMORY.exec(key) ?? []);
  let meaning: KnownKey | null = null;
  if (what !== undefined) {
    const name = { alloc: 'Allocated', reserv: 'Reserved', active: 'Active' }[what.toLowerCase()]!;
    const inUnit = /^g/i.test(unit!) ? 'GiB' : 'MiB';
    meaning = /max|peak/i.test(key)
      ? peak(`peak${name}Bytes`, inUnit)
      : held(`${name[0]!.toLowerCase()}${name.slice(1)}Bytes`, inUnit);
  }
  const inLoop = what === undefined && key.length <= 100 ? LOOP_MEMORY.exec(key) : null;
  if (inLoop !== null) meaning = peak('peakAllocatedBytes', /^g/i.test(inLoop[1]!) ? 'GiB' : 'MiB');
  if (memoryKeys.size < MOST_KEYS) memoryKeys.set(key, meaning);
  return meaning;
}
