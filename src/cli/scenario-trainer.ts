/** A process that plays a scenario as a trainer would write it, at a pace that can be watched. Options: one JSON argument. */
import { setTimeout } from 'node:timers/promises';
import { Emitter } from '../emit/index.ts';
import { LogWriter } from '../log/index.ts';
import { playScenario, scenarios } from '../workloads/simulate/index.ts';
import { endingSignals, INTERRUPTED } from './ending.ts';
import { onStarterGone, STARTER_GONE } from './leash.ts';

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
let why: string | null = null;
let status = 0;
for (const signal of endingSignals)
  process.on(signal, () => {
    if (asked) process.exit(INTERRUPTED);
    asked = true;
  });
onStarterGone(() => {
  asked = true;
  why = STARTER_GONE;
});
for (const { type, data, afterMs } of playScenario(scenario, { seed, pid: process.pid })) {
  await setTimeout(Math.min(LONGEST_WAIT_MS, afterMs));
  if (asked) {
    emitter.emit('TRAINING_COMPLETED', { reason: 'interrupted', why, durationMs: performance.now() - began });
    status = INTERRUPTED;
    break;
  }
  emitter.emit(type, data);
  if (type === 'TRAINING_FAILED') status = 1;
}
writer.close();
process.exit(status);
