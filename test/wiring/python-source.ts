/** The Python client on a stand-in for torch whose allocator serves the fixture's figures. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TelemetryEvent } from '../../src/contract/index.ts';
import { snake } from '../../src/figures/markdown.ts';
import { listRuns, readRun } from '../../src/log/index.ts';
import { metricsOf } from './emit-fixture.ts';
import type { Fixture } from './fixture.ts';
import { ROOT } from './source-tree.ts';

const CLIENT = join(ROOT, 'python');

/** argv: folder of runs, the fixture's payloads as JSON. */
const PROGRAM = `
import json, sys, types
runs, given = sys.argv[1], json.loads(sys.argv[2])
memory, step = given["memory"], given["step"]
stats = {}
def serve(memory):
    def pool(key):
        return {"all": {"current": memory[key[0]], "peak": memory[key[1]]}}
    stats.update({
        "allocated_bytes": pool(("allocatedBytes", "peakAllocatedBytes")),
        "reserved_bytes": pool(("reservedBytes", "peakReservedBytes")),
        "active_bytes": pool(("activeBytes", "peakActiveBytes")),
        "requested_bytes": pool(("requestedBytes", "requestedBytes")),
        "inactive_split_bytes": pool(("inactiveSplitBytes", "inactiveSplitBytes")),
        "segment": pool(("segments", "segments")),
        "num_alloc_retries": memory["allocRetries"],
        "num_ooms": memory["ooms"],
        "num_device_alloc": memory["deviceAllocs"],
        "num_device_free": memory["deviceFrees"],
        "num_sync_all_streams": memory["syncAllStreams"],
    })
torch = types.ModuleType("torch")
torch.__version__ = "2"
torch.version = types.SimpleNamespace(cuda="12", hip=None)
torch.cuda = types.SimpleNamespace(
    is_initialized=lambda: True,
    device_count=lambda: 1,
    current_device=lambda: 0,
    memory_stats_as_nested_dict=lambda device: stats,
    mem_get_info=lambda device: (memory["deviceFreeBytes"], memory["deviceTotalBytes"]),
    get_device_properties=lambda device: types.SimpleNamespace(name=memory["name"]),
    get_allocator_backend=lambda: "native",
)
sys.modules["torch"] = torch
import esper_telemetry as esper
with esper.start("verify", runs=runs, max_batches=given["maxBatches"], max_steps=given["maxSteps"],
                 sample_host=0, sample_driver=0) as run:
    for when, edge in given["phase"].items():
        serve({**memory, **edge})
        run.memory("update", when=when)
    serve(memory)
    run.ppo_update(**given["update"])
    run.step(step=step)
try:
    with esper.start("verify", runs=runs, max_batches=given["maxBatches"], max_steps=given["maxSteps"],
                     sample_host=0, sample_driver=0):
        raise ValueError("batch 17 holds a sample of length 0")
except ValueError:
    pass
`;

export const STEP = 1200;
export const MAX_STEPS = 5000;

/** What the client emits; null where there is no Python 3.9 or newer. Throws where the client fails. */
export async function runPython({
  TRAINING_STARTED,
  PPO_UPDATE_COMPLETED,
  MEMORY_SAMPLED: {
    memory: [phase],
  },
  phaseBefore,
}: Fixture): Promise<TelemetryEvent[] | null> {
  const run = promisify(execFile);
  const env = { ...process.env, PYTHONPATH: CLIENT };
  try {
    await run('python3', ['-c', 'import sys; assert sys.version_info >= (3, 9)'], { env });
  } catch {
    return null;
  }
  const runs = mkdtempSync(join(tmpdir(), 'esper-python-'));
  try {
    const given = {
      memory: PPO_UPDATE_COMPLETED.memory![0],
      phase: { before: { ...phase, ...phaseBefore }, after: phase },
      update: Object.fromEntries(
        Object.entries(metricsOf(PPO_UPDATE_COMPLETED)).map(([name, value]) => [snake(name), value]),
      ),
      maxBatches: TRAINING_STARTED.maxBatches,
      step: STEP,
      maxSteps: MAX_STEPS,
    };
    await run('python3', ['-c', PROGRAM, runs, JSON.stringify(given)], { env });
    return listRuns(runs).flatMap(({ path }) => [...readRun(path)].flat() as TelemetryEvent[]);
  } finally {
    rmSync(runs, { recursive: true });
  }
}
