/**
 * Ray Tune's table of all trials, drawn again and again under `== Status ==` (before Ray 2.7) or `Trial status:`: a row of a trial that has reported is
 * its newest report. Each trial is a training of its own: it is recorded as a rank, numbered by the order in which they were seen. Where the
 * tables of iterations stand in the log (`Trial … finished iteration 3`), those have more: they are another format's.
 */
import { type Figures, type Names, stepOf, updateOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { update } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { printedFigure } from '../printed.ts';

const STATES = /^(?:RUNNING|TERMINATED|PAUSED|ERROR)$/;
/** A table of more trials than this shows the first. */
const MOST_TRIALS = 64;

const names: Names = {
  reward: update('rollout.episodicReturn'),
  episode_reward_mean: update('rollout.episodicReturn'),
  episode_len_mean: update('rollout.episodicLength'),
  timesteps: update('rollout.totalSteps'),
  ts: update('rollout.totalSteps'),
  train_loss: { step: 'loss' },
  mean_loss: { step: 'loss' },
};

export const tuneStatus: LogFormat = {
  name: 'ray-tune',
  about: 'Ray Tune: the table of all trials',
  marks: ['trial name', 'running', 'terminated', 'paused', ' error '],
  claim: 'weak',
  open: () => new TuneStatusParser(),
};

class TuneStatusParser implements LineParser {
  #columns: string[] = [];
  #trials = new Map<string, { rank: number; iteration: number }>();

  read({ text }: LogLine, out: Outlet): boolean {
    if (!/^[|│]/.test(text)) return false;
    // Since Ray 2.7 columns have nothing but space between them: only rows without empty cells can be read.
    const inner = text.slice(1, text.trimEnd().lastIndexOf(text[0]!)).trim();
    const cells = inner.split(text[0] === '|' ? '|' : /\s{2,}/).map(cell => cell.trim());
    if (cells[0] === 'Trial name') {
      this.#columns = cells;
      return true;
    }
    if (this.#columns.length === 0 || cells.length !== this.#columns.length) return false;
    const state = cells[this.#columns.indexOf('status')] ?? '';
    const iteration = Number(cells[this.#columns.indexOf('iter')] || Number.NaN);
    if (!STATES.test(state) || !Number.isSafeInteger(iteration)) return STATES.test(state);
    this.#report(cells, iteration, out);
    return true;
  }

  #report(cells: string[], iteration: number, out: Outlet): void {
    const name = cells[0]!;
    const known = this.#trials.get(name);
    if (known === undefined && this.#trials.size >= MOST_TRIALS) return;
    const trial = known ?? { rank: this.#trials.size, iteration: -1 };
    this.#trials.set(name, trial);
    if (iteration <= trial.iteration) return;
    trial.iteration = iteration;
    const figures: Figures = new Map();
    this.#columns.forEach((column, i) => {
      const read = /^(?:iter|loc|status|ID|Trial name)$/.test(column) ? null : printedFigure(cells[i]!);
      if (read !== null) figures.set(column, read);
    });
    const isRl = figures.has('reward') || figures.has('episode_reward_mean');
    if (isRl) out.update(updateOf(iteration, figures, null, names), trial.rank);
    else out.step(stepOf(iteration, figures, null, names), trial.rank);
  }
}
