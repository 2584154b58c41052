/** The trainer's process: takes its options as one JSON argument, trains, and writes the run's log. */
import { DeviceSampler, Emitter, HostSampler } from '../emit/index.ts';
import { LogWriter } from '../log/index.ts';
import { type Hyperparameters, train } from '../workloads/ppo/index.ts';
import { parseSimulatedDevice, SimulatedGpu } from '../workloads/simulate/index.ts';
import { endingSignals, INTERRUPTED } from './ending.ts';
import { onStarterGone, STARTER_GONE } from './leash.ts';
import type { TrainerOptions } from './training-options.ts';

const SAMPLE_MS = 1000;

const options = JSON.parse(process.argv[2] ?? '{}') as TrainerOptions;
const { folder, run, name, env, episodes, envs, steps, seed, device, set, onPressure, resume } = options;

let status = 0;
let writer: LogWriter | null = null;
const sampler = new DeviceSampler();
try {
  writer = new LogWriter(folder, { onProblem: console.error });
  const emitter = new Emitter({ run, rank: 0, sink: writer, firstSeq: writer.nextSeq });
  const asked = new AbortController();
  for (const signal of endingSignals)
    process.on(signal, () => {
      writer?.sync();
      // Asked again, it ends at once: what was emitted is in the file.
      if (asked.signal.aborted) process.exit(INTERRUPTED);
      asked.abort();
    });
  onStarterGone(() => asked.abort(STARTER_GONE));
  const host = new HostSampler();
  emitter.emit('HOST_SAMPLED', host.sample());
  host.start(emitter, SAMPLE_MS);
  sampler.start(emitter, SAMPLE_MS);
  const { reason } = await train({
    emitter,
    name,
    env,
    episodes,
    envs,
    steps,
    seed,
    hyperparameters: set as Partial<Hyperparameters>,
    checkpoints: folder,
    checkpointEvery: options.checkpointEvery,
    resume,
    onPressure,
    signal: asked.signal,
    onWarning: console.error,
    ...(device.startsWith('sim') && {
      device: job => new SimulatedGpu({ ...parseSimulatedDevice(device), seed, ...job }),
    }),
  });
  if (reason === 'interrupted') status = INTERRUPTED;
} catch (error) {
  console.error((error as Error).message);
  status = 1;
} finally {
  sampler.stop();
  writer?.close();
}
const { dropped = 0, problem = null } = writer?.stats() ?? {};
if (dropped > 0) console.error(`${dropped} events could not be written: ${problem}`);
process.exit(status);
