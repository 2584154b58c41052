/** Simulated fleets as the events of their logs, fewer ranks and updates than they are shown with. */
import type { TelemetryEvent } from '../../src/contract/index.ts';
import { type FleetTruth, fleetScenarios, oddFleets, playFleet } from '../../src/workloads/simulate/index.ts';

export const FLEET_BEGAN = 1_700_000_000_000;

export interface PlayedFleet {
  events: TelemetryEvent[];
  truths: FleetTruth[];
}

/** In the order of their time. */
export function playedFleet(
  name: string,
  options: { seed: number; ranks?: number; nodes?: number; updates?: number },
): PlayedFleet {
  const steps = playFleet(
    [...fleetScenarios, ...oddFleets].find(scenario => scenario.name === name)!,
    options,
  );
  const events: TelemetryEvent[] = [];
  const seqs = new Map<number, number>();
  for (;;) {
    const step = steps.next();
    if (step.done) return { events, truths: step.value };
    const { rank, type, data, atMs } = step.value;
    const seq = seqs.get(rank) ?? 0;
    seqs.set(rank, seq + 1);
    events.push({
      v: '1.0',
      seq,
      timeMs: FLEET_BEGAN + atMs,
      run: 'fleet',
      rank,
      type,
      data,
    } as TelemetryEvent);
  }
}
