/**
 * torchtitan: `step: 10  loss: 7.6282  grad_norm: 1.2  memory: 1.51GiB(1.90%)  tps: 455,760 …`. Its memory is the largest
 * reserved since the line before. Under torchrun every rank prints its own, told apart by `[rank0]:`.
 */
import type { DeviceMemory } from '../../contract/index.ts';
import { type Figures, stepOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import type { LogLine } from '../log-line.ts';
import { gibBytes, printed } from '../printed.ts';

const START = /(?:^|\s)(validate )?step: *(\d+) +(.*)$/;
const FIELD = /(\w+): *(\S+)(\s|$)/g;
const CAPACITY = /(\w+) capacity: (.+) with (\d+\.\d+)GiB memory/;
const COUNTED = /(\d+) \w+ (memory allocation retries|OOM errors thrown)\./;
const TOTAL = /total steps (\d+)/;
const STARTS = /Training starts at step (\d+)/;

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

class TorchtitanParser implements LineParser {
  #device: DeviceMemory = { device: 'cuda' };
  /** By rank: the allocator's counters, told in warnings before the step's line. */
  #counters = new Map<number, Pick<DeviceMemory, 'allocRetries' | 'ooms'>>();

  read(line: LogLine, out: Outlet): boolean {
    const { text } = line;
    if (text.includes('step:')) {
      const start = START.exec(text);
      if (start?.[3]?.includes('loss:')) {
        if (start[1] === undefined) this.#step(Number(start[2]), start[3], line, out);
        return true;
      }
    }
    const counted = COUNTED.exec(text);
    if (counted !== null) {
      const rank = line.source?.rank ?? 0;
      const name = counted[2]!.startsWith('memory') ? 'allocRetries' : 'ooms';
      this.#counters.set(rank, { ...this.#counters.get(rank), [name]: Number(counted[1]) });
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
    for (const [, key, raw, after] of fields.matchAll(FIELD)) {
      const whole = after !== '' || raw!.endsWith('%') || raw!.endsWith(')');
      if (key === 'memory') {
        const reserved = /^(\d+\.\d\d)GiB\(\d+\.\d+%\)$/.exec(raw!);
        if (reserved === null) {
          out.almost('a step line whose memory cannot be read');
          continue;
        }
        const { bytes, resolutionBytes } = gibBytes(reserved[1]!)!;
        const counters = this.#counters.get(line.source?.rank ?? 0);
        memory = {
          ...this.#device,
          peakReservedBytes: bytes,
          peakScope: 'update',
          ...counters,
          resolutionBytes,
        };
        continue;
      }
      const number = /^\d{1,3}(?:,\d{3})+$/.test(raw!) ? raw!.replaceAll(',', '') : raw!.replace(/%$/, '');
      const figure = printed(number);
      if (figure === null) {
        if (raw !== 'N/A') out.almost('a step line with a figure that is no number');
      } else if (!whole) out.almost('a step line that ends within a figure');
      else figures.set(key!, figure);
    }
    if (figures.size > 0 || memory !== null)
      out.step(stepOf(step, figures, memory === null ? [] : [memory]), line.source?.rank ?? 0);
  }

  #facts(text: string, out: Outlet): boolean {
    const capacity = CAPACITY.exec(text);
    if (capacity !== null) {
      this.#device = {
        device: capacity[1]!.toLowerCase(),
        name: capacity[2],
        deviceTotalBytes: gibBytes(capacity[3]!)!.bytes,
      };
      return true;
    }
    const total = TOTAL.exec(text);
    if (total !== null) out.facts({ maxSteps: Number(total[1]) });
    const starts = STARTS.exec(text);
    if (starts !== null && Number(starts[1]) > 1) out.facts({ resumedAtStep: Number(starts[1]) - 1 });
    return total !== null || starts !== null;
  }
}
