/**
 * spaCy's table: `E    #       LOSS TOK2VEC  LOSS NER  ENTS_F  SCORE`, a rule, then a row an evaluation, numbered by `#`; of its second version, `Itn  NER Loss  NER P …`. Of several
 * losses, which one is the training's is not in it: all stay under `extra`.
 */
import { stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { isCount } from '../printed.ts';
import { figuresIn } from '../report-format.ts';

const HEAD = /^(?:E {2,8}# {2,12}|Itn {2,8})[A-Z].{0,400}$/;
const RULE = /^-{1,20}(?: {2}-{1,40}){2,40}\s*$/;
const cellsOf = (text: string) => text.trim().split(/ {2,}/);

export const spacy: LogFormat = {
  name: 'spacy',
  about: 'spaCy: a table of evaluations while it trains',
  marks: ['  #  ', 'itn  ', '---  ---', 'saved pipeline to'],
  open: () => new SpacyParser(),
};

class SpacyParser implements LineParser {
  #columns: string[] | null = null;

  /** Rows have no marks. */
  get isOpen(): boolean {
    return this.#columns !== null;
  }

  read({ text }: LogLine, out: Outlet): boolean {
    if (HEAD.test(text)) {
      this.#columns = cellsOf(text);
      return true;
    }
    if (this.#columns === null) return false;
    if (RULE.test(text)) return true;
    if (/\bSaved pipeline to (?:output )?directory/.test(text)) {
      out.finished(true);
      return true;
    }
    const cells = cellsOf(text);
    if (cells.length !== this.#columns.length) return false;
    const figures = figuresIn(this.#columns.map((key, i) => ({ key, value: cells[i]! })));
    const counter = figures.has('#') ? '#' : 'Itn';
    const number = figures.get(counter)?.value;
    if (!isCount(number)) return false;
    figures.delete(counter);
    out.step(stepOf(number, figures));
    return true;
  }
}
