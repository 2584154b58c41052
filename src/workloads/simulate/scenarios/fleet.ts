/**
 * Plays a training of many ranks on several nodes: every rank has a job of its own on a simulated device, all do the same work with
 * lengths of their own, and what is wrong is wrong with single ranks. Events come in the order of their time.
 */
import type { DeviceMemory, EventType, Payload, TrainingFailed } from '../../../contract/index.ts';
import { type Ordinary, ordinary, scattered } from './list.ts';
import { playScript, type ScenarioStep } from './play.ts';
import { Dice } from './random.ts';
import type { Script } from './script.ts';

/** What is wrong with which ranks. */
export interface FleetTruth {
  kind: FleetKind;
  /** The ranks that it is about, the first one first; empty where nothing is wrong with single ranks. */
  ranks: number[];
}

export type FleetKind =
  | 'leak'
  | 'creep'
  | 'slow'
  | 'silent'
  | 'skew'
  | 'first failure'
  | 'contexts'
  | 'stages';

export interface FleetScenario {
  name: string;
  about: string;
  ranks: number;
  /** Nodes that the ranks are spread over, in order. */
  nodes: number;
  updates: number;
  plan: (dice: Dice, size: FleetSize) => FleetPlan;
}

/** How large a variant is. */
export interface FleetSize {
  ranks: number;
  /** Ranks of a node. */
  perNode: number;
  updates: number;
}

/** What the ranks of a variant do beside their common job. */
export interface FleetPlan {
  truths: FleetTruth[];
  /** Ranks wait for each other at the end of every update, so that all updates of all ranks take the same time. */
  isSynchronous: boolean;
  /** The job of a rank; the common one where it is not given. */
  script?: (script: Script, rank: number, dice: Dice) => Script;
  /** Its times are so many times as long. */
  slowness?: (rank: number) => number;
  /** Nothing more is heard of the rank after this update. */
  silentAfter?: (rank: number) => number | null;
  /** The failure of a rank, and after which update. */
  failure?: (rank: number) => { after: number; delayMs: number; failure: TrainingFailed } | null;
  /** Ranks whose processes hold a context on the device of this rank as well, beside its own. */
  guests?: (rank: number) => number[];
}

/** What to emit, and when: milliseconds since the fleet began. */
export type FleetStep = {
  [T in EventType]: { rank: number; type: T; data: Payload<T>; atMs: number };
}[EventType];

export interface FleetOptions {
  /** Equal seeds give equal runs. */
  seed: number;
  /** Instead of the scenario's own. */
  ranks?: number;
  nodes?: number;
  updates?: number;
}

const MIB = 2 ** 20;
const CONTEXT_BYTES = 450 * MIB;

/** What a process of another rank holds on a device; a small device has smaller ones, as it has smaller jobs. */
export const guestBytes = (totalBytes: number): number =>
  Math.min(CONTEXT_BYTES, Math.floor(totalBytes / 40));

/** Updates between two looks at the drivers. */
const DRIVER_EVERY = 20;

/** @returns what is true of it, at the end */
export function* playFleet(
  scenario: FleetScenario,
  {
    seed,
    ranks = scenario.ranks,
    // As many ranks on a node, however many there are.
    nodes = Math.ceil((ranks * scenario.nodes) / scenario.ranks),
    updates = scenario.updates,
  }: FleetOptions,
): Generator<FleetStep, FleetTruth[]> {
  const perNode = Math.ceil(ranks / nodes);
  const plan = scenario.plan(new Dice(seed), { ranks, perNode, updates });
  const fleet = Array.from(
    { length: ranks },
    (_, rank) => new Rank(scenario, plan, { seed, rank, perNode, updates }),
  );
  for (const rank of fleet) {
    const { data } = rank.next()!;
    const started = {
      ...(data as Payload<'TRAINING_STARTED'>),
      worldSize: ranks,
      hostname: rank.host,
      pid: rank.pid,
    };
    yield {
      rank: rank.rank,
      type: 'TRAINING_STARTED',
      data: { ...started, device: rank.device },
      atMs: rank.atMs,
    };
  }
  for (let update = 1; ; update++) {
    const done: FleetStep[] = [];
    for (const rank of fleet) {
      if (rank.isOver) continue;
      const step = rank.update(update);
      if (step !== null) done.push(step);
    }
    if (done.length === 0) return plan.truths;
    if (plan.isSynchronous) {
      const slowest = Math.max(...fleet.map(({ atMs }) => atMs));
      for (const rank of fleet) rank.waitFor(slowest, done);
    }
    if (update % DRIVER_EVERY === 0)
      for (let first = 0; first < ranks; first += perNode) {
        const step = driverStep(fleet.slice(first, first + perNode), plan, fleet);
        if (step !== null) done.push(step);
      }
    yield* done.sort((a, b) => a.atMs - b.atMs);
  }
}

interface Place {
  seed: number;
  rank: number;
  perNode: number;
  updates: number;
}

class Rank {
  readonly rank: number;
  readonly host: string;
  readonly device: string;
  readonly uuid: string;
  readonly pid: number;
  atMs: number;
  isOver = false;
  memory: DeviceMemory | null = null;
  readonly #plan: FleetPlan;
  readonly #steps: Generator<ScenarioStep, unknown>;
  readonly #slowness: number;

  constructor(scenario: FleetScenario, plan: FleetPlan, { seed, rank, perNode, updates }: Place) {
    this.rank = rank;
    this.host = `node${Math.floor(rank / perNode)}`;
    this.device = `sim:${rank % perNode}`;
    this.uuid = `SIM-${this.host}-${rank % perNode}`;
    this.pid = 10_000 + rank;
    this.#plan = plan;
    this.#slowness = plan.slowness?.(rank) ?? 1;
    const dice = new Dice(seed * 4096 + rank + 1);
    // The job is one: its dice are those of the fleet. Its noise is the rank's own.
    const common = { ...commonScript(new Dice(seed + 0x30000), dice), updates };
    const guests = plan.guests?.(rank).length ?? 0;
    const script = withGuests(plan.script?.(common, rank, dice) ?? common, guests);
    this.#steps = playScript(
      { name: scenario.name, kind: 'steady' },
      { ...script, updates },
      { seed: seed * 4096 + rank + 1 },
    );
    this.atMs = dice.between(0, 200);
  }

  next(): ScenarioStep | null {
    const { done, value } = this.#steps.next();
    if (done) this.isOver = true;
    return done ? null : value;
  }

  /** The rank's next event; null where it has none any more. */
  update(update: number): FleetStep | null {
    const failing = this.#plan.failure?.(this.rank) ?? null;
    if (failing !== null && update > failing.after) {
      this.isOver = true;
      return this.#at('TRAINING_FAILED', failing.failure, failing.delayMs);
    }
    const silentAfter = this.#plan.silentAfter?.(this.rank) ?? null;
    if (silentAfter !== null && update > silentAfter) {
      this.isOver = true;
      return null;
    }
    const step = this.next();
    if (step === null) return null;
    if (step.type !== 'PPO_UPDATE_COMPLETED') {
      this.isOver = true;
      return this.#at(step.type, step.data as never, step.afterMs);
    }
    const { timing, memory } = step.data;
    const slow = (ms: number | null | undefined) => (ms == null ? null : ms * this.#slowness);
    this.memory = memory?.[0] === undefined ? null : { ...memory[0], device: this.device, uuid: this.uuid };
    return this.#at(
      step.type,
      {
        ...step.data,
        timing: { ...timing, rolloutMs: slow(timing?.rolloutMs), updateMs: slow(timing?.updateMs) },
        memory: this.memory === null ? [] : [this.memory],
      },
      step.afterMs * this.#slowness,
    );
  }

  /** The end of an update in which ranks wait for each other: the wait is a part of the update's time. */
  waitFor(slowestMs: number, done: FleetStep[]): void {
    const own = done.find(({ rank }) => rank === this.rank);
    const waitedMs = slowestMs - this.atMs;
    this.atMs = slowestMs;
    if (own?.type !== 'PPO_UPDATE_COMPLETED') return;
    own.atMs = slowestMs;
    const timing = own.data.timing as { updateMs: number };
    timing.updateMs += waitedMs;
  }

  #at<T extends EventType>(type: T, data: Payload<T>, afterMs: number): FleetStep {
    this.atMs += afterMs;
    return { rank: this.rank, type, data, atMs: this.atMs } as FleetStep;
  }
}

/** The job that all ranks have, its lengths the rank's own. */
function commonScript(job: Dice, own: Dice): Script {
  const script: Ordinary = ordinary(job);
  return { ...script, lengths: () => scattered(own, script.spread) };
}

/** The job on a device on which so many other ranks hold a context. */
const withGuests = (script: Script, guests: number): Script =>
  guests === 0
    ? script
    : {
        ...script,
        before: (update, job) => {
          const { totalBytes } = job.options;
          if (update === 1) job.allocator.device.setNeighbourBytes(guests * guestBytes(totalBytes));
          script.before?.(update, job);
        },
      };

/** The driver of one node, as its first rank that lives samples it. */
function driverStep(node: readonly Rank[], { guests }: FleetPlan, fleet: readonly Rank[]): FleetStep | null {
  const reporter = node.find(({ isOver }) => !isOver);
  if (reporter === undefined) return null;
  const devices = node.flatMap(({ memory, rank, uuid, pid }, index) => {
    if (memory === null) return [];
    const { deviceTotalBytes: totalBytes, deviceFreeBytes } = memory;
    const usedBytes = totalBytes! - deviceFreeBytes!;
    const others = (guests?.(rank) ?? []).map(guest => ({
      pid: fleet[guest]!.pid,
      usedBytes: guestBytes(totalBytes!),
    }));
    const own = others.reduce((left, other) => left - other.usedBytes, usedBytes);
    return [
      {
        uuid,
        index,
        usedBytes,
        totalBytes: totalBytes!,
        processes: [{ pid, usedBytes: own }, ...others],
      },
    ];
  });
  return { rank: reporter.rank, type: 'DEVICE_SAMPLED', data: { devices }, atMs: reporter.atMs + 1 };
}
