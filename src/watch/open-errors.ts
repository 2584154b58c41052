/** Errors whose text is being read, each of a process's own: found again by what stands in front of its lines. */
import { alike } from './by-shape.ts';
import { Frames } from './frames.ts';
import type { HeldError } from './held-error.ts';
import type { LogLine } from './log-line.ts';

/** Processes whose error is open at a time. */
const MOST_OPEN = 64;
/** IPython's head of a traceback begins with the error's class; the first versions put no blank behind it. */
const NAMED_HEAD = /^\s{0,8}([A-Za-z_]\w{0,99}(?:Error|Exception|Interrupt))\s{0,200}$/;

export interface OpenError {
  /** Number of the line that it began in. */
  line: number;
  /** The process whose lines these are, and what stands in front of each of them, digits made alike. */
  readonly source: string;
  prefix: string;
  state: 'frames' | 'raised' | 'harmless';
  rank: number | null;
  /** Of the error whose text may go on: its lines so far. */
  lines: string[];
  error: HeldError | null;
  frames: Frames;
  /** The error's class, where the head has it. */
  named: string | null;
  /** The program's own line that the error of a worker was raised again at; null where its traceback is no other's text. */
  caller: string | null;
  /** Number of the newest line with a frame that a page has taken the indentation of, or of two processes' tracebacks in one another; -1 for none. */
  flatAt: number;
}

/** A traceback whose frames have been read, and its error has not. */
export interface CutTraceback {
  line: number;
  rank: number | null;
  errorType: string | null;
  place: string | null;
  own: string | null;
  /** Whether they stand behind the words of their error. */
  isBehind: boolean;
  /** What an engine printed before it, that it has no room. */
  noRoom: string | null;
}

/** Whether an error of memory stands in the line before: frames right behind it, without a head, are a debugger’s, the innermost first. Ray’s are not. */
export const isRightBehind = ({ state, error, lines }: OpenError, line: number): boolean =>
  state === 'raised' && error?.memory != null && error.line === line - 1 && !lines[0]!.includes('ray::');

export class OpenErrors {
  #open = new Map<string, OpenError>();

  get size(): number {
    return this.#open.size;
  }

  clear(): void {
    this.#open.clear();
  }

  get(source: string, prefix = ''): OpenError | undefined {
    return this.#open.get(source + prefix);
  }

  /** The one that the line may belong to: whose prefix it has, the longest first. */
  of(source: string, text: string): OpenError | undefined {
    let found: OpenError | undefined;
    for (const [key, open] of this.#open)
      if (
        key === source + open.prefix &&
        alike(text.slice(0, open.prefix.length)) === open.prefix &&
        (found === undefined || open.prefix.length > found.prefix.length)
      )
        found = open;
    return found;
  }

  /**
   * Opens one in place of that of the same process.
   * @param front what stands in front of a traceback's head
   * @param named the error's class, where a line before has it
   */
  set(
    source: string,
    state: OpenError['state'],
    line: LogLine,
    { front = '', named = null }: { front?: string; named?: string | null } = {},
  ): OpenError {
    const prefix = alike(front);
    const key = source + prefix;
    const ofHead = NAMED_HEAD.exec(front)?.[1];
    // Its lines have nothing in front: they are no more of an error that was printed above the head.
    if (ofHead !== undefined && this.#open.get(source)?.state === 'raised') this.#open.delete(source);
    if (!this.#open.has(key) && this.#open.size >= MOST_OPEN) this.#open.clear();
    const open: OpenError = {
      line: line.number,
      source,
      prefix,
      state,
      rank: line.source?.rank ?? rankIn(front),
      lines: [],
      error: null,
      frames: new Frames(),
      named: ofHead ?? named,
      caller: null,
      flatAt: -1,
    };
    this.#open.set(key, open);
    return open;
  }

  close({ source, prefix }: OpenError): void {
    this.#open.delete(source + prefix);
  }

  /** What stood in front of its head was of that line alone. */
  unprefix(open: OpenError): void {
    this.close(open);
    open.prefix = '';
    this.#open.set(open.source, open);
  }

  /** The one whose frames have been read, and its error has not. */
  get inFrames(): OpenError | undefined {
    return [...this.#open.values()].find(({ state }) => state === 'frames');
  }
}

/** Rank in a prefix: `3: ` of srun, `[1,3]<stderr>:` of mpirun, `… [rank3]: `. */
function rankIn(prefix: string): number | null {
  const rank =
    /\[rank(\d{1,6})\]/.exec(prefix) ??
    /^ {0,6}(\d{1,6}): $/.exec(prefix) ??
    /^\[\d{1,6},(?:mpirank:)?(\d{1,6})[,\]]/.exec(prefix);
  return rank === null ? null : Number(rank[1]);
}
