/** What an update did and how long it took, and what a reading holds: the payloads in the analysis's terms. */
import {
  type DeviceMemory,
  eachLearnerFigure,
  type NonFinite,
  type PPOUpdatePayload,
  type StepPayload,
  type WireValue,
} from '../contract/index.ts';
import {
  type CounterGrowth,
  contradictionOf,
  heldBytesOf,
  isPeakOfRun,
  needOf,
  poolPeaksOf,
  unusedAtPeakBytesOf,
} from '../figures/index.ts';
import type { UpdateSample } from './update-sample.ts';

export interface Done {
  batch: number;
  /** Rollout and optimisation together. */
  tookMs: number | null;
  /** The part of it in which ranks need not wait for each other; null where it is not reported. */
  rolloutMs: number | null;
  /** In no unit: only ratios matter. */
  work: number | null;
  episodicReturn: number | null;
  loss: number | null;
  /** Whether a part of the loss was finite and none was not, where no total is reported. */
  hasFinitePart?: true;
  /** NaN or an infinity, where the loss was that. */
  brokenLoss: NonFinite | null;
  /** Which loss that was, where it was not the total. */
  brokenOf?: 'policy' | 'value';
  /** Whether that was reported as 0. */
  isLeftOut?: true;
  /** Of the gradient; what was not finite by name. */
  gradNorm: WireValue;
  /** That of training in float16, where the trainer reports it. */
  lossScale: number | null;
  stepsPerSecond: number | null;
  totalSteps: number | null;
  /** All of the learner's numbers; made when it is asked for. */
  learner: () => Record<string, number | null>;
}

/** A learning figure that is not finite is none. */
const finite = (value: WireValue): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

export const broken = (value: WireValue): NonFinite | null =>
  typeof value === 'string' ? (value as NonFinite) : null;
/** The Hugging Face Trainer leaves losses that are not finite out of their mean: it is 0 where none is left. */
const leftOut = (loss: WireValue, gradNorm: WireValue): NonFinite | null =>
  loss === 0 ? broken(gradNorm) : null;

/** Names that trainers give to the factor by which a loss in float16 is multiplied. */
const LOSS_SCALES = ['loss scale', 'loss_scale', 'train/loss_scale', 'amp_scale'];

function lossScaleOf({ extra }: PPOUpdatePayload | StepPayload): number | null {
  if (extra == null) return null;
  for (const name of LOSS_SCALES) if (Object.hasOwn(extra, name)) return finite(extra[name] as WireValue);
  return null;
}

function learnerOf(source: 'update' | 'step', data: PPOUpdatePayload | StepPayload) {
  const figures: Record<string, number | null> = {};
  eachLearnerFigure(source, data, (name, value) => {
    figures[name] = finite(value);
  });
  return figures;
}

export function updateDone(data: PPOUpdatePayload): Done {
  const { batch, loss, policy, rollout, timing } = data;
  const updateMs = finite(timing?.updateMs);
  const rolloutMs = finite(timing?.rolloutMs);
  const steps = finite(rollout?.steps);
  const brokenTotal = broken(loss?.total);
  const brokenPolicy = broken(loss?.policy);
  const brokenLoss = brokenTotal ?? brokenPolicy ?? broken(loss?.value);
  return {
    batch,
    tookMs: updateMs === null ? null : updateMs + (rolloutMs ?? 0),
    rolloutMs,
    work: steps === null ? null : steps * (finite(policy?.epochs) ?? 1),
    episodicReturn: finite(rollout?.episodicReturn),
    loss: finite(loss?.total),
    brokenLoss,
    ...(brokenLoss === null &&
      loss?.total == null &&
      (finite(loss?.policy) ?? finite(loss?.value)) !== null && { hasFinitePart: true as const }),
    ...(brokenLoss !== null &&
      brokenTotal === null && { brokenOf: brokenPolicy === null ? ('value' as const) : ('policy' as const) }),
    gradNorm: data.gradient?.norm,
    lossScale: lossScaleOf(data),
    stepsPerSecond: finite(timing?.stepsPerSecond),
    totalSteps: finite(rollout?.totalSteps),
    learner: () => learnerOf('update', data),
  };
}

export function stepDone(data: StepPayload): Done {
  const { step, loss, stepMs, tokensPerSecond, samplesPerSecond, rollout } = data;
  const rate = finite(tokensPerSecond) ?? finite(samplesPerSecond);
  const tookMs = finite(stepMs);
  const brokenZero = leftOut(loss, data.gradNorm);
  return {
    batch: step,
    tookMs,
    rolloutMs: null,
    work: rate === null || tookMs === null ? null : rate * tookMs,
    episodicReturn: finite(rollout?.episodicReturn),
    loss: finite(loss),
    brokenLoss: broken(loss) ?? brokenZero,
    ...(brokenZero !== null && { isLeftOut: true as const }),
    gradNorm: data.gradNorm,
    lossScale: lossScaleOf(data),
    stepsPerSecond: finite(samplesPerSecond),
    totalSteps: finite(rollout?.totalSteps),
    learner: () => learnerOf('step', data),
  };
}

/** The update and the newest reading of the device at its end as a point. */
export function sampleOf(
  place: { index: number; at: number; timeMs: number },
  { batch, tookMs, work }: Done,
  reading: DeviceMemory,
  { isCounted, grown }: CounterGrowth,
): UpdateSample {
  const need = needOf(reading);
  // Field by field: one is made for each update of a log, and spreading two objects takes as long as all else.
  return {
    index: place.index,
    at: place.at,
    batch,
    timeMs: place.timeMs,
    tookMs,
    work,
    budgetBytes: need.budgetBytes,
    strandedBytes: need.strandedBytes,
    // Some logs print the peak of what was reserved alone, or what is reserved: it is no less than what was needed.
    peakBytes:
      need.peakBytes ??
      reading.peakReservedBytes ??
      (reading.allocatedBytes == null && reading.activeBytes == null
        ? (reading.reservedBytes ?? null)
        : null),
    isPeakOfRun:
      isPeakOfRun(reading) ||
      (need.peakBytes === null && reading.peakReservedBytes != null && reading.peakScope !== 'update'),
    poolPeaks: poolPeaksOf(reading),
    unusedAtPeakBytes: unusedAtPeakBytesOf(reading),
    restingBytes: heldBytesOf(reading),
    allocatedBytes: reading.allocatedBytes ?? null,
    reservedBytes: reading.reservedBytes ?? null,
    totalBytes: reading.deviceTotalBytes ?? null,
    freeBytes: reading.deviceFreeBytes ?? null,
    processFraction: reading.processFraction ?? null,
    contradiction: contradictionOf(reading),
    isCounted,
    allocRetries: grown.allocRetries,
    ooms: grown.ooms,
    deviceAllocs: grown.deviceAllocs,
    deviceFrees: grown.deviceFrees,
    syncAllStreams: grown.syncAllStreams,
  };
}
