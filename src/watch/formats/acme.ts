/**
 * Acme: a line of each of its parts, `[Learner] Critic Loss = 0.017 | Policy Loss = -0.036 | Steps = 9`, `[Actor] Episode Return = -19.0 | … | Actor Steps = 6360`, wherever the text begins.
 * The learner's steps number the training; what the actors' episodes gave since its line before is the step's own. Where no learner prints, each episode is a step.
 */
import { emitReport, type Figures, type Names, stepOf } from '../figures.ts';
import { COUNTED, type LineParser, type LogFormat, type Outlet } from '../format.ts';
import { partedPairs } from '../key-values.ts';
import { update } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { updateNames } from '../loop-update.ts';
import { isCount } from '../printed.ts';
import { figuresIn } from '../report-format.ts';

/** `environment_loop` and `train_loop` are names of the loop that acts, and others of one that evaluates. */
const LINE =
  /(?:^|\] |[ :])\[(Learner|Actor|Evaluator|Environment Loop|(?:Train|Eval|Test|Evaluation)(?: Loop)?)(?: \d{1,6})?\] ((?:[A-Z][\w ()/.-]{0,80} = \S{1,60}(?: \| |\s*$)){2,200})/;
const EVALUATES = /^(?:Eval|Test)/;
/** Episodes before the first line of a learner, which learns once it has seen enough. */
const MOST_HELD = 500;

const names: Names = {
  'Episode Return': update('rollout.episodicReturn'),
  'Episode Length': update('rollout.episodicLength'),
  'Actor Steps': update('rollout.totalSteps'),
  'Actor Episodes': update('rollout.totalEpisodes'),
  Loss: { update: 'loss.total', step: 'loss' },
  'Loss Total': { update: 'loss.total', step: 'loss' },
};
/** IMPALA's entropy is that of its loss, as its entropy loss shows beside it: the negative. */
const ofImpala: Names = { ...names, Entropy: update('policy.entropy', { negative: true }) };
const ofEpisode: Names = { ...names, 'Steps Per Second': { step: 'samplesPerSecond' } };

export const acme: LogFormat = {
  name: 'acme',
  about: 'Acme: lines of the learner and of actors',
  marks: ['[learner', '[actor', '[evaluator', '[environment loop', '[train', '[eval', '[test'],
  open: () => new AcmeParser(),
};

interface Episode {
  number: number | null;
  figures: Figures;
  out: Outlet;
}

class AcmeParser implements LineParser {
  /** Which lines are the reports, once it is known. */
  #reports: 'learner' | 'episodes' | null = null;
  #held: Episode[] = [];
  #newest = 0;
  /** Whether it has printed updates: a line that is cut, or has fewer figures, is one as well. */
  #isRl = false;

  read({ text }: LogLine, out: Outlet): boolean {
    const [, part, pairs] = LINE.exec(text) ?? [];
    if (part === undefined) return false;
    if (EVALUATES.test(part)) return true;
    // A learner that begins later than any: the log counts episodes.
    if (part === 'Learner' && this.#reports === 'episodes') return false;
    const figures = figuresIn(partedPairs(pairs!, ' | ', ' = '));
    if (part === 'Learner') this.#learn(figures, out);
    else if (figures.has('Episode Return')) this.#act(figures, out);
    return true;
  }

  end(): void {
    if (this.#reports === 'learner') return;
    for (const { number, figures, out } of this.#held.splice(0)) {
      if (number === null && this.#newest === 0) out.facts(COUNTED);
      this.#newest = number ?? this.#newest + 1;
      out.step(stepOf(this.#newest, figures, null, ofEpisode));
    }
  }

  #act(figures: Figures, out: Outlet): void {
    this.#held.push({ number: countOf(figures, ['Actor Steps', 'Steps']), figures, out });
    if (this.#reports === null && this.#held.length >= MOST_HELD) this.#reports = 'episodes';
    if (this.#reports === 'episodes') this.end();
    // Of what a learner has not taken, the newest counts.
    else if (this.#held.length > MOST_HELD) this.#held.shift();
  }

  #learn(figures: Figures, out: Outlet): void {
    this.#reports = 'learner';
    const episodes = this.#held.splice(0);
    for (const key of ['Episode Return', 'Episode Length']) {
      const values = episodes.flatMap(({ figures: of }) => {
        const value = of.get(key)?.value;
        return typeof value === 'number' ? [value] : [];
      });
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      if (values.length > 0) figures.set(key, { value: mean, text: `${mean}` });
    }
    const counted = countOf(figures, ['Learner Steps', 'Steps']);
    if (counted === null && this.#newest === 0) out.facts(COUNTED);
    const number = counted ?? this.#newest + 1;
    this.#newest = number;
    const own = figures.has('Entropy Loss') ? ofImpala : names;
    const ofUpdate = updateNames(figures, this.#isRl, own);
    this.#isRl ||= ofUpdate !== null;
    emitReport(out, {
      isUpdate: ofUpdate !== null,
      number,
      figures,
      names: { ...ofUpdate, ...own },
    });
  }
}

/** The first of the keys that counts, all of them taken out of the figures; null for none. */
function countOf(figures: Figures, keys: readonly string[]): number | null {
  const found = keys.map(key => figures.get(key)?.value).find(isCount) ?? null;
  figures.delete('Learner Steps');
  figures.delete('Steps');
  return found;
}
