/** A scenario's run as the events of its log, and what is true of it. */
import type { TelemetryEvent } from '../../src/contract/index.ts';
import {
  playScenario,
  type Scenario,
  type ScenarioTruth,
  scenarios,
} from '../../src/workloads/simulate/index.ts';

export interface Played {
  events: TelemetryEvent[];
  truth: ScenarioTruth;
}

const BEGAN_MS = 1_700_000_000_000;

/** `slowdown` and `totalBytes` are the scenario's own where not given. */
export function play(
  scenario: Scenario,
  seed: number,
  own: { slowdown?: number | undefined; totalBytes?: number | undefined } = {},
): Played {
  const steps = playScenario(scenario, { seed, ...own });
  const events: TelemetryEvent[] = [];
  let timeMs = BEGAN_MS;
  for (;;) {
    const step = steps.next();
    if (step.done) return { events, truth: step.value };
    const { type, data, afterMs } = step.value;
    timeMs += afterMs;
    const seq = events.length;
    events.push({ v: '1.0', seq, timeMs, run: 'bench', rank: 0, type, data } as TelemetryEvent);
  }
}

/** Those of these labels. */
export const scenariosOf = (...kinds: Scenario['kind'][]): Scenario[] =>
  scenarios.filter(({ kind }) => kinds.includes(kind));

export { type Scenario, scenarios } from '../../src/workloads/simulate/index.ts';

export const median = (values: readonly number[]): number => {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[ascending.length >> 1] ?? Number.NaN;
};
export const share = (part: number, whole: number): string =>
  whole === 0 ? '  –  ' : (part / whole).toFixed(3);
export const ratio = (ours: number, theirs: number): string =>
  theirs === 0 ? 'peer 0' : `ratio ${(ours / theirs).toFixed(2)}`;
