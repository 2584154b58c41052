/**
 * Ray Tune's table of all trials, drawn again and again under `== Status ==` (before Ray 2.7) or `Trial status:`: a row of a trial that has reported is
 * its newest report. Each trial is a training of its own: it is recorded as a rank, numbered by the order in which they were seen. Where the
 * tables of iterations stand in the log (`Trial … finished iteration 3`), those have more: they are another format's.
 */
import { isTuneDone } from '../../texts/index.ts';
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
  episode_return_mean: update('rollout.episodicReturn'),
  'combined return': update('rollout.episodicReturn'),
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

interface Span {
  cell: string;
  from: number;
  to: number;
}

/** Cells that two spaces or more part, with their places. */
const spansOf = (text: string): Span[] =>
  [...text.matchAll(/\S+(?: \S+)*/g)].map(({ 0: cell, index }) => ({
    cell,
    from: index,
    to: index + cell.length,
  }));

/** Each cell in the column whose head it stands under, or nearest to; '' where there is none; null where it is not clear which. */
function underHeads(heads: Span[], row: Span[]): string[] | null {
  const cells = heads.map(() => '');
  for (const { cell, from, to } of row) {
    // Numbers are aligned by their points, and may end before a short head begins.
    const gaps = heads.map(head => Math.max(head.from - to, from - head.to, 0));
    const least = Math.min(...gaps);
    const at = gaps.indexOf(least);
    if (gaps.lastIndexOf(least) !== at || cells[at] !== '') return null;
    cells[at] = cell;
  }
  return cells;
}

class TuneStatusParser implements LineParser {
  #columns: string[] = [];
  /** Where the heads stand in a box. */
  #spans: Span[] = [];
  #trials = new Map<string, { rank: number; iteration: number }>();

  /** Whether no trial is left: it stands in front of the table that shows it; null where no line shows it. */
  #isDone: boolean | null = null;
  /** Trials of the newest table that have terminated, and that have not. */
  #terminated = 0;
  #others = 0;
  #out: Outlet | null = null;

  read({ text }: LogLine, out: Outlet): boolean {
    if (!/^[|│]/.test(text)) {
      if (text.includes('trials: ') || text.startsWith('Trial status')) this.#isDone = isTuneDone(text);
      return false;
    }
    const isBox = text[0] !== '|';
    const inner = text.slice(1, text.trimEnd().lastIndexOf(text[0]!));
    const spans = isBox ? spansOf(inner) : [];
    const printed = isBox ? spans.map(({ cell }) => cell) : inner.split('|').map(cell => cell.trim());
    if (printed[0] === 'Trial name') {
      this.#columns = printed;
      this.#spans = spans;
      this.#terminated = 0;
      this.#others = 0;
      return true;
    }
    // Since Ray 2.7 columns have nothing but space between them: where cells are empty, the others stand under their heads.
    const cells = isBox && printed.length < this.#columns.length ? underHeads(this.#spans, spans) : printed;
    if (cells === null) return false;
    if (this.#columns.length === 0 || cells.length !== this.#columns.length) return false;
    const state = cells[this.#columns.indexOf('status')] ?? '';
    const iteration = Number(cells[this.#columns.indexOf('iter')] || Number.NaN);
    if (state === 'TERMINATED') this.#terminated++;
    else this.#others++;
    if (!STATES.test(state) || !Number.isSafeInteger(iteration)) return STATES.test(state);
    this.#report(cells, iteration, out);
    this.#out = out;
    if (this.#isDone) out.finished(true);
    return true;
  }

  /** A table by itself, without the line above it that counts its trials. */
  end(): void {
    const isDone = this.#isDone === null && this.#terminated > 0 && this.#others === 0;
    this.#terminated = 0;
    if (isDone) this.#out?.finished(true);
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
    const isRl = this.#columns.some(column =>
      /^(?:reward|episode_(?:reward|return)_mean|combined return)$/.test(column),
    );
    if (isRl) out.update(updateOf(iteration, figures, null, names), trial.rank);
    else out.step(stepOf(iteration, figures, null, names), trial.rank);
  }
}
