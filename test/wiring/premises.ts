/** What verification stands on: the real path, and what the real sources emitted when they ran on this machine. */
import type { TelemetryEvent } from '../../src/contract/index.ts';
import { allRecords, type Source } from '../../src/figures/index.ts';
import { sampleDriver } from './driver-source.ts';
import { emitFixture } from './emit-fixture.ts';
import { everything } from './fixture.ts';
import { sampleHost } from './host-source.ts';
import { runPython } from './python-source.ts';
import { analyse, frame, log, page, reduce, reportText } from './real-path.ts';
import { sourceTree } from './source-tree.ts';
import { agentOn, ReportedDevice, trainOnce } from './trainer-source.ts';
import type { Measurement, Premises } from './verify.ts';

/** What a source emitted; null where it cannot run here; the error where it failed. */
type Run = TelemetryEvent[] | null | Error;

const tried = (run: Promise<TelemetryEvent[] | null>): Promise<Run> => run.catch((error: Error) => error);

/** Runs every source once: a training of one batch, the samplers, the Python client. Takes a few seconds. */
export async function realPremises(): Promise<Premises> {
  const given = everything.PPO_UPDATE_COMPLETED.memory![0]!;
  const python = tried(runPython(everything));
  const trained = await tried(trainOnce(new ReportedDevice(given)));
  const device = new ReportedDevice(given);
  const agent = await agentOn(device);
  const host = [{ type: 'HOST_SAMPLED', data: sampleHost(everything.HOST_SAMPLED!) }] as TelemetryEvent[];
  const ran: Record<string, Run> = {
    'src/workloads/ppo/': trained,
    'src/emit/emitter.ts': trained,
    'src/emit/host-sampler.ts': host,
    'src/emit/device-sampler.ts': await tried(sampleDriver(everything.DEVICE_SAMPLED.devices[0]!)),
    'python/': await python,
  };
  return {
    records: allRecords(),
    path: {
      emit: (fixture, sink) => emitFixture({ agent, device, sampleHost }, fixture, sink),
      log,
      reduce,
      frame,
      page,
      analyse,
      reportText,
    },
    measured: source => measurement(source, ran),
    tree: sourceTree,
  };
}

/** Throws where the source failed, or nobody runs it. */
function measurement({ file, symbol }: Source, ran: Record<string, Run>): Measurement {
  const place = Object.keys(ran).find(start => file.startsWith(start));
  if (place === undefined) throw new Error(`no probe runs ${symbol} of ${file}`);
  const events = ran[place]!;
  if (events instanceof Error) throw events;
  // What the learner computes is its own; all other sources were given what to find.
  const learned = place === 'src/workloads/ppo/' && symbol !== 'PPOAgent.collectInfrastructureMetrics';
  return { events, given: learned ? null : everything };
}
