/**
 * rl-blox: a line of each figure, `[Pendulum-v1|SAC] (0001|000400|2.88) S          return: -981.022`, with the episode, the step of the environment and the seconds. Those of one step are one
 * report; losses have no field in a step and stay figures of their own.
 */
import { type Figures, stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { update } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { printed } from '../printed.ts';

const LINE =
  /^\[[\w./-]{1,80}\|[\w.+ -]{1,60}\] \((\d{4,9})\|(\d{6,15})\|\d{1,9}\.\d\d\) S {1,60}([\w./-][\w ./-]{0,59}): (\S{1,40})\s*$/;

const names = {
  return: update('rollout.episodicReturn'),
  episode_length: update('rollout.episodicLength'),
  episode: update('rollout.totalEpisodes'),
};

export const rlBlox: LogFormat = {
  name: 'rl-blox',
  about: 'rl-blox: a line of each figure',
  marks: [') S '],
  open: () => new RlBloxParser(),
};

class RlBloxParser implements LineParser {
  #report: { step: number; figures: Figures; out: Outlet } | null = null;

  read({ text }: LogLine, out: Outlet): boolean {
    const [, episode, at, key, value] = LINE.exec(text) ?? [];
    const figure = value === undefined ? null : printed(value);
    if (figure === null) return false;
    const step = Number(at);
    if (this.#report?.step !== step) this.end();
    this.#report ??= { step, figures: new Map(), out };
    this.#report.figures.set(key!, figure).set('episode', { value: Number(episode), text: episode! });
    return true;
  }

  /** Silence: what follows is of another step. */
  release(): void {
    this.end();
  }

  end(): void {
    if (this.#report === null) return;
    const { step, figures, out } = this.#report;
    this.#report = null;
    out.step(stepOf(step, figures, null, names));
  }
}
