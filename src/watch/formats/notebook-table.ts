/**
 * The table that the Hugging Face Trainer draws in a notebook, as it is when it is copied: `Step⇥Training Loss⇥reward`, or with bars,
 * `| Step | Training Loss |` or `Step | Training Loss`; then a row a report. The bar above it has the total: `[ 120/1500 12:34 < 25:00, 0.66 it/s, Epoch 1/3]`.
 */
import { emitReport, type Figures, memoryIn } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { huggingFaceNames, isHuggingFaceRl as isRl } from '../hugging-face-names.ts';
import type { LogLine } from '../log-line.ts';
import { isCount, printed } from '../printed.ts';

const BAR =
  /^\s{0,8}\[ {0,8}(\d{1,12})\/ ?(\d{1,12}) [\d:]{1,12} < [\d:]{1,12}, [\d.]{1,12} ?(?:it\/s|s\/it), Epoch /;
const names = { ...huggingFaceNames, 'Training Loss': { step: 'loss', update: 'loss.total' } };

const MOST_LOSSES = 10_000;

export const notebookTable: LogFormat = {
  name: 'notebook',
  about: 'the table of the Hugging Face Trainer in a notebook, copied',
  // The second stands in the bar.
  marks: ['training loss', ', epoch '],
  open: () => new NotebookTableParser(),
};

class NotebookTableParser implements LineParser {
  #columns: string[] | null = null;
  /** Losses of the steps that were read, as printed: a table may be copied again, with more of its columns. */
  #losses = new Map<number, string>();

  /** Rows have no marks. */
  get isOpen(): boolean {
    return this.#columns !== null;
  }

  read({ text }: LogLine, out: Outlet): boolean {
    const bar = BAR.exec(text);
    if (bar !== null) {
      out.facts({ maxSteps: Number(bar[2]), maxBatches: Number(bar[2]) });
      return true;
    }
    const cells = cellsOf(text);
    if (cells.includes('Training Loss') && (cells[0] === 'Step' || cells[0] === 'Epoch')) {
      this.#columns = cells;
      return true;
    }
    if (this.#columns === null) return false;
    if (cells.every(cell => /^:?-{2,}:?$/.test(cell))) return true;
    const number = printed(cells[0] ?? '')?.value;
    if (!isCount(number) || cells.length > this.#columns.length) {
      this.#columns = null;
      return false;
    }
    const figures: Figures = new Map();
    this.#columns.slice(1).forEach((column, i) => {
      const figure = printed(cells[i + 1] ?? '');
      if (figure !== null) figures.set(column, figure);
    });
    if (figures.size === 0) return true;
    const loss = figures.get('Training Loss')?.text;
    if (loss !== undefined && this.#losses.get(number) === loss) return true;
    if (loss !== undefined && this.#losses.size < MOST_LOSSES) this.#losses.set(number, loss);
    const isUpdate = [...figures.keys()].some(isRl);
    const memory = memoryIn(figures, 'cuda', names);
    emitReport(out, { isUpdate, number, figures, memory, names });
    return true;
  }
}

const cellsOf = (text: string): string[] =>
  (text.includes('|') ? text.replace(/^\||\|\s*$/g, '').split('|') : text.split('\t')).map(cell =>
    cell.trim(),
  );
