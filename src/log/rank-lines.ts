/**
 * The lines of one rank's file → events. Bytes are split at newlines and each line is decoded by itself, so that no chunk's edge can
 * fall into a character. What follows the last newline is held until its rest comes. Invalid UTF-8 within a line that is an event
 * becomes U+FFFD.
 */
import {
  isMalformed,
  isUnknown,
  parseEvent,
  passSeq,
  type SeqPlace,
  type TelemetryEvent,
  type UnknownEvent,
} from '../contract/index.ts';
import { EventShapes, type KnownShape } from './event-shapes.ts';
import { MAX_LINE_BYTES } from './limits.ts';
import { linesIn } from './line-shape.ts';
import { noteProblem, type ReadReport } from './read-report.ts';

export type LoggedEvent = TelemetryEvent | UnknownEvent;

const NONE = Buffer.alloc(0);
const NEWLINE = 10;
const SPACE = 32;
const BYTE_ORDER_MARK = 0xfeff;

/** Takes a line of a known shape instead of its event: the shape has its numbers. `before`: events of the chunk that came before it. */
export type TakeShaped = (shape: KnownShape, before: number) => void;

export class RankLines {
  readonly #path: string;
  readonly #takeShaped: TakeShaped | null;
  readonly #report: ReadReport;
  /** Bytes whose newline has not come yet. */
  #held: Buffer = NONE;
  /** The line being read is too long: its bytes are dropped until its newline. */
  #tooLong = false;
  #line = 0;
  /** By rank: a file has one, unless somebody joined several. */
  #places = new Map<number, SeqPlace>();
  readonly #shapes = new EventShapes();

  constructor(path: string, report: ReadReport, takeShaped: TakeShaped | null = null) {
    this.#takeShaped = takeShaped;
    this.#path = path;
    this.#report = report;
  }

  /** Bytes that go in front of those that are read next; a line past the limit is given up, and holds none. */
  hold(): Buffer {
    if (this.#held.length > MAX_LINE_BYTES) {
      this.#tooLong = true;
      this.#held = NONE;
    }
    return this.#held;
  }

  /** Bytes after the last newline were read. */
  get endsTorn(): boolean {
    return this.#held.length > 0 || this.#tooLong;
  }

  /** The end of a log that nobody writes any more: a line without its newline is reported as torn. */
  finish(): void {
    if (!this.endsTorn) return;
    this.#report.torn++;
    noteProblem(this.#report, this.#path, this.#line + 1, 'torn: the line has no end');
  }

  /** The file begins again. */
  restart(): void {
    this.#held = NONE;
    this.#tooLong = false;
    this.#line = 0;
    this.#places.clear();
  }

  /**
   * Events of the lines that end in the bytes.
   * @param held bytes at the start that were looked through before
   */
  read(bytes: Buffer, held: number): LoggedEvent[] {
    const events: LoggedEvent[] = [];
    const lines = linesIn(bytes);
    const shapes = this.#shapes;
    let from = 0;
    // What is held has no newline.
    let searched = held;
    for (;;) {
      const next = this.#tooLong ? -1 : shapes.read(lines, from);
      const to = next < 0 ? bytes.indexOf(NEWLINE, searched) : next - 1;
      if (to === -1) break;
      this.#line++;
      this.#report.lines++;
      if (next >= 0) {
        const { met } = shapes;
        const { values } = met.shape;
        this.#report.events++;
        this.#countRepeated(values[met.rank]!, values[met.seq]!, met.type);
        if (this.#takeShaped === null) events.push(shapes.event);
        else this.#takeShaped(met, events.length);
      } else if (this.#tooLong) this.#endTooLong();
      else if (from === to) this.#report.empty++;
      else this.#parse(bytes, from, to, events);
      from = to + 1;
      searched = from;
    }
    shapes.leave(lines);
    this.#held = this.#tooLong || from === bytes.length ? NONE : Buffer.from(bytes.subarray(from));
    return events;
  }

  #parse(bytes: Buffer, from: number, to: number, events: LoggedEvent[]): void {
    const report = this.#report;
    let line = bytes.toString('utf8', from, to);
    if (this.#line === 1 && line.charCodeAt(0) === BYTE_ORDER_MARK) line = line.slice(1);
    // Only a line of white space begins with any: JSON written by the book begins with a brace.
    if ((bytes[from] as number) <= SPACE && line.trim() === '') {
      report.empty++;
      return;
    }
    const parsed = parseEvent(line);
    if (isMalformed(parsed)) {
      report.malformed++;
      noteProblem(report, this.#path, this.#line, parsed.malformed);
      return;
    }
    this.#shapes.learn(bytes.subarray(from, to), parsed);
    this.#take(parsed, events);
  }

  #take(event: LoggedEvent, events: LoggedEvent[]): void {
    const report = this.#report;
    if (isUnknown(event)) {
      report.unknown++;
      const { v, type } = event;
      report.firstUnknown ??= {
        file: this.#path,
        line: this.#line,
        reason: `${type} of version ${v}`.slice(0, 200),
      };
    } else report.events++;
    this.#countRepeated(event.rank, event.seq, event.type);
    events.push(event);
  }

  #countRepeated(rank: number, seq: number, type: string): void {
    let place = this.#places.get(rank);
    if (place === undefined) {
      // A file that is read from its middle begins at any number.
      place = { nextSeq: seq, seqGap: null };
      this.#places.set(rank, place);
    }
    if (passSeq(place, seq) !== null) return;
    this.#report.repeated++;
    this.#report.firstRepeated ??= {
      file: this.#path,
      line: this.#line,
      reason: `${type} with seq ${seq} came before`.slice(0, 200),
    };
  }

  #endTooLong(): void {
    this.#tooLong = false;
    this.#report.malformed++;
    noteProblem(this.#report, this.#path, this.#line, `longer than ${MAX_LINE_BYTES} bytes`);
  }
}
