/** The sources of a run on a fixture: the agent reads the device, samplers the host, and all of it is emitted. */
import {
  eachLearnerFigure,
  type HostSampled,
  type LearnerFigures,
  type LineSink,
  type Payload,
} from '../../src/contract/index.ts';
import { Emitter, emitPpoUpdateEvent, type PpoUpdateMetrics } from '../../src/emit/index.ts';
import type { PPOAgent } from '../../src/workloads/ppo/index.ts';
import { type Fixture, NOW_MS } from './fixture.ts';
import type { GivenRank } from './rank-runs.ts';
import { EVERY_MS, ROLLOUT_MS } from './report-runs.ts';
import type { ReportedDevice } from './trainer-source.ts';

/** Enough that thresholds apply to the newest: the first updates are warm-up. */
const UPDATES = 6;
const LASTING_MS = 10_000;

/** The payload in the words of the trainer. */
export function metricsOf(
  update: Payload<'PPO_UPDATE_COMPLETED'>,
): Omit<PpoUpdateMetrics, 'memory' | 'gatheredMs'> {
  const figures: Record<string, unknown> = {};
  eachLearnerFigure('update', update, (name, value) => {
    figures[name] = typeof value === 'string' ? Number(value) : (value ?? null);
  });
  return { batch: update.batch, ...(figures as unknown as LearnerFigures) };
}

export interface Sources {
  agent: PPOAgent;
  /** The agent's. */
  device: ReportedDevice;
  sampleHost(host: HostSampled): HostSampled;
}

/** Emits the fixture's run into the sink: a start, the samples, a few updates, and its end where it has one. */
export function emitFixture({ agent, device, sampleHost }: Sources, fixture: Fixture, sink: LineSink): void {
  if (fixture.ranks !== null) {
    emitRanks(agent, device, fixture, fixture.ranks, sink);
    return;
  }
  const newestMs = NOW_MS - fixture.ageMs;
  let timeMs = newestMs - fixture.runtimeMs;
  const emitter = new Emitter({ run: 'verify', rank: 0, sink, now: () => timeMs });
  emitter.emit('TRAINING_STARTED', fixture.TRAINING_STARTED);
  const unwritable = { cpuPercent: 1n } as unknown as Payload<'HOST_SAMPLED'>;
  for (let i = 0; i < fixture.lost; i++) emitter.emit('HOST_SAMPLED', unwritable);
  for (let i = 0; i < fixture.unknown; i++) emitter.emit('NOT_YET_KNOWN' as 'HOST_SAMPLED', {});
  if (fixture.HOST_SAMPLED) emitter.emit('HOST_SAMPLED', sampleHost(fixture.HOST_SAMPLED));
  const { MEMORY_SAMPLED: after, phaseBefore } = fixture;
  const before = { ...after.memory[0]!, ...phaseBefore };
  emitter.emit('MEMORY_SAMPLED', { ...after, when: 'before', memory: [before] });
  emitter.emit('MEMORY_SAMPLED', after);

  const { PPO_UPDATE_COMPLETED: update, STEP_COMPLETED: step } = fixture;
  // Far enough apart that what must last to be an alarm lasts.
  const apartMs = Math.floor(Math.min(LASTING_MS, fixture.runtimeMs / UPDATES));
  for (let before = UPDATES - 1; before >= 0; before--) {
    timeMs = newestMs - before * apartMs;
    if (before === 0) emitter.emit('DEVICE_SAMPLED', fixture.DEVICE_SAMPLED);
    device.reading = { ...update.memory![0]!, ...(before > 0 ? fixture.earlierMemory : {}) };
    const { memory, readMs } = agent.collectInfrastructureMetrics();
    const gatheredMs = before > 0 ? readMs : readMs + fixture.gatheredMs;
    if (step) emitter.emit('STEP_COMPLETED', { ...step, step: step.step - before, memory }, gatheredMs);
    else
      emitPpoUpdateEvent(emitter, { ...metricsOf(update), batch: update.batch - before, memory, gatheredMs });
  }
  if (fixture.TRAINING_COMPLETED) emitter.emit('TRAINING_COMPLETED', fixture.TRAINING_COMPLETED);
}

/** Emits what the ranks do, as their agents would: each update reads its device again. */
function emitRanks(
  agent: PPOAgent,
  device: ReportedDevice,
  fixture: Fixture,
  ranks: readonly GivenRank[],
  sink: LineSink,
): void {
  const updates = Math.max(...ranks.map(rank => rank.updates.length));
  let timeMs = NOW_MS - updates * EVERY_MS;
  const { TRAINING_STARTED: started, PPO_UPDATE_COMPLETED: update, DEVICE_SAMPLED: sampled } = fixture;
  const reading = update.memory![0]!;
  const pidOf = (rank: number): number => started.pid! + rank;
  const emitters = ranks.map((_, rank) => new Emitter({ run: 'verify', rank, sink, now: () => timeMs }));
  emitters.forEach((emitter, rank) => {
    emitter.emit('TRAINING_STARTED', { ...started, pid: pidOf(rank), worldSize: ranks.length });
  });
  for (let i = 0; i < updates; i++) {
    timeMs += EVERY_MS;
    ranks.forEach(({ updates: own }, rank) => {
      const change = own[i];
      if (change === undefined) return;
      device.reading = { ...reading, ...change.memory, ...(rank > 0 && { uuid: `${reading.uuid}-${rank}` }) };
      const { memory, readMs: gatheredMs } = agent.collectInfrastructureMetrics();
      emitPpoUpdateEvent(emitters[rank]!, {
        ...metricsOf(update),
        batch: i + 1,
        rolloutMs: ROLLOUT_MS,
        updateMs: change.updateMs,
        ...(change.loss !== undefined && { totalLoss: change.loss }),
        memory,
        gatheredMs,
      });
    });
  }
  ranks.forEach(({ failure, processes }, rank) => {
    const [sample] = sampled.devices;
    if (processes !== undefined)
      emitters[rank]!.emit('DEVICE_SAMPLED', {
        devices: [
          {
            ...sample!,
            processes: processes.map(({ rank: own, usedBytes }) => ({ pid: pidOf(own), usedBytes })),
          },
        ],
      });
    if (failure !== undefined) emitters[rank]!.emit('TRAINING_FAILED', failure);
  });
}
