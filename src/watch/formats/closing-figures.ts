/**
 * What is printed once a training is over: the Hugging Face Trainer's `{'train_runtime': 120.5, …, 'train_loss': 0.72, 'epoch': 3.0}`, its `*****
 * train metrics *****` with `  train_loss = 0.7228` below, and W&B's `Run summary:`, `wandb:   train/loss 0.0387`. Figures of the training as a
 * whole; nothing of them is a step's.
 */
import type { Payload } from '../../contract/index.ts';
import { isTotal, memoryIn } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { numberKeys } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { isCount, printedFigure } from '../printed.ts';
import { readDict } from '../python-dict.ts';

const HEAD = /^\s{0,8}\*{5} (?:train|eval|test|predict)\w{0,40} metrics \*{5}\s*$/;
const ROW = /^\s{1,8}([A-Za-z][\w./-]{0,80}) {1,60}= {1,40}(\S{1,40})\s*$/;
const SUMMARY = /^(?:wandb: )?\s{0,8}Run summary:\s*$/;
const SUMMARY_ROW =
  /^(?:wandb:)?\s{1,80}([A-Za-z_][\w./ @:-]{0,120}?) {1,4}(-?[\d.][\w.+-]{0,40}|nan|inf|-inf)\s*$/;

/** Unsloth Studio and LLaMA-Factory have their time so far in every report, beside its loss. */
const CLOSING = /\{[^{}]{0,400}'train_runtime': [^{}]{0,1000}\}/;

export const closingFigures: LogFormat = {
  name: 'closing-figures',
  about: 'what the Hugging Face Trainer and W&B print at the end, beside any other log',
  marks: [' metrics *****', 'run summary:', "'train_runtime': "],
  claim: 'beside',
  open: () => new ClosingFiguresParser(),
};

class ClosingFiguresParser implements LineParser {
  /** Names that the dictionary has: the block behind it has the same figures once more, with other digits. */
  #given = new Set<string>();
  #block: { row: RegExp; figures: Payload<'FIGURES_LOGGED'>['figures']; out: Outlet } | null = null;

  get isOpen(): boolean {
    return this.#block !== null;
  }

  read({ text }: LogLine, out: Outlet): boolean {
    const closing = text.includes("'train_runtime': ") ? CLOSING.exec(text)?.[0] : undefined;
    if (closing !== undefined && !closing.includes("'loss': ")) this.#closing(closing, out);
    const row = HEAD.test(text) ? ROW : SUMMARY.test(text) ? SUMMARY_ROW : null;
    if (row !== null) {
      this.#close();
      this.#block = { row, figures: {}, out };
      // The trainer's own last words are for the reader of endings, too.
      return row === SUMMARY_ROW;
    }
    if (this.#block === null) return false;
    const found = this.#block.row.exec(text);
    if (found !== null) {
      const read = printedFigure(found[2]!);
      const isOwn = read !== null && read.unit === undefined && !this.#given.has(found[1]!);
      if (isOwn) this.#block.figures[found[1]!] = read.value;
      return true;
    }
    // `train_runtime = 0:36:58.55` is a time, and W&B parts its summary with nothing behind its name.
    if (/^\s{1,8}\w{1,80} {1,60}= |^wandb:\s*$/.test(text)) return true;
    this.#close();
    return false;
  }

  #closing(text: string, out: Outlet): void {
    const figures = readDict(text) ?? new Map();
    // ms-swift has its place and its memory in these, too.
    const memory = memoryIn(figures, 'cuda');
    if (memory !== null) out.memory({ phase: 'report', memory: [memory] });
    this.#given = new Set(figures.keys());
    const isPlace = (key: string) => numberKeys.includes(key) || isTotal(key, figures);
    const own = [...figures].filter(([key, { unit }]) => unit === undefined && !isPlace(key));
    out.figures({ figures: Object.fromEntries(own.map(([key, { value }]) => [key, value])) });
  }

  /** Last words end every parser, and are the head of a block: what has no figures yet goes on. */
  end(): void {
    if (Object.keys(this.#block?.figures ?? {}).length > 0) this.#close();
  }

  #close(): void {
    const block = this.#block;
    this.#block = null;
    if (block === null || Object.keys(block.figures).length === 0) return;
    const { _step: step, ...figures } = block.figures;
    block.out.figures({ batch: isCount(step) ? step : null, figures });
  }
}
