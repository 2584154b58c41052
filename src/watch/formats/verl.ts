/**
 * verl, and what is made from it. The driver prints one line a step, `step:3 - key:value - key:value …`, of three digits
 * or of all there are; workers print their allocator at the edges of phases, in GiB of two digits that it calls GB.
 *
 * A step's `max_memory_…_gb` are peaks of workers that the line does not name: they go to a device of their own,
 * `workers`, and never stand for what is held now. Only the workers' lines tell that.
 */
import type { DeviceMemory } from '../../contract/index.ts';
import { type Figures, peaksOf, sharedDecimals, updateOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { type LogLine, workerOf } from '../log-line.ts';
import { decimals, gibBytes, printed, scaledNumber } from '../printed.ts';

const STEP = /(?:^|[\s\]])step:(\d+) - (.*)$/;
const AMOUNT = '(\\d+\\.\\d+)';
const MEMORY = new RegExp(
  `^(.*?), memory allocated \\(GB\\): ${AMOUNT}(?:, max memory allocated \\(GB\\): ${AMOUNT})?` +
    `, memory reserved \\(GB\\): ${AMOUNT}(?:, max memory reserved \\(GB\\): ${AMOUNT})?` +
    `(?:, device memory used/total \\(GB\\): ${AMOUNT}/${AMOUNT})?(, cpu_memory: \\{.*\\})?\\s*$`,
);
/** What a logger puts before the message: level, time, place, rank. */
const LOGGED = /^.*(?:=> |(?:DEBUG|INFO|WARNING):(?:[^\s:]*:)*)/;
const EDGE = /^(?:(.*?) )?(Before|After) (.+)$/;
/** Anything else in front of an edge was put there by a logger. */
const ROLE = /^[a-z][\w /.-]{0,39}$/;
const PROGRESS = /Training Progress:.*\| *\d+\/(\d+) \[/;
const TOTAL = /Total training steps: (\d+)/;

export const verl: LogFormat = {
  name: 'verl',
  about: 'verl: console lines of steps, memory lines of workers',
  marks: ['step:', 'memory allocated (GB): ', 'Training Progress:', 'Total training steps'],
  open: () => new VerlParser(),
};

class VerlParser implements LineParser {
  /** How the newest whole line was made: by it a cut one is known. */
  #like: { size: number; lastKey: string; digits: number | null } | null = null;
  /** Key that the newest cut line ended with. */
  #suspect: string | null = null;

  read(line: LogLine, out: Outlet): boolean {
    const { text } = line;
    if (text.includes('memory allocated (GB): ')) return this.#memory(line, out);
    if (text.includes('step:') && text.includes(' - ')) {
      const step = STEP.exec(text);
      if (step !== null) return this.#step(Number(step[1]), step[2]!, out);
    }
    const total = PROGRESS.exec(text) ?? TOTAL.exec(text);
    if (total === null) return false;
    out.facts({ maxBatches: Number(total[1]) });
    return true;
  }

  #step(batch: number, pairs: string, out: Outlet): boolean {
    const figures: Figures = new Map();
    let torn = false;
    for (const pair of pairs.split(' - ')) {
      const colon = pair.lastIndexOf(':');
      const figure = colon < 1 ? null : printed(pair.slice(colon + 1));
      if (figure === null) {
        torn = true;
        break;
      }
      figures.set(pair.slice(0, colon), figure);
    }
    // Before the first step, and after the last, verl validates: such a line is no update.
    if (![...figures.keys()].some(key => /^(?:actor|critic|timing_s)\//.test(key))) return true;
    if (!torn && this.#isCut(figures)) {
      figures.delete([...figures.keys()].at(-1)!);
      torn = true;
    }
    if (torn) out.almost('a step line that ends within a figure');

    const rounded = sharedDecimals(figures.values()) !== null;
    const peaks = peaksOf(figures, 'workers', rounded);
    const update = updateOf(batch, figures, peaks === null ? [] : [peaks]);
    const critic = figures.get('timing_s/update_critic');
    if (critic !== undefined && update.timing?.updateMs != null) {
      const ms = scaledNumber(critic, 3);
      if (typeof ms === 'number')
        update.timing.updateMs = Math.round((update.timing.updateMs + ms) * 1e6) / 1e6;
    }
    out.update(update);
    return true;
  }

  /** Whether the line's last figure may be the beginning of a longer one. */
  #isCut(figures: Figures): boolean {
    const all = [...figures];
    const [lastKey, last] = all.at(-1) ?? [];
    if (lastKey === undefined) return false;
    const digits = sharedDecimals(all.slice(0, -1).map(([, figure]) => figure)) ?? this.#like?.digits ?? null;
    const short = digits !== null && digits > 1 && (decimals(last!.text) ?? digits) < digits;
    const early = this.#like !== null && all.length < this.#like.size && lastKey !== this.#like.lastKey;
    // Twice the same end is no accident: the trainer prints less than it did.
    if (!short && (!early || lastKey === this.#suspect)) {
      this.#like = { size: all.length, lastKey, digits: all.length > 4 ? digits : null };
      return false;
    }
    this.#suspect = lastKey;
    return true;
  }

  #memory(line: LogLine, out: Outlet): boolean {
    const parts = MEMORY.exec(line.text);
    const amounts = (parts?.slice(2, 8) ?? []).filter(text => text !== undefined);
    const twoDigits = amounts.some(text => decimals(text) === 2);
    if (parts === null || (twoDigits && amounts.some(text => decimals(text) !== 2))) {
      out.almost('a memory line that cannot be read whole');
      return true;
    }
    const worker = workerOf(line);
    const bytes = (text: string | undefined) => (text === undefined ? undefined : gibBytes(text)?.bytes);
    const [allocated, peakAllocated, reserved, peakReserved, used, total] = parts.slice(2, 8).map(bytes);
    const resolutionBytes = twoDigits ? gibBytes('0.01')!.bytes : null;
    const reading: DeviceMemory = {
      device: worker === null ? 'cuda' : `worker ${worker.split(' ').at(-1)}`,
      allocatedBytes: allocated,
      reservedBytes: reserved,
      ...(peakAllocated !== undefined && { peakAllocatedBytes: peakAllocated, peakScope: 'run' as const }),
      ...(peakReserved !== undefined && { peakReservedBytes: peakReserved, peakScope: 'run' as const }),
      ...(used !== undefined && deviceOf(used, total!)),
      ...(resolutionBytes !== null && { resolutionBytes }),
    };
    const head = parts[1]!.replace(LOGGED, '').trim();
    const [, role = '', edge, phase] = EDGE.exec(head) ?? [];
    out.memory({
      phase: phase ?? (head || 'unnamed'),
      ...(edge !== undefined && { when: edge === 'Before' ? 'before' : 'after' }),
      ...(ROLE.test(role) && { role }),
      ...(worker !== null && { worker }),
      ...(line.unseen > 0 && { unseen: line.unseen }),
      memory: [reading],
    });
    return true;
  }
}

/** A device that says it uses more than it has tells its total only. */
const deviceOf = (used: number, total: number) =>
  used > total ? { deviceTotalBytes: total } : { deviceTotalBytes: total, deviceFreeBytes: total - used };
