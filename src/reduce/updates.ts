/** PPO updates, and steps of loops that are not PPO. */
import {
  type BrokenFigure,
  type EventOf,
  learnerNames,
  learnerOf,
  type PPOUpdatePayload,
  type PpoState,
  type StepPayload,
} from '../contract/index.ts';
import { titleOf } from '../figures/index.ts';
import { announce } from './announced-level.ts';
import type { RankDraft } from './draft.ts';
import { takeOwn } from './figures-logged.ts';
import { deviceMemory } from './memory.ts';
import { judgePpo } from './ppo-health.ts';

/** The learner's figures of a payload. One that is not finite is null and named. */
function ppoOf(source: 'update' | 'step', data: PPOUpdatePayload | StepPayload): PpoState {
  const broken: BrokenFigure[] = [];
  const ppo = learnerOf(source, data, broken) as PpoState;
  ppo.nonFinite = broken.length === 0 ? [] : broken.map(([name]) => titleOf(name, source));
  if (broken.length > 0) ppo.nonFiniteValues = broken.map(([, value]) => value);
  ppo.status = 'warmup';
  ppo.reasons = [];
  return ppo;
}

export function ppoUpdateCompleted(draft: RankDraft, event: EventOf<'PPO_UPDATE_COMPLETED'>): void {
  const { batch, memory } = event.data;
  draft.state.batch = batch;
  newest(draft, event, batch, 'update');
  takeOwn(draft, event, batch);
  for (const reading of memory ?? []) deviceMemory(draft, event, batch, reading);
}

export function stepCompleted(draft: RankDraft, event: EventOf<'STEP_COMPLETED'>): void {
  const { step, memory } = event.data;
  draft.state.step = step;
  newest(draft, event, step, 'step');
  takeOwn(draft, event, step);
  for (const reading of memory ?? []) deviceMemory(draft, event, step, reading);
}

/**
 * What a step did not report keeps its newest value: many loops print their loss every so many steps, and a run of such a loop has
 * a loss all the same. Null where none has reported it. An update of PPO reports all that it has.
 */
function withEarlier(before: PpoState, ppo: PpoState): PpoState {
  let all = ppo;
  for (const name of learnerNames) {
    if (ppo[name] !== null || (before[name] === null && before.nonFinite.length === 0)) continue;
    const title = titleOf(name, 'step');
    if (ppo.nonFinite.includes(title)) continue;
    const broken = before.nonFinite.indexOf(title);
    if (before[name] === null && broken === -1) continue;
    if (all === ppo) all = { ...ppo };
    if (broken === -1) Object.assign(all, { [name]: before[name] });
    else {
      all.nonFinite = [...all.nonFinite, title];
      all.nonFiniteValues = [...(all.nonFiniteValues ?? []), before.nonFiniteValues![broken]!];
    }
  }
  return all;
}

/** Updates that the usual time between them goes back, and how much one may be of it: a pause for an evaluation is not usual. */
const USUAL = 8;

/** A running mean, in ms. */
function usualGap(before: number | null, gapMs: number): number | null {
  if (before === null) return Math.max(0, gapMs);
  const bounded = Math.min(Math.max(0, gapMs), USUAL * Math.max(1, before));
  return Math.round(before + (bounded - before) / USUAL);
}

function newest(
  draft: RankDraft,
  event: EventOf<'PPO_UPDATE_COMPLETED' | 'STEP_COMPLETED'>,
  batch: number,
  source: 'update' | 'step',
): void {
  const rank = draft.state;
  const reported = ppoOf(source, event.data);
  rank.updates++;
  if (rank.lastUpdateMs !== null)
    rank.updateGapMs = usualGap(rank.updateGapMs, event.timeMs - rank.lastUpdateMs);
  rank.lastUpdateMs = event.timeMs;
  rank.newestTelemetryMs = event.telemetryMs ?? null;
  const ppo = source === 'step' ? withEarlier(rank.ppo, reported) : reported;
  judgePpo(ppo, rank.updates);
  rank.ppo = ppo;
  const level = ppo.status === 'warning' || ppo.status === 'critical' ? ppo.status : 'healthy';
  const { announced, change } = announce(rank.told, level, level);
  rank.told = announced;
  if (change === 'worse')
    draft.note(event, ppo.status === 'critical' ? 'critical' : 'warning', ppo.reasons.join(', '));
  draft.record({ batch, timeMs: event.timeMs, figures: reported });
}
