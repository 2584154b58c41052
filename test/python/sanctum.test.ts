/** From a Python loop to the screen: the client writes a run, the log is read and reduced, and Sanctum shows it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRun } from '../../src/log/index.ts';
import { emptySnapshot, reduceAll } from '../../src/reduce/index.ts';
import { frame, initialView } from '../../src/sanctum/index.ts';
import { python, pythonWithTorch, run, unless } from './python.ts';

let runs: string;
beforeAll(() => {
  runs = mkdtempSync(join(tmpdir(), 'esper-python-'));
});
afterAll(() => rmSync(runs, { recursive: true, force: true }));

/** The snapshot of a run that a Python script wrote, and Sanctum's frame of it. */
function shown(interpreter: string, id: string, args: string[]) {
  const { status, stderr } = run(interpreter, args);
  expect(status, stderr).toBe(0);
  let snapshot = emptySnapshot();
  for (const batch of readRun(join(runs, id))) snapshot = reduceAll(snapshot, batch);
  const view = initialView({ width: 100, height: 30, nowMs: snapshot.run.lastEventMs! });
  return { snapshot, screen: frame(snapshot, view).join('\n') };
}

/** One rank of a job whose devices serve `script`: a list of (allocated, reserved, further statistics) in GiB. */
const standIn = (id: string, script: string) => [
  '-c',
  `
import os, sys
from standin_torch import GIB, Card, stats, torch_module
script = [stats(round(a * GIB), round(r * GIB), **more) if r is not None else {} for a, r, more in ${script}]
sys.modules["torch"] = torch_module(Card(script))
import esper_telemetry as esper
with esper.start("standin", runs=${JSON.stringify(runs)}, run_id=${JSON.stringify(id)}, devices="cuda:0", sample_host=0, sample_driver=0, max_batches=10) as run:
    for batch in range(1, len(script) + 1):
        run.ppo_update(batch=batch, policy_loss=0.1)
`,
];

describe.skipIf(!python)(`a Python run in Sanctum${unless(python, 'python3')}`, { timeout: 180_000 }, () => {
  test('4.5 of 10 GiB reads [Mem:45%]', () => {
    const { snapshot, screen } = shown(python!, 'mem', standIn('mem', '[(4.5, 10, {})]'));
    expect(snapshot.tamiyo.infrastructure.memoryUsagePercent).toBe(45);
    expect(screen).toContain('[Mem:45%]');
  });

  test('empty statistics read as not measured', () => {
    const { snapshot, screen } = shown(python!, 'empty', standIn('empty', '[(None, None, {})] * 3'));
    expect(snapshot.tamiyo.infrastructure).toMatchObject({
      memoryUsagePercent: 0,
      memoryStatus: 'unmeasured',
    });
    expect(snapshot.tamiyo.infrastructure.cudaMemoryAllocatedGb).toBeNull();
    expect(screen).not.toContain('[Mem');
  });

  test('a counter that someone reset is no negative delta', () => {
    // What was counted before the run is not the run's.
    const retries = [2, 4, 7, 1, 1].map(n => `(4, 10, {"retries": ${n}})`);
    const { snapshot } = shown(python!, 'reset', standIn('reset', `[${retries.join(', ')}]`));
    expect(snapshot.devices[0]!.allocRetries).toBe(2 + 3 + 1);
  });

  test.skipIf(!pythonWithTorch)(
    `a training of the real torch on the CPU shows no memory${unless(pythonWithTorch, 'python3 with torch')}`,
    () => {
      const flags = ['--episodes', '2', '--steps', '16', '--quiet', '--runs', runs, '--run-id', 'cpu'];
      const { snapshot, screen } = shown(pythonWithTorch!, 'cpu', ['-m', 'esper_telemetry.ppo', ...flags]);
      expect(snapshot.run).toMatchObject({ state: 'completed', algorithm: 'PPO', task: 'CartPole-v1' });
      expect(snapshot.tamiyo).toMatchObject({ batch: 2, maxBatches: 2 });
      expect(snapshot.tamiyo.infrastructure.memoryUsagePercent).toBe(0);
      expect(screen).not.toContain('[Mem');
    },
  );

  test('two ranks on two devices are two ledgers, none swapped', () => {
    const rank = (n: number) => [
      '-c',
      `
import os, sys
os.environ.update(RANK="${n}", WORLD_SIZE="2")
from standin_torch import GIB, Card, stats, torch_module
cards = [Card([stats(0, 0)], uuid=f"0000000{i}-0000-0000-0000-000000000000") for i in range(2)]
cards[${n}].script[0] = stats((${n} + 1) * GIB, 10 * GIB)
sys.modules["torch"] = torch_module(*cards)
import esper_telemetry as esper
with esper.start("ranks", runs=${JSON.stringify(runs)}, run_id="ranks", sample_host=0, sample_driver=0) as run:
    run.ppo_update(batch=1)
`,
    ];
    run(python!, rank(1));
    const { snapshot } = shown(python!, 'ranks', rank(0));
    expect(snapshot.devices.map(d => [d.rank, d.device, d.uuid?.slice(0, 12), d.ledger.activeBytes])).toEqual(
      [
        [0, 'cuda:0', 'GPU-00000000', 2 ** 30],
        [1, 'cuda:1', 'GPU-00000001', 2 ** 31],
      ],
    );
  });
});
