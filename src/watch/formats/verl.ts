/**
 * verl, and what is made from it. The driver prints one line a step, `step:3 - key:value - key:value …`, of three digits
 * or of all there are; workers print their allocator at the edges of phases, in GiB of two digits that it calls GB.
 *
 * A step's `max_memory_…_gb` are peaks of workers that the line does not name: they go to a device of their own,
 * `workers`, and never stand for what is held now. Only the workers' lines hold that.
 */
import type { Payload } from '../../contract/index.ts';
import { updateFields } from '../fields.ts';
import { type Figures, memoryIn, sharedDecimals, stepOf, updateOf } from '../figures.ts';
import type { LineParser, LogFormat, Outlet } from '../format.ts';
import { type LogLine, workerOf } from '../log-line.ts';
import { decimals, printed, scaledNumber } from '../printed.ts';
import { barCount } from '../progress-bar.ts';
import { ALLOCATED, workerMemory } from '../verl-memory.ts';
import { wholeLines } from '../whole-lines.ts';
import { WorkerLines } from '../worker-lines.ts';

const STEP = 'step:';
const NUMBER = /^(\d{1,15}) - /;
/** What a logger puts before the message: a sign, or a level with time, place and rank behind it. */
const ARROW = '=> ';
const LEVELS = ['DEBUG:', 'INFO:', 'WARNING:'];
const LOGGED_TIME = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?:?/;
const LOGGED_PART = /^[^\s:]{0,100}:/;
const EDGE = /^(?:([^ ]{1,40}(?: [^ ]{1,40}){0,3}) )?(Before|After) (.+)$/;
/** Anything else in front of an edge was put there by a logger. */
const ROLE = /^[a-z][\w /.-]{0,39}$/;
/** Heads of memory lines whose reading is kept. */
const MOST_EDGES = 256;
const PROGRESS = 'Training Progress:';
const TOTAL = /Total training steps: (\d{1,15})/;

/** A step's line, or its head alone where each figure has a line of its own. */
const HEAD = /(?:^|[\]\s])step:\d{1,15}(?: - |\s*$)/;
/** What a terminal has made a line of, within a word too: the end of a pair, pairs, the beginning of one. */
const REST =
  /^(?:[^\s:]{0,200}(?::-?[\w.+-]{0,40})?)?(?:(?: ?- |^ {0,8})[^\s:]{1,200}:-?[\w.+-]{1,40}){1,300}(?: -?(?: [^\s:]{0,200}:?)?)?$/;
/** A pair without its value, and the rest of one that is the line's last. */
const TORN = /^ - [^\s:]{0,200}:?$/;
const LAST = /^[^\s:]{0,200}:?-?[\w.+-]{0,40}$/;
const DIGITS = /^[\d.]{1,20}(?:e[-+]?\d{1,3})?$/;
const MOST_ROWS = 300;
const COLON = 58;

const format: LogFormat = {
  name: 'verl',
  about: 'verl: console lines of steps (RL and SFT), memory lines of workers',
  marks: [STEP, ALLOCATED, PROGRESS, 'Total training steps'],
  open: () => new VerlParser(),
};

/** Characters that no terminal has beside each other: a longer line was not wrapped by one. */
const WIDEST = 500;
/** A step of reinforcement learning ends with its times. */
const TIMES = 'timing_s/';

const isTorn = (text: string): boolean =>
  text.endsWith(' -') || TORN.test(text.slice(Math.max(0, text.lastIndexOf(' - '))));

/** Whether a line may go on in the next: pages and loggers part long ones as well, anywhere. */
const isOpen = (text: string) => text.length < WIDEST || !text.includes(TIMES) || isTorn(text);

export const verl = wholeLines(format, text => text.includes(STEP) && isOpen(text) && HEAD.test(text), {
  isRest: (text, before, isRow) =>
    REST.test(text) || (isTorn(before) && LAST.test(text)) || (isRow && DIGITS.test(text)),
  join: (before, rest) => {
    // A copy has no spaces at the ends of lines.
    const isParted = /^\s/.test(rest) || /\s$/.test(before);
    const parted = / -$/.test(before) || /^- /.test(rest);
    return `${before}${parted && !isParted ? ' ' : ''}${rest}`;
  },
  most: MOST_ROWS,
  isOfCopies: true,
});

function isOfUpdate(figures: Figures): boolean {
  for (const key of figures.keys()) if (/^(?:actor|critic|timing_s)\//.test(key)) return true;
  return false;
}

class VerlParser implements LineParser {
  /** How the newest whole line was made: by it a cut one is known. */
  #like: { size: number; lastKey: string; digits: number | null } | null = null;
  /** Keys of step lines in their order. */
  #keys: string[] = [];
  /** Key that the newest cut line ended with. */
  #suspect: string | null = null;
  /** Keys that whole lines ended with: a step that is validated has others behind them. */
  #ends = new Set<string>();
  /** What was validated before the first step: it waits for that, with which comes the training's total. */
  #before: (() => void)[] | null = [];
  /** By what is printed in front of the amounts. */
  #edges = new Map<string, Edge>();
  #newest: Edge | null = null;
  #devices = new Map<string, string>();
  #known = new WorkerLines();

  read(line: LogLine, out: Outlet): boolean {
    const { text } = line;
    const memoryAt = text.indexOf(ALLOCATED);
    if (memoryAt !== -1) return this.#memory(line, memoryAt, out);
    const at = text.indexOf(STEP);
    if (at !== -1 && (at === 0 || text[at - 1] === ']' || /\s/.test(text[at - 1]!))) {
      const from = at + STEP.length;
      const number = NUMBER.exec(text.slice(from, from + 24));
      if (number !== null) return this.#step(Number(number[1]), text.slice(from + number[0].length), out);
    }
    const total = text.includes(PROGRESS) ? barCount(text)?.total : TOTAL.exec(text)?.[1];
    if (total === undefined) return false;
    out.facts({ maxBatches: Number(total) });
    return true;
  }

  sampleIn(bytes: Uint8Array, from: number, to: number): Payload<'MEMORY_SAMPLED'> | null {
    return this.#known.sampleIn(bytes, from, to);
  }

  #step(batch: number, pairs: string, out: Outlet): boolean {
    const { figures, torn: isTorn, lastKey } = this.#figuresIn(pairs.split(' - '));
    let torn = isTorn;
    if (figures.has('train/loss') && !torn) {
      this.end();
      out.step(stepOf(batch, figures));
      return true;
    }
    // Before the first step, and after the last, verl validates: such a line is no update.
    if (!isOfUpdate(figures)) {
      this.#validated(batch, figures, out);
      return true;
    }
    this.end();
    if (!torn && this.#isCut(figures, lastKey)) {
      figures.delete(lastKey);
      torn = true;
    }
    if (torn) out.almost('a step line that ends within a figure');

    const rounded = sharedDecimals(figures.values()) !== null;
    const peaks = memoryIn(figures, 'workers', undefined, rounded);
    const update = updateOf(batch, figures, peaks);
    const critic = figures.get('timing_s/update_critic');
    if (critic !== undefined && update.timing?.updateMs != null) {
      const ms = scaledNumber(critic, 3);
      const both = typeof ms === 'number' ? Math.round((update.timing.updateMs + ms) * 1e6) / 1e6 : null;
      if (both !== null && updateFields.get('timing.updateMs')!(both)) update.timing.updateMs = both;
    }
    out.update(update);
    return true;
  }

  /** Figures up to the first pair that is none. */
  #figuresIn(pairs: readonly string[]): { figures: Figures; torn: boolean; lastKey: string } {
    const figures: Figures = new Map();
    let lastKey = '';
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[i]!;
      // Mostly its key is that of the line before: one text for all lines is found soonest.
      let key = this.#keys[i] ?? '';
      const isUsual = key !== '' && pair.charCodeAt(key.length) === COLON && pair.indexOf(key) === 0;
      let figure = isUsual ? printed(pair.slice(key.length + 1)) : null;
      if (figure === null || key.length + 1 + figure.text.length !== pair.length) {
        const colon = pair.lastIndexOf(':');
        figure = colon < 1 ? null : printed(pair.slice(colon + 1));
        if (figure === null) return { figures, torn: true, lastKey };
        key = pair.slice(0, colon);
        this.#keys[i] = key;
      }
      figures.set(key, figure);
      lastKey = key;
    }
    return { figures, torn: false, lastKey };
  }

  /** Whether the line's last figure may be the beginning of a longer one. */
  #isCut(figures: Figures, lastKey: string): boolean {
    const { size } = figures;
    const last = figures.get(lastKey);
    if (last === undefined) return false;
    const digits = sharedDecimals(figures.values(), size - 1) ?? this.#like?.digits ?? null;
    const short = digits !== null && digits > 1 && (decimals(last.text) ?? digits) < digits;
    const early = this.#like !== null && size < this.#like.size && lastKey !== this.#like.lastKey;
    // Twice the same end is no accident: the trainer prints less than it did.
    if (!short && (!early || lastKey === this.#suspect || this.#ends.has(lastKey))) {
      if (size >= (this.#like?.size ?? 0)) this.#ends.add(lastKey);
      this.#like = { size, lastKey, digits: size > 4 ? digits : null };
      return false;
    }
    this.#suspect = lastKey;
    return true;
  }

  #validated(batch: number, all: Figures, out: Outlet): void {
    const own = [...all].filter(([key]) => key.startsWith('val'));
    if (own.length === 0) return;
    const figures = Object.fromEntries(own.map(([key, { value }]) => [key, value]));
    const emit = () => out.figures({ batch, figures });
    if (this.#before === null) emit();
    else this.#before.push(emit);
  }

  end(): void {
    for (const emit of this.#before ?? []) emit();
    this.#before = null;
  }

  #memory(line: LogLine, at: number, out: Outlet): boolean {
    const worker = workerOf(line);
    const device = worker === null ? 'cuda' : this.#deviceOf(worker);
    const reading = workerMemory(line.text.slice(at + 2), device);
    if (reading === null) {
      out.almost('a memory line that cannot be read whole');
      return true;
    }
    const { phase, when, role } = this.#edgeOf(line.text, at);
    const memory = [reading];
    const { unseen } = line;
    if (when !== null && role !== null && worker !== null)
      this.#known.add(line, { phase, when, role, worker }, device);
    out.memory({
      phase,
      ...(when !== null && { when }),
      ...(role !== null && { role }),
      ...(worker !== null && { worker }),
      ...(unseen > 0 && { unseen }),
      memory,
    });
    return true;
  }

  #deviceOf(worker: string): string {
    let device = this.#devices.get(worker);
    if (device === undefined) {
      device = `worker ${worker.slice(worker.lastIndexOf(' ') + 1)}`;
      if (this.#devices.size >= MOST_EDGES) this.#devices.clear();
      this.#devices.set(worker, device);
    }
    return device;
  }

  /** What stands in front of the amounts. */
  #edgeOf(text: string, at: number): Edge {
    // Those of one phase follow one another.
    if (this.#newest?.before.length === at && text.indexOf(this.#newest.before) === 0) return this.#newest;
    const before = text.slice(0, at);
    this.#newest = this.#edges.get(before) ?? this.#newEdge(before);
    return this.#newest;
  }

  #newEdge(before: string): Edge {
    const head = unlogged(before).trim();
    const [, role = '', when, phase] = EDGE.exec(head) ?? [];
    const edge: Edge = {
      before,
      phase: phase ?? (head || 'unnamed'),
      when: when === undefined ? null : when === 'Before' ? 'before' : 'after',
      role: ROLE.test(role) ? role : null,
    };
    if (this.#edges.size >= MOST_EDGES) this.#edges.clear();
    this.#edges.set(before, edge);
    return edge;
  }
}

interface Edge {
  /** The text in front of the amounts. */
  before: string;
  phase: string;
  when: 'before' | 'after' | null;
  role: string | null;
}

/** The message without what a logger put before it. */
function unlogged(text: string): string {
  const arrow = text.lastIndexOf(ARROW);
  if (arrow === -1 && !text.includes(':')) return text;
  const level = LEVELS.map(name => [text.lastIndexOf(name), name.length] as const).sort(
    (a, b) => b[0] - a[0],
  )[0]!;
  if (arrow > level[0]) return text.slice(arrow + ARROW.length);
  if (level[0] === -1) return text;
  let message = text.slice(level[0] + level[1]).replace(LOGGED_TIME, '');
  for (let part = LOGGED_PART.exec(message); part !== null; part = LOGGED_PART.exec(message))
    message = message.slice(part[0].length);
  return message;
}
