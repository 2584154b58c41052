/** The report of a run, or of a text that was read as one → the answer: what it was, whose memory, what to try. */
import { raisedAt, type SleepingEngine } from '../analysis/index.ts';
import { type Finding, isWarning, type RunReport } from '../contract/index.ts';
import {
  brokenEpochText,
  brokenGradientMeaning,
  brokenGradientNext,
  brokenGradientText,
  brokenLossText,
  countedNumber,
  countedOf,
  hugeGradientMeaning,
  hugeGradientNext,
  hugeGradientText,
  many,
  skippedOf,
  uncountedSteps,
} from '../present/index.ts';
import { isCut, refusedAgain, withoutExpandable } from '../texts/index.ts';
import type { Answer } from './answer.ts';

export interface Read {
  what: string;
  /** What the program is called that it is of. */
  program: string;
  /** Out-of-memory errors that were survived. */
  refusals: number;
  /** What the text of the last of them shows. */
  lastRefused: Finding | null;
  /** Warnings of an allocator that was refused what it could do without. */
  warnings: number;
  /** What the text's last lines reveal, where no error ended it. */
  known: Finding | null;
  engine: SleepingEngine | null;
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
  {
    what,
    program,
    refusals,
    lastRefused,
    warnings,
    known,
    engine,
    engineSleeps,
    isOfDriver,
    repeats,
  }: Read = {
    what: 'a run',
    program: 'the training',
    refusals: 0,
    lastRefused: null,
    warnings: 0,
    known: null,
    engine: null,
    engineSleeps: false,
    isOfDriver: false,
    repeats: 1,
  },
): Answer {
  const { run, failure, verdict, explanation, devices } = report;
  const broken = brokenLoss(report);
  const gradient = broken === null ? brokenGradient(report) : null;
  const skipped = skippedOf(report);
  if (failure === null && run.updates === 0 && run.lastBatch === null && lastRefused !== null)
    return survived(report, lastRefused, { what, refusals });
  const ofDevice = devices[0]?.findings[0] ?? null;
  // Nothing was measured but a warning: that is the answer.
  const isWarningAlone = warnings > 0 && ofDevice?.kind === 'unmeasured';
  // As the verdict: what was measured explains an end better than its text.
  const isJudged = ofDevice !== null && ofDevice.kind === verdict.kind && ofDevice.kind !== explanation?.kind;
  const measured = isJudged && ofDevice.kind !== 'steady' && ofDevice.kind !== 'unmeasured' ? ofDevice : null;
  const finding = measured ?? explanation ?? known ?? (isWarningAlone ? null : ofDevice);
  // Of a refusal that was survived its own text has more than what was read beside it.
  const isOfRefusal = failure === null && lastRefused !== null && finding?.kind === 'unmeasured';
  const next = (isOfRefusal ? lastRefused.next : finding?.next) ?? [];
  const isText = explanation != null && explanation.kind === verdict.kind;
  const isMeasured = devices.length > 0;
  const isPasted = run.updates === 0 && run.lastBatch === null && failure !== null && !isWarning(failure);
  const found = isText
    ? explanation.says
    : verdict.kind === 'unmeasured'
      ? failure === null && isMeasured
        ? isWarningAlone
          ? null
          : ofDevice!.says
        : null
      : verdict.says;
  // The verdict itself ends with how a training failed.
  const hasEnd = found === verdict.says && failure !== null && !isWarning(failure);
  const says = [
    // Of a text without a training, what ended it is all there is to say.
    isOfDriver || hasEnd || (isPasted && (found ?? known?.says) != null)
      ? null
      : stateOf(report, program, known !== null),
    found,
    failure === null || found !== null || known !== null ? null : `${failure.errorType}: ${failure.message}`,
    broken,
    gradient?.says ?? null,
    broken === null ? brokenEpochText(report.own ?? []) : null,
    skipped === null ? null : `${skipped.says} ${skipped.meaning}`,
    engine?.says,
    repeats > 1 ? refusedAgain(repeats) : null,
    refusals > 0 ? `${many(refusals, 'out-of-memory error')} survived: ${program} was at the wall.` : null,
    warnings > 0
      ? `${many(warnings, 'warning')} of the allocator: the device refused memory that the program could do without. ${failure === null || isWarning(failure) ? 'No failure' : 'That is not what ended it'}.`
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
    whose: known?.kind === 'host memory' ? 'host' : known?.kind === 'unmeasured' ? null : whoseOf(report),
    state: isOfDriver ? null : run.state,
    place: failure === null ? null : raisedAt({ ...failure, ending: failure.ending ?? null }),
    says: says.join(' ') || 'It holds nothing about an end or memory.',
    confidence: finding?.confidence ?? 'possible',
    evidence: [
      ...(failure === null ||
      // Those that report a timeout are those that waited.
      failure.ending?.kind === 'collective timeout' ||
      failure.ending?.kind === 'rendezvous timeout' ||
      (run.ranks < 2 && failure.rank === 0 && failure.ending?.rank !== 0)
        ? []
        : [`It was rank ${failure.rank} that failed${run.ranks < 2 ? '' : '; the others ended with it'}.`]),
      ...(finding?.evidence ?? []).map(seen => seen.says),
      ...(measured === null ? [] : (explanation?.evidence ?? [])).map(seen => seen.says),
      ...(isPasted && failure.outOfMemory != null ? readBefore(report) : []),
      ...(engine?.evidence ?? []),
    ],
    next: [
      ...(run.state === 'gone' ? [GONE] : []),
      ...(engine?.next ?? []),
      ...(failure === null && broken !== null ? [BROKEN] : []),
      ...(failure === null ? (gradient?.next ?? []) : []),
      ...(failure === null ? (skipped?.next ?? []) : []),
      ...(engineSleeps ? withoutExpandable(next) : next),
      ...(isMeasured || failure !== null || finding !== null ? [] : WITHOUT_MEMORY),
      ...(failure !== null && finding === null ? [NO_MEMORY_ERROR] : []),
    ],
  };
}

/** What of the devices was read before the refusal, more than that it was not the first; of each device its own line. */
const readBefore = ({ devices }: RunReport): string[] =>
  devices.flatMap(({ device, findings: [first] }) =>
    first?.kind === 'unmeasured' && first.isRead === true ? [`${device}, before: ${first.says}`] : [],
  );

/** A loss that is no number until the newest update, and where the last finite one was; null where it is one. */
const brokenLoss = ({ run, learning: { broken } }: RunReport): string | null =>
  broken?.isNewest !== true
    ? null
    : `${brokenLossText(broken, countedOf(run))}${broken.lastFinite === null ? '' : ` The last finite one was at ${countedNumber(countedOf(run), broken.lastFinite.batch)}.`}`;

/** The same of the gradient's norm, where the loss is finite, and what to try. */
function brokenGradient({ run, learning }: RunReport): { says: string; next: readonly string[] } | null {
  const { brokenGradient: broken, hugeGradient: huge } = learning;
  const counted = countedOf(run);
  if (broken?.isNewest)
    return {
      says: `${brokenGradientText(broken, counted)} ${brokenGradientMeaning(broken)}`,
      next: brokenGradientNext,
    };
  return huge?.isNewest
    ? {
        says: `${hugeGradientText(huge, counted)} ${hugeGradientMeaning}`,
        next: hugeGradientNext(huge.fromBatch, counted),
      }
    : null;
}

const BROKEN =
  'Look at the batch before the loss broke; lower the learning rate, clip gradients, use bfloat16 instead of float16. esper report has what else broke.';

/** Refusals alone, after which the program went on. */
function survived(
  report: RunReport,
  finding: Finding,
  { what, refusals }: Pick<Read, 'what' | 'refusals'>,
): Answer {
  return {
    what,
    whose: 'GPU',
    state: report.run.state,
    confidence: finding.confidence,
    says: `No failure, as far as the text shows: ${refusals > 1 ? `${refusals} requests of memory were` : 'a request of memory was'} refused, and the program went on. ${refusals > 1 ? 'Of the last one: ' : ''}${finding.says}`,
    evidence: finding.evidence.map(seen => seen.says),
    next: finding.next,
  };
}

const WITHOUT_MEMORY = [
  'What its memory did is not in this log. Beside it: nvidia-smi --query-gpu=timestamp,index,memory.used,memory.total --format=csv -l 5 >> LOG; or esper run -- COMMAND, which records PyTorch’s allocator.',
];
const GONE =
  'What killed it stands in the words of the kernel or of the scheduler: dmesg | esper explain -, or sacct -j JOB | esper explain -.';
const NO_MEMORY_ERROR =
  'The error is about no memory: the last frame of its traceback is where to look. The whole output, stderr included, shows more.';

/** How the training ended and where; null where the text is of no training. @param hasKnown whether what the last lines reveal stands beside it */
function stateOf(
  { run: { state, lastBatch, maxBatches, numbered, stepsPerEpoch }, failure }: RunReport,
  program: string,
  hasKnown: boolean,
): string | null {
  const capital = program.replace('the ', 'The ');
  const perEpoch = stepsPerEpoch === undefined ? '' : `, ${stepsPerEpoch} an epoch`;
  const of = maxBatches === null ? perEpoch : ` of ${maxBatches}`;
  const at =
    lastBatch === null
      ? ''
      : numbered === 'reports'
        ? ` after ${uncountedSteps(lastBatch)}`
        : ` ${numbered === 'epochs' ? 'at' : 'after'} ${countedOf({ numbered })} ${lastBatch}${of}`;
  switch (state) {
    case 'completed':
      return `${capital} completed${at}.`;
    case 'interrupted':
      // Who stopped it is not known where the answer has more of the text's last lines.
      return `${capital} ${hasKnown ? 'stopped' : 'was ended on request'}${at}.`;
    case 'failed':
      // Of a launcher's line that is all there is: what failed is not in the text.
      return `${capital} failed${at}${failure === null || failure.ending?.kind === 'launcher' ? '' : ` (${failure.errorType})`}.`;
    case 'gone':
      return `The trainer ended${at} without a final event: it was killed, or its machine went down.`;
    case 'unknown':
      // A warning is no end: what came of it is not in the text.
      return failure !== null && isWarning(failure)
        ? `The text has a warning${at}, and how ${program} went on is not in it.`
        : `The text ends${at}, and how ${program} ended is not in it.`;
    default:
      return null;
  }
}

function whoseOf({ verdict: { kind }, failure, devices }: RunReport): Answer['whose'] {
  if (failure !== null && isCut(failure.message) && kind === 'unmeasured') return null;
  if (kind === 'host memory') return 'host';
  // What ended it is not known: what memory was read before shows no fault of the GPU's.
  if (kind === 'unmeasured' && failure?.ending != null && !failure.outOfMemory) return null;
  if (kind === 'unmeasured' && devices.length > 0) return 'GPU';
  // A request of no size is no shortage.
  if (kind === 'not memory') return null;
  if (kind === 'unmeasured') return failure?.outOfMemory ? 'GPU' : null;
  return 'GPU';
}
