/** Pairs of runs for comparisons: the same job twice with other noise, and with one thing changed. */
import { Comparand } from '../../src/analysis/index.ts';
import type { RunReport, TelemetryEvent } from '../../src/contract/index.ts';
import { playScenario, type Scenario } from '../../src/workloads/simulate/index.ts';
// The room keeps its dice to itself: nobody but scenarios needs them, and these are scenarios.
import { Dice } from '../../src/workloads/simulate/scenarios/random.ts';
import { eventsOf } from './runs.ts';

export interface Variant {
  /** Equal seeds give the same job: model, activations. */
  job: number;
  /** Equal seeds give the same lengths and durations. */
  noise: number;
  updates?: number;
  /** Spread of a microbatch’s length; spread and likeness (0–1) of a series that all lengths of an update share. */
  spread?: number;
  wander?: number;
  inertia?: number;
  /** Lengths are so many times the usual. */
  batch?: number;
  /** Durations are so many times the usual. */
  slower?: number;
  /** Bytes that each update keeps for nothing. */
  leaks?: number;
  /** Bytes more that the first update takes and keeps: every peak is so much higher. */
  holds?: number;
  /** Nobody resets the peaks. */
  peaksOfRun?: boolean;
}

const MICROBATCHES = 4;
const LONGEST = 1.6;

function scenarioOf(variant: Variant): Scenario {
  const { updates = 300, spread = 0.03, wander = 0, inertia = 0, batch = 1, leaks = 0, holds = 0 } = variant;
  return {
    name: 'variant',
    about: '',
    kind: 'steady',
    vary: () => {
      const [job, noise] = [new Dice(variant.job), new Dice(7919 * variant.noise + 13)];
      let level = 0;
      return {
        job: {
          modelShare: job.between(0.3, 0.4),
          activationShare: job.between(0.05, 0.1),
          rolloutShare: 0.02,
          givesCacheBack: job.chance(0.5),
          resetsPeaks: variant.peaksOfRun !== true,
        },
        updates,
        timeSpread: 0.04,
        slowdown: 0.2,
        lengths: () => {
          level = inertia * level + Math.sqrt(1 - inertia ** 2) * wander * noise.normal();
          return Array.from(
            { length: MICROBATCHES },
            () => batch * Math.min(LONGEST, Math.exp(level) * noise.factor(spread)),
          );
        },
        before: (update, { allocator }) => {
          if (holds > 0 && update === 1) allocator.malloc(holds);
        },
        during: (_, { allocator }) => {
          if (leaks > 0) allocator.malloc(leaks);
        },
      };
    },
  };
}

/** The events that the variant’s trainer would emit. */
export function eventsOfVariant(variant: Variant): TelemetryEvent[] {
  const { slower = 1 } = variant;
  return eventsOf(playScenario(scenarioOf(variant), { seed: variant.noise })).map(event => {
    if (event.type !== 'PPO_UPDATE_COMPLETED' || slower === 1) return event;
    const { rolloutMs, updateMs, stepsPerSecond } = event.data.timing!;
    const timing = {
      rolloutMs: rolloutMs! * slower,
      updateMs: updateMs! * slower,
      stepsPerSecond: stepsPerSecond! / slower,
    };
    return { ...event, data: { ...event.data, timing } };
  });
}

/** The variant, read as `esper compare` reads a run. */
export function comparand(variant: Variant): { run: Comparand; report: RunReport } {
  const run = new Comparand();
  for (const event of eventsOfVariant(variant)) run.take(event);
  return { run, report: run.report() };
}

/** The events with so many times as much reserved, and all of it stranded: equal work laid out otherwise. */
export function reservedOtherwise(events: readonly TelemetryEvent[], factor: number): TelemetryEvent[] {
  return events.map(event => {
    if (event.type !== 'PPO_UPDATE_COMPLETED') return event;
    const memory = event.data.memory!.map(reading => {
      const least = Math.max(reading.allocatedBytes!, reading.activeBytes!);
      const reservedBytes = Math.max(least, Math.round(reading.reservedBytes! * factor));
      const more = reservedBytes - reading.reservedBytes!;
      return {
        ...reading,
        reservedBytes,
        inactiveSplitBytes: Math.max(0, reading.inactiveSplitBytes! + more),
        deviceFreeBytes: Math.max(0, reading.deviceFreeBytes! - more),
      };
    });
    return { ...event, data: { ...event.data, memory } };
  });
}
