/**
 * The formats that a log may be of: each of them until one has read a figure, that one from then on. Beside them stand those that
 * read what any log may have between its lines.
 */
import type { Payload } from '../contract/index.ts';
import { endingWords } from '../texts/index.ts';
import { errorWords } from './error-words.ts';
import type { FormatOptions, LineParser, LogFormat, Outlet } from './format.ts';
import { formats } from './formats/index.ts';
import type { LogLine } from './log-line.ts';
import { WordFilter } from './word-filter.ts';

/** Time of this process that one line may take before the formats that have not looked at it yet are passed over: on a busy machine a line waits, which is no work of its own. */
const LINE_BUDGET_MS = 1000;

/** Who has to look at a line, as bits: the formats, the readers of errors and endings; above them what stands beside, one each. */
const FORMATS = 1;
const ENDS = 2;
const BESIDE = 4;
/** Of a line that was not asked about. */
export const EVERYBODY = -1;

/** What is emitted once the log's format is known. */
export interface HeldReport {
  emit(): void;
  timeMs: number;
  /** Of the line that it was read with. */
  line: number;
  /** Whether it shows how far the training came, and no figure of it. */
  isBare: boolean;
  /** Whether that is all the way. */
  isFull?: boolean;
}

export interface Candidate {
  format: LogFormat;
  parser: LineParser;
  facts: Partial<Payload<'TRAINING_STARTED'>>;
  /** Kinds of lines that could not be read whole, and the first of each. */
  almost: Map<string, number>;
  /** Of a weak format: what it has read, until the log is its own. */
  held: HeldReport[];
  last?: number;
}

export class Candidates {
  #reading: Candidate;
  /** Every format until one has read a figure; that one from then on. */
  #own: Candidate[];
  /** Those of their parsers that are ever in the midst of something. */
  #openable: LineParser[];
  /** What stands beside any log. */
  #beside: Candidate[];
  /** Those of its parsers that are ever in the midst of something, each with its bit. */
  #openableBeside: { parser: LineParser; bit: number }[];
  /** Whether the user named the format. */
  #isNamed: boolean;
  /** Words that a line has which is to be read: of the formats, of errors and of endings. */
  #filter: WordFilter;
  #format: LogFormat | null = null;

  /** @param named the format that the user named; null to find it. */
  constructor(named: LogFormat | null, options: FormatOptions) {
    const open = (format: LogFormat): Candidate => ({
      format,
      parser: format.open(options),
      facts: {},
      almost: new Map(),
      held: [],
    });
    this.#own = (named === null ? formats.filter(({ claim }) => claim !== 'beside') : [named]).map(open);
    this.#beside = formats.filter(other => other.claim === 'beside' && other !== named).map(open);
    this.#openable = openable(this.#own);
    this.#openableBeside = this.#beside.flatMap(({ parser }, i) =>
      'isOpen' in parser ? [{ parser, bit: BESIDE << i }] : [],
    );
    this.#isNamed = named !== null;
    this.#filter = this.#newFilter();
    this.#reading = this.#own[0]!;
  }

  /** Whose parser has the line. */
  get reading(): Candidate {
    return this.#reading;
  }

  /** The log's format; null until it is known. */
  get format(): LogFormat | null {
    return this.#format;
  }

  /** Whether the line is being read by what stands beside the log. */
  get isBeside(): boolean {
    return this.#beside.includes(this.#reading);
  }

  /** Whether other programs print the like of what is being read: the log's format is not known by it. */
  get isWeak(): boolean {
    return this.#format === null && !this.#isNamed && this.#reading.format.claim === 'weak';
  }

  /** The sample of a line that the log's format knows, and nobody else reads; null for any other. */
  sampleIn(bytes: Uint8Array, from: number, to: number): Payload<'MEMORY_SAMPLED'> | null {
    const { parser } = this.#own[0]!;
    if (this.#format === null || parser.sampleIn === undefined) return null;
    // Most lines are none, which their last bytes show: sooner than the readers are asked.
    const sample = parser.sampleIn(bytes, from, to);
    return sample === null || this.#openReaders() !== 0 ? null : sample;
  }

  /** Who has to look at a line that has not been decoded yet, as bits; 0: nobody. */
  readersOf(bytes: Uint8Array, from: number, to: number): number {
    return this.#filter.ownersIn(bytes, from, to) | this.#openReaders();
  }

  /** Those in the midst of something, whose lines have no marks. Asked of every line. */
  #openReaders(): number {
    let readers = 0;
    for (let i = 0; i < this.#openable.length; i++)
      if (this.#openable[i]!.isOpen === true) readers |= FORMATS;
    for (let i = 0; i < this.#openableBeside.length; i++)
      if (this.#openableBeside[i]!.parser.isOpen === true) readers |= this.#openableBeside[i]!.bit;
    return readers;
  }

  /** Whether the readers of errors and endings are among them. */
  static readsEnds(readers: number): boolean {
    return (readers & ENDS) !== 0;
  }

  /**
   * Whether the line is of a format.
   * @param readers bits of those who have to look at it, see `readersOf`
   * @param isLong whether it is for those alone that parse a whole document.
   * @param late is called where the time is up before every format has looked at it.
   */
  read(line: LogLine, out: Outlet, readers: number, isLong: boolean, late: () => void): boolean {
    if (!isLong && readers >> 2 !== 0)
      for (let i = 0; i < this.#beside.length; i++) {
        if ((readers & (BESIDE << i)) === 0) continue;
        this.#reading = this.#beside[i]!;
        if (this.#reading.parser.read(line, out)) return true;
      }
    if ((readers & FORMATS) === 0) {
      this.#reading = this.#own[0]!;
      return false;
    }
    let known = false;
    const began = this.#format === null ? performance.now() : 0;
    const worked = this.#format === null ? process.cpuUsage() : undefined;
    for (const candidate of this.#own) {
      if (isLong && candidate.format.readsLongLines !== true) continue;
      this.#reading = candidate;
      if (candidate.parser.read(line, out)) known = true;
      if (this.#format !== null) break;
      if (performance.now() - began > LINE_BUDGET_MS && workMs(worked) > LINE_BUDGET_MS) {
        late();
        break;
      }
    }
    return known;
  }

  /** Every parser emits what it holds. */
  flush(): void {
    for (const candidate of this.#own) {
      if (candidate.parser.flush === undefined) continue;
      this.#reading = candidate;
      candidate.parser.flush();
      if (this.#format !== null) return;
    }
  }

  /** Nobody waits any longer; who reads goes on reading. */
  release(): void {
    const reading = this.#reading;
    for (const candidate of this.#own) {
      this.#reading = candidate;
      candidate.parser.release?.();
    }
    if (this.#own.includes(reading) || this.#beside.includes(reading)) this.#reading = reading;
  }

  /** The log has ended for every parser. */
  end(): void {
    for (const candidate of [...this.#beside, ...this.#own]) {
      // What one of them has held until now may have made the log its own.
      if (!this.#beside.includes(candidate) && !this.#own.includes(candidate)) continue;
      this.#reading = candidate;
      candidate.parser.end?.();
    }
  }

  /** The format that is being read is the log's. */
  settle(): void {
    this.#format = this.#reading.format;
    this.#own = [this.#reading];
    this.#openable = openable(this.#own);
    this.#filter = this.#newFilter();
  }

  /** Goes to the weak format that has read most, where it has read `least` or more. Whether there is one. */
  takeWeak(least: number): boolean {
    const worth = ({ held }: Candidate) => held.length + held.filter(({ isBare }) => !isBare).length;
    const best = this.#own.reduce((a, b) => (worth(b) > worth(a) ? b : a));
    if (this.#format !== null || best.held.length < least) return false;
    this.#reading = best;
    return true;
  }

  /** What none of them could read whole: why, and the first line of it. */
  get almost(): [why: string, line: number][] {
    return [...this.#own, ...this.#beside].flatMap(({ almost }) => [...almost]);
  }

  #newFilter(): WordFilter {
    const names = (candidates: Candidate[]) => candidates.map(({ format }) => format.name).join(' ');
    const key = `${names(this.#own)} | ${names(this.#beside)}`;
    let filter = filters.get(key);
    if (filter === undefined) {
      const owned = (words: readonly string[], owners: number) => words.map(word => [word, owners] as const);
      filter = new WordFilter([
        ...owned(errorWords, ENDS),
        ...owned(endingWords, ENDS),
        ...this.#own.flatMap(({ format }) => owned(format.marks, FORMATS)),
        ...this.#beside.flatMap(({ format }, i) => owned(format.marks, BESIDE << i)),
      ]);
      filters.set(key, filter);
    }
    return filter;
  }
}

/** Time that this process has worked since, on all of its threads. */
function workMs(since: NodeJS.CpuUsage | undefined): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

const openable = (candidates: readonly Candidate[]): LineParser[] =>
  candidates.map(({ parser }) => parser).filter(parser => 'isOpen' in parser);

/** By the formats whose words they look for. */
const filters = new Map<string, WordFilter>();
