/** PPO updates, and steps of loops that are not PPO. */
import {
  type BrokenFigure,
  type EventOf,
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
  newest(draft, event, batch, ppoOf('update', event.data));
  takeOwn(draft, event, batch);
  for (const reading of memory ?? []) deviceMemory(draft, event, batch, reading);
}

export function stepCompleted(draft: RankDraft, event: EventOf<'STEP_COMPLETED'>): void {
  const { step, memory } = event.data;
  draft.state.step = step;
  newest(draft, event, step, ppoOf('step', event.data));
  takeOwn(draft, event, step);
  for (const reading of memory ?? []) deviceMemory(draft, event, step, reading);
}

function newest(
  draft: RankDraft,
  event: { timeMs: number; seq: number; telemetryMs?: number | null },
  batch: number,
  ppo: PpoState,
): void {
  const rank = draft.state;
  rank.updates++;
  rank.newestTelemetryMs = event.telemetryMs ?? null;
  judgePpo(ppo, rank.updates);
  rank.ppo = ppo;
  const level = ppo.status === 'warning' || ppo.status === 'critical' ? ppo.status : 'healthy';
  const { announced, change } = announce(rank.told, level, level);
  rank.told = announced;
  if (change === 'worse')
    draft.note(event, ppo.status === 'critical' ? 'critical' : 'warning', ppo.reasons.join(', '));
  draft.record({ batch, timeMs: event.timeMs, figures: ppo });
}
