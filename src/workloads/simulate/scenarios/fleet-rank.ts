/** One rank of a simulated training: its own job, process and clock, and what is wrong with it. */
import type { DeviceMemory, EventType, Payload } from '../../../contract/index.ts';
import type { FleetPlan, FleetStep } from './fleet-plan.ts';
import { type Ordinary, ordinary, scattered } from './list.ts';
import { playScript, type ScenarioStep } from './play.ts';
import { Dice } from './random.ts';
import type { Script } from './script.ts';

const MIB = 2 ** 20;
const CONTEXT_BYTES = 450 * MIB;

/** What a process of another rank holds on a device; a small device has smaller ones, as it has smaller jobs. */
export const guestBytes = (totalBytes: number): number =>
  Math.min(CONTEXT_BYTES, Math.floor(totalBytes / 40));

interface Place {
  seed: number;
  rank: number;
  /** Of the job. */
  ranks: number;
  perNode: number;
  updates: number;
}

export class FleetRank {
  readonly rank: number;
  readonly node: number;
  readonly host: string;
  readonly device: string;
  readonly uuid: string;
  pid: number;
  atMs: number;
  isOver = false;
  /** Read last. */
  memory: DeviceMemory | null = null;
  /** Newest update, in the trainer's count. */
  batch = 0;
  readonly #scenario: string;
  readonly #plan: FleetPlan;
  readonly #place: Place;
  #steps: Generator<ScenarioStep, unknown>;
  #restarts = 0;
  /** The reading since the last one that was written, with the peaks since then. */
  #unwritten: DeviceMemory | null = null;

  constructor(scenario: string, plan: FleetPlan, place: Place) {
    const { rank, perNode, seed } = place;
    this.rank = rank;
    this.node = Math.floor(rank / perNode);
    this.host = `node${this.node}`;
    this.device = `sim:${rank % perNode}`;
    this.uuid = `SIM-${this.host}-${rank % perNode}`;
    this.pid = 10_000 + rank;
    this.#scenario = scenario;
    this.#plan = plan;
    this.#place = place;
    const dice = new Dice(seed * 4096 + rank + 1);
    this.#steps = this.#process(dice);
    this.atMs = dice.between(0, 200);
  }

  /** The start of its process. */
  start(): FleetStep {
    const { data, afterMs } = this.#steps.next().value as ScenarioStep;
    const { ranks, updates } = this.#place;
    return this.#at(
      'TRAINING_STARTED',
      {
        ...(data as Payload<'TRAINING_STARTED'>),
        maxBatches: updates,
        worldSize: ranks,
        hostname: this.host,
        pid: this.pid,
        device: this.device,
      },
      afterMs,
    );
  }

  /** What the rank writes in its next update; nothing where it does not, or has ended. */
  update(): FleetStep[] {
    const { failure, silentAfter, endsAfter, restart, logsEvery, slowness } = this.#plan;
    const failing = failure?.(this.rank) ?? null;
    if (failing !== null && this.batch >= failing.after) {
      this.isOver = true;
      return [this.#at('TRAINING_FAILED', failing.failure, failing.delayMs)];
    }
    if (this.batch >= (silentAfter?.(this.rank) ?? Number.POSITIVE_INFINITY)) {
      this.isOver = true;
      return [];
    }
    if (this.batch >= Math.min(this.#place.updates, endsAfter?.(this.rank) ?? Number.POSITIVE_INFINITY)) {
      this.isOver = true;
      return [this.#at('TRAINING_COMPLETED', { reason: 'finished' }, 0)];
    }
    const again = restart?.(this.rank) ?? null;
    if (again !== null && this.#restarts === 0 && this.batch >= again.after) return [this.#restart(again)];
    const { done, value: step } = this.#steps.next();
    if (done) {
      this.isOver = true;
      return [];
    }
    const { type, data, afterMs } = step as ScenarioStep;
    if (type !== 'PPO_UPDATE_COMPLETED') {
      this.isOver = true;
      return [this.#at(type, data as never, afterMs)];
    }
    this.batch++;
    const times = slowness?.(this.rank, this.batch) ?? 1;
    this.#read(data.memory?.[0]);
    const every = logsEvery?.(this.rank) ?? 1;
    if (this.batch % every !== 0) {
      this.atMs += afterMs * times;
      return [];
    }
    const slow = (ms: number | null | undefined) => (ms == null ? null : ms * times);
    const { timing } = data;
    return [
      this.#at(
        type,
        {
          ...data,
          batch: this.batch,
          timing: { ...timing, rolloutMs: slow(timing?.rolloutMs), updateMs: slow(timing?.updateMs) },
          memory: this.#reported(),
        },
        afterMs * times,
      ),
    ];
  }

  /** The rank begins with the updates that the others have made, as where it takes over the trainer's state. */
  catchUp(batch: number): void {
    this.batch = batch;
  }

  /** The end of an update in which ranks wait for each other: the wait is a part of the update's time. */
  waitFor(slowestMs: number, done: FleetStep[]): void {
    const own = done.findLast(({ rank }) => rank === this.rank);
    const waitedMs = slowestMs - this.atMs;
    this.atMs = slowestMs;
    if (own?.type !== 'PPO_UPDATE_COMPLETED') return;
    own.atMs = slowestMs;
    const timing = own.data.timing as { updateMs: number };
    timing.updateMs += waitedMs;
  }

  /** A new process on the same device, from the state that was saved some updates ago. */
  #restart({ back, delayMs }: { back: number; delayMs: number }): FleetStep {
    this.#restarts++;
    this.pid += 100_000;
    this.batch -= back;
    this.atMs += delayMs;
    this.#steps = this.#process(new Dice(this.#place.seed * 4096 + this.rank + 1 + 0x50000));
    this.memory = null;
    return this.start();
  }

  #process(dice: Dice): Generator<ScenarioStep, unknown> {
    const { seed, rank } = this.#place;
    // The job is one: its dice are those of the fleet. Its noise is the rank's own.
    const common = commonScript(new Dice(seed + 0x30000), dice);
    const guests = this.#plan.guests?.(rank).length ?? 0;
    const script = withGuests(this.#plan.script?.(common, rank, dice) ?? common, guests);
    return playScript(
      { name: this.#scenario, kind: 'steady' },
      { ...script, updates: this.#place.updates },
      { seed: seed * 4096 + rank + 1 + this.#restarts * 0x60000 },
    );
  }

  /** The memory after an update. Peaks of an update are kept until they are written. */
  #read(memory: DeviceMemory | undefined): void {
    if (memory === undefined) {
      this.memory = null;
      return;
    }
    const before = memory.peakScope === 'update' ? this.#unwritten : null;
    const most = (key: 'peakActiveBytes' | 'peakAllocatedBytes' | 'peakReservedBytes') =>
      Math.max(memory[key]!, before?.[key] ?? 0);
    this.memory = {
      ...memory,
      device: this.device,
      uuid: this.uuid,
      peakActiveBytes: most('peakActiveBytes'),
      peakAllocatedBytes: most('peakAllocatedBytes'),
      peakReservedBytes: most('peakReservedBytes'),
    };
    this.#unwritten = this.memory;
  }

  /** What of it the rank writes. */
  #reported(): DeviceMemory[] {
    const { memory } = this;
    this.#unwritten = null;
    const reports = this.#plan.reports?.(this.rank) ?? 'all';
    if (memory === null || reports === 'nothing') return [];
    return [reports === 'all' ? memory : { ...memory, deviceFreeBytes: null, deviceTotalBytes: null }];
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
