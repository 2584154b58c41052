/** The report’s figures on their whole way: a scenario whose truth is known, its log on disk, the analysis, the text. */
import { describe, expect, test } from 'vitest';
import { RunAnalyser } from '../../src/analysis/index.ts';
import { readLog } from '../../src/cli/read-log.ts';
import type { RunReport, TelemetryEvent } from '../../src/contract/index.ts';
import { emptyReport } from '../../src/log/index.ts';
import { runDocument, toTerminal } from '../../src/report/index.ts';
import { playScenario, type ScenarioStep, type ScenarioTruth } from '../../src/workloads/simulate/index.ts';
import { scratch } from '../scratch.ts';
import { context, eventsOf, scenario, writeRun } from './runs.ts';

/** A scenario to its end, and what is true of it. */
function playedOut(name: string, seed: number): { steps: ScenarioStep[]; truth: ScenarioTruth } {
  const play = playScenario(scenario(name), { seed });
  const steps: ScenarioStep[] = [];
  for (let next = play.next(); ; next = play.next()) {
    if (next.done) return { steps, truth: next.value };
    steps.push(next.value);
  }
}

/** What is reported of the events once they lie on disk, and the text of it, runs of spaces as one. */
function reported(events: readonly TelemetryEvent[]): { report: RunReport; text: string } {
  const analyser = new RunAnalyser();
  const read = emptyReport();
  readLog(writeRun(scratch('path'), 'run', events), read, event => analyser.take(event));
  const report = analyser.report(read);
  const text = toTerminal(runDocument(report, context), { width: 110, color: false });
  return { report, text: text.replace(/ +/g, ' ') };
}

describe('from a scenario to the report', () => {
  test.each([
    ['slow-leak', 'leak'],
    ['steady', 'steady'],
    ['spike', 'spike'],
    ['unmeasured', 'unmeasured'],
  ])('%s is found as %s, first and last', (name, kind) => {
    const { report, text } = reported(eventsOf(playedOut(name, 4).steps));
    expect(report.verdict.kind).toBe(kind);
    const lines = text.trimEnd().split('\n');
    expect(lines.filter(line => line.startsWith(`${kind.toUpperCase()} `))).toHaveLength(2);
  });

  test('a leak’s end is foreseen, in updates and minutes', () => {
    const { steps, truth } = playedOut('slow-leak', 4);
    const before = 40;
    const { report, text } = reported(eventsOf(steps.slice(0, -before)));
    const { updates, minutes } = report.devices[0]!.forecast;
    // The last step is the failure, in the update after the last that was made.
    expect(truth.outOfMemoryAt).not.toBeNull();
    expect(updates!.low).toBeLessThan(before);
    expect(updates!.high).toBeGreaterThan(before - 10);
    expect(text).toContain(`Updates to out of memory ${Math.round(updates!.mid)} `);
    expect(text).toMatch(/Time to out of memory \d+(\.\d)? (s|min) /);
    expect(minutes!.mid / updates!.mid).toBeCloseTo(truth.totalMs / steps.length / 60_000, 3);
  });

  test.each([
    ['slow-leak', 3, 'full', 'Leak'],
    ['fragmentation', 2, 'fragmentation', 'Fragmentation'],
    ['process-limit', 1, 'refused though free', 'Allocator configuration'],
  ])(
    'what ended %s was measured: its error has figures, and no finding of its own',
    (name, seed, kind, found) => {
      const { report, text } = reported(eventsOf(playedOut(name, seed).steps));
      expect(report.explanation).toMatchObject({ kind });
      expect(text).toMatch(/How it ended[\s\S]*\nRequested [\s\S]*What it was/);
      expect(text).not.toContain('The text: ');
      expect(text).not.toContain(report.explanation!.says);
      expect(text.match(new RegExp(`^${found} (?:certain|likely|possible)`, 'gm'))).toHaveLength(1);
      expect(text.match(/What to try/g)).toHaveLength(report.devices[0]!.findings.length);
    },
  );

  test('what the text of an error shows besides has its figures once', () => {
    const { report, text } = reported(eventsOf(playedOut('neighbour', 2).steps));
    expect(report.explanation).toMatchObject({ kind: 'neighbour' });
    expect(text.match(/The text: asked /g)).toHaveLength(1);
    expect(text).not.toMatch(/^Free on the device /m);
  });

  test('lost time and updates at the wall are those that the scenario made', () => {
    const { steps, truth } = playedOut('fragmentation', 1);
    const { report, text } = reported(eventsOf(steps));
    const { attribution, updatesAtTheWall } = report.devices[0]!;
    const lost = truth.lostMs / truth.totalMs;
    expect(attribution.lostFraction!.low).toBeLessThan(lost);
    expect(attribution.lostFraction!.high).toBeGreaterThan(lost);
    expect(text).toMatch(/What did it cost\? \d+\.\d% of the time/);
    expect(updatesAtTheWall).toBe(truth.updatesAtTheWall);
    expect(text).toContain(`Updates at the wall ${truth.updatesAtTheWall} `);
  });

  test('spikes are counted, and the highest named with its batch', () => {
    const { report, text } = reported(eventsOf(playedOut('spike', 4).steps));
    const { count, highest } = report.devices[0]!.spikes;
    expect(count).toBeGreaterThan(0);
    expect(text).toContain(`Spikes ${count} highest +`);
    expect(text).toContain(`in batch ${highest[0]!.batch}`);
  });

  test('a loss that breaks is shown with its first update and how many there were', () => {
    const events = eventsOf(playedOut('steady', 4).steps.slice(0, 40));
    const updates = events.filter(event => event.type === 'PPO_UPDATE_COMPLETED');
    for (const { data } of updates.slice(30)) data.loss = { ...data.loss, total: 'NaN' };
    const { report, text } = reported(events);
    expect(report.learning.broken?.updates).toBe(updates.length - 30);
    expect(text).toContain(
      `not a number in ${updates.length - 30} updates in a row, from batch ${updates[30]!.data.batch} until the newest`,
    );
    expect(reported(events.slice(0, 20)).report.learning.broken).toBeNull();
  });

  test('what is not measured is shown as that', () => {
    const { text } = reported(eventsOf(playedOut('unmeasured', 1).steps));
    expect(text).toContain('Not measured: memory (TELE-794)');
    expect(text).not.toMatch(/Updates at the wall|Spikes|Lost time \d/);
  });
});
