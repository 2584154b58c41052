/** A process that plays a scenario as a trainer would write it, at a pace that can be watched. Options: one JSON argument. */
import { setTimeout } from 'node:timers/promises';
import { Emitter } from '../emit/index.ts';
import { LogWriter } from '../log/index.ts';
import { playScenario, scenarios } from '../workloads/simulate/index.ts';

export interface ScenarioOptions {
  /** The run's folder and id. */
  folder: string;
  run: string;
  scenario: string;
  seed: number;
}

/** An update of the scenario takes seconds; nobody watches three hundred of those. */
const LONGEST_WAIT_MS = 120;

const { folder, run, scenario: name, seed } = JSON.parse(process.argv[2] ?? '{}') as ScenarioOptions;
const scenario = scenarios.find(s => s.name === name)!;
const writer = new LogWriter(folder, { onProblem: console.error });
const emitter = new Emitter({ run, rank: 0, sink: writer, firstSeq: writer.nextSeq });
const began = performance.now();
let asked = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    asked = true;
  });
for (const { type, data, afterMs } of playScenario(scenario, { seed, pid: process.pid })) {
  await setTimeout(Math.min(LONGEST_WAIT_MS, afterMs));
  if (asked) {
    emitter.emit('TRAINING_COMPLETED', { reason: 'interrupted', durationMs: performance.now() - began });
    break;
  }
  emitter.emit(type, data);
}
writer.close();
