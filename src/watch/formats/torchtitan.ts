/**
 * torchtitan: `step: 10  loss: 7.6282  grad_norm: 1.2  memory: 1.51GiB(1.90%)  tps: 455,760 …`. Its memory is the largest
 * reserved since the line before. Under torchrun every rank prints its own, distinguished by `[rank0]:`.
 */
import type { DeviceMemory } from '../../contract/index.ts';
import { type Figures, stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { spacedPairs } from '../key-values.ts';
import type { LogLine } from '../log-line.ts';
import { gibBytes, printed } from '../printed.ts';

const STEP = 'step:';
const NUMBER = /^ {0,12}(\d{1,15}) /;
const OWN = /\b(?:memory|tps|wps|mfu|grad_norm): /;
const CAPACITY = ' capacity: ';
const TOTAL_MEMORY = /^(\d{1,9}\.\d{1,9})GiB memory/;
/** The allocator's counters, reported in warnings: `2 CUDA memory allocation retries.` */
const COUNTERS = [
  [' memory allocation retries.', 'allocRetries'],
  [' OOM errors thrown.', 'ooms'],
] as const;
/** Percent that a total has to be sharper by to stand in for the one before: 0.01 of 20 is a twentieth of a percent. */
const SHARPER = 20;
const COUNT = /(\d{1,15}) [A-Z]{2,5}$/;
const TOTAL = /total steps (\d{1,15})/;
const STARTS = /Training starts at step (\d{1,15})/;

export const torchtitan: LogFormat = {
  name: 'torchtitan',
  about: 'torchtitan: step lines, allocator warnings',
  marks: [
    'step:',
    ' memory allocation retries.',
    ' OOM errors thrown.',
    ' capacity: ',
    'total steps ',
    'Training ',
  ],
  open: () => new TorchtitanParser(),
};

/** `validate step: 10  loss: 7.5  memory: …`: its loss alone is of the evaluation, whatever else its line has. */
function validated(batch: number, fields: string, out: Outlet): void {
  const pair = [...spacedPairs(fields)].find(({ key }) => key === 'loss');
  const loss = pair?.followed === true ? printed(pair.value) : null;
  if (loss !== null) out.figures({ batch, figures: { 'validate loss': loss.value } });
}

class TorchtitanParser implements LineParser {
  #device: DeviceMemory = { device: 'cuda' };
  #hasCapacity = false;
  /** Whether a line of a step had one of the keys that other loops with `step:` have not. */
  #isOwn = false;
  /** Percentage that the device's total was made of. */
  #percent = 0;
  /** By rank: the allocator's counters, reported in warnings before the step's line. */
  #counters = new Map<number, Pick<DeviceMemory, 'allocRetries' | 'ooms'>>();

  read(line: LogLine, out: Outlet): boolean {
    const { text } = line;
    const at = text.indexOf(STEP);
    if (at !== -1 && (at === 0 || text[at - 1] === ' ')) {
      const number = NUMBER.exec(text.slice(at + STEP.length, at + STEP.length + 32));
      this.#isOwn ||= number !== null && OWN.test(text.slice(at));
      if (number !== null && this.#isOwn && text.includes('loss:', at)) {
        const isValidation = text.startsWith('validate ', at - 'validate '.length);
        const fields = text.slice(at + STEP.length + number[0].length);
        if (isValidation) validated(Number(number[1]), fields, out);
        else this.#step(Number(number[1]), fields, line, out);
        return true;
      }
    }
    for (const [words, field] of COUNTERS) {
      const end = text.indexOf(words);
      const count = end === -1 ? null : COUNT.exec(text.slice(Math.max(0, end - 24), end));
      if (count === null) continue;
      const rank = line.source?.rank ?? 0;
      this.#counters.set(rank, { ...this.#counters.get(rank), [field]: Number(count[1]) });
      return true;
    }
    if (text.includes('Training completed')) {
      out.finished();
      return true;
    }
    return this.#facts(text, out);
  }

  #step(step: number, fields: string, line: LogLine, out: Outlet): void {
    const figures: Figures = new Map();
    let memory: DeviceMemory | null = null;
    for (const { key, value: raw, followed } of spacedPairs(fields)) {
      const whole = followed || raw.endsWith('%') || raw.endsWith(')');
      if (key === 'memory') {
        const reserved = /^(\d{1,9}\.\d\d)GiB\((\d{1,3}\.\d{1,4})%\)$/.exec(raw);
        const amount = reserved === null ? null : gibBytes(reserved[1]!);
        if (amount === null) {
          out.almost('a step line whose memory cannot be read');
          continue;
        }
        const { bytes, resolutionBytes } = amount;
        this.#totalOf(bytes, Number(reserved![2]));
        const counters = this.#counters.get(line.source?.rank ?? 0);
        const { device, ...known } = this.#device;
        memory = {
          device,
          ...known,
          // Of a total made of rounded figures the peak may be a hair more.
          ...(this.#percent > 0 && { deviceTotalBytes: Math.max(bytes, this.#device.deviceTotalBytes!) }),
          peakReservedBytes: bytes,
          peakScope: 'update',
          ...counters,
          resolutionBytes,
        };
        continue;
      }
      const number = /^\d{1,3}(?:,\d{3})+$/.test(raw) ? raw.replaceAll(',', '') : raw.replace(/%$/, '');
      const figure = printed(number);
      if (figure === null) {
        if (raw !== 'N/A') out.almost('a step line with a figure that is no number');
      } else if (!whole) out.almost('a step line that ends within a figure');
      else figures.set(key, figure);
    }
    if (figures.size > 0 || memory !== null) out.step(stepOf(step, figures, memory));
  }

  /** Where no line has the capacity: what is reserved is printed in GiB and in percent of it. */
  #totalOf(bytes: number, percent: number): void {
    if (this.#hasCapacity || percent > 100 || percent < this.#percent + SHARPER) return;
    this.#percent = percent;
    this.#device = { ...this.#device, deviceTotalBytes: Math.round((100 * bytes) / percent) };
  }

  #facts(text: string, out: Outlet): boolean {
    const at = text.indexOf(CAPACITY);
    const end = text.lastIndexOf(' with ');
    const total = end === -1 ? null : TOTAL_MEMORY.exec(text.slice(end + ' with '.length));
    if (at > 0 && end > at && total !== null) {
      this.#hasCapacity = true;
      this.#device = {
        device: text.slice(text.lastIndexOf(' ', at - 1) + 1, at).toLowerCase(),
        name: text.slice(at + CAPACITY.length, end),
        deviceTotalBytes: gibBytes(total[1]!)?.bytes ?? null,
      };
      return true;
    }
    const steps = TOTAL.exec(text);
    if (steps !== null) out.facts({ maxSteps: Number(steps[1]) });
    const starts = STARTS.exec(text);
    if (starts !== null && Number(starts[1]) > 1) out.facts({ resumedAtStep: Number(starts[1]) - 1 });
    return steps !== null || starts !== null;
  }
}
