/**
 * Every scenario, at every fifth batch and at its end, in three sizes: wherever the analysis finds what is wrong, the first
 * row shows it and the status is not ok; where it finds that all is well, nothing on the screen is yellow or red but `[Mem]`.
 */
import { describe, expect, test } from 'vitest';
import { play, type Scenario, scenarios } from '../../bench/verdict/play.ts';
import { RunAnalyser } from '../../src/analysis/index.ts';
import { demoSettings } from '../../src/cli/demo.ts';
import type { RunReport, SanctumSnapshot, TelemetryEvent } from '../../src/contract/index.ts';
import { Emitter } from '../../src/emit/index.ts';
import { emptySnapshot, reduce, reduceAll } from '../../src/reduce/index.ts';
import { frame, initialView } from '../../src/sanctum/index.ts';
import { train } from '../../src/workloads/ppo/index.ts';
import { parseSimulatedDevice, SimulatedGpu } from '../../src/workloads/simulate/index.ts';

const sizes = [
  [80, 24],
  [100, 30],
  [200, 60],
  [40, 10],
] as const;
const EVERY = 5;
const calm: readonly string[] = ['steady', 'noise', 'batch-size-step'];
const causes: readonly string[] = ['leak', 'growth', 'fragmentation', 'neighbour', 'cache starvation'];

interface Moment {
  batch: number;
  report: RunReport;
  snapshot: SanctumSnapshot;
}

/** The run at every fifth batch, and at its end. */
function* moments(events: readonly TelemetryEvent[]): Generator<Moment> {
  const analyser = new RunAnalyser();
  let snapshot = emptySnapshot();
  let pending: TelemetryEvent[] = [];
  let batch = 0;
  for (const event of events) {
    analyser.take(event);
    pending.push(event);
    const isUpdate = event.type === 'PPO_UPDATE_COMPLETED';
    if (isUpdate) batch++;
    const isEnd = event.type === 'TRAINING_FAILED' || event.type === 'TRAINING_COMPLETED';
    if (!isEnd && !(isUpdate && batch % EVERY === 0)) continue;
    snapshot = reduceAll(snapshot, pending);
    pending = [];
    yield { batch, report: analyser.report(), snapshot };
  }
}

const shown = ({ report, snapshot }: Moment, [width, height]: readonly [number, number], color = false) =>
  frame(snapshot, {
    ...initialView({ width, height, nowMs: snapshot.run.lastEventMs! }),
    verdict: report,
    timeZone: 'UTC',
    color,
  });

/** What the analysis finds wrong, in the words of the first row. */
function troublesOf({ report, snapshot }: Moment): RegExp[] {
  const isOver = snapshot.run.state !== 'running';
  const kinds = report.devices.flatMap(({ findings }) =>
    findings.map(({ kind }) => kind).filter(kind => causes.includes(kind)),
  );
  const isAhead = !isOver && report.devices.some(({ forecast }) => forecast.status === 'ahead');
  return [
    ...(kinds.length > 0 ? [new RegExp(`${kinds.map(kind => kind.slice(0, 5)).join('|')}|starv`)] : []),
    ...(isAhead ? [/runs out|out of memory|OOM/] : []),
  ];
}

/** Rows in which something is yellow or red, or named in a word, but for TELE-770's own figure. */
const loud = (rows: readonly string[]): string[] =>
  rows
    // biome-ignore lint/suspicious/noControlCharactersInRegex: styles begin with one
    .map(row => row.replace(/\x1b\[[0-9;]*m\[Mem:[^\]]*\](?:\x1b\[0m)?/g, ''))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: styles begin with one
    .filter(row => /\x1b\[(?:[0-9;]*;)?3[13]m|warning|critical/i.test(row));

function expectCalm(moment: Moment): void {
  for (const size of sizes)
    expect(loud(shown(moment, size, true)), `batch ${moment.batch} at ${size.join('×')}`).toEqual([]);
}

describe.each(scenarios)('$name', (scenario: Scenario) => {
  test(calm.includes(scenario.name) ? 'is calm in every frame' : 'is named in the first row', () => {
    let troubled = 0;
    for (const moment of moments(play(scenario, 1).events)) {
      const troubles = troublesOf(moment);
      if (troubles.length > 0) troubled++;
      for (const size of sizes) {
        if (troubles.length === 0) continue;
        const rows = shown(moment, size);
        const at = `batch ${moment.batch} at ${size.join('×')}`;
        for (const trouble of troubles) expect(rows[0], at).toMatch(trouble);
        expect(rows.join('\n'), at).not.toMatch(/\[✓\]|✓ System/);
      }
      if (calm.includes(scenario.name)) expectCalm(moment);
    }
    if (calm.includes(scenario.name)) expect(troubled).toBe(0);
    if (causes.includes(scenario.kind)) expect(troubled).toBeGreaterThan(0);
  });
});

test('the demo is calm in every frame, and ends finished and steady', async () => {
  const events: TelemetryEvent[] = [];
  let now = 1_700_000_000_000;
  const emitter = new Emitter({
    run: 'demo',
    rank: 0,
    sink: { append: line => void events.push(JSON.parse(line)) },
    now: () => {
      now += 20;
      return now;
    },
  });
  await train({
    emitter,
    env: 'CartPole-v1',
    episodes: 60,
    seed: 1,
    hyperparameters: demoSettings,
    device: job => new SimulatedGpu({ ...parseSimulatedDevice('sim:8GiB'), seed: 1, ...job }),
    onUpdate: () => {},
  });
  let snapshot = emptySnapshot();
  for (const event of events) {
    snapshot = reduce(snapshot, event);
    expect(snapshot.status.level, snapshot.status.reasons.join()).not.toMatch(/warning|critical/);
  }
  const all = [...moments(events)];
  for (const moment of all) expectCalm(moment);
  const rows = shown(all.at(-1)!, [100, 30]);
  expect(rows[0]).toContain('✓ steady');
  expect(rows.join('\n')).toContain('[✓] FINISHED');
});
