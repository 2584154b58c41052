/**
 * DeepSpeed's own lines, where the trainer prints none: `[Rank 0] step=10, skipped=0, lr=[2e-05], mom=[…]`, and of the same step
 * `epoch=0/micro_step=40/global_step=10, RunningAvgSamplesPerSec=…, MemAllocated=2.1GB, …`, whose memory is read beside any log. DeepSpeed-Chat prints
 * `Epoch: 0 | Step: 5 | PPO Epoch: 1 | Actor Loss: 0.1 | Critic Loss: 0.2 | …`.
 */
import type { DeviceMemory } from '../../contract/index.ts';
import { type Figures, type Names, stepOf, updateOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { equalsPairs, partedPairs } from '../key-values.ts';
import type { LogLine } from '../log-line.ts';
import { loopLine } from '../loop-line.ts';
import { loopNames } from '../loop-names.ts';
import { printedFigure } from '../printed.ts';
import { figuresIn } from '../report-format.ts';

const STEP = /\bstep=(\d{1,12}), skipped=\d{1,12}, /;
const SPEED = /\bmicro_step=\d{1,12}\/global_step=(\d{1,12}), /;
/** Before 0.6: `[timer.py:189:stop] 0/40, SamplesPerSec=83.5, MemAllocated=0.26GB, …`, epoch and step. */
const TIMER = /\b\d{1,9}\/(\d{1,12}), (?=SamplesPerSec=)/;
const CHAT = /\bEpoch: (\d{1,9}) \| Step: (\d{1,12}) \| PPO Epoch: \d{1,6} \| /;
const RATES = /\blr=\[(\d[\d.e+-]{0,30})[,\]]/;
const names: Names = {
  ...loopNames,
  CurrSamplesPerSec: { step: 'samplesPerSecond' },
  SamplesPerSec: { step: 'samplesPerSecond' },
  'Actor Loss': { update: 'loss.policy' },
  'Critic Loss': { update: 'loss.value' },
};

export const deepspeed: LogFormat = {
  name: 'deepspeed',
  about: 'DeepSpeed: its own step lines, DeepSpeed-Chat',
  marks: ['step=', 'samplespersec=', '| step: ', 'loss'],
  claim: 'weak',
  open: () => new DeepspeedParser(),
};

class DeepspeedParser implements LineParser {
  /** Two lines are of one step, whichever comes first. */
  #held: { step: number; figures: Figures; memory: DeviceMemory | null; out: Outlet } | null = null;
  #updates = 0;

  read({ text }: LogLine, out: Outlet): boolean {
    const chat = CHAT.exec(text);
    if (chat !== null) {
      const figures = figuresIn(partedPairs(text.slice(chat.index + chat[0].length), ' | ', ': '));
      if (figures.size > 0) out.update(updateOf(++this.#updates, figures, null, names));
      return true;
    }
    const found = STEP.exec(text) ?? SPEED.exec(text) ?? TIMER.exec(text);
    if (found === null) return this.#takeLoss(text, out);
    const step = Number(found[1]);
    if (this.#held?.step !== step) {
      this.end();
      this.#held = { step, figures: new Map(), memory: null, out };
    }
    for (const [key, figure] of figuresIn(equalsPairs(text.slice(found.index + found[0].length))))
      this.#held!.figures.set(key, figure);
    // Of several groups of parameters, the first.
    const rate = printedFigure(RATES.exec(text)?.[1] ?? '');
    if (rate !== null && !this.#held!.figures.has('lr')) this.#held!.figures.set('lr', rate);
    return true;
  }

  /** DeepSpeed prints no loss: the loop's own line of the step has it, and may have more. */
  #takeLoss(text: string, out: Outlet): boolean {
    const line = this.#held === null ? null : loopLine(text);
    if (line === null || line.count.number !== this.#held!.step) return false;
    const { total } = line.count;
    if (total !== null) out.facts({ maxSteps: total });
    this.#held!.memory ??= line.memory;
    for (const [key, figure] of line.figures)
      if (!this.#held!.figures.has(key)) this.#held!.figures.set(key, figure);
    return true;
  }

  flush(): void {
    this.end();
  }

  end(): void {
    if (this.#held === null) return;
    const { step, figures, memory, out } = this.#held;
    this.#held = null;
    if (figures.size === 0) return;
    for (const key of ['MemAllocated', 'MaxMemAllocated']) figures.delete(key);
    out.step(stepOf(step, figures, memory, names));
  }
}
