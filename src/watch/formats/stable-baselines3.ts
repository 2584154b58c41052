/**
 * Stable-Baselines3: a table a report, `| train/ | |`, then `|    approx_kl | 0.0109 |`. It is printed after a rollout and
 * before that rollout is learned from: the figures of `train/` are of the update before, and the first table has none.
 * Rows of other programs between the rows of a table are no matter; a table cut short is dropped, but for one that the text begins or
 * ends in: its rows are known by their names.
 */
import { type Figures, type Names, stepOf, updateOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { isPpoKey, update } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { isCount, printed } from '../printed.ts';
import { RoundedSteps } from '../rounded-steps.ts';

const RULE = /^-{10,}$/;

export const stableBaselines3: LogFormat = {
  name: 'sb3',
  about: 'Stable-Baselines3: tables',
  marks: ['| ', '----------'],
  open: () => new StableBaselines3Parser(),
};

class StableBaselines3Parser implements LineParser {
  #figures: Figures = new Map();
  #section = '';
  /** Of a table that the text begins in the midst of: its number is known by the next. */
  #first: { figures: Figures; out: Outlet } | null = null;
  /** What was learned of an update whose rollout the next table has. */
  #learned: { number: number; figures: Figures; out: Outlet } | null = null;
  /** Of the newest table that holds them. */
  #iterations: number | null = null;
  /** A row of this table was cut, and others follow it: what its last rows are is not known. */
  #broken = false;
  /** The newest row was cut. */
  #cut: Outlet | null = null;
  #out: Outlet | null = null;
  /** Whether a rule was seen: what comes before the first may be the rest of a table. */
  #ruled = false;
  /** Of tables that Baselines' logger prints for another loop. */
  #steps = new RoundedSteps();

  read({ text: printedText }: LogLine, out: Outlet): boolean {
    // A table that a page has indented.
    const raw = printedText.charCodeAt(0) === 32 ? printedText.trimStart() : printedText;
    const first = raw.charCodeAt(0);
    if (first !== 45 && first !== 124) return false;
    const text = raw.trimEnd();
    this.#out = out;
    if (RULE.test(text)) {
      if (this.#ruled || isWhole(this.#figures)) this.#report(out);
      else this.#figures.clear();
      this.#ruled = true;
      return true;
    }
    const row = rowOf(text);
    if (row === null) {
      if (first !== 124 || (!this.#broken && this.#figures.size === 0)) return false;
      out.almost('a table row that does not end');
      this.#cut = out;
      return true;
    }
    this.#broken ||= this.#cut !== null;
    const { isIndented, key, value } = row;
    if (value === '' && key.endsWith('/')) {
      // A section comes once a table: here a table lost its end.
      if ([...this.#figures.keys()].some(known => known.startsWith(key))) {
        out.almost('a table that does not end');
        this.#figures.clear();
      }
      this.#section = key;
      return true;
    }
    // Below a section that the text does not have: what else stands there is another version's.
    if (isIndented && this.#section === '' && !Object.hasOwn(SECTIONS, key.replace(' ', '_'))) return true;
    const figure = printed(value);
    // The first versions print `total timesteps`.
    const own = isIndented ? key.replace(' ', '_') : key;
    const name = isIndented ? (this.#section || (SECTIONS[own] ?? '')) + own : own;
    if (figure !== null) this.#figures.set(name, figure);
    return true;
  }

  /** The text ends in a table: its rows are whole, but for a last one that was cut. */
  end(): void {
    if (this.#out === null || this.#broken || !isWhole(this.#figures)) {
      this.#reportLearned(null, null);
      this.#reportFirst(null);
      return;
    }
    this.#cut = null;
    this.#report(this.#out);
    this.#reportLearned(null, null);
    this.#reportFirst(null);
  }

  #report(out: Outlet): void {
    const figures: Figures = this.#broken || this.#cut !== null ? new Map() : this.#figures;
    this.#figures = new Map();
    this.#section = '';
    this.#broken = false;
    this.#cut = null;
    const number = (key: string) => {
      const value = figures.get(key)?.value;
      return isCount(value) ? value : null;
    };
    if (![...figures.keys()].some(key => key.includes('/'))) {
      this.#baselines(figures, out);
      return;
    }
    // HER of Baselines counts epochs; `test/` is an evaluation.
    const epoch = number('epoch');
    if (epoch !== null && figures.has('train/success_rate')) {
      figures.delete('epoch');
      out.step(stepOf(epoch, figures));
      return;
    }
    // DDPG of Baselines and Stable-Baselines 2: the environment's steps number it.
    const total = figures.get('total/steps');
    if (total !== undefined && figures.has('rollout/return')) {
      const step = this.#steps.ofPrinted(total);
      figures.delete('total/steps');
      if (step !== null) out.step(stepOf(step, figures, null, DDPG));
      return;
    }
    this.#reportLearned(figures, number('time/iterations'));
    const iterations = number('time/iterations');
    const timesteps = number('time/total_timesteps');
    // An evaluation's table has no iterations: its figures of `train/` are of the update after the rollout before.
    const newest = this.#iterations;
    this.#iterations = iterations ?? newest;
    const isUpdate = [...figures.keys()].some(isPpoKey);
    if (isUpdate && newest === null && iterations === null && this.#first === null) {
      this.#first = { figures, out };
      return;
    }
    this.#reportFirst(iterations);
    if (![...figures.keys()].some(key => key.startsWith('train/'))) {
      // Before DQN, SAC and TD3 learn: their tables count episodes, not rollouts.
      if (iterations === null && timesteps !== null && figures.has('time/episodes'))
        out.step(stepOf(timesteps, figures));
      return;
    }
    if (isUpdate && iterations !== null && iterations > 0) {
      figures.delete('time/iterations');
      out.update(updateOf(iterations - 1, figures));
    } else if (isUpdate && newest !== null) this.#learned = { number: newest, figures, out };
    else if (timesteps !== null) out.step(stepOf(timesteps, figures));
    else out.almost('a table without time/total_timesteps');
  }

  /** What an evaluation's table had of `train/`, with the rollout that the next table has, where that has nothing else of the update. */
  #reportLearned(next: Figures | null, iterations: number | null): void {
    if (this.#learned === null) return;
    const { number, figures, out } = this.#learned;
    this.#learned = null;
    const isRollout = iterations === number + 1 && ![...next!.keys()].some(key => key.startsWith('train/'));
    if (isRollout) for (const [key, figure] of next!) if (key !== 'time/iterations') figures.set(key, figure);
    out.update(updateOf(number, figures));
  }

  /** It is of the update before that of the next table; where none follows, it is numbered by the environment's steps. */
  #reportFirst(next: number | null): void {
    if (this.#first === null) return;
    const { figures, out } = this.#first;
    this.#first = null;
    const steps = figures.get('time/total_timesteps')?.value;
    const number = next !== null && next > 1 ? next - 2 : steps;
    if (isCount(number)) out.update(updateOf(number, figures));
    else out.almost('a table without time/total_timesteps');
  }

  #baselines(figures: Figures, out: Outlet): void {
    if (isOfLoop(figures)) {
      const step = figures.get('step')!;
      figures.delete('step');
      const number = this.#steps.ofPrinted(step);
      if (number !== null) out.step(stepOf(number, figures));
      return;
    }
    const key = ['nupdates', 'n_updates'].find(name => isCount(figures.get(name)?.value));
    if (key === undefined) {
      this.#unnumbered(figures, out);
      return;
    }
    if (![...figures.keys()].some(isPpoKey)) return;
    const number = figures.get(key)!.value as number;
    figures.delete(key);
    out.update(updateOf(number, figures, null, BASELINES));
  }

  /** Tables of Baselines that number no update: DQN's has the environment's steps, PPO1's and TRPO's have those so far. */
  #unnumbered(figures: Figures, out: Outlet): void {
    const key = OF_ENVIRONMENT.find(name => typeof figures.get(name)?.value === 'number');
    if (key === undefined || !isOfEpisodes(figures)) return;
    const number = this.#steps.ofPrinted(figures.get(key)!);
    if (number === null) return;
    if (key === 'steps') {
      figures.delete(key);
      out.step(stepOf(number, figures, null, BASELINES));
    } else out.update(updateOf(number, figures, null, BASELINES));
  }
}

/** What counts the environment's steps in a table that numbers nothing else. */
const OF_ENVIRONMENT = ['steps', 'TimestepsSoFar'];
const isOfEpisodes = (figures: Figures): boolean =>
  (figures.has('steps') && figures.has('mean 100 episode reward')) ||
  (figures.has('TimestepsSoFar') && figures.has('EpRewMean'));

/** Whose section stands above them in each version: a text may begin below it. */
const SECTIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['ep_len_mean', 'ep_rew_mean', 'success_rate'].map(key => [key, 'rollout/'])),
  ...Object.fromEntries(
    ['fps', 'iterations', 'episodes', 'time_elapsed', 'total_timesteps'].map(key => [key, 'time/']),
  ),
  ...Object.fromEntries(
    [
      ...['approx_kl', 'clip_fraction', 'clip_range', 'entropy_loss', 'explained_variance', 'learning_rate'],
      ...['loss', 'n_updates', 'policy_gradient_loss', 'policy_loss', 'value_loss', 'std'],
      ...['actor_loss', 'critic_loss', 'ent_coef', 'ent_coef_loss'],
    ].map(key => [key, 'train/']),
  ),
};

/** Baselines' and Stable-Baselines 2's names, which have no sections. Their figures are of the update that the table numbers. */
const BASELINES: Names = {
  approxkl: update('policy.approxKl'),
  policy_entropy: update('policy.entropy'),
  ep_rewmean: update('rollout.episodicReturn'),
  eprewmean: update('rollout.episodicReturn'),
  ep_reward_mean: update('rollout.episodicReturn'),
  eplenmean: update('rollout.episodicLength'),
  ep_len_mean: update('rollout.episodicLength'),
  'mean 100 episode reward': update('rollout.episodicReturn'),
  total_timesteps: update('rollout.totalSteps'),
  'total timesteps': update('rollout.totalSteps'),
  episodes: update('rollout.totalEpisodes'),
  current_lr: update('policy.learningRate'),
  fps: update('timing.stepsPerSecond'),
  // PPO1, TRPO; its entloss has the coefficient.
  EpRewMean: update('rollout.episodicReturn'),
  EpLenMean: update('rollout.episodicLength'),
  EpThisIter: update('rollout.episodes'),
  EpisodesSoFar: update('rollout.totalEpisodes'),
  TimestepsSoFar: update('rollout.totalSteps'),
  loss_pol_surr: update('loss.policy'),
  loss_vf_loss: update('loss.value'),
  loss_kl: update('policy.approxKl'),
  meankl: update('policy.approxKl'),
  loss_ent: update('policy.entropy'),
};

const DDPG: Names = {
  'rollout/return': update('rollout.episodicReturn'),
  'rollout/episode_steps': update('rollout.episodicLength'),
  'total/episodes': update('rollout.totalEpisodes'),
  'total/steps_per_second': { step: 'samplesPerSecond' },
};

/** Whether a table is of a loop that Baselines' logger prints for, as improved-diffusion and guided-diffusion do: it numbers a step, and has a loss. */
const isOfLoop = (figures: Figures): boolean =>
  typeof figures.get('step')?.value === 'number' && figures.has('loss');

/** Whether a table has its sections, or Baselines’ count of updates: without, its head is not in the text. */
const isWhole = (figures: Figures): boolean =>
  figures.size === 0 ||
  [...figures.keys()].some(key => key.includes('/') || /^n_?updates$|^total timesteps$/.test(key)) ||
  isOfLoop(figures) ||
  isOfEpisodes(figures);

/** `|    approx_kl | 0.0109 |`; null where the row does not end. */
function rowOf(text: string): { isIndented: boolean; key: string; value: string } | null {
  if (!text.startsWith('| ') || !text.endsWith('|')) return null;
  const cell = text.indexOf(' | ', 1);
  if (cell === -1 || cell + 3 > text.length - 1) return null;
  const key = text.slice(2, cell);
  return {
    isIndented: key.startsWith(' '),
    key: key.trim(),
    value: text.slice(cell + 3, -1).trim(),
  };
}
