/** Need at the peak that grows, over memory at rest that does not: the work itself takes more. */
import { amount } from '../../base/index.ts';
import { share } from '../../present/index.ts';
import type { PastUpdate } from '../update-sample.ts';
import { endEvidence } from './end.ts';
import { evidence, NAME_THE_LINE, type Rule, spanOf } from './rule.ts';

/** Share of the device below which growth is a trifle. */
const TRIFLE = 0.02;

/** Share of the newest updates that set a record of the run where records are no chance: without growth they get rare. */
const RECORDS = 0.5;
const LEAST_UPDATES = 16;

/** Whether a peak of the run, which never falls, keeps being raised. */
function keepsRising(updates: readonly PastUpdate[]): boolean {
  const newest = updates.slice(updates.length >> 1);
  if (updates.length < LEAST_UPDATES) return false;
  const records = newest.filter(
    (update, i) => i > 0 && (update.peakBytes ?? 0) > (newest[i - 1]!.peakBytes ?? 0),
  );
  return records.length >= RECORDS * (newest.length - 1);
}

export const growth: Rule = ({ trend: trendOf, forecast, totalBytes, newest, end, views }) => {
  // Where neither the device nor what is reserved is known, growth is measured against the peak itself.
  const whole = totalBytes ?? newest.reservedBytes ?? newest.peakBytes;
  const of = totalBytes === null && newest.reservedBytes === null ? 'the newest peak' : 'the device';
  const extra = trendOf('extra');
  const trend = extra ?? trendOf('peak');
  if (trend === null || !whole) return null;
  const worked = trendOf('work')?.grows ? trendOf('work') : null;
  const rest = trendOf('rest');
  // A peak of the run never falls, so that it grows is no sign by itself.
  const byRecords =
    forecast.basis === 'peak of the run' &&
    (forecast.status === 'ahead' || (forecast.status === 'far' && worked !== null));
  const grows = newest.isPeakOfRun
    ? byRecords || worked !== null || (trend.grows && keepsRising(views[0] ?? []))
    : trend.grows;
  if (!grows || trend.growth < TRIFLE * whole) return null;
  if (rest?.grows && rest.growth > trend.growth / 2) return null;
  const isRestKnown = extra !== null;
  return {
    weight: trend.growth / whole + (end === null ? 0 : 1),
    finding: {
      kind: 'growth',
      confidence: !isRestKnown && worked === null ? 'possible' : worked === null ? 'likely' : 'certain',
      says: `Updates need more and more memory${isRestKnown ? ' and release it' : ''}: ${amount(trend.slope.mid)} more each.`,
      evidence: [
        evidence(
          `${isRestKnown ? 'The peak above what is held at rest' : 'The peak'} grew by ${amount(trend.growth)} (${share(trend.growth / whole)} of ${of})` +
            `${isRestKnown ? '; what is held at rest did not' : '; memory at rest was not measured, so it may also be a leak'}.`,
          spanOf(trend),
          'TELE-773',
          'TELE-760',
        ),
        ...(worked === null
          ? []
          : [
              evidence(
                `The work of an update grew with it, by ${share(worked.growth / Math.max(1, worked.level))}.`,
                spanOf(worked),
                'TELE-023',
              ),
            ]),
        ...(end === null ? [] : [endEvidence(end)]),
      ],
      next: [
        'Bound what an update works on: clip the length of sequences, or pack them into microbatches by tokens instead of by number.',
        'Use smaller microbatches with gradient accumulation.',
        'Trade time for memory with activation checkpointing.',
        NAME_THE_LINE,
        ...(isRestKnown
          ? []
          : [
              'Record torch’s own figures (import esper_telemetry where torch is): they distinguish a leak from growing work.',
            ]),
      ],
    },
  };
};
