/**
 * The figures that have a course, as an update's event tells them: those of the learner by their names in the
 * snapshot, those of a device as `cuda:0/allocatedBytes`. A figure that was not measured is not told. A long log has
 * millions of updates: their figures are handed on one by one, and nothing is made for them on the way.
 */
import {
  budgetBytesOf,
  type DeviceMemory,
  isUnknown,
  type PPOUpdatePayload,
  peakBytesOf,
  type StepPayload,
} from '../contract/index.ts';
import type { LoggedEvent } from '../log/index.ts';

/** One update, or one step of a loop that is not PPO. */
export interface Point {
  seq: number;
  batch: number;
  timeMs: number;
  figures: Record<string, number>;
}

/** Takes the figures of one update; what is no number was not measured. */
export type Put = (name: string, value: number | string | null | undefined) => void;

/** Figures of a device that a chart may ask for, after the device's name and a slash. Bytes unless they say otherwise. */
const deviceFigures = [
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
type DeviceFigures = Record<(typeof deviceFigures)[number], string>;

/** Number of the update; null for an event that is none. */
export function batchOf(event: LoggedEvent): number | null {
  if (isUnknown(event)) return null;
  if (event.type === 'PPO_UPDATE_COMPLETED') return event.data.batch;
  return event.type === 'STEP_COMPLETED' ? event.data.step : null;
}

/** Tells the figures of an update; nothing of any other event. */
export function tellFigures(event: LoggedEvent, put: Put): void {
  if (isUnknown(event)) return;
  if (event.type === 'PPO_UPDATE_COMPLETED') ppoFigures(event.data, put);
  else if (event.type === 'STEP_COMPLETED') stepFigures(event.data, put);
  else return;
  for (const reading of event.data.memory ?? []) memoryFigures(reading, put);
}

/** Readings at the edges of an update's phases, as `cuda:0/phase/rollout`: held until the update itself is told of. */
export class PhaseEdges {
  /** Event of the first that is held; null where none is. */
  seq: number | null = null;
  #held: [name: string, allocatedBytes: number][] = [];

  take(event: LoggedEvent): void {
    if (isUnknown(event) || event.type !== 'MEMORY_SAMPLED') return;
    for (const { device, allocatedBytes } of event.data.memory) {
      if (allocatedBytes == null || this.#held.length >= EDGES) continue;
      this.seq ??= event.seq;
      this.#held.push([`${device}/phase/${event.data.phase}`, allocatedBytes]);
    }
  }

  /** Tells and forgets what is held. */
  tell(put: Put): void {
    for (const [name, bytes] of this.#held) put(name, bytes);
    this.#held = [];
    this.seq = null;
  }
}

/** Of the readings of one update so many are told. */
const EDGES = 4096;

/** The point of an event, with the phases that led to it; null where it is no update. */
export function pointOf(event: LoggedEvent, edges: PhaseEdges): Point | null {
  const batch = batchOf(event);
  if (batch === null) return null;
  const figures: Record<string, number> = {};
  const put: Put = (name, value) => {
    if (typeof value === 'number') figures[name] = Math.max(value, figures[name] ?? value);
  };
  edges.tell(put);
  tellFigures(event, put);
  return { seq: event.seq, batch, timeMs: event.timeMs, figures };
}

/** The batch from which a resumed run makes its points anew; null for any other event. */
export function resumedAt(event: LoggedEvent): number | null {
  if (isUnknown(event) || event.type !== 'TRAINING_STARTED') return null;
  return event.data.resumedAtBatch ?? event.data.resumedAtStep ?? null;
}

function ppoFigures({ loss, policy, value, gradient, rollout, timing }: PPOUpdatePayload, put: Put): void {
  put('totalLoss', loss?.total);
  put('policyLoss', loss?.policy);
  put('valueLoss', loss?.value);
  put('entropy', policy?.entropy);
  put('approxKl', policy?.approxKl);
  put('clipFraction', policy?.clipFraction);
  put('learningRate', policy?.learningRate);
  put('explainedVariance', value?.explainedVariance);
  put('gradNorm', gradient?.norm);
  put('episodicReturn', rollout?.episodicReturn);
  put('episodicLength', rollout?.episodicLength);
  put('rolloutMs', timing?.rolloutMs);
  put('updateMs', timing?.updateMs);
  put('stepsPerSecond', timing?.stepsPerSecond);
}

function stepFigures(
  { loss, learningRate, gradNorm, stepMs, samplesPerSecond }: StepPayload,
  put: Put,
): void {
  put('totalLoss', loss);
  put('learningRate', learningRate);
  put('gradNorm', gradNorm);
  put('updateMs', stepMs);
  put('stepsPerSecond', samplesPerSecond);
}

function memoryFigures(reading: DeviceMemory, put: Put): void {
  const name = namesOf(reading.device);
  const { allocatedBytes: allocated, reservedBytes: reserved, inactiveSplitBytes: stranded } = reading;
  const { deviceTotalBytes: total, deviceFreeBytes: free, allocRetries: retries, ooms } = reading;
  const active = reading.activeBytes ?? allocated;
  const budget = budgetBytesOf(reading);
  const peak = peakBytesOf(reading);
  put(name.allocatedBytes, allocated);
  put(name.reservedBytes, reserved);
  put(name.activeBytes, active);
  if (active != null && stranded != null) put(name.strandedEdgeBytes, active + stranded);
  put(name.peakAllocatedBytes, reading.peakAllocatedBytes);
  put(name.deviceTotalBytes, total);
  if (total != null && free != null) put(name.deviceUsedBytes, total - free);
  put(name.budgetBytes, budget);
  if (budget && peak !== null) put(name.pressureFraction, peak / budget);
  if (retries != null || ooms != null) put(name.refusals, (retries ?? 0) + (ooms ?? 0));
  if (allocated != null && reserved) put(name.memoryUsagePercent, (allocated / reserved) * 100);
}

/** Names of so many devices are kept: those of a job, and not those of a log that calls each by another. */
const NAMES = 256;
const names = new Map<string, DeviceFigures>();

function namesOf(device: string): DeviceFigures {
  let known = names.get(device);
  if (known === undefined) {
    if (names.size >= NAMES) names.clear();
    known = Object.fromEntries(deviceFigures.map(figure => [figure, `${device}/${figure}`])) as DeviceFigures;
    names.set(device, known);
  }
  return known;
}
