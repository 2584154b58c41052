/** Whatever text someone has (an error, a log, kernel lines, a scheduler's, a table) → whose memory, what ended it, what to try. */
import { called, isRestAsleep, RunAnalyser, readSleepingEngine, USE_OTHERS } from '../analysis/index.ts';
import {
  CONTRACT_VERSION,
  checkEvent,
  type OutOfMemory,
  type RunReport,
  type TelemetryEvent,
} from '../contract/index.ts';
import { many } from '../present/index.ts';
import { hasSleepMode, readMemoryError, timesRefusedIn } from '../texts/index.ts';
import { firstPrintedTime, linesFor, TrainerLogParser } from '../watch/index.ts';
import { readAllocatorSummary } from './allocator-summary.ts';
import type { Answer } from './answer.ts';
import { Around, lastOf, saysNothing } from './around.ts';
import { readBfcDump } from './bfc-dump.ts';
import { readDeepspeedHost } from './deepspeed-host.ts';
import { readEngineLines, readEngineStart } from './engine-lines.ts';
import { readEstimate } from './estimate.ts';
import { givenText } from './given-text.ts';
import { readHeadlessRows } from './headless-rows.ts';
import { hostRoom, readHostTable } from './host-tables.ts';
import {
  readBareFrames,
  readIgnored,
  readKnownError,
  readMention,
  readNamedError,
  readNotice,
  readWrappedError,
} from './known-error.ts';
import { readKubectlTop } from './kubectl-top.ts';
import { readMachineFacts } from './machine-facts.ts';
import { readOllamaDevices, readOllamaPs } from './ollama-ps.ts';
import { withOtherDeath } from './other-death.ts';
import { answerOfReport } from './report-answer.ts';
import { readSacctTable } from './sacct-table.ts';
import { besideSleep, readSleepLines } from './sleeping-engine.ts';
import { readSmiTable } from './smi-table.ts';
import { unwrapped } from './unwrapped.ts';
import { readXlaBuffers } from './xla-plan.ts';

/** What was made of a text, and how much of an error it has. */
interface Reading {
  /** Made once, of the reading that counts. */
  answer(): Answer | null;
  /** Steps of a training. */
  steps: number;
  /** Figures of the error of memory, by name. */
  figures: string[];
  /** Lines of its traceback that name a place in the program. */
  frames: string[];
}

/** Longer than this it is no text that was copied from a terminal. */
const LONGEST_COPY = 64 * 1024;
const FRAME =
  /^(?:.{0,40}\s{2}File "[^"\n]{1,400}", line \d{1,7}, in [^\n]{1,100}|[│|] [^\n│|]{1,300}:\d{1,7} in [^\n]{1,100}|\[[^\]\n]{1,300}\]\(https:[^)\n]{1,100}\) in [^\n]{1,100}|(?:File )?(?:\/|<ipython-input)[^\s\n]{1,300} in [^\n]{1,100})/gm;

/** null where nothing in the text is recognised. */
export function explainText(text: string | Uint8Array, source: string, nowMs: number): Answer | null {
  const { bytes, text: whole } = givenText(text);
  const asGiven = explainLines(whole, bytes, source, nowMs);
  if (whole.length > LONGEST_COPY || asGiven.steps > 0) return asGiven.answer();
  const joined = unwrapped(whole).map(lines => explainLines(lines, Buffer.from(lines), source, nowMs));
  const best = joined.reduce((a, b) => (more(b, a) > 0 ? b : a), joined[0] ?? asGiven);
  return (isMore(best, asGiven) ? best : asGiven).answer();
}

const amounts = ({ figures }: Reading): number => figures.filter(figure => figure.includes('Bytes ')).length;
const more = (a: Reading, b: Reading): number => amounts(a) - amounts(b) || a.frames.length - b.frames.length;

/** Whether joined lines count: they have more of an error of memory, or as much and other figures or places. */
function isMore(joined: Reading, asGiven: Reading): boolean {
  const { figures, frames } = joined;
  const isOther = `${figures}` !== `${asGiven.figures}` || `${frames}` !== `${asGiven.frames}`;
  return amounts(joined) > 0 && (more(joined, asGiven) > 0 || (more(joined, asGiven) === 0 && isOther));
}

function explainLines(whole: string, bytes: Uint8Array, source: string, nowMs: number): Reading {
  const { analyser, format, lastRefused, refusals, warnings, lastWarned, rounds } = read(
    bytes,
    source,
    nowMs,
  );
  let isTraining = false;
  const around = new Around(whole, format !== null);
  const report =
    analyser?.report(undefined, (failure, isOf) => {
      isTraining ||= isOf === true;
      return around.explain(failure, isOf);
    }) ?? null;
  const refused =
    report?.failure?.outOfMemory ?? lastRefused ?? readMemoryError(whole, { loose: false })?.outOfMemory;
  return {
    answer,
    steps: report?.run.updates ?? 0,
    figures: Object.entries(refused ?? {}).flatMap(([name, figure]) =>
      figure == null || name === 'impossible' ? [] : [`${name} ${JSON.stringify(figure)}`],
    ),
    frames: whole.match(FRAME) ?? [],
  };

  /** A table of the driver or of the host, behind an error that is known by its words where the text has one. */
  function withKnown(table: Answer | null): Answer | null {
    const known = table === null ? null : readKnownError(whole, around);
    return known === null
      ? table
      : { ...known, evidence: [...known.evidence, table!.says, ...table!.evidence] };
  }

  function answer(): Answer | null {
    const accounting = format === null ? readSacctTable(whole) : null;
    // The table of a job that stands behind the program's own error has less of it.
    const hasError = report?.failure?.ending?.kind === 'error' || report?.failure?.outOfMemory != null;
    if (accounting !== null && !hasError) return accounting;
    if (report === null)
      return (
        readAllocatorSummary(whole) ??
        readBfcDump(whole) ??
        withKnown(readSmiTable(whole)) ??
        withKnown(readHostTable(whole)) ??
        readKubectlTop(whole) ??
        readOllamaPs(whole) ??
        readMachineFacts(whole) ??
        readEstimate(whole) ??
        readEngineLines(whole) ??
        readKnownError(whole, around) ??
        readWrappedError(whole, around) ??
        readHeadlessRows(whole) ??
        readSleepLines(whole) ??
        readEngineStart(whole) ??
        readOllamaDevices(whole) ??
        readXlaBuffers(whole) ??
        readIgnored(whole) ??
        readNamedError(whole, around) ??
        readNotice(whole) ??
        readBareFrames(whole, around) ??
        readMention(whole)
      );
    const isOfDriver = format === null && report.failure === null && refusals === 0 && rounds > 0;
    const hasReports = report.run.updates > 0 || report.run.lastBatch !== null;
    const isOfDevices = format !== null && !hasReports && report.failure === null && refusals === 0;
    // One table is a state, several are a course. What a trainer prints of all devices before it has trained is one.
    const table = (isOfDriver && rounds === 1) || isOfDevices ? readSmiTable(whole) : null;
    if (table !== null) return withKnown(table);
    const { state } = report.run;
    const hasOpenEnd =
      report.failure === null && (state === 'unknown' || (state === 'interrupted' && around.endsInCtrlC));
    const found = answerOfReport(report, {
      what: isOfDriver ? `${many(rounds, 'sample')} of nvidia-smi` : whatOf(format, report),
      refusals,
      lastRefused:
        lastRefused &&
        around.explain({
          errorType: null,
          message: refusedIn(whole),
          outOfMemory: lastRefused,
          ending: null,
        }),
      warnings: isSameAmount(lastWarned, report.failure?.outOfMemory?.triedBytes) ? warnings - 1 : warnings,
      program: called(around.shown(isTraining).program),
      known: hasOpenEnd ? around.knownIn(lastOf(whole)) : null,
      // Beside a refusal of the device, the report has it.
      engine: report.failure?.outOfMemory == null ? readSleepingEngine(whole) : null,
      isOfDriver,
      engineSleeps: hasSleepMode(whole),
      repeats: repeatsOf(whole, report),
    });
    // The tables of the driver and of the allocator beside the error: who holds what, at that time.
    const isRefused = report.failure?.outOfMemory != null || lastRefused !== null;
    const beside = isRefused ? readSmiTable(whole, true) : null;
    const allocator = isRefused ? readAllocatorSummary(whole) : null;
    // What was sampled of each device is in the report's evidence already.
    const isSampled = report.failure?.outOfMemory != null && report.devices.length === 0 && rounds > 0;
    if (beside !== null) found.evidence.push(beside.says, ...(isSampled ? [] : beside.evidence));
    if (allocator !== null) found.evidence.push(allocator.says, ...allocator.evidence);
    if (beside?.next.includes(USE_OTHERS) && !found.next.includes(USE_OTHERS)) found.next.push(USE_OTHERS);
    if (accounting !== null) found.evidence.push(accounting.says, ...accounting.evidence);
    const room = found.whose === 'host' ? hostRoom(whole) : null;
    if (room !== null) found.evidence.push(room);
    found.evidence.push(...besideSleep(whole));
    const host = readDeepspeedHost(whole);
    // It has the share, too.
    if (host !== null)
      found.evidence = [...found.evidence.filter(one => !one.startsWith('The host had ')), host.says];
    if (host?.isFull === true && found.whose !== 'GPU')
      found.next.push(
        'Watch the host’s memory too (free -h): fewer DataLoader workers, less that ZeRO offloads to it.',
      );
    const isWrapped =
      format === null &&
      report.failure !== null &&
      saysNothing({ ...report.failure, ending: report.failure.ending ?? null });
    return (isWrapped ? readWrappedError(whole, around) : null) ?? withOtherDeath(found, report, whole);
  }
}

/** The last line by which PyTorch before 2.1 was refused: its words show its age. */
const refusedIn = (text: string): string | null => text.match(OF_OLD)?.at(-1) ?? null;
const OF_OLD = /Tried to allocate [^\n]{1,60} \(GPU \d{1,3}; [^\n]{1,400}/g;

/** What an allocator warned of, and then raised: the error’s text is rounded. */
const isSameAmount = (warned: number | null, raised: number | null | undefined): boolean =>
  warned !== null && raised != null && Math.abs(warned - raised) <= raised / 200;

const whatOf = (format: string | null, { run, failure }: RunReport): string =>
  format !== null
    ? `a log (${format}), ${many(run.updates, run.numbered === 'epochs' ? 'epoch' : 'step')}`
    : failure?.ending?.by != null
      ? `lines of ${failure.ending.by}`
      : failure === null
        ? 'a log without a trainer’s figures'
        : 'an error’s text';

const RAISED_AGAIN = /[a-z](?:Error|Exception): $/;
const NAMED = /^(?:[A-Za-z_]\w{0,60}\.){0,8}[A-Za-z_]\w{0,60}(?:Error|Exception): /;
const LONGEST_CLASS = 40;
const REPEATED = /^ \[repeated (\d{1,4})x across cluster\]/;

/** Of PyTorch’s allocator one error is often logged twice: other allocators print a line each time. */
function repeatsOf(text: string, { failure }: RunReport): number {
  const by = failure?.outOfMemory?.by ?? null;
  const line =
    by === null || by === 'pytorch' || by === 'unknown' ? '' : failure!.message.split('\n')[0]!.trim();
  // An exception by its class is printed again by each that raises it.
  // What its own words count is in the finding already.
  if (line === '' || NAMED.test(line) || timesRefusedIn(failure!.message) > 1) return 1;
  const parts = text.split(line);
  // What the allocator has printed is raised once more, by its class. Ray prints lines of one form once, with their number.
  const printed = parts
    .slice(1)
    .filter((_, i) => !RAISED_AGAIN.test(parts[i]!.slice(-LONGEST_CLASS)))
    .map(behind => Number(REPEATED.exec(behind)?.[1] ?? 1));
  return Math.max(
    1,
    printed.reduce((all, times) => all + times, 0),
  );
}

/** The text as `watch` reads it. `analyser` is null where it recognised nothing. */
function read(bytes: Uint8Array, source: string, nowMs: number) {
  const analyser = new RunAnalyser();
  const seq = new Map<number, number>();
  let events = 0;
  let refusals = 0;
  let lastRefused: OutOfMemory | null = null;
  let warnings = 0;
  let lastWarned: number | null = null;
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
      // What an engine left in use as it slept is read from the text itself.
      if ('figures' in data && Object.keys(data.figures).every(isRestAsleep)) return;
      // Neither is a start, or an end of which nothing is known, anything by itself.
      const isBare = type === 'TRAINING_STARTED' || ('reason' in data && data.reason === 'unknown');
      if (!isBare) events++;
      if (type === 'MEMORY_SAMPLED' && 'refused' in data)
        if (data.memory?.[0]?.ooms !== undefined) {
          refusals++;
          lastRefused = data.refused ?? null;
        } else {
          warnings++;
          lastWarned = data.refused?.triedBytes ?? null;
        }
      if (type === 'DEVICE_SAMPLED') rounds++;
      analyser.take(event as TelemetryEvent);
    },
    onNotice: () => {},
  });
  const splitter = linesFor(parser, { nowMs, live: false });
  parser.startsAt(firstPrintedTime(bytes));
  splitter.push(bytes);
  splitter.reset(true);
  parser.end('ended', nowMs);
  return {
    analyser: events === 0 ? null : analyser,
    format: parser.format,
    refusals,
    lastRefused: lastRefused as OutOfMemory | null,
    warnings,
    lastWarned: lastWarned as number | null,
    rounds,
  };
}
