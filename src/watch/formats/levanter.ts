/**
 * Levanter, and others who write tqdm's bar to a logger: `Progress on:train 19.0it/70.0it rate:76.8s/it remaining:1:05:15 elapsed:31:40
 * postfix:loss=5.21`. Counts have three digits, as tqdm shortens them: of steps from 1,000 on, the first of each that look alike counts.
 */
import { type Figures, stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { partedPairs } from '../key-values.ts';
import type { LogLine } from '../log-line.ts';
import { figuresIn } from '../report-format.ts';

const COUNT = '(\\d{1,6}(?:\\.\\d{1,3})?)([kM]?)it';
const LINE = new RegExp(
  `Progress on:[\\w-]{0,20}train[\\w-]{0,20} (?:- )?${COUNT}\\/(?:${COUNT}|\\?) rate:(\\S{1,20}) .{0,200}?(?:postfix:(.{1,600}))?$`,
);
const TIMES = { '': 1, k: 1000, M: 1e6 } as const;

export const levanter: LogFormat = {
  name: 'levanter',
  about: 'Levanter: progress lines of a logger',
  marks: ['progress on:'],
  open: () => new LevanterParser(),
};

const counted = (count: string | undefined, unit = ''): number | null =>
  count === undefined ? null : Math.round(Number(count) * TIMES[unit as keyof typeof TIMES]);

class LevanterParser implements LineParser {
  #newest = 0;

  read({ text }: LogLine, out: Outlet): boolean {
    if (!text.includes('Progress on:')) return false;
    const line = LINE.exec(text.trimEnd());
    if (line === null) return true;
    const [, done, unit, all, allUnit, , postfix = ''] = line;
    const figures: Figures = figuresIn(partedPairs(postfix, ',', '='));
    const number = counted(done, unit)!;
    if (number === 0 || number === this.#newest || figures.size === 0) return true;
    this.#newest = number;
    const total = counted(all, allUnit);
    if (total !== null) out.facts({ maxSteps: total });
    out.step(stepOf(number, figures));
    return true;
  }
}
