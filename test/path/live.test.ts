/** Live ≡ replay: a run followed while it is written comes to the same bytes as the finished log. */
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LiveRun } from '../../src/cli/live-run.ts';
import { loadRun } from '../../src/cli/load-run.ts';
import { Emitter } from '../../src/emit/index.ts';
import { emptyReport, LogWriter } from '../../src/log/index.ts';
import { train } from '../../src/workloads/ppo/index.ts';
import { parseSimulatedDevice, SimulatedGpu } from '../../src/workloads/simulate/index.ts';
import { scratch } from '../scratch.ts';

test('a training beside a simulated GPU, followed live', async () => {
  const folder = scratch('live');
  const live = new LiveRun(folder);
  const batches: (number | null)[] = [];
  live.onUpdate = snapshot => batches.push(snapshot.tamiyo.batch);
  const following = live.follow();
  const writer = new LogWriter(folder);
  const emitter = new Emitter({ run: 'live', rank: 0, sink: writer });
  await train({
    emitter,
    env: 'CartPole-v1',
    episodes: 8,
    envs: 4,
    steps: 32,
    device: job => new SimulatedGpu({ ...parseSimulatedDevice('sim'), seed: 1, ...job }),
    onUpdate: () => {},
  });
  writer.close();
  await live.ended();
  await setTimeout(50);
  live.stop();
  await following;
  expect(batches).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(JSON.stringify(live.snapshot)).toBe(JSON.stringify(loadRun(folder, emptyReport())));
  expect(live.snapshot.devices[0]!.history.memoryUsagePercent).toHaveLength(8);
});
