/** Hand-made snapshots for the views' tests: plausible runs, as the reducer would leave them. */
import { GIB } from '../../src/base/index.ts';
import type {
  DeviceState,
  PhaseMemory,
  PpoState,
  RankState,
  SanctumSnapshot,
  TelemetryEvent,
} from '../../src/contract/index.ts';
import { emptySnapshot, reduce } from '../../src/reduce/index.ts';

export const BEGAN = Date.UTC(2026, 10, 23, 15, 30, 12);
const UPDATE_MS = 2300;

/** A rank and a device with nothing of interest: what a test does not set. */
const plain = reduce(emptySnapshot(), {
  v: '1.0',
  seq: 0,
  timeMs: BEGAN,
  run: '20261123-153012-cartpole-4f2a',
  rank: 0,
  type: 'PPO_UPDATE_COMPLETED',
  data: { batch: 1, memory: [{ device: 'sim:0' }] },
} satisfies TelemetryEvent);
const noPpo: PpoState = { ...emptySnapshot().tamiyo.ppo, status: 'ok' };

/** Deterministic scatter in [-1, 1]. */
const scatter = (seed: number): number => {
  const x = Math.sin(seed * 12.9898) * 43758.5453;
  return (x - Math.floor(x)) * 2 - 1;
};
const series = <T>(length: number, value: (i: number) => T): T[] =>
  Array.from({ length }, (_, i) => value(i));

/** A history of `length` points in which nothing was measured. */
const gaps = <H extends object>(history: H, length: number): H =>
  Object.fromEntries(Object.keys(history).map(key => [key, Array(length).fill(null)])) as H;

/** A device after `updates` readings, the newest at `percent`. */
export function device(percent: number, over: Partial<DeviceState> & { updates?: number } = {}): DeviceState {
  const { updates = 84, ...rest } = over;
  const reserved = 5.6 * GIB;
  const allocated = (reserved * percent) / 100;
  const total = 8 * GIB;
  const name = rest.device ?? 'sim:0';
  const values = series(updates, i =>
    i === updates - 1
      ? percent
      : 58 + 14 * Math.sin(i / 9) + 6 * Math.sin(i / 2.3) + 5 * scatter(i) + i * 0.08,
  );
  return {
    ...plain.devices[0]!,
    device: name,
    batch: updates,
    timeMs: BEGAN + updates * UPDATE_MS,
    infrastructure: {
      device: name,
      cudaMemoryAllocatedGb: allocated / GIB,
      cudaMemoryReservedGb: reserved / GIB,
      cudaMemoryPeakGb: 5.1,
      cudaMemoryFragmentation: 1 - percent / 100,
      memoryUsagePercent: percent,
      memoryStatus: percent > 90 ? 'critical' : percent >= 75 ? 'warning' : 'healthy',
      contradiction: percent > 100 ? 'allocated exceeds reserved' : null,
    },
    told: { level: 'unmeasured', calm: 0 },
    peakAllocatedBytes: 5.1 * GIB,
    peakScope: 'run',
    usedBytes: 6.1 * GIB,
    totalBytes: total,
    usedPercent: 76,
    ledger: {
      ...plain.devices[0]!.ledger,
      totalBytes: total,
      activeBytes: allocated,
      cacheBytes: reserved - allocated - 0.2 * GIB,
      strandedBytes: 0.2 * GIB,
      otherBytes: 0.5 * GIB,
      freeBytes: 1.9 * GIB,
    },
    pressure: {
      budgetBytes: 7.5 * GIB,
      peakBytes: 5.2 * GIB,
      pressureFraction: 5.2 / 7.5,
      headroomBytes: 2.1 * GIB,
      headroomAtBestBytes: 2.3 * GIB,
      isUpperBound: false,
      status: 'healthy',
    },
    allocRetries: 0,
    ooms: 0,
    deviceAllocs: 14,
    deviceFrees: 2,
    syncAllStreams: 0,
    history: {
      ...gaps(plain.devices[0]!.history, updates),
      batch: series(updates, i => i + 1),
      timeMs: series(updates, i => BEGAN + (i + 1) * UPDATE_MS),
      memoryUsagePercent: values,
      allocatedBytes: values.map(p => (reserved * p) / 100),
      reservedBytes: values.map(() => reserved),
      peakAllocatedBytes: values.map(() => 5.1 * GIB),
      peakBytes: values.map(() => 5.2 * GIB),
      budgetBytes: values.map(() => 7.5 * GIB),
      strandedBytes: values.map(() => 0.2 * GIB),
      pressureFraction: values.map(() => 5.2 / 7.5),
    },
    ...rest,
  };
}

/** A rank that has made `updates` updates of PPO on CartPole. */
export function rank(over: Partial<RankState> = {}): RankState {
  const updates = over.updates ?? 84;
  const at = (value: (i: number) => number) => series(updates, value);
  const history: RankState['history'] = {
    ...gaps(plain.ranks[0]!.history, updates),
    batch: at(i => i + 1),
    timeMs: at(i => BEGAN + (i + 1) * UPDATE_MS),
    totalLoss: at(i => 9 * Math.exp(-i / 30) + 2 + 0.4 * scatter(i)),
    policyLoss: at(i => -0.008 - i / 20_000 + 0.004 * scatter(i + 7)),
    valueLoss: at(i => 18 * Math.exp(-i / 30) + 3.1 + 0.8 * scatter(i + 3)),
    entropy: at(i => 0.69 - i * 0.0018 + 0.01 * scatter(i + 1)),
    approxKl: at(i => 0.011 + 0.005 * scatter(i + 2)),
    clipFraction: at(i => 0.09 + 0.04 * scatter(i + 4)),
    explainedVariance: at(i => 0.87 - 0.9 * Math.exp(-i / 12) + 0.03 * scatter(i + 5)),
    gradNorm: at(i => 0.43 + 0.15 * scatter(i + 6)),
    episodicReturn: at(i => 500 / (1 + Math.exp(-(i - 55) / 14)) + 8 * scatter(i + 8)),
    stepsPerSecond: at(i => 21_400 + 900 * scatter(i + 9)),
    updateMs: at(i => 47 + 4 * scatter(i + 10)),
  };
  const last = (key: keyof typeof history) => history[key].at(-1) ?? null;
  const note = (i: number, level: 'info' | 'warning' | 'critical', message: string) => ({
    timeMs: BEGAN + i * UPDATE_MS,
    rank: over.rank ?? 0,
    seq: i,
    level,
    message,
  });
  return {
    ...plain.ranks[0]!,
    nextSeq: updates + 1,
    events: updates + 1,
    telemetryMs: updates * 0.021,
    newestTelemetryMs: updates > 0 ? 0.021 : null,
    state: 'running',
    startedMs: BEGAN,
    lastEventMs: BEGAN + updates * UPDATE_MS,
    lastUpdateMs: updates > 0 ? BEGAN + updates * UPDATE_MS : null,
    // As quick as the bounds of a connection's age are meant for.
    updateGapMs: 1000,
    worldSize: 1,
    name: 'cartpole',
    algorithm: 'PPO',
    task: 'CartPole-v1',
    device: 'sim:0',
    hostname: 'forge',
    pid: 4242,
    batch: updates > 0 ? updates : null,
    maxBatches: 200,
    updates,
    ppo: {
      ...noPpo,
      totalLoss: last('totalLoss'),
      policyLoss: last('policyLoss'),
      valueLoss: last('valueLoss'),
      entropy: last('entropy'),
      approxKl: last('approxKl'),
      clipFraction: last('clipFraction'),
      clipRange: 0.2,
      learningRate: 2.1e-4,
      epochs: 10,
      earlyStopped: false,
      explainedVariance: last('explainedVariance'),
      gradNorm: last('gradNorm'),
      maxGradNorm: 0.5,
      episodicReturn: last('episodicReturn'),
      episodicLength: last('episodicReturn'),
      totalSteps: updates * 1024,
      totalEpisodes: updates * 9,
      rolloutMs: 31,
      updateMs: last('updateMs'),
      stepsPerSecond: last('stepsPerSecond'),
    },
    history,
    host: {
      ramUsedBytes: 12.1 * GIB,
      ramTotalBytes: 64 * GIB,
      ramUsedPercent: 18.9,
      cpuPercent: 34,
      processRssBytes: 0.41 * GIB,
    },
    log: [
      note(0, 'info', 'started PPO CartPole-v1 on sim:0'),
      note(20, 'info', 'checkpoint after batch 20'),
      note(31, 'warning', 'sim:0 pool use 72 → 77%'),
      note(37, 'info', 'sim:0 pool use 76 → 73%'),
      note(40, 'info', 'checkpoint after batch 40'),
      note(52, 'warning', 'approx KL 0.034'),
      note(60, 'info', 'checkpoint after batch 60'),
      note(71, 'critical', 'sim:0 at the wall: 1 retries, 0 OOMs so far'),
      note(80, 'info', 'checkpoint after batch 80'),
    ].filter(entry => entry.seq <= updates),
    ...over,
  };
}

/** A phase of a worker that prints hundredths of GiB: held before and after, reserved after. */
export function phase(
  name: string,
  [before, after, reserved]: readonly (number | null)[],
  over: Partial<PhaseMemory> = {},
): PhaseMemory {
  const bytes = (gib: number | null | undefined) => (gib == null ? null : Math.round(gib * GIB));
  const edge = (gib: number | null | undefined, timeMs: number) =>
    gib == null
      ? null
      : { timeMs, allocatedBytes: bytes(gib), reservedBytes: bytes(reserved), usedBytes: null };
  return {
    phase: name,
    role: null,
    worker: 'WorkerDict 33871',
    device: 'worker 33871',
    readings: 2,
    unseen: 0,
    before: edge(before, BEGAN),
    after: edge(after, BEGAN + UPDATE_MS),
    largestAllocatedBytes: bytes(Math.max(before ?? 0, after ?? 0)),
    resolutionBytes: Math.round(GIB / 100),
    ...over,
  };
}

/** What the workers of a run report of their phases, the newest last. */
export const phases: PhaseMemory[] = [
  phase('init', [0, 5.82, 7.36], { role: 'rollout' }),
  phase('compute_log_prob', [12.03, 12.04, 33.71], { role: 'actor' }),
  phase('compute_log_prob', [12.05, null, 14.52], { role: 'actor', worker: 'WorkerDict 10.0.0.7:20003' }),
  phase('update_actor', [41.21, 42.36, 43.1], { role: 'actor' }),
];

/** A loop that is not PPO. */
export function stepRank(over: Partial<RankState> = {}): RankState {
  const full = rank(over);
  const gap = full.history.batch.map(() => null);
  return {
    ...full,
    algorithm: 'SFT',
    task: 'tiny-stories',
    batch: null,
    maxBatches: null,
    step: 84,
    maxSteps: 5000,
    ppo: {
      ...noPpo,
      totalLoss: 2.31,
      gradNorm: 0.43,
      learningRate: 2e-5,
      updateMs: 412,
      stepsPerSecond: 1830,
    },
    history: {
      ...full.history,
      policyLoss: gap,
      valueLoss: gap,
      entropy: gap,
      approxKl: gap,
      clipFraction: gap,
      explainedVariance: gap,
      episodicReturn: gap,
    },
    ...over,
  };
}

/** A snapshot of these ranks and devices, derived as far as views need it. */
export function snapshot(
  { ranks = [rank()], devices = [] }: { ranks?: RankState[]; devices?: DeviceState[] } = {},
  over: Partial<SanctumSnapshot> = {},
): SanctumSnapshot {
  const lead = ranks[0];
  const empty = emptySnapshot();
  if (lead === undefined) return { ...empty, ...over };
  const own = devices.find(d => d.rank === lead.rank);
  return {
    ...empty,
    run: {
      ...empty.run,
      id: '20261123-153012-cartpole-4f2a',
      name: lead.name,
      algorithm: lead.algorithm,
      task: lead.task,
      state: lead.state,
      startedMs: lead.startedMs,
      endedMs: lead.endedMs,
      lastEventMs: lead.lastEventMs,
      updateGapMs: lead.updateGapMs,
      worldSize: lead.worldSize,
    },
    status: { level: 'ok', reasons: [] },
    tamiyo: {
      ...empty.tamiyo,
      rank: lead.rank,
      batch: lead.batch,
      maxBatches: lead.maxBatches,
      step: lead.step,
      maxSteps: lead.maxSteps,
      ppo: lead.ppo,
      infrastructure: own?.infrastructure ?? empty.tamiyo.infrastructure,
    },
    vitals: { ...empty.vitals, host: lead.host },
    devices,
    ranks,
    ...over,
  };
}

/** Half a second after the newest event of {@link rank}. */
export const NOW = BEGAN + 84 * UPDATE_MS + 500;
