/**
 * LeRobot: `step:200 smpl:2K ep:3 epch:0.12 loss:6.9 grdn:150.2 lr:1.0e-05 updt_s:0.098 data_s:0.001`. Steps from 1,000 on are rounded to thousands.
 * Newer versions have a peak of memory, the losses of the policy, and the loss of an evaluation on a line of its own; older ones print an evaluation as a
 * report is printed, without a loss.
 */
import { emitReport, type Figures, memoryIn, type Names } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { peak } from '../known-keys.ts';
import type { LogLine } from '../log-line.ts';
import { printedFigure } from '../printed.ts';
import { RoundedSteps } from '../rounded-steps.ts';

const LINE = /\bstep:(\d{1,9})([KMB]?) smpl:\S{1,20}(?: ep:\S{1,20})? epch:(\S{1,20}) (.{1,400})$/;
/** Its settings, which have the steps of the training whatever step it goes on from. */
const STEPS = /\bcfg\.steps=(\d{1,12}) \(/;
const EVALUATED = /\.py:\d{1,6} step (\d{1,12}): (eval_loss)=(\S{1,24})\s*$/;
const DONE = /\.py:\d{1,6} End of training\s*$/;
const PAIR = /([∑\w/]{1,40}): ?(-?[\d.]{1,20}(?:e[-+]?\d{1,3})?|nan|inf)(?=\s|$)/g;
const TIMES: Readonly<Record<string, number>> = { '': 1, K: 1000, M: 1e6, B: 1e9 };

export const lerobot: LogFormat = {
  name: 'lerobot',
  about: 'LeRobot: a line a report',
  marks: [' smpl:', 'cfg.steps=', 'eval_loss=', 'end of training'],
  open: () => new LerobotParser(),
};

const names: Names = {
  grdn: { step: 'gradNorm' },
  updt_s: { step: 'stepMs', power: 3 },
  // torch.cuda.max_memory_allocated, never reset.
  mem_gb: peak('peakAllocatedBytes', 'GiB'),
};

class LerobotParser implements LineParser {
  #steps = new RoundedSteps();
  #total: number | null = null;
  /** Of the newest report. */
  #newest: number | null = null;

  read({ text }: LogLine, out: Outlet): boolean {
    const line = text.includes(' smpl:') ? LINE.exec(text.trimEnd()) : null;
    return line === null ? this.#other(text, out) : this.#report(line, out);
  }

  #other(text: string, out: Outlet): boolean {
    const steps = STEPS.exec(text)?.[1];
    if (steps !== undefined) {
      this.#total = Number(steps);
      return true;
    }
    const [, step, key, value] = EVALUATED.exec(text) ?? [];
    const loss = value === undefined ? null : printedFigure(value);
    if (loss !== null) {
      out.facts(this.#total === null ? {} : { maxSteps: this.#total });
      out.figures({ batch: Number(step), figures: { [key!]: loss.value } });
      return true;
    }
    if (this.#newest === null || !DONE.test(text)) return false;
    out.finished();
    return true;
  }

  #report(line: RegExpExecArray, out: Outlet): boolean {
    const figures: Figures = new Map();
    for (const [, key, value] of `epoch:${line[3]} ${line[4]}`.matchAll(PAIR)) {
      const read = printedFigure(value!);
      // Older ones print `Loss:2.8 grdn: 14.2`.
      if (read !== null) figures.set(key === 'Loss' ? 'loss' : key!, read);
    }
    if (!figures.has('loss')) {
      figures.delete('epoch');
      const own = Object.fromEntries([...figures].map(([key, { value }]) => [key, value]));
      out.figures({ batch: this.#newest, figures: own });
      return true;
    }
    const number = this.#steps.of(Number(line[1]), TIMES[line[2]!]!);
    if (number === null) return true;
    this.#newest = number;
    const memory = memoryIn(figures, 'cuda', names);
    emitReport(out, { isUpdate: false, number, figures, names, memory, total: this.#total });
    return true;
  }
}
