/**
 * CleanRL's prints: `global_step=3442, episodic_return=15.5` when an episode ends, `SPS: 2345` once an update. The losses
 * go to TensorBoard only. The return of an update is the mean of the last 100 episodes printed before it.
 *
 * Scripts that have no updates (DQN, SAC, TD3 and what is made from them) may print episodes alone: each is then a step of the
 * environment with its return. Which of both a log is shows once a rollout of any PPO would have been over.
 */
import type { Figures } from '../figures.ts';
import { stepOf, updateOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { equalsPairs } from '../key-values.ts';
import type { LogLine } from '../log-line.ts';
import { isCount, type Printed, printed } from '../printed.ts';

const SPS = /^SPS: (\S+)\s*$/;
const GLOBAL_STEP = 'global_step=';
const EPISODES = 100;
/** Environment steps, or episodes, without an update: the largest rollouts of CleanRL's scripts are shorter. */
const LONGEST_ROLLOUT = 70_000;
const MOST_HELD = 500;

export const cleanrl: LogFormat = {
  name: 'cleanrl',
  about: 'CleanRL: prints of episodes and of steps per second',
  marks: ['SPS: ', GLOBAL_STEP],
  open: () => new CleanrlParser(),
};

class CleanrlParser implements LineParser {
  #updates = 0;
  #returns: number[] = [];
  #lengths: number[] = [];
  #globalStep: number | null = null;
  /** Episodes before the first update; null once there was one. */
  #held: Episode[] | null = [];
  #out: Outlet | null = null;
  #isSteps = false;
  #emitted: number | null = null;
  /** Newest of a script without updates. */
  #rate: Printed | null = null;

  read({ text }: LogLine, out: Outlet): boolean {
    if (text.startsWith(GLOBAL_STEP)) return this.#episode(text, out);
    if (!text.startsWith('SPS: ')) return false;
    const rate = printed(SPS.exec(text)?.[1] ?? '');
    if (rate === null) {
      out.almost('an SPS line without a number');
      return true;
    }
    const figures: Figures = new Map([['charts/SPS', rate]]);
    if (this.#isSteps) {
      this.#rate = rate;
      return true;
    }
    this.#held = null;
    const update = updateOf(++this.#updates, figures);
    const rollout = {
      ...(this.#returns.length > 0 && { episodicReturn: mean(this.#returns) }),
      ...(this.#lengths.length > 0 && { episodicLength: mean(this.#lengths) }),
    };
    out.update({
      ...update,
      ...(Object.keys(rollout).length > 0 && { rollout }),
      // Where the newest episode ended: the update came later, at a step that is not printed.
      ...(this.#globalStep !== null && { extra: { ...update.extra, global_step: this.#globalStep } }),
    });
    return true;
  }

  end(): void {
    if (this.#held === null || this.#out === null) return;
    for (const episode of this.#held) this.#step(episode, this.#out);
    this.#held = [];
  }

  /** Of a script without updates. */
  #step({ globalStep, returns, length }: Episode, out: Outlet): void {
    this.#emitted = globalStep;
    const step = stepOf(globalStep, this.#rate === null ? new Map() : new Map([['charts/SPS', this.#rate]]));
    this.#rate = null;
    out.step({
      ...step,
      rollout: { episodicReturn: returns, ...(length !== null && { episodicLength: length }) },
    });
  }

  /** Keeps an episode until it is known whether there are updates. */
  #hold(episode: Episode, out: Outlet): void {
    this.#out = out;
    // Of several environments that end together the newest mean is the step's.
    if (this.#held === null || episode.globalStep === this.#emitted) return;
    if (this.#held.at(-1)?.globalStep === episode.globalStep) this.#held.pop();
    this.#held.push(episode);
    const [first] = this.#held;
    this.#isSteps ||=
      this.#held.length >= MOST_HELD || episode.globalStep - first!.globalStep > LONGEST_ROLLOUT;
    if (!this.#isSteps) return;
    for (const held of this.#held) this.#step(held, out);
    this.#held = [];
  }

  #episode(text: string, out: Outlet): boolean {
    let any = false;
    let globalStep: number | null = null;
    for (const { key, value: raw } of equalsPairs(text)) {
      const value = printed(raw)?.value;
      if (typeof value !== 'number') continue;
      if (key === 'global_step') {
        globalStep = value;
        continue;
      }
      any = true;
      if (key === 'episodic_return' || key === 'episode_reward') keep(this.#returns, value);
      if (key === 'episodic_length') keep(this.#lengths, value);
    }
    if (!any || globalStep === null) {
      out.almost('an episode line without a return');
      return true;
    }
    this.#globalStep = globalStep;
    if (this.#held !== null && isCount(globalStep) && this.#returns.length > 0) {
      const length = this.#lengths.length > 0 ? mean(this.#lengths) : null;
      this.#hold({ globalStep, returns: mean(this.#returns), length }, out);
    }
    return true;
  }
}

interface Episode {
  globalStep: number;
  /** Mean of the last 100 episodes, as of an update. */
  returns: number;
  length: number | null;
}

function keep(values: number[], value: number): void {
  values.push(value);
  if (values.length > EPISODES) values.shift();
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
