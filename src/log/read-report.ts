/** What a reader met. Every line is counted once: lines = events + unknown + malformed + empty. */
export interface ReadProblem {
  file: string;
  /** Line number, from 1; null where the whole file is meant. */
  line: number | null;
  reason: string;
}

export interface ReadReport {
  /** Files that were opened. */
  files: number;
  /** Files that could not be read, or not to their end. */
  unreadable: number;
  /** Lines that end in a newline. */
  lines: number;
  events: number;
  /** Events of types or major versions that this reader does not know; they are delivered all the same. */
  unknown: number;
  malformed: number;
  empty: number;
  /** Files whose last line has no newline: torn by a crash, or being written. It is not counted in `lines`. */
  torn: number;
  /** Times a file restarted under the reader: truncated or replaced. */
  restarts: number;
  /** The first of what is wrong, at most PROBLEMS_KEPT. */
  problems: ReadProblem[];
  /** Events of `events` and `unknown` whose number came before in the same file: nobody counts them twice. */
  repeated: number;
  /** The first event of an unknown type or version; null where there was none. */
  firstUnknown: ReadProblem | null;
  /** The first event that came a second time; null where none did. */
  firstRepeated: ReadProblem | null;
}

const PROBLEMS_KEPT = 100;
const LONGEST_REASON = 200;

export const emptyReport = (): ReadReport => ({
  files: 0,
  unreadable: 0,
  lines: 0,
  events: 0,
  unknown: 0,
  malformed: 0,
  empty: 0,
  torn: 0,
  restarts: 0,
  problems: [],
  repeated: 0,
  firstUnknown: null,
  firstRepeated: null,
});

export function noteProblem(report: ReadReport, file: string, line: number | null, reason: string): void {
  if (report.problems.length < PROBLEMS_KEPT)
    report.problems.push({ file, line, reason: reason.slice(0, LONGEST_REASON) });
}

/** Lines that were passed over, with the first of them; null where there were none. */
export function passedOver(report: ReadReport): string | null {
  const { malformed, torn, unknown, repeated } = report;
  const parts = [
    malformed && `${malformed} malformed`,
    torn && `${torn} torn`,
    unknown && `${unknown} of unknown types or versions`,
    repeated && `${repeated} repeated`,
  ].filter(Boolean);
  if (parts.length === 0) return null;
  const first =
    report.problems.find(({ line }) => line !== null) ?? report.firstUnknown ?? report.firstRepeated;
  const where = first ? `; first: ${first.file}:${first.line}: ${first.reason}` : '';
  return `lines passed over: ${parts.join(', ')}${where}`;
}
