/** Whatever text someone has (an error, a log, kernel lines, a scheduler's, a table) → whose memory, what ended it, what to try. */
import { explainError, RunAnalyser } from '../analysis/index.ts';
import {
  CONTRACT_VERSION,
  checkEvent,
  type OutOfMemory,
  type RunReport,
  type TelemetryEvent,
} from '../contract/index.ts';
import { many } from '../present/index.ts';
import { hasSleepMode } from '../texts/index.ts';
import { linesFor, TrainerLogParser } from '../watch/index.ts';
import { readAllocatorSummary } from './allocator-summary.ts';
import type { Answer } from './answer.ts';
import { withBfcRequest } from './bfc-request.ts';
import { readEngineLines, withEngineLines } from './engine-lines.ts';
import { readEstimate } from './estimate.ts';
import { readFreeTable } from './free-table.ts';
import { readHeadlessRows } from './headless-rows.ts';
import { inEngine } from './in-engine.ts';
import { lastOf, readKnownError, readWrappedError } from './known-error.ts';
import { withoutMarks } from './marks.ts';
import { withRanksOnOne } from './ranks-on-one.ts';
import { answerOfReport } from './report-answer.ts';
import { readSacctTable } from './sacct-table.ts';
import { readSleepingEngine } from './sleeping-engine.ts';
import { readSmiTable } from './smi-table.ts';
import { stateAsLines } from './state-document.ts';
import { withXlaPlan } from './xla-plan.ts';

/** null where nothing in the text is recognised. */
export function explainText(text: string | Uint8Array, source: string, nowMs: number): Answer | null {
  const given = typeof text === 'string' ? text : Buffer.from(text).toString('utf8');
  const whole = stateAsLines(withoutMarks(given));
  const bytes = whole === given && typeof text !== 'string' ? text : Buffer.from(whole);
  const { report, format, refusals, lastRefused, warnings, rounds } = read(bytes, source, nowMs);
  const accounting = format === null ? readSacctTable(whole) : null;
  if (accounting !== null) return accounting;
  if (report === null)
    return (
      readAllocatorSummary(whole) ??
      readSmiTable(whole) ??
      readFreeTable(whole) ??
      readEstimate(whole) ??
      readEngineLines(whole) ??
      readKnownError(whole) ??
      readWrappedError(whole) ??
      readHeadlessRows(whole)
    );
  const isOfDriver = format === null && report.failure === null && refusals === 0 && rounds > 0;
  // One table is a state, several are a course.
  const table = isOfDriver && rounds === 1 ? readSmiTable(whole) : null;
  if (table !== null) return table;
  const answer = answerOfReport(report, {
    what: isOfDriver ? `${many(rounds, 'sample')} of nvidia-smi` : whatOf(format, report),
    refusals,
    lastRefused,
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
  // The table of the driver beside the error: who holds what, at that time.
  const beside = report.failure?.outOfMemory != null ? readSmiTable(whole) : null;
  if (beside !== null) answer.evidence.push(beside.says, ...beside.evidence);
  const isUnexplained =
    format === null &&
    report.failure !== null &&
    report.failure.outOfMemory == null &&
    report.explanation == null;
  const wrapped = isUnexplained ? readWrappedError(whole) : null;
  if (wrapped !== null) return wrapped;
  const own = format === null ? withRanksOnOne(inEngine(answer, whole), whole) : answer;
  return withEngineLines(withXlaPlan(withBfcRequest(own, whole), whole), whole);
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
  let lastRefused: OutOfMemory | null = null;
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
        if (data.memory?.[0]?.ooms !== undefined) {
          refusals++;
          lastRefused = data.refused ?? null;
        } else warnings++;
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
    lastRefused: lastRefused as OutOfMemory | null,
    warnings,
    rounds,
  };
}
