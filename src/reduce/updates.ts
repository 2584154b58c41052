/** PPO updates, and steps of loops that are not PPO. */
import {
  type EventOf,
  eachLearnerFigure,
  type PPOUpdatePayload,
  type PpoState,
  type StepPayload,
} from '../contract/index.ts';
import { titleOf } from '../figures/index.ts';
import { announce } from './announced-level.ts';
import type { RankDraft } from './draft.ts';
import { takeOwn } from './figures-logged.ts';
import { initialPpo } from './initial.ts';
import { deviceMemory } from './memory.ts';
import { judgePpo } from './ppo-health.ts';

/** The learner's figures of a payload. One that is not finite is null and named. */
function learnerOf(source: 'update' | 'step', data: PPOUpdatePayload | StepPayload): PpoState {
  const ppo = initialPpo();
  eachLearnerFigure(source, data, (name, value) => {
    if (typeof value === 'string') ppo.nonFinite.push(titleOf(name, source));
    else (ppo as Record<string, unknown>)[name] = value ?? null;
  });
  return ppo;
}

export function ppoUpdateCompleted(draft: RankDraft, event: EventOf<'PPO_UPDATE_COMPLETED'>): void {
  const { batch, memory } = event.data;
  draft.state.batch = batch;
  newest(draft, event, batch, learnerOf('update', event.data));
  takeOwn(draft, event, batch);
  for (const reading of memory ?? []) deviceMemory(draft, event, batch, reading);
}

export function stepCompleted(draft: RankDraft, event: EventOf<'STEP_COMPLETED'>): void {
  const { step, memory } = event.data;
  draft.state.step = step;
  newest(draft, event, step, learnerOf('step', event.data));
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
