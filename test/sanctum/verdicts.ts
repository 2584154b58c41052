/** Reports by hand, for frames that show one. */
import type { DeviceReport, RunReport } from '../../src/contract/index.ts';

export const deviceReport = (over: Partial<DeviceReport> = {}): DeviceReport => ({
  rank: 0,
  device: 'sim:0',
  name: null,
  totalBytes: 8 * 2 ** 30,
  findings: [{ kind: 'steady', confidence: 'likely', says: 'Memory is as it was.', evidence: [], next: [] }],
  highestPressure: null,
  headroomBytes: null,
  headroomAtBestBytes: null,
  isUpperBound: false,
  retries: 0,
  ooms: 0,
  updatesAtTheWall: 0,
  forecast: {
    status: 'no trend',
    basis: 'peak',
    updates: null,
    minutes: null,
    batch: null,
    slopeBytes: null,
    since: 1,
    until: 84,
    points: 84,
  },
  attribution: {
    status: 'no evidence',
    lostFraction: null,
    lostMs: null,
    updates: 74,
    totalMs: 14_800,
    busy: 0,
    compared: 0,
    quiet: 0,
    busyWith: { retries: 0, ooms: 0, deviceAllocs: 0, deviceFrees: 0, streamSyncs: 0 },
    costliest: [],
  },
  spikes: { count: 0, highest: [] },
  timeline: [],
  ...over,
});

export const runReport = (devices: DeviceReport[], over: Partial<RunReport['run']> = {}): RunReport => ({
  v: 1,
  run: {
    id: '20261123-153012-cartpole-4f2a',
    name: 'cartpole',
    algorithm: 'PPO',
    task: 'CartPole-v1',
    state: 'running',
    startedMs: 0,
    lastEventMs: 0,
    updates: 84,
    firstBatch: 1,
    lastBatch: 84,
    maxBatches: 200,
    ranks: 1,
    starts: 1,
    events: 85,
    lostEvents: 0,
    unreadableLines: 0,
    ...over,
  },
  failure: null,
  explanation: null,
  verdict: { kind: 'steady', says: 'Memory is as it was.', rank: 0, device: 'sim:0' },
  devices,
  learning: {
    episodicReturn: null,
    highestReturn: null,
    loss: null,
    broken: null,
    updateMs: null,
    stepsPerSecond: null,
    totalSteps: null,
    timeline: [],
  },
});

const steady = deviceReport();

/** A leak that costs time and ends soon: everything that the panel can show. */
export const leaking = deviceReport({
  findings: [
    {
      kind: 'leak',
      confidence: 'certain',
      says: 'Tensors that outlive their update pile up: 8.01 MiB more are held after each.',
      evidence: [],
      next: ['Keep numbers, not tensors, beyond an update: `.item()` on every metric that is summed.'],
    },
    { kind: 'fragmentation', confidence: 'possible', says: '', evidence: [], next: [] },
  ],
  forecast: {
    ...steady.forecast,
    status: 'ahead',
    updates: { low: 112, mid: 160, high: 279 },
    minutes: { low: 0.4, mid: 0.5, high: 0.9 },
    batch: { low: 196, mid: 244, high: 363 },
    slopeBytes: { low: 7e6, mid: 8.4e6, high: 9e6 },
  },
  attribution: {
    ...steady.attribution,
    status: 'evidence',
    lostFraction: { low: 0.03, mid: 0.08, high: 0.11 },
    lostMs: { low: 444, mid: 1184, high: 1628 },
    busy: 20,
    compared: 20,
    quiet: 54,
  },
});
