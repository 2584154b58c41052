/** What a device's memory was found to be: every rule is asked, and what holds is ranked by what it explains. */

import { type DeviceReport, type Finding, isWarning, type RunReport } from '../contract/index.ts';
import { type Counted, share, textBeside } from '../present/index.ts';
import type { DeviceAnalysis } from './device-analysis.ts';
import type { Failure } from './oom-cause.ts';
import { allocatorConfiguration } from './rules/allocator-configuration.ts';
import { cacheStarvation } from './rules/cache-starvation.ts';
import { fragmentation } from './rules/fragmentation.ts';
import { growth } from './rules/growth.ts';
import { leak } from './rules/leak.ts';
import { neighbour } from './rules/neighbour.ts';
import type { Rule } from './rules/rule.ts';
import { spike } from './rules/spike.ts';
import { steady } from './rules/steady.ts';
import { nothingReported, unmeasured } from './rules/unmeasured.ts';

const rules: readonly Rule[] = [
  leak,
  growth,
  spike,
  fragmentation,
  neighbour,
  cacheStarvation,
  allocatorConfiguration,
];

/** The findings of a device, the most important first, and how much the first weighs. */
export interface Judgement {
  findings: Finding[];
  weight: number;
  /** Updates that it is made of. */
  points: number;
}

export const nothingMeasured: Judgement = { findings: [nothingReported], weight: -1, points: 0 };

export function judgeDevice(facts: DeviceAnalysis): Judgement {
  const held = rules.map(rule => rule(facts)).filter(ruling => ruling !== null);
  held.sort((a, b) => b.weight - a.weight);
  const found = held.length > 0 ? held : [steady(facts)].filter(ruling => ruling !== null);
  if (found.length === 0)
    return { findings: [unmeasured(facts)], weight: facts.end === null ? -1 : 1, points: facts.points };
  return { findings: found.map(({ finding }) => finding), weight: found[0]!.weight, points: facts.points };
}

/** The judgement of a process that ended, to stand beside that of the next. */
export const ofEarlier = ({ findings, ...judgement }: Judgement): Judgement => ({
  ...judgement,
  findings: findings.map(finding => ({ ...finding, says: `In an earlier process: ${finding.says}` })),
});

/** Updates after which a process is judged by itself, beside an earlier one that had findings. */
const ENOUGH = 30;

/** A process and those before it: kinds that it does not have itself are listed after its own. */
export function joinedJudgements(now: Judgement, earlier: Judgement): Judgement {
  if (earlier.points === 0) return now;
  const [first, second] =
    now.points < ENOUGH && now.weight <= 0 && earlier.weight > now.weight ? [earlier, now] : [now, earlier];
  const kinds = new Set(first.findings.map(({ kind }) => kind));
  const more = second.findings.filter(
    ({ kind }) => !kinds.has(kind) && kind !== 'steady' && kind !== 'unmeasured',
  );
  return {
    findings: [...first.findings, ...more],
    weight: Math.max(first.weight, second.weight),
    points: Math.max(now.points, earlier.points),
  };
}

/** The run's verdict: the first finding of the worst device, and whether it hurt. */
export function verdictOf(
  devices: readonly DeviceReport[],
  failure: (Failure & { rank?: number }) | null,
  explanation: Finding | null,
  counted: Counted = 'batch',
): RunReport['verdict'] {
  const worst = devices[0];
  const [found = nothingReported] = worst?.findings ?? [];
  // What was measured explains an end better than its text; where it does not, the text is all there is.
  const finding = explanation !== null && (worst === undefined || isSilent(worst)) ? explanation : found;
  const lost = worst?.attribution.status === 'evidence' ? worst.attribution.lostFraction : null;
  const cost =
    lost === null
      ? ''
      : ` Allocator stalls took ${share(lost.mid)} of the time [${share(lost.low)}, ${share(lost.high)}].`;
  const ended =
    failure === null
      ? ''
      : isWarning(failure)
        ? ' It is a warning: whether the training ended is not in the text.'
        : ` The training failed${(failure.rank ?? 0) > 0 ? ` on rank ${failure.rank}` : ''}${failure.batch === null ? '' : ` after ${counted} ${failure.batch}`}: ${failure.errorType}.`;
  const beside = finding === explanation ? null : textBeside(explanation, found.kind);
  const more = beside === null ? '' : ` ${beside.says}`;
  return {
    kind: finding.kind,
    ...(finding.isRead && { isRead: true }),
    says: `${closed(finding.says, cost + ended + more)}${cost}${ended}${more}`,
    rank: worst?.rank ?? null,
    device: worst?.device ?? null,
  };
}

/** Whether what was measured of a device explains no end. */
export const isSilent = ({ findings: [first] }: DeviceReport): boolean =>
  first === undefined || first.kind === 'unmeasured' || first.kind === 'steady';

/** Whether memory of the device was read, be it too little for a verdict. */
export const hasReadings = ({ findings: [first] }: DeviceReport): boolean =>
  first !== undefined && (first.kind !== 'unmeasured' || first.isRead === true);

/** With its full stop, where more follows: an error's own words have none. */
const closed = (says: string, more: string): string =>
  more === '' || /[.!?…]["”]?$/.test(says) ? says : `${says}.`;
