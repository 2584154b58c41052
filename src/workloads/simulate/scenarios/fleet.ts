/**
 * Plays a training of many ranks on several nodes: every rank has a job of its own on a simulated device, all do the same work with
 * lengths of their own, and what is wrong is wrong with single ranks. Events come in the order of their time.
 */
import type { FleetPlan, FleetScenario, FleetStep, FleetTruth } from './fleet-plan.ts';
import { FleetRank, guestBytes } from './fleet-rank.ts';
import { Dice } from './random.ts';

export interface FleetOptions {
  /** Equal seeds give equal runs. */
  seed: number;
  /** Instead of the scenario's own. */
  ranks?: number;
  nodes?: number;
  updates?: number;
}

/** What an update takes, about: ranks that begin later do so by this. */
const USUAL_MS = 200;
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
    (_, rank) => new FleetRank(scenario.name, plan, { seed, rank, ranks, perNode, updates }),
  );
  for (const step of plan.isSynchronous ? together(fleet, plan) : apart(fleet, plan)) {
    const clockMs = plan.clockMs?.(fleet[step.rank]!.node) ?? 0;
    yield { ...step, atMs: step.atMs + clockMs };
  }
  return plan.truths;
}

/** Ranks that wait for each other at the end of every update. */
function* together(fleet: readonly FleetRank[], plan: FleetPlan): Generator<FleetStep> {
  const joinsAfter = ({ rank }: FleetRank) => plan.joins?.(rank)?.after ?? 0;
  for (let update = 0; fleet.some(({ isOver }) => !isOver); update++) {
    const done: FleetStep[] = [];
    const there = fleet.filter(rank => !rank.isOver && joinsAfter(rank) <= update);
    const beganMs = Math.max(...there.map(({ atMs }) => atMs));
    for (const rank of there) {
      if (joinsAfter(rank) === update) {
        if (update > 0) rank.atMs = beganMs;
        if (plan.joins?.(rank.rank)?.countsThem) rank.catchUp(update);
        done.push(rank.start());
      }
      done.push(...rank.update());
    }
    const going = there.filter(({ isOver }) => !isOver);
    const slowestMs = Math.max(...going.map(({ atMs }) => atMs));
    for (const rank of going) rank.waitFor(slowestMs, done);
    for (const rank of reporters(going, update + 1)) done.push(driverStep(rank, fleet, plan));
    yield* done.sort((a, b) => a.atMs - b.atMs);
  }
}

/** Ranks that go on each by itself. */
function* apart(fleet: readonly FleetRank[], plan: FleetPlan): Generator<FleetStep> {
  const next = fleet.map((rank): FleetStep[] => {
    const { after = 0, countsThem = false } = plan.joins?.(rank.rank) ?? {};
    rank.atMs += after * USUAL_MS;
    if (countsThem) rank.catchUp(after);
    return [rank.start()];
  });
  for (;;) {
    let first: FleetStep | undefined;
    for (const [step] of next)
      if (step !== undefined && (first === undefined || step.atMs < first.atMs)) first = step;
    if (first === undefined) return;
    const rank = fleet[first.rank]!;
    const own = next[first.rank]!;
    yield own.shift()!;
    if (first.type === 'PPO_UPDATE_COMPLETED')
      for (const reporter of reporters(
        fleet.filter(({ isOver }) => !isOver),
        rank.batch,
      ))
        if (reporter === rank) yield { ...driverStep(rank, fleet, plan), atMs: first.atMs + 1 };
    while (own.length === 0 && !rank.isOver) own.push(...rank.update());
  }
}

/** Of each node the first rank that lives, where the drivers are looked at after this update. */
function reporters(living: readonly FleetRank[], update: number): FleetRank[] {
  if (update % DRIVER_EVERY !== 0) return [];
  const nodes = new Map<number, FleetRank>();
  for (const rank of living) if (!nodes.has(rank.node)) nodes.set(rank.node, rank);
  return [...nodes.values()];
}

/** The driver of one node, as this rank samples it. */
function driverStep(reporter: FleetRank, fleet: readonly FleetRank[], { guests }: FleetPlan): FleetStep {
  const devices = fleet
    .filter(({ node }) => node === reporter.node)
    .flatMap(({ memory, rank, uuid, pid }, index) => {
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
