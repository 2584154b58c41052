/**
 * CleanRL's prints: `global_step=3442, episodic_return=15.5` when an episode ends, `SPS: 2345` once an update. The losses
 * go to TensorBoard only. The return of an update is the mean of the last 100 episodes printed before it.
 */
import type { Figures } from '../figures.ts';
import { updateOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { equalsPairs } from '../key-values.ts';
import type { LogLine } from '../log-line.ts';
import { printed } from '../printed.ts';

const SPS = /^SPS: (\S+)\s*$/;
const GLOBAL_STEP = 'global_step=';
const EPISODES = 100;

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

  read({ text }: LogLine, out: Outlet): boolean {
    if (text.startsWith(GLOBAL_STEP)) return this.#episode(text, out);
    if (!text.startsWith('SPS: ')) return false;
    const rate = printed(SPS.exec(text)?.[1] ?? '');
    if (rate === null) {
      out.almost('an SPS line without a number');
      return true;
    }
    const figures: Figures = new Map([['charts/SPS', rate]]);
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
    if (any && globalStep !== null) this.#globalStep = globalStep;
    else out.almost('an episode line without a return');
    return true;
  }
}

function keep(values: number[], value: number): void {
  values.push(value);
  if (values.length > EPISODES) values.shift();
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
