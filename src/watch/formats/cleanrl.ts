/**
 * CleanRL's prints: `global_step=3442, episodic_return=15.5` when an episode ends, `SPS: 2345` once an update. The losses
 * go to TensorBoard only. The return of an update is the mean of the last 100 episodes printed before it.
 *
 * Scripts that have no updates (DQN, SAC, TD3 and what is made from them) print episodes alone, or a rate every 100 steps: each episode
 * is then a step of the environment with its return. Which of both a log is shows once a rollout of any PPO would have been over, or by
 * the steps between two rates.
 */
import { stepOf, updateOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { equalsPairs } from '../key-values.ts';
import type { LogLine } from '../log-line.ts';
import { isCount, type Printed, printed } from '../printed.ts';

const SPS = /^SPS: (\S+)\s*$/;
const GLOBAL_STEP = 'global_step=';
/** PureJaxRL and its heirs write spaces. */
const SPACED = 'global step=';
const EPISODES = 100;
/** Environment steps, or episodes, without an update: the largest rollouts of CleanRL's scripts are shorter. */
const LONGEST_ROLLOUT = 70_000;
const MOST_HELD = 500;
/** Environment steps between two rates of a script without updates are 100, of a rollout 128 or more. */
const SHORTEST_ROLLOUT = 115;
/** Environment steps after which both are distinguished, and rates by which they are, where episodes are too long for it. */
const ENOUGH_STEPS = 600;
const MOST_RATES = 24;

export const cleanrl: LogFormat = {
  name: 'cleanrl',
  about: 'CleanRL: prints of episodes and of steps per second',
  marks: ['SPS: ', GLOBAL_STEP, SPACED],
  open: () => new CleanrlParser(),
};

class CleanrlParser implements LineParser {
  #kind: 'updates' | 'steps' | null = null;
  /** What was read before it was known which of both the log is of. */
  #held: { read: Episode | Printed; out: Outlet }[] = [];
  #clock = new RateClock();
  #updates = 0;
  #returns: number[] = [];
  #lengths: number[] = [];
  #globalStep: number | null = null;
  /** Of a script without updates: the newest rate, and the step that waits for other environments that end with it. */
  #rate: Printed | null = null;
  #emitted: number | null = null;

  read({ text }: LogLine, out: Outlet): boolean {
    if (text.startsWith(GLOBAL_STEP) || text.startsWith(SPACED)) {
      const episode = episodeIn(
        text.replace(SPACED, GLOBAL_STEP).replace('episodic return=', 'episodic_return='),
      );
      if (episode === null) out.almost('an episode line without a return');
      else this.#take(episode, out);
      return true;
    }
    if (!text.startsWith('SPS: ')) return false;
    const rate = printed(SPS.exec(text)?.[1] ?? '');
    if (rate === null) out.almost('an SPS line without a number');
    else this.#take(rate, out);
    return true;
  }

  end(): void {
    if (this.#kind === null && this.#held.length > 0) this.#settle(this.#clock.atTheEnd);
  }

  #take(read: Episode | Printed, out: Outlet): void {
    if (this.#kind !== null) {
      this.#emit(read, out);
      return;
    }
    this.#held.push({ read, out });
    const kind = 'globalStep' in read ? this.#clock.episode(read.globalStep) : this.#clock.rate();
    if (kind !== null) this.#settle(kind);
  }

  #settle(kind: 'updates' | 'steps'): void {
    this.#kind = kind;
    const held = this.#held.splice(0);
    held.forEach(({ read, out }, i) => {
      // Of several environments that end together the newest mean is the step's.
      const next = held[i + 1]?.read;
      const isSame =
        'globalStep' in read &&
        next !== undefined &&
        'globalStep' in next &&
        read.globalStep === next.globalStep;
      this.#emit(read, out, isSame);
    });
  }

  /** @param isSame whether the next episode ended at the same step */
  #emit(read: Episode | Printed, out: Outlet, isSame = false): void {
    if (!('globalStep' in read)) {
      if (this.#kind === 'steps') this.#rate = read;
      else this.#update(read, out);
      return;
    }
    const { globalStep, returns, lengths } = read;
    for (const value of returns) keep(this.#returns, value);
    for (const value of lengths) keep(this.#lengths, value);
    this.#globalStep = globalStep;
    if (this.#kind === 'steps' && !isSame) this.#step(globalStep, out);
  }

  #update(rate: Printed, out: Outlet): void {
    const { batch, ...update } = updateOf(++this.#updates, new Map([['charts/SPS', rate]]));
    const rollout = this.#rollout();
    out.update({
      batch,
      ...update,
      ...(Object.keys(rollout).length > 0 && { rollout }),
      // Where the newest episode ended: the update came later, at a step that is not printed.
      ...(this.#globalStep !== null && { extra: { ...update.extra, global_step: this.#globalStep } }),
    });
  }

  /** Of a script without updates. */
  #step(globalStep: number, out: Outlet): void {
    if (globalStep === this.#emitted || !isCount(globalStep) || this.#returns.length === 0) return;
    this.#emitted = globalStep;
    const { step, ...figures } = stepOf(
      globalStep,
      this.#rate === null ? new Map() : new Map([['charts/SPS', this.#rate]]),
    );
    this.#rate = null;
    out.step({ step, ...figures, rollout: this.#rollout() });
  }

  #rollout(): { episodicReturn?: number; episodicLength?: number } {
    return {
      ...(this.#returns.length > 0 && { episodicReturn: mean(this.#returns) }),
      ...(this.#lengths.length > 0 && { episodicLength: mean(this.#lengths) }),
    };
  }
}

/** Whether rates come once an update or once in 100 steps, by the steps of the episodes between them. */
class RateClock {
  #episodes = 0;
  #rates = 0;
  #firstStep: number | null = null;
  /** The first episode after a rate: its step, and the rates until then. */
  #from: { step: number; rates: number } | null = null;
  #newest = { step: 0, rates: 0 };

  episode(step: number): 'updates' | 'steps' | null {
    this.#episodes++;
    this.#firstStep ??= step;
    this.#newest = { step, rates: this.#rates };
    if (this.#rates === 0)
      return this.#episodes >= MOST_HELD || step - this.#firstStep > LONGEST_ROLLOUT ? 'steps' : null;
    this.#from ??= this.#newest;
    return step - this.#from.step >= ENOUGH_STEPS ? this.atTheEnd : null;
  }

  rate(): 'updates' | null {
    this.#rates++;
    // A script without updates learns after some thousand steps, and has no rate before.
    return this.#episodes === 0 || this.#rates >= MOST_RATES ? 'updates' : null;
  }

  /** What both are by all that was read. */
  get atTheEnd(): 'updates' | 'steps' {
    if (this.#rates === 0) return 'steps';
    const steps = this.#newest.step - (this.#from?.step ?? this.#newest.step);
    const rates = this.#newest.rates - (this.#from?.rates ?? this.#newest.rates);
    return rates > 1 && steps / rates < SHORTEST_ROLLOUT ? 'steps' : 'updates';
  }
}

interface Episode {
  globalStep: number;
  returns: number[];
  lengths: number[];
}

/** null where the line has no step, or nothing besides. */
function episodeIn(text: string): Episode | null {
  let any = false;
  let globalStep: number | null = null;
  const [returns, lengths]: number[][] = [[], []];
  for (const { key, value: raw } of equalsPairs(text)) {
    const value = printed(raw)?.value;
    if (typeof value !== 'number') continue;
    if (key === 'global_step') {
      globalStep = value;
      continue;
    }
    any = true;
    if (key === 'episodic_return' || key === 'episode_reward') returns!.push(value);
    if (key === 'episodic_length') lengths!.push(value);
  }
  return any && globalStep !== null ? { globalStep, returns: returns!, lengths: lengths! } : null;
}

function keep(values: number[], value: number): void {
  values.push(value);
  if (values.length > EPISODES) values.shift();
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
