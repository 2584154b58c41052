/**
 * One line of a trainer's log, without what launchers add to it: colour; in front Ray's `(WorkerDict pid=7, ip=…)`, the ranks
 * of torchrun, `srun --label` and mpirun, the names of containers; behind, Ray's `[repeated 7x across cluster]`.
 */
import { isDigit } from './by-shape.ts';

/** The process that wrote a line, as far as its launcher shows it. */
export interface LineSource {
  /** Ray's name of the task or actor. */
  name: string | null;
  pid: number | null;
  /** Only printed where it is not the head node. */
  ip: string | null;
  /** The launcher's rank. */
  rank: number | null;
  /** The worker's name for a person: `WorkerDict 4711`, `WorkerDict 10.0.0.7:4711`; null where no process is printed. */
  worker: string | null;
}

export interface LogLine {
  /** Its number in the input, from 1. */
  number: number;
  text: string;
  source: LineSource | null;
  /** Like lines of other processes that Ray left out: their figures are not in the log. */
  unseen: number;
  /** Where a time may stand: the line with its prefixes. */
  raw: string;
  /** Whether it was written just now: no page or terminal has wrapped it since. */
  isLive: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are what it looks for
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/g;
const RAY = /^\s*\((?:([^()]*?) )?pid=(\d+)(?:, ip=([^)\s]+))?\) ?/;
/**
 * What stands behind the number of a round of CatBoost's or Darknet's, or of a step where nothing else on the line numbers it: it is no rank's, and
 * no line's.
 */
const ROUND = String.raw`\s{0,8}(?:learn: |done \d{1,9} (?:games|episodes),|reward=-?\d|-?[\d.na]{1,24}, -?[\d.na]{1,24} avg|(?:(?:[Tt]rain(?:ing)?|[Tt]otal|[Aa]vg) )?[Ll]oss\b(?!.{0,200}\b(?:[Ee]poch|[Ss]tep|[Ii]ter|[Ii]teration|[Bb]atch|[Uu]pdate)s?\b))`;
export const isRound = (text: string): boolean => ROUND_LINE.test(text);
const ROUND_LINE = new RegExp(`^ {0,6}\\d{1,9}:${ROUND}`);
const SRUN = new RegExp(`^ {0,6}(\\d{1,4}): (?!${ROUND})`);
const LABEL = /^ {0,6}(\d{1,4}): /;
const TIMED_RANK =
  /^\s*(?:\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d(?:[.,]\d{1,6})?)? )?\s{0,40}\[(?:rank|default)(\d{1,6})\]:? ?/;
/** Prefixes of launchers by the letter that they begin with, with the rank where they have one; a line may have several. */
const PREFIXES: Readonly<
  Record<
    'bracket' | 'digit' | 'space' | 'letter' | 'capital' | 'quote' | 'comment' | 'fence',
    readonly RegExp[]
  >
> = {
  // torchrun, by a role that is the node's name too; mpirun --tag-output, SageMaker's too; horovodrun; kubectl --prefix.
  bracket: [
    TIMED_RANK,
    /^\[(?=[a-z-]{0,40}\d)[a-z][a-z\d-]{1,60}:(\d{1,3})\]:/,
    /^\[\d{1,6},(?:mpirank:)?(\d{1,6})(?:,[\w.-]{1,60})?\]<std(?:out|err)>: ?/,
    /^\[(\d{1,6})\]<std(?:out|err)>: ?/,
    /^\[pod\/[^\]\s]{1,200}\] /,
  ],
  // srun --label; grep -n; docker and kubectl --timestamps; icefall's `… INFO [train.py:908] (1/4) `, of as many ranks as devices make: more are a loop's count.
  digit: [
    SRUN,
    /^\d{1,7}:(?=[A-Za-z[{])/,
    TIMED_RANK,
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z /,
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]{4,8} \[[\w.-]{1,80}\.py:\d{1,6}\] \((?=0\/1\)|[01]\/2\)|[0-2]\/3\)|[0-3]\/4\)|[0-4]\/5\)|[0-5]\/6\)|[0-6]\/7\)|[0-7]\/8\)|\d{1,2}\/(?:16|24|32|40|48|56|64)\))(\d{1,2})\/\d{1,2}\) (?!(?:[Tt]rain(?:ing)? )?[Ll]oss\b)/,
  ],
  space: [SRUN, TIMED_RANK, /^ {1,16}> (?!>)/],
  // A text that is quoted in an answer.
  quote: [/^> (?!>)/],
  // docker compose; the head of a table has a counter there.
  letter: [/^(?!(?:epoch|step|iter|iteration|episode)s? \| [a-z])[a-z][\w.-]{0,60} {1,30}\| /],
  // journalctl, syslog: of a program that trains, since others' endings are known by their names.
  capital: [
    /^SUBPROCESS: /,
    // horovodrun, with the time.
    /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\[(\d{1,6})\]<std(?:out|err)>: ?/,
    /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S{1,80} (?:python[\d.]{0,6}|torchrun|accelerate|deepspeed|bash|sh)\[\d{1,8}\]: ?/,
  ],
  // A quotation of a page that begins on the line.
  fence: [/^`{1,3}(?=[^\s`])/],
  // A table that was pasted into a program, as a comment.
  comment: [/^# {1,4}(?=\||-{10})/],
};
const MOST_PREFIXES = 4;
const REPEATED = / \[repeated (\d+)x across cluster\].*$/;

/** Ray's prefix in colour, as nearly all its lines have it: the processes met so far, by their prefix. */
const PAINTED = ')\x1b[0m ';
const LONGEST_PAINTED = 100;
const MOST_PAINTED = 1024;
const painted = new Map<string, LineSource>();

/** The process and the length of its prefix in colour; null where there is none. */
function paintedSource(raw: string): { source: LineSource; length: number } | null {
  if (raw.charCodeAt(0) !== 27) return null;
  const length = raw.indexOf(PAINTED) + PAINTED.length;
  if (length < PAINTED.length || length > LONGEST_PAINTED) return null;
  const prefix = raw.slice(0, length);
  let source = painted.get(prefix);
  if (source === undefined) {
    const text = prefix.replace(ESCAPES, '');
    const ray = RAY.exec(text);
    if (ray === null || ray[0].length !== text.length) return null;
    source = raySource(ray);
    if (painted.size >= MOST_PAINTED) painted.clear();
    painted.set(prefix, source);
  }
  return { source, length };
}

function raySource([, name = null, pid, ip = null]: readonly (string | undefined | null)[]): LineSource {
  const where = ip === null ? `${Number(pid)}` : `${ip}:${Number(pid)}`;
  const worker = name === null ? where : `${name} ${where}`;
  return { name, pid: Number(pid), ip, rank: null, worker };
}

/** A page that a log is copied from leaves the escape itself out: `[32mINFO[0m`. */
const COPIED = /\[\d{1,3}(?:;\d{1,3}){0,4}m/g;
const withoutEscapes = (text: string) =>
  text.includes('\x1b')
    ? text.replace(ESCAPES, '')
    : text.includes('[') && (text.includes('[0m') || text.includes('[39m'))
      ? text.replace(COPIED, '')
      : text;

/** Without the mark of an encoding, and the zero bytes that a file has where its machine stopped. */
const withoutMarks = (raw: string): string => {
  const text = raw.charCodeAt(0) === 0xfeff ? raw.slice(1) : raw;
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
};

/** A page's mark for the end of a line, or of a text, which was copied with it. */
const PAGE_END = /\s{0,4}(?:<br ?\/?>|<\/(?:code|pre|p)>){1,4}\s{0,4}$/i;

/** A line as Docker's and Kubernetes' own files hold it: `{"log":"step 10\\n","stream":"stderr","time":"…"}`. */
const HELD_BY_CONTAINER = /^\{"(?:log|textPayload)":"/;

function unwrapped(raw: string): string {
  if (!HELD_BY_CONTAINER.test(raw)) return raw;
  try {
    const held = JSON.parse(raw) as { log?: unknown; textPayload?: unknown };
    const text = held.log ?? held.textPayload;
    return typeof text === 'string' ? text.replace(/\r?\n$/, '') : raw;
  } catch {
    return raw;
  }
}

/**
 * Reads a line as it came, without its newline.
 * @param areRanks whether a number in front of what a round reports is a rank in this log.
 */
export function readLogLine(given: string, number: number, areRanks = false, isLive = false): LogLine {
  const raw = given.startsWith('{"') ? unwrapped(given) : given;
  const known = paintedSource(raw);
  let text = withoutEscapes(known === null ? withoutMarks(raw) : raw.slice(known.length));
  if (text.charCodeAt(text.length - 1) === 62) text = text.replace(PAGE_END, '');
  let source = known?.source ?? null;
  let unseen = 0;
  const ray = known === null && text.includes('pid=') ? RAY.exec(text) : null;
  if (ray !== null) {
    source = raySource(ray);
    text = text.slice(ray[0].length);
  }
  for (let i = 0; i < MOST_PREFIXES; i++) {
    const prefix = prefixOf(text) ?? (areRanks && i === 0 ? LABEL.exec(text) : null);
    if (prefix === null) break;
    if (prefix[1] !== undefined)
      source = { name: null, pid: null, ip: null, worker: null, ...source, rank: Number(prefix[1]) };
    text = text.slice(prefix[0].length);
  }
  const repeated = text.includes('[repeated ') ? REPEATED.exec(text) : null;
  if (repeated !== null) {
    // Ray counts the line that it shows among the repeated ones.
    unseen = Math.max(0, Number(repeated[1]) - 1);
    text = text.slice(0, repeated.index);
  }
  return { number, text, source, unseen, raw: given, isLive };
}

function prefixOf(text: string): RegExpExecArray | null {
  const first = text.charCodeAt(0);
  const kind =
    first === 91
      ? 'bracket'
      : first === 62
        ? 'quote'
        : first === 32
          ? 'space'
          : first >= 48 && first <= 57
            ? 'digit'
            : first >= 97 && first <= 122
              ? 'letter'
              : first === 83 || (first > 64 && first < 91 && text.charCodeAt(3) === 32)
                ? 'capital'
                : first === 35
                  ? 'comment'
                  : first === 96
                    ? 'fence'
                    : null;
  // Nearly every line begins with a letter.
  if (kind === null || (kind === 'letter' && !text.includes('| '))) return null;
  for (const prefix of PREFIXES[kind]) {
    const found = prefix.exec(text);
    if (found !== null) return found;
  }
  return null;
}

/** The worker's name for a person; null where none is printed. */
export const workerOf = ({ source }: LogLine): string | null => source?.worker ?? null;

/** `2026-03-01 10:00:00,123`; open_clip `2026-03-01,10:00:00`, structlog `2026-03-01 10:00.00`. */
const TIME = /(\d{4})[-/](\d\d)[-/](\d\d)[ T,_](\d\d):(\d\d)[:.](\d\d)(?:[.,](\d{1,3}))?/;
/** transformers' examples, the month first: `03/01/2026 10:00:00 - INFO - __main__ - `. */
const MONTH_FIRST = /^\W{0,2}(\d\d)\/(\d\d)\/(\d{4}),? (\d\d):(\d\d):(\d\d)(?:[.,](\d{1,3}))?/;

/** Whether a colon stands between digits, as in any time. */
function hasMinutes(head: string): boolean {
  for (let at = head.indexOf(':'); at !== -1; at = head.indexOf(':', at + 1))
    if (isDigit(head.charCodeAt(at - 1)) && isDigit(head.charCodeAt(at + 1))) return true;
  return false;
}

/** Characters of either. */
const SHORTEST_TIME = 19;

/** `hist=(2020-05-21 08:00:00`: a value of a name that is none of a time of the line's own. */
const VALUE_OF = /([A-Za-z_]\w{0,40}) ?= ?[[("']{0,3}$/;
const OWN_TIME = /time|^(?:ts|t|at|date|when|now)$/i;
const ofAnother = (before: string): boolean => {
  const name = before.includes('=') ? VALUE_OF.exec(before)?.[1] : undefined;
  return name !== undefined && !OWN_TIME.test(name);
};

/** Bytes of a log's beginning in which its first time is looked for. */
const BEGINNING = 64 * 1024;

/** The first time that is printed in the beginning of a log; null where there is none. */
export function firstPrintedTime(bytes: Uint8Array): number | null {
  for (const line of Buffer.from(bytes.subarray(0, BEGINNING))
    .toString()
    .split(/[\r\n]/)) {
    const timeMs = printedTime(line);
    if (timeMs !== null) return timeMs;
  }
  return null;
}

/** The parts of such a time in the order of {@link TIME}; null for one that has no such month. */
function monthFirst(head: string): string[] | null {
  const [all, month, day, year, ...time] = MONTH_FIRST.exec(head) ?? [];
  return all === undefined || Number(month) > 12 ? null : [all, year!, month!, day!, ...time];
}

/**
 * The time printed in the line, taken for local time, milliseconds since the epoch; null where there is none.
 */
export function printedTime(text: string): number | null {
  if (text.length < SHORTEST_TIME) return null;
  const head = text.slice(0, 100);
  const dated = (head.includes('-') || head.includes('/')) && hasMinutes(head);
  const own = dated ? TIME.exec(head) : null;
  if (own !== null && ofAnother(head.slice(0, own.index))) return null;
  const parts = own ?? (dated ? monthFirst(head) : null);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const ms = Number((parts[7] ?? '').padEnd(3, '0'));
  return new Date(year!, month! - 1, day, hour, minute, second, ms).getTime();
}
