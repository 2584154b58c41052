/** PPO updates, and steps of loops that are not PPO. */
import type { EventOf, PpoState } from '../contract/index.ts';
import { announce } from './announced-level.ts';
import type { RankDraft } from './draft.ts';
import { initialPpo } from './initial.ts';
import { deviceMemory } from './memory.ts';
import { judgePpo } from './ppo-health.ts';

type Wire = number | string | null | undefined;

/** A wire figure as a number; one that is not finite becomes null and is named. */
function finite(value: Wire, name: string, nonFinite: string[]): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') nonFinite.push(name);
  return null;
}

export function ppoUpdateCompleted(draft: RankDraft, event: EventOf<'PPO_UPDATE_COMPLETED'>): void {
  const { batch, loss, policy, value, gradient, rollout, timing, memory } = event.data;
  const bad: string[] = [];
  draft.state.batch = batch;
  newest(draft, event, batch, {
    totalLoss: finite(loss?.total, 'total loss', bad),
    policyLoss: finite(loss?.policy, 'policy loss', bad),
    valueLoss: finite(loss?.value, 'value loss', bad),
    entropy: finite(policy?.entropy, 'entropy', bad),
    approxKl: finite(policy?.approxKl, 'approx KL', bad),
    clipFraction: policy?.clipFraction ?? null,
    clipRange: policy?.clipRange ?? null,
    learningRate: policy?.learningRate ?? null,
    epochs: policy?.epochs ?? null,
    earlyStopped: policy?.earlyStopped ?? null,
    explainedVariance: finite(value?.explainedVariance, 'explained variance', bad),
    gradNorm: finite(gradient?.norm, 'gradient norm', bad),
    maxGradNorm: gradient?.maxNorm ?? null,
    episodicReturn: finite(rollout?.episodicReturn, 'return', bad),
    episodicLength: rollout?.episodicLength ?? null,
    totalSteps: rollout?.totalSteps ?? null,
    totalEpisodes: rollout?.totalEpisodes ?? null,
    rolloutMs: timing?.rolloutMs ?? null,
    updateMs: timing?.updateMs ?? null,
    stepsPerSecond: timing?.stepsPerSecond ?? null,
    nonFinite: bad,
    status: 'warmup',
    reasons: [],
  });
  for (const reading of memory ?? []) deviceMemory(draft, event, batch, reading);
}

export function stepCompleted(draft: RankDraft, event: EventOf<'STEP_COMPLETED'>): void {
  const { step, loss, learningRate, gradNorm, stepMs, samplesPerSecond, memory } = event.data;
  const bad: string[] = [];
  draft.state.step = step;
  newest(draft, event, step, {
    ...initialPpo(),
    totalLoss: finite(loss, 'loss', bad),
    learningRate: learningRate ?? null,
    gradNorm: finite(gradNorm, 'gradient norm', bad),
    updateMs: stepMs ?? null,
    stepsPerSecond: samplesPerSecond ?? null,
    nonFinite: bad,
  });
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
  const { told, news } = announce(rank.told, level, level);
  rank.told = told;
  if (news === 'worse')
    draft.note(event, ppo.status === 'critical' ? 'critical' : 'warning', ppo.reasons.join(', '));
  draft.record({ batch, timeMs: event.timeMs, figures: ppo });
}
