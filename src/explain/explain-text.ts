/** Whatever text someone has (an error, a log, kernel lines, a scheduler's, a table) → whose memory, what ended it, what to try. */
import { explainError, RunAnalyser } from '../analysis/index.ts';
import {
  CONTRACT_VERSION,
  checkEvent,
  type Finding,
  type RunReport,
  type TelemetryEvent,
} from '../contract/index.ts';
import { many } from '../present/index.ts';
import { hasSleepMode, withoutExpandable } from '../texts/index.ts';
import { linesFor, TrainerLogParser } from '../watch/index.ts';
import { readAllocatorSummary } from './allocator-summary.ts';
import type { Answer } from './answer.ts';
import { readEstimate } from './estimate.ts';
import { readFreeTable } from './free-table.ts';
import { readHeadlessRows } from './headless-rows.ts';
import { inEngine } from './in-engine.ts';
import { lastOf, readKnownError } from './known-error.ts';
import { readSleepingEngine } from './sleeping-engine.ts';
import { readSmiTable } from './smi-table.ts';
import { withXlaPlan } from './xla-plan.ts';

/** null where nothing in the text is recognised. */
export function explainText(text: string | Uint8Array, source: string, nowMs: number): Answer | null {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const { report, format, refusals, warnings, rounds } = read(bytes, source, nowMs);
  const whole = typeof text === 'string' ? text : Buffer.from(bytes).toString('utf8');
  if (report === null)
    return (
      readAllocatorSummary(whole) ??
      readSmiTable(whole) ??
      readFreeTable(whole) ??
      readEstimate(whole) ??
      readKnownError(whole) ??
      readHeadlessRows(whole)
    );
  const isOfDriver = format === null && report.failure === null && refusals === 0 && rounds > 0;
  // One table is a state, several are a course.
  const table = isOfDriver && rounds === 1 ? readSmiTable(whole) : null;
  if (table !== null) return table;
  const answer = answerOfReport(report, {
    what: isOfDriver ? `${many(rounds, 'sample')} of nvidia-smi` : whatOf(format, report),
    refusals,
    warnings,
    known:
      report.failure === null
        ? report.run.state === 'unknown'
          ? explainError(lastOf(whole))
          : null
        : report.explanation == null && report.failure.outOfMemory == null
          ? explainError(lastOf(whole))
          : null,
    engine: readSleepingEngine(whole),
    isOfDriver,
    engineSleeps: hasSleepMode(whole),
    repeats: repeatsOf(whole, report),
  });
  return withXlaPlan(format === null ? inEngine(answer, whole) : answer, whole);
}

interface Around {
  what: string;
  /** Out-of-memory errors that were survived. */
  refusals: number;
  /** Warnings of an allocator that was refused what it could do without. */
  warnings: number;
  /** What the text's last lines reveal, where no error ended it. */
  known: Finding | null;
  engine: ReturnType<typeof readSleepingEngine>;
  /** Whether it has nothing but what the driver's own tools sampled. */
  isOfDriver: boolean;
  /** Whether the text shows that one sleeps: expandable segments are not for it. */
  engineSleeps: boolean;
  /** How often the line of the failure stands in the text. */
  repeats: number;
}

/** The answer that a run's report gives. */
export function answerOfReport(
  report: RunReport,
  { what, refusals, warnings, known, engine, engineSleeps, isOfDriver, repeats }: Around = {
    what: 'a run',
    refusals: 0,
    warnings: 0,
    known: null,
    engine: null,
    engineSleeps: false,
    isOfDriver: false,
    repeats: 1,
  },
): Answer {
  const { run, failure, verdict, explanation, devices } = report;
  const ofDevice = devices[0]?.findings[0] ?? null;
  // Nothing was measured but a warning: that is the answer.
  const isWarningAlone = warnings > 0 && ofDevice?.kind === 'unmeasured';
  const finding = explanation ?? known ?? (isWarningAlone ? null : ofDevice);
  const isText = explanation != null && explanation.kind === verdict.kind;
  const isMeasured = devices.length > 0;
  const found = isText
    ? explanation.says
    : verdict.kind === 'unmeasured'
      ? failure === null && isMeasured
        ? isWarningAlone
          ? null
          : ofDevice!.says
        : null
      : verdict.says;
  const says = [
    isOfDriver ? null : stateOf(report),
    found,
    failure === null || found !== null || known !== null ? null : `${failure.errorType}: ${failure.message}`,
    engine?.says,
    repeats > 1 ? `The request was refused ${repeats} times.` : null,
    refusals > 0 ? `${many(refusals, 'out-of-memory error')} survived: the training was at the wall.` : null,
    warnings > 0
      ? `${many(warnings, 'warning')} of the allocator: the device refused memory that the program could do without. No failure.`
      : null,
    known?.says,
    failure === null &&
    !isMeasured &&
    engine?.says == null &&
    warnings === 0 &&
    known === null &&
    refusals === 0 &&
    finding === null &&
    run.state !== 'completed'
      ? 'It has no memory of a device.'
      : null,
  ].filter(part => part != null);
  return {
    what,
    whose: whoseOf(report),
    state: isOfDriver ? null : run.state,
    says: says.join(' ') || 'It holds nothing about an end or memory.',
    confidence: finding?.confidence ?? 'possible',
    evidence: [
      ...(failure === null || (run.ranks < 2 && failure.rank === 0)
        ? []
        : [`It was rank ${failure.rank} that failed${run.ranks < 2 ? '' : '; the others ended with it'}.`]),
      ...(finding?.evidence ?? []).map(seen => seen.says),
      ...(engine?.evidence ?? []),
    ],
    next: [
      ...(engine?.next ?? []),
      ...(engineSleeps ? withoutExpandable(finding?.next ?? []) : (finding?.next ?? [])),
      ...(isMeasured || failure !== null || finding !== null ? [] : WITHOUT_MEMORY),
      ...(failure !== null && finding === null ? [NO_MEMORY_ERROR] : []),
    ],
  };
}

const WITHOUT_MEMORY = [
  'What its memory did is not in this log. Beside it: nvidia-smi --query-gpu=timestamp,index,memory.used,memory.total --format=csv -l 5 >> LOG; or esper run -- COMMAND, which records PyTorch’s allocator.',
];
const NO_MEMORY_ERROR =
  'The error is about no memory: the last frame of its traceback is where to look. The whole output, stderr included, shows more.';

/** How the training ended and where; null where the text is of no training. */
function stateOf({ run: { state, lastBatch, maxBatches }, failure }: RunReport): string | null {
  const at = lastBatch === null ? '' : ` at ${lastBatch}${maxBatches === null ? '' : ` of ${maxBatches}`}`;
  switch (state) {
    case 'completed':
      return `The training completed${at}.`;
    case 'interrupted':
      return `The training was ended on request${at}.`;
    case 'failed':
      // A warning is no end: what came of it is not in the text.
      if (failure?.errorType === 'Warning')
        return `The text has a warning${at === '' ? '' : ` after${at.replace(' at', '')}`}, and how the training went on is not in it.`;
      return `The training failed${at}${failure === null ? '' : ` (${failure.errorType})`}.`;
    case 'unknown':
      return `The text ends${at}, and how the training ended is not in it.`;
    default:
      return null;
  }
}

function whoseOf({ verdict: { kind }, failure, devices }: RunReport): Answer['whose'] {
  if (kind === 'host memory') return 'host';
  if (kind === 'unmeasured' && devices.length > 0) return 'GPU';
  if (kind === 'not memory' || kind === 'unmeasured') return failure?.outOfMemory ? 'GPU' : null;
  return 'GPU';
}

const whatOf = (format: string | null, { run, failure }: RunReport): string =>
  format !== null
    ? `a log (${format}), ${many(run.updates, 'step')}`
    : failure?.ending?.by != null
      ? `lines of ${failure.ending.by}`
      : failure === null
        ? 'a log without a trainer’s figures'
        : 'an error’s text';

function repeatsOf(text: string, { failure }: RunReport): number {
  const line = failure?.outOfMemory == null ? '' : failure.message.split('\n')[0]!.trim();
  return line === '' ? 1 : Math.max(1, text.split(line).length - 1);
}

/** The text as `watch` reads it. `report` is null where it recognised nothing. */
function read(bytes: Uint8Array, source: string, nowMs: number) {
  const analyser = new RunAnalyser();
  const seq = new Map<number, number>();
  let events = 0;
  let refusals = 0;
  let warnings = 0;
  let rounds = 0;
  const parser = new TrainerLogParser({
    name: source,
    source,
    format: null,
    map: new Map(),
    onEvent: ({ rank, type, data, timeMs }) => {
      seq.set(rank, (seq.get(rank) ?? -1) + 1);
      const event = checkEvent({
        v: CONTRACT_VERSION,
        seq: seq.get(rank),
        timeMs,
        run: source,
        rank,
        type,
        data,
      });
      if ('malformed' in event) return;
      events++;
      if (type === 'MEMORY_SAMPLED' && 'refused' in data)
        if (data.memory?.[0]?.ooms !== undefined) refusals++;
        else warnings++;
      if (type === 'DEVICE_SAMPLED') rounds++;
      analyser.take(event as TelemetryEvent);
    },
    onNotice: () => {},
  });
  const splitter = linesFor(parser, (text, number) => parser.read(text, number, nowMs, false));
  splitter.push(bytes);
  splitter.reset(true);
  parser.end('ended', nowMs);
  return {
    report: events === 0 ? null : analyser.report(),
    format: parser.format,
    refusals,
    warnings,
    rounds,
  };
}
