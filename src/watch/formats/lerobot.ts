/**
 * LeRobot: `step:200 smpl:2K ep:3 epch:0.12 loss:6.9 grdn:150.2 lr:1.0e-05 updt_s:0.098 data_s:0.001`. Steps from 1,000 on are rounded to thousands.
 */
import { emitReport, type Figures } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { printedFigure } from '../printed.ts';
import { RoundedSteps } from '../rounded-steps.ts';

const LINE = /\bstep:(\d{1,9})([KMB]?) smpl:\S{1,20}(?: ep:\S{1,20})? epch:(\S{1,20}) (.{1,400})$/;
const PAIR = /(\w{1,40}): ?(-?[\d.]{1,20}(?:e[-+]?\d{1,3})?|nan|inf)(?=\s|$)/g;
const TIMES: Readonly<Record<string, number>> = { '': 1, K: 1000, M: 1e6, B: 1e9 };

export const lerobot: LogFormat = {
  name: 'lerobot',
  about: 'LeRobot: a line a report',
  marks: [' smpl:'],
  open: () => new LerobotParser(),
};

const names = {
  grdn: { step: 'gradNorm' },
  updt_s: { step: 'stepMs', power: 3 },
} as const;

class LerobotParser implements LineParser {
  #steps = new RoundedSteps();

  read({ text }: LogLine, out: Outlet): boolean {
    const line = text.includes(' smpl:') ? LINE.exec(text.trimEnd()) : null;
    if (line === null) return false;
    const number = this.#steps.of(Number(line[1]), TIMES[line[2]!]!);
    if (number === null) return true;
    const figures: Figures = new Map();
    for (const [, key, value] of `epoch:${line[3]} ${line[4]}`.matchAll(PAIR)) {
      const read = printedFigure(value!);
      // Older ones print `Loss:2.8 grdn: 14.2`.
      if (read !== null) figures.set(key === 'Loss' ? 'loss' : key!, read);
    }
    emitReport(out, { isUpdate: false, number, figures, names });
    return true;
  }
}
