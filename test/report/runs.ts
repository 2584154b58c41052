/** Runs for the tests of reports: scenarios played to their events, and written as a trainer would write them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlarmSpans } from '../../src/alarms/index.ts';
import { RunAnalyser } from '../../src/analysis/index.ts';
import {
  type AlarmSpan,
  CONTRACT_VERSION,
  type RunReport,
  type TelemetryEvent,
} from '../../src/contract/index.ts';
import { Reduction } from '../../src/reduce/index.ts';
import type { ReportContext } from '../../src/report/index.ts';
import {
  playScenario,
  type Scenario,
  type ScenarioStep,
  scenarios,
} from '../../src/workloads/simulate/index.ts';
import { writeRun as writeLogs } from '../log-files.ts';

export const STARTED_MS = Date.UTC(2026, 10, 23, 3, 12, 7);

export const context: ReportContext = {
  nowMs: Date.UTC(2026, 10, 23, 9),
  timeZone: 'UTC',
  version: '0.0.0',
};

/** The scenario of a name. */
export const scenario = (name: string): Scenario => scenarios.find(s => s.name === name)!;

/** Steps as one rank's events. */
export function eventsOf(steps: Iterable<ScenarioStep>, rank = 0): TelemetryEvent[] {
  let timeMs = STARTED_MS;
  return Array.from(steps, ({ type, data, afterMs }, seq) => {
    timeMs += Math.round(afterMs);
    return { v: CONTRACT_VERSION, seq, timeMs, run: 'test', rank, type, data } as TelemetryEvent;
  });
}

export const played = (name: string, seed: number): TelemetryEvent[] =>
  eventsOf(playScenario(scenario(name), { seed }));

export function reportOf(events: Iterable<TelemetryEvent>): RunReport {
  const analyser = new RunAnalyser();
  for (const event of events) analyser.take(event);
  return analyser.report();
}

/** Every raise of an alarm by the default rules, with its clearing. */
export function alarmsOf(events: Iterable<TelemetryEvent>): AlarmSpan[] {
  const [reduction, alarms] = [new Reduction(), new AlarmSpans()];
  for (const event of events) alarms.take(reduction.add(event));
  return [...alarms.all];
}

/** Writes a run into a folder of runs, with its manifest. @returns the run's folder */
export function writeRun(runs: string, id: string, events: readonly TelemetryEvent[]): string {
  const folder = writeLogs(runs, id, events);
  const manifest = {
    v: CONTRACT_VERSION,
    id,
    name: id,
    createdMs: STARTED_MS,
    algorithm: 'PPO',
    task: 'test',
    command: null,
    config: {},
  };
  writeFileSync(join(folder, 'run.json'), JSON.stringify(manifest));
  return folder;
}
