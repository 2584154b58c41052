/** When a run will have made all that it was to make. */
import type { SanctumSnapshot } from '../contract/index.ts';
import { duration } from './figure-text.ts';
import type { RunJudgement } from './judgement.ts';
import type { StyledText } from './styled-text.ts';

/** Newest updates whose pace counts. */
const WINDOW = 30;
const FEWEST = 3;

/**
 * Milliseconds that the lead rank still needs at the pace of its newest updates; null where the total or the pace is not
 * known, and once the run has ended.
 */
export function etaMs({ run, tamiyo, ranks }: SanctumSnapshot): number | null {
  if (run.state !== 'running') return null;
  const [at, of] = tamiyo.batch !== null ? [tamiyo.batch, tamiyo.maxBatches] : [tamiyo.step, tamiyo.maxSteps];
  const lead = ranks.find(({ rank }) => rank === tamiyo.rank);
  if (at === null || of === null || of < at || lead === undefined) return null;
  const batches = lead.history.batch.slice(-WINDOW);
  const times = lead.history.timeMs.slice(-WINDOW);
  if (batches.length < FEWEST) return null;
  const gaps = times
    .slice(1)
    .map((time, i) => (time - times[i]!) / (batches[i + 1]! - batches[i]!))
    .filter(gap => Number.isFinite(gap) && gap >= 0)
    .sort((a, b) => a - b);
  // The middle: one evaluation or checkpoint between is not the pace.
  const pace = gaps[gaps.length >> 1];
  return pace === undefined ? null : pace * (of - at);
}

/** The planned end as every view shows it: in doubt, `00:02:02?`, where memory runs out before. @param ms that are left */
export function etaText(ms: number, judgement: Pick<RunJudgement, 'runsOut'> | null): StyledText {
  const runsOut = judgement?.runsOut ?? null;
  const isInDoubt = runsOut !== null && !runsOut.isAfterEnd;
  return isInDoubt ? { text: `${duration(ms)}?`, tone: 'dim' } : { text: duration(ms), tone: 'plain' };
}
