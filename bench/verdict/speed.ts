/** A million updates of one device through the analysis, parsing left out. Peer in the same run: the reducer on the same events. */
import { RunAnalyser } from '../../src/analysis/index.ts';
import type { TelemetryEvent } from '../../src/contract/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { play, ratio, scenarios } from './play.ts';

const EVENTS = 1_000_000;

function* repeated(updates: readonly TelemetryEvent[]): Generator<TelemetryEvent> {
  for (let seq = 0; seq < EVENTS; seq++) {
    const event = updates[seq % updates.length]!;
    yield { ...event, seq, timeMs: 200 * seq };
  }
}

/** Of one core: other work on the machine does not count. */
const seconds = (run: () => unknown): number => {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};

export function speed(firstSeed: number): void {
  console.log(`\nSpeed: ${EVENTS.toLocaleString('en-US')} updates in memory; seconds of processor time`);
  for (const name of ['steady', 'at-the-wall']) {
    const { events } = play(scenarios.find(scenario => scenario.name === name)!, firstSeed);
    const updates = events.filter(({ type }) => type === 'PPO_UPDATE_COMPLETED');
    const analyser = new RunAnalyser();
    const taken = seconds(() => {
      for (const event of repeated(updates)) analyser.take(event);
    });
    const reported = seconds(() => analyser.report());
    const reduced = seconds(() => reduceAll(emptySnapshot(), repeated(updates)));
    console.log(
      `${name.padEnd(12)} taken in ${taken.toFixed(1)} s, reported in ${(1000 * reported).toFixed(0)} ms; reduced in ${reduced.toFixed(1)} s, ${ratio(taken, reduced)}`,
    );
  }
}
