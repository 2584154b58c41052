/**
 * Loops written by hand: a number of the step, a loss, on one line, in any of the usual spellings: `iter 10: loss 4.1, time 200ms`,
 * `Epoch 1, Step 100, Loss: 2.3`, `Train Epoch: 1 [640/60000 (1%)] Loss: 2.2`, `step=10 loss=2.3`. Only where no format of a trainer reads the log.
 */
import { type Figures, type Names, stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { isCount, printedFigure } from '../printed.ts';

const PAIR =
  /(?:^|[\s,|;[(])([A-Za-z][\w/.-]{0,40}(?: loss| lr)?) ?[:=]? {0,4}([-+]?(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,15})(?:\.\d{0,20})?(?:[eE][-+]?\d{1,3})?)(%|ms|s)?(?=$|[\s,|;:\])/])/g;
const COUNTERS = ['global_step', 'num_updates', 'step', 'iteration', 'iter', 'batch'];
const EPOCHS = ['epoch', 'ep'];
const BRACKET = /\[\s{0,6}(\d{1,12})(?:\/\d{1,12}|, {1,6}(\d{1,12}))/;
const LOSS = /^(?:train(?:ing)?[ _/]?)?loss$/i;
const names: Names = {
  LR: { step: 'learningRate' },
  gnorm: { step: 'gradNorm' },
  time: { step: 'stepMs', power: 3 },
};

export const plainFormat: LogFormat = {
  name: 'plain',
  about: 'loops written by hand: a step and a loss on one line',
  marks: ['loss'],
  claim: 'weak',
  open: () => new PlainParser(),
};

class PlainParser implements LineParser {
  #newest = -1;

  read({ text }: LogLine, out: Outlet): boolean {
    if (text.length > 1000 || /[{}<>]/.test(text)) return false;
    const figures: Figures = new Map();
    for (const [, key, value, unit] of text.matchAll(PAIR)) {
      const read = printedFigure(unit === undefined ? value! : `${value}${unit}`);
      const name = LOSS.test(key!) ? 'loss' : key!;
      if (read !== null && !figures.has(name)) figures.set(name, read);
    }
    if (!figures.has('loss')) return false;
    const number = this.#numberOf(figures, text);
    if (number === null) return false;
    this.#newest = number;
    for (const key of COUNTERS) figures.delete(key);
    out.step(stepOf(number, figures, null, names));
    return true;
  }

  /** The finest counter that goes on; a batch that begins again in each epoch counts through. */
  #numberOf(figures: Figures, text: string): number | null {
    const integer = (key: string): number | null => {
      for (const [name, { value }] of figures) if (name.toLowerCase() === key && isCount(value)) return value;
      return null;
    };
    for (const key of COUNTERS) {
      const value = integer(key);
      if (value === null) continue;
      return value <= this.#newest && integer('epoch') !== null ? this.#newest + 1 : value;
    }
    const bracket = BRACKET.exec(text);
    if (bracket !== null) {
      const value = Number(bracket[2] ?? bracket[1]);
      return value > this.#newest ? value : this.#newest + 1;
    }
    return EPOCHS.map(integer).find(value => value !== null) ?? null;
  }
}
