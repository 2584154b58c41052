/**
 * The figures that have a course, as an update's event tells them: those of the learner by their names in the
 * snapshot, those of a device as `cuda:0/allocatedBytes`. A figure that was not measured is absent.
 */
import { type DeviceMemory, isUnknown, type PPOUpdatePayload, type StepPayload } from '../contract/index.ts';
import type { LoggedEvent } from '../log/index.ts';
import { infrastructureOf, pressureOf } from '../reduce/index.ts';

/** One update, or one step of a loop that is not PPO. */
export interface Point {
  seq: number;
  batch: number;
  timeMs: number;
  figures: Record<string, number>;
}

/** Figures of a device that a chart may ask for, after the device's name and a slash. Bytes unless they say otherwise. */
export const deviceFigures = [
  'allocatedBytes',
  'reservedBytes',
  'activeBytes',
  /** active + stranded, reserved, used, total: each holds the one before, so together they are the ledger. */
  'strandedEdgeBytes',
  'peakAllocatedBytes',
  'budgetBytes',
  /** 0–1 */
  'pressureFraction',
  'deviceUsedBytes',
  'deviceTotalBytes',
  'memoryUsagePercent',
  /** Retries and OOMs so far, as the allocator counts them. */
  'refusals',
] as const;

/** The point of an event; null where it is no update. */
export function pointOf(event: LoggedEvent): Point | null {
  if (isUnknown(event)) return null;
  const { seq, timeMs } = event;
  if (event.type === 'PPO_UPDATE_COMPLETED')
    return {
      seq,
      timeMs,
      batch: event.data.batch,
      figures: figuresOf(ppoFigures(event.data), event.data.memory),
    };
  if (event.type === 'STEP_COMPLETED')
    return {
      seq,
      timeMs,
      batch: event.data.step,
      figures: figuresOf(stepFigures(event.data), event.data.memory),
    };
  return null;
}

/** The batch from which a resumed run makes its points anew; null for any other event. */
export function resumedAt(event: LoggedEvent): number | null {
  if (isUnknown(event) || event.type !== 'TRAINING_STARTED') return null;
  return event.data.resumedAtBatch ?? event.data.resumedAtStep ?? null;
}

const ppoFigures = ({ loss, policy, value, gradient, rollout, timing }: PPOUpdatePayload) => ({
  totalLoss: loss?.total,
  policyLoss: loss?.policy,
  valueLoss: loss?.value,
  entropy: policy?.entropy,
  approxKl: policy?.approxKl,
  clipFraction: policy?.clipFraction,
  learningRate: policy?.learningRate,
  explainedVariance: value?.explainedVariance,
  gradNorm: gradient?.norm,
  episodicReturn: rollout?.episodicReturn,
  episodicLength: rollout?.episodicLength,
  rolloutMs: timing?.rolloutMs,
  updateMs: timing?.updateMs,
  stepsPerSecond: timing?.stepsPerSecond,
});

const stepFigures = ({ loss, learningRate, gradNorm, stepMs, samplesPerSecond }: StepPayload) => ({
  totalLoss: loss,
  learningRate,
  gradNorm,
  updateMs: stepMs,
  stepsPerSecond: samplesPerSecond,
});

function figuresOf(
  own: Record<string, number | string | null | undefined>,
  memory: DeviceMemory[] | undefined,
): Record<string, number> {
  const figures: Record<string, number> = {};
  const put = (name: string, value: number | string | null | undefined) => {
    if (typeof value === 'number') figures[name] = value;
  };
  for (const name in own) put(name, own[name]);
  for (const reading of memory ?? []) {
    const of = (name: (typeof deviceFigures)[number]) => `${reading.device}/${name}`;
    const { deviceTotalBytes: total, deviceFreeBytes: free, reservedBytes: reserved } = reading;
    const active = reading.activeBytes ?? reading.allocatedBytes;
    put(of('allocatedBytes'), reading.allocatedBytes);
    put(of('reservedBytes'), reserved);
    put(of('activeBytes'), active);
    if (active != null && reading.inactiveSplitBytes != null)
      put(of('strandedEdgeBytes'), active + reading.inactiveSplitBytes);
    put(of('peakAllocatedBytes'), reading.peakAllocatedBytes);
    put(of('deviceTotalBytes'), total);
    if (total != null && free != null) put(of('deviceUsedBytes'), total - free);
    const { budgetBytes, pressureFraction } = pressureOf(reading);
    put(of('budgetBytes'), budgetBytes);
    put(of('pressureFraction'), pressureFraction);
    if (reading.allocRetries != null || reading.ooms != null)
      put(of('refusals'), (reading.allocRetries ?? 0) + (reading.ooms ?? 0));
    const { cudaMemoryFragmentation, memoryUsagePercent } = infrastructureOf(reading);
    if (cudaMemoryFragmentation !== null) put(of('memoryUsagePercent'), memoryUsagePercent);
  }
  return figures;
}
