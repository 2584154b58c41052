/** A process that plays a scenario as a trainer would write it, at a pace that can be watched. Options: one JSON argument. */
import { setTimeout } from 'node:timers/promises';
import type { EventType, Payload } from '../contract/index.ts';
import { Emitter } from '../emit/index.ts';
import { LogWriter } from '../log/index.ts';
import { fleetScenarios, playFleet, playScenario, scenarios } from '../workloads/simulate/index.ts';
import { endingSignals, INTERRUPTED } from './ending.ts';
import { onStarterGone, STARTER_GONE } from './leash.ts';

export interface ScenarioOptions {
  /** The run's folder and id. */
  folder: string;
  run: string;
  scenario: string;
  seed: number;
}

/** What to emit of which rank, after so many milliseconds. */
type Step = { [T in EventType]: { rank: number; type: T; data: Payload<T>; afterMs: number } }[EventType];

/** An update of the scenario takes seconds; nobody watches three hundred of those. */
const LONGEST_WAIT_MS = 120;

const { folder, run, scenario: name, seed } = JSON.parse(process.argv[2] ?? '{}') as ScenarioOptions;
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

function* single(): Generator<Step> {
  const scenario = scenarios.find(s => s.name === name)!;
  for (const step of playScenario(scenario, { seed, pid: process.pid })) yield { ...step, rank: 0 };
}

/** The ranks' events in the order of their time, each after the one before it. */
function* fleet(): Generator<Step> {
  let nowMs = 0;
  for (const { atMs, ...step } of playFleet(fleetScenarios.find(s => s.name === name)!, { seed })) {
    yield { ...step, afterMs: Math.max(0, atMs - nowMs) } as Step;
    nowMs = Math.max(nowMs, atMs);
  }
}

const writers = new Map<number, LogWriter>();
const emitters = new Map<number, Emitter>();
const ended = new Set<number>();
function emitterOf(rank: number): Emitter {
  let emitter = emitters.get(rank);
  if (emitter === undefined) {
    const sink = new LogWriter(folder, { rank, onProblem: console.error });
    emitter = new Emitter({ run, rank, sink, firstSeq: sink.nextSeq });
    writers.set(rank, sink);
    emitters.set(rank, emitter);
  }
  return emitter;
}

// Short waits add up: what a timer cannot wait for is waited for with the next.
let owedMs = 0;
for (const { rank, type, data, afterMs } of scenarios.some(s => s.name === name) ? single() : fleet()) {
  owedMs += Math.min(LONGEST_WAIT_MS, afterMs);
  if (owedMs >= 1 || afterMs === 0) {
    const from = performance.now();
    await setTimeout(Math.max(0, owedMs));
    owedMs = Math.max(-LONGEST_WAIT_MS, owedMs - (performance.now() - from));
  }
  if (asked) {
    for (const [own, emitter] of emitters)
      if (!ended.has(own))
        emitter.emit('TRAINING_COMPLETED', {
          reason: 'interrupted',
          why,
          durationMs: performance.now() - began,
        });
    status = INTERRUPTED;
    break;
  }
  emitterOf(rank).emit(type, data);
  if (type === 'TRAINING_FAILED') status = 1;
  if (type === 'TRAINING_FAILED' || type === 'TRAINING_COMPLETED') ended.add(rank);
}
for (const writer of writers.values()) writer.close();
process.exit(status);
