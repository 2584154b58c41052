import { describe, expect, test } from 'vitest';
import { checkEvent, isMalformed, type Payload } from '../../../contract/index.ts';
import { playScenario, type ScenarioStep, type ScenarioTruth, scenarios } from './index.ts';

function played(name: string, seed: number): { steps: ScenarioStep[]; truth: ScenarioTruth } {
  const run = playScenario(scenarios.find(s => s.name === name)!, { seed });
  const steps: ScenarioStep[] = [];
  for (;;) {
    const { done, value } = run.next();
    if (done) return { steps, truth: value };
    steps.push(value);
  }
}

describe.each(scenarios.map(({ name }) => name))('%s', name => {
  test('is a run that the contract accepts, the same for the same seed, another for another', () => {
    const { steps, truth } = played(name, 7);
    for (const [seq, { type, data }] of steps.entries()) {
      const event = checkEvent({ v: '1.0', seq, timeMs: seq, run: 'r', rank: 0, type, data });
      expect(isMalformed(event), JSON.stringify(event)).toBe(false);
    }
    const figures = (all: ScenarioStep[]) => JSON.stringify(all).replace(/"readMs":[^,}]+/g, '');
    expect(figures(played(name, 7).steps)).toBe(figures(steps));
    expect(figures(played(name, 8).steps)).not.toBe(figures(steps));
    expect(truth.kind).toBe(scenarios.find(s => s.name === name)!.kind);
  });

  test('reports the truth of its end and of its flushes', () => {
    const { steps, truth } = played(name, 11);
    const last = steps.at(-1)!;
    const updates = steps
      .filter(step => step.type === 'PPO_UPDATE_COMPLETED')
      .map(step => step.data as Payload<'PPO_UPDATE_COMPLETED'>);
    if (truth.outOfMemoryAt === null) expect(updates.every(u => (u.memory?.[0]?.ooms ?? 0) === 0)).toBe(true);
    else {
      expect(last.type).toBe('TRAINING_FAILED');
      expect((last.data as Payload<'TRAINING_FAILED'>).outOfMemory?.triedBytes).toBeGreaterThan(0);
      expect(updates).toHaveLength(truth.outOfMemoryAt - 1);
    }
    const retries = updates.map(u => u.memory?.[0]?.allocRetries ?? 0);
    expect(retries.filter((n, i) => n > (retries[i - 1] ?? 0))).toHaveLength(truth.updatesAtTheWall);
    expect(truth.lostMs).toBeLessThanOrEqual(truth.totalMs);
  });
});
