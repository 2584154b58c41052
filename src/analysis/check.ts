/** A run held against the figures of another: what is worse by more than it may be, and whether that is no chance. */
import { amount } from '../base/index.ts';
import {
  type CheckedFigure,
  type CheckedName,
  checkedFigures,
  type GateFigure,
  type RunCheck,
  type RunFigures,
} from '../contract/index.ts';
import { many, share } from '../present/index.ts';
import { differenceOf } from './difference.ts';

/** How much worse a figure may be: shares of the baseline, of lost time a difference of shares. Null: information only. */
export interface Tolerances {
  peak: number | null;
  time: number | null;
  lost: number | null;
}

export const usualTolerances = { peak: 0.015, time: 0.1, lost: 0.02 } satisfies Tolerances;

const severity: Record<RunFigures['level'], number> = { ok: 0, warmup: 0, warning: 1, critical: 2 };
/** Runs whose numbers of updates differ by more than this factor are noted. */
const FEWER = 0.75;

/** `cuda` of `cuda:0`. */
const kindOf = (device: string | null): string | null => device?.split(':')[0] ?? null;

/** Why times of the two cannot be held against each other; null where they can. */
function timesApart(baseline: RunFigures, run: RunFigures): string | null {
  if (kindOf(run.device) === 'standin' || kindOf(baseline.device) === 'standin')
    return 'A stand-in device computes nothing: its times are for information.';
  if (kindOf(baseline.device) !== kindOf(run.device) || baseline.deviceName !== run.deviceName)
    return `The baseline ran on ${nameOf(baseline)}, this run on ${nameOf(run)}: times are for information.`;
  return null;
}

const nameOf = ({ device, deviceName }: RunFigures): string =>
  device === null ? 'no device' : deviceName === null ? device : `${device} (${deviceName})`;

function notesOf(baseline: RunFigures, run: RunFigures): string[] {
  const notes = [timesApart(baseline, run)];
  const [fewer, more] = [baseline, run].sort((a, b) => a.updates - b.updates);
  if (fewer!.updates < FEWER * more!.updates)
    notes.push(
      `The baseline made ${many(baseline.updates, 'update')}, this run ${many(run.updates, 'update')}: what grows with them differs.`,
    );
  if (run.state === 'running' || run.state === 'waiting')
    notes.push('This run is not over: it is checked as it is now.');
  if (kindOf(run.device) === 'sim') notes.push('This run’s device is simulated.');
  if ((baseline.usualPeakBytes === null) !== (run.usualPeakBytes === null))
    notes.push(
      'One of the two has no usual peak: its peaks are those of the whole run, or it has too few updates after the warm-up.',
    );
  return notes.filter(note => note !== null);
}

function toleranceOf(figure: CheckedName, { peak, time, lost }: Tolerances, times: boolean): number | null {
  switch (figure) {
    case 'highestPeakBytes':
    case 'usualPeakBytes':
      return peak;
    case 'highestReservedBytes':
      // Equal work was seen to reserve 8.6% apart.
      return null;
    case 'tookMs':
      return times ? time : null;
    case 'lostFraction':
      return times ? lost : null;
  }
}

const span = ({ value, low, high }: GateFigure) =>
  low === null || high === null ? null : { low, mid: value, high };

/** The change as a share of the baseline; of shares, their difference. */
function changeOf(figure: CheckedName, a: GateFigure, b: GateFigure): CheckedFigure['change'] {
  const unit = figure === 'lostFraction' ? 1 : Math.abs(a.value);
  if (unit === 0) return null;
  const [from, to] = [span(a), span(b)];
  if (from === null || to === null) return { low: null, mid: (b.value - a.value) / unit, high: null };
  const { low, mid, high } = differenceOf(from, to);
  return { low: low / unit, mid: mid / unit, high: high / unit };
}

function checked(
  figure: CheckedName,
  a: GateFigure | null,
  b: GateFigure | null,
  tolerance: number | null,
): CheckedFigure {
  const change = a === null || b === null ? null : changeOf(figure, a, b);
  return {
    figure,
    baseline: a?.value ?? null,
    value: b?.value ?? null,
    change,
    tolerance,
    status:
      change === null ? 'not compared' : tolerance === null ? 'information' : statusOf(change, tolerance),
  };
}

function statusOf({ low, mid, high }: NonNullable<CheckedFigure['change']>, tolerance: number) {
  if (mid > tolerance) return low === null || low > 0 ? 'worse' : 'unclear';
  return mid < -tolerance && (high === null || high < 0) ? 'better' : 'same';
}

const reasons: Record<CheckedName, (figure: CheckedFigure) => string> = {
  highestPeakBytes: ({ baseline, value, change }) =>
    `The highest allocated peak went from ${amount(baseline)} to ${amount(value)} (+${share(change!.mid)}).`,
  usualPeakBytes: ({ baseline, value, change }) =>
    `The usual allocated peak of an update went from ${amount(baseline)} to ${amount(value)} (+${share(change!.mid)}).`,
  highestReservedBytes: () => '',
  tookMs: ({ change }) => `An update takes ${share(change!.mid)} longer.`,
  lostFraction: ({ baseline, value }) =>
    `The allocator’s stalls took ${share(value)} of the time, after ${share(baseline)}.`,
};

const verdictReason = (baseline: RunFigures, run: RunFigures): string =>
  run.state === 'failed' || run.state === 'gone'
    ? `This run did not reach its end. ${run.says}`
    : `The verdict was ${baseline.verdict} and is ${run.verdict}: ${run.says}`;

/** Holds the run against the baseline. */
export function checkRun(
  baseline: RunFigures,
  run: RunFigures,
  tolerances: Tolerances = usualTolerances,
): RunCheck {
  const times = timesApart(baseline, run) === null;
  const figures = checkedFigures.map(figure =>
    checked(figure, baseline[figure], run[figure], toleranceOf(figure, tolerances, times)),
  );
  const verdictIsWorse = run.isGate && (!baseline.isGate || severity[run.level] > severity[baseline.level]);
  const why = [
    ...(verdictIsWorse ? [verdictReason(baseline, run)] : []),
    ...figures.filter(({ status }) => status === 'worse').map(figure => reasons[figure.figure](figure)),
  ];
  return {
    v: 1,
    passed: why.length === 0,
    reasons: why,
    notes: notesOf(baseline, run),
    baseline,
    run,
    figures,
    verdictIsWorse,
  };
}
