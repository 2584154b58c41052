/**
 * The shapes of a log's lines, each with a function that makes its event: the same object that parsing the line would give. A log
 * has a few shapes; one of ever new ones, as of messages, is parsed line by line, and loses little.
 */
import { isUnknown, numberBounds, type TelemetryEvent, type UnknownEvent } from '../contract/index.ts';
import { LineShape, type Lines } from './line-shape.ts';

/** Shapes that are kept. */
const SHAPES = 16;
/** Lines that are parsed first: of a short log nothing is learnt. */
const FIRST = 16;
/** Lines of known shapes after which one more may be learnt: learning takes as long as parsing fifty. */
const LINES_EACH = 100;
/** Lines in a row of no known shape after which only every so many is held against those that are. */
const MANY = 64;
const OPEN_BRACE = 123;

/** Makes an event of its numbers, from a place on, and its texts. */
type Make = (numbers: Float64Array, from: number, texts: readonly string[]) => TelemetryEvent;

/** A shape whose lines are events. */
export interface KnownShape {
  shape: LineShape;
  type: TelemetryEvent['type'];
  /** The event as an expression of its numbers and texts. */
  literal: string;
  texts: readonly string[];
  make: Make;
  /** Slots of two of its numbers. */
  rank: number;
  seq: number;
}

export class EventShapes {
  /** The shape of the line that {@link read} took last. */
  met!: KnownShape;
  /** The one that was met last comes first. */
  readonly #known: KnownShape[] = [];
  #mayLearn = SHAPES;
  #parsed = 0;
  #hits = 0;
  #misses = 0;

  /** @returns where the next line begins; -1 where this one must be parsed */
  read(lines: Lines, from: number): number {
    if (this.#misses > MANY && this.#misses % MANY !== 0) {
      this.#misses++;
      return -1;
    }
    const known = this.#known;
    for (let i = 0; i < known.length; i++) {
      const one = known[i]!;
      const next = one.shape.read(lines, from);
      if (next < 0) continue;
      if (i > 0) {
        known[i] = known[i - 1]!;
        known[i - 1] = one;
      }
      this.#misses = 0;
      if (++this.#hits % LINES_EACH === 0) this.#mayLearn = Math.min(SHAPES, this.#mayLearn + 1);
      this.met = one;
      return next;
    }
    this.#misses++;
    return -1;
  }

  /** The event of the line that {@link read} took last. */
  get event(): TelemetryEvent {
    const { make, shape, texts } = this.met;
    return make(shape.values, 0, texts);
  }

  /** Takes the shape of a line that was parsed. @param line its bytes, without the newline */
  learn(line: Buffer, event: TelemetryEvent | UnknownEvent): void {
    if (++this.#parsed <= FIRST || this.#mayLearn === 0) return;
    if (isUnknown(event) || line[0] !== OPEN_BRACE) return;
    this.#mayLearn--;
    const shape = LineShape.of(line, path => numberBounds(event.type, path));
    if (shape === null) return;
    const texts: string[] = [];
    const literal = literalOf(shape.marked, texts);
    if (literal === null) return;
    const slotOf = (name: string) =>
      shape.slots.findIndex(({ path }) => path.length === 1 && path[0] === name);
    const [rank, seq] = [slotOf('rank'), slotOf('seq')];
    this.#known.unshift({ shape, type: event.type, literal, texts, make: makerOf(literal), rank, seq });
    if (this.#known.length > SHAPES) this.#known.pop();
  }

  /** The lines are about to change. */
  leave(lines: Lines): void {
    for (const { shape } of this.#known) shape.leave(lines);
  }
}

/** Functions that are kept: the ranks of a run, and its runs, have the same few. */
const MAKERS = 256;
const makers = new Map<string, Make>();

/** The function of a {@link KnownShape}'s literal. */
export function makerOf(literal: string): Make {
  let make = makers.get(literal);
  if (make === undefined) {
    if (makers.size >= MAKERS) makers.clear();
    make = new Function('n', 'from', 't', `return ${literal}`) as Make;
    makers.set(literal, make);
  }
  return make;
}

/** Null where a literal would be another object than the parsed line. @param texts gets those of the line */
function literalOf(value: unknown, texts: string[]): string | null {
  if (typeof value === 'number') return `n[from+${value}]`;
  if (typeof value === 'string') return `t[${texts.push(value) - 1}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts: string[] = [];
  for (const [key, inner] of Object.entries(value)) {
    const literal = literalOf(inner, texts);
    // In a literal it is no name, but the prototype.
    if (literal === null || key === '__proto__') return null;
    parts.push(Array.isArray(value) ? literal : `${JSON.stringify(key)}:${literal}`);
  }
  return Array.isArray(value) ? `[${parts.join()}]` : `{${parts.join()}}`;
}
