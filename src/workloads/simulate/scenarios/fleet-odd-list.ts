/**
 * Trainings of many ranks as operators meet them beside the plain ones: two faults at once, ranks that begin late, end early, start
 * again or report less, clocks that differ, work that differs from rank to rank. Of most there is a healthy variant.
 */

import { anyRank, leakOf } from './fleet-list.ts';
import type { FleetPlan, FleetScenario, FleetSize } from './fleet-plan.ts';
import { scattered } from './list.ts';
import type { Dice } from './random.ts';
import type { Script } from './script.ts';

const quiet = (dice: Dice): FleetPlan => ({ truths: [], isSynchronous: dice.chance(0.5) });

/** Two ranks, neither the first. */
function twoRanks(dice: Dice, ranks: number): [number, number] {
  const one = anyRank(dice, ranks);
  const other = anyRank(dice, ranks);
  return other !== one || ranks < 3 ? [one, other] : [one, one === ranks - 1 ? one - 1 : one + 1];
}

/** Leaks slowly, for a device to be full after so many updates. */
const creeping = (dice: Dice, ...creeps: readonly number[]): FleetPlan['script'] => {
  const within = dice.whole(1000, 2500);
  return (script, at, own) => (creeps.includes(at) ? leakOf(own, script, within) : script);
};

/** Lengths by the data: most are short, some many times as long, none longer than is let in. */
const heavyTailed = (script: Script, own: Dice, spread: number): Script => ({
  ...script,
  job: { ...script.job, modelShare: 0.3, activationShare: Math.min(script.job.activationShare, 0.08) },
  lengths: () => scattered(own, spread).map(length => Math.min(4, length)),
});

/** Experts whose share of the tokens wanders with what the router learns. */
function wandering(script: Script, own: Dice, inertia: number): Script {
  let level = 0;
  return {
    ...script,
    job: { ...script.job, activationShare: Math.min(script.job.activationShare, 0.1) },
    lengths: () => {
      level = inertia * level + Math.sqrt(1 - inertia ** 2) * 0.15 * own.normal();
      return scattered(own, 0.05, Math.exp(Math.min(1, level)));
    },
  };
}

/** The job in stages, their shares of the device far apart. */
function staged(dice: Dice, { ranks }: FleetSize): (script: Script, at: number) => Script {
  const stages = Math.min(4, ranks);
  const shares = Array.from({ length: stages }, () => dice.between(0.25, 0.5));
  shares[0] = 0.5;
  shares[stages - 1] = 0.25;
  return (script, at) => ({
    ...script,
    job: { ...script.job, modelShare: shares[Math.floor((at * stages) / ranks)]! },
  });
}

const plans: Record<string, [about: string, plan: FleetScenario['plan']]> = {
  'two-slow': [
    'two ranks are slow, one more than the other',
    (dice, { ranks }) => {
      const [one, other] = twoRanks(dice, ranks);
      const [times, less] = [dice.between(1.4, 1.9), dice.between(1.15, 1.35)];
      return {
        // By the rollouts both show, whether ranks wait or not.
        ...quiet(dice),
        truths: [{ kind: 'slow', ranks: [one, other] }],
        slowness: at => (at === one ? times : at === other ? less : 1),
      };
    },
  ],
  'two-creeps': [
    'two ranks hold a little more after every update',
    (dice, { ranks }) => {
      const both = twoRanks(dice, ranks);
      return { ...quiet(dice), truths: [{ kind: 'creep', ranks: both }], script: creeping(dice, ...both) };
    },
  ],
  'leak-and-slow': [
    'one rank leaks, and is slow as well',
    (dice, { ranks }) => {
      const rank = anyRank(dice, ranks);
      const [within, times] = [dice.whole(350, 700), dice.between(1.15, 1.8)];
      return {
        ...quiet(dice),
        truths: [
          { kind: 'leak', ranks: [rank] },
          { kind: 'slow', ranks: [rank] },
        ],
        script: (script, at, own) => (at === rank ? leakOf(own, script, within) : script),
        slowness: at => (at === rank ? times : 1),
      };
    },
  ],
  'stages-and-creep': [
    'stages of a pipeline hold different amounts, and one rank a little more after every update',
    (dice, size) => {
      const rank = anyRank(dice, size.ranks);
      const stage = staged(dice, size);
      const creep = creeping(dice, rank)!;
      return {
        ...quiet(dice),
        truths: [
          { kind: 'creep', ranks: [rank] },
          { kind: 'stages', ranks: [] },
        ],
        script: (script, at, own) => creep(stage(script, at), at, own),
      };
    },
  ],
  experts: [
    'experts whose share of the tokens wanders; nothing is wrong',
    dice => {
      const inertia = dice.between(0.5, 0.98);
      return { ...quiet(dice), script: (script, _, own) => wandering(script, own, inertia) };
    },
  ],
  'experts-and-creep': [
    'experts whose share of the tokens wanders, and one rank holds a little more after every update',
    (dice, { ranks }) => {
      const rank = anyRank(dice, ranks);
      const inertia = dice.between(0.5, 0.98);
      const creep = creeping(dice, rank)!;
      return {
        ...quiet(dice),
        truths: [{ kind: 'creep', ranks: [rank] }],
        script: (script, at, own) => creep(wandering(script, own, inertia), at, own),
      };
    },
  ],
  'heavy-tails': [
    'lengths by the data, some four times as long as others; nothing is wrong',
    dice => {
      const spread = dice.between(0.2, 0.5);
      return { ...quiet(dice), script: (script, _, own) => heavyTailed(script, own, spread) };
    },
  ],
  'heavy-tails-and-slow': [
    'lengths by the data, and one rank is slow',
    (dice, { ranks }) => {
      const rank = anyRank(dice, ranks);
      const [spread, times] = [dice.between(0.2, 0.5), dice.between(1.3, 1.8)];
      return {
        ...quiet(dice),
        truths: [{ kind: 'slow', ranks: [rank] }],
        script: (script, _, own) => heavyTailed(script, own, spread),
        slowness: at => (at === rank ? times : 1),
      };
    },
  ],
  restart: [
    'a process is started again from its last checkpoint, and goes on; nothing is wrong',
    (dice, { ranks, updates }) => {
      const rank = anyRank(dice, ranks);
      const plan = quiet(dice);
      const after = dice.whole(30, updates - 30);
      const back = plan.isSynchronous ? 0 : dice.whole(0, 20);
      return {
        ...plan,
        restart: at => (at === rank ? { after, back, delayMs: dice.between(2000, 8000) } : null),
      };
    },
  ],
  'restart-and-creep': [
    'a process is started again, and holds a little more after every update before and after',
    (dice, { ranks, updates }) => {
      const rank = anyRank(dice, ranks);
      const plan = quiet(dice);
      const after = dice.whole(30, updates / 3);
      return {
        ...plan,
        truths: [{ kind: 'creep', ranks: [rank] }],
        script: creeping(dice, rank)!,
        restart: at => (at === rank ? { after, back: 0, delayMs: 4000 } : null),
      };
    },
  ],
  intervals: [
    'ranks write one of one, two, five or ten updates; nothing is wrong',
    dice => {
      const every = Array.from({ length: 64 }, () => dice.pick([1, 2, 5, 10]));
      return { ...quiet(dice), logsEvery: rank => every[rank % 64]! };
    },
  ],
  'intervals-and-slow': [
    'ranks write one of one, two or five updates, and one is slow',
    (dice, { ranks }) => {
      const rank = anyRank(dice, ranks);
      const every = Array.from({ length: 64 }, () => dice.pick([1, 2, 5]));
      const times = dice.between(1.2, 1.8);
      return {
        ...quiet(dice),
        truths: [{ kind: 'slow', ranks: [rank] }],
        logsEvery: at => every[at % 64]!,
        slowness: at => (at === rank ? times : 1),
      };
    },
  ],
  'late-ranks': [
    'a node’s ranks begin later than the others; nothing is wrong',
    (dice, { ranks, perNode, updates }) => {
      const node = dice.whole(0, Math.ceil(ranks / perNode) - 1);
      const plan = quiet(dice);
      const after = dice.whole(10, updates / 2);
      const late = (at: number) => (ranks > perNode ? Math.floor(at / perNode) === node : at === ranks - 1);
      return {
        ...plan,
        joins: at => (late(at) ? { after, countsThem: plan.isSynchronous || after % 2 === 0 } : null),
      };
    },
  ],
  clocks: [
    'clocks of nodes are seconds to minutes apart; nothing is wrong',
    (dice, { ranks, perNode }) => {
      const most = dice.pick([5000, 60_000, 600_000]);
      const apart = Array.from({ length: Math.ceil(ranks / perNode) }, () => dice.between(-most, most));
      return { ...quiet(dice), clockMs: node => apart[node]! };
    },
  ],
  'clocks-and-silent': [
    'clocks of nodes are seconds apart, and nothing more is heard of one rank',
    (dice, { ranks, perNode, updates }) => {
      const rank = anyRank(dice, ranks);
      const apart = Array.from({ length: Math.ceil(ranks / perNode) }, () => dice.between(-5000, 5000));
      const after = dice.whole(updates / 8, updates / 2);
      return {
        truths: [{ kind: 'silent', ranks: [rank] }],
        isSynchronous: false,
        clockMs: node => apart[node]!,
        silentAfter: at => (at === rank ? after : null),
      };
    },
  ],
  'slow-node': [
    'all ranks of one node are slow',
    (dice, { ranks, perNode }) => {
      const own = Math.min(perNode, Math.max(1, ranks >> 3));
      const node = dice.whole(0, Math.ceil(ranks / own) - 1);
      const slow = Array.from({ length: own }, (_, i) => node * own + i).filter(rank => rank < ranks);
      const times = dice.between(1.15, 1.8);
      return {
        ...quiet(dice),
        truths: [{ kind: 'slow', ranks: slow }],
        slowness: at => (slow.includes(at) ? times : 1),
      };
    },
  ],
  straggler: [
    'one rank is slow in every tenth update',
    (dice, { ranks }) => {
      const rank = anyRank(dice, ranks);
      const times = dice.between(2, 4);
      const first = dice.whole(0, 9);
      return {
        ...quiet(dice),
        truths: [{ kind: 'slow', ranks: [rank] }],
        slowness: (at, update) => (at === rank && update % 10 === first ? times : 1),
      };
    },
  ],
  checkpoints: [
    'all ranks are slow in every twentieth update, in which they are saved; the first rank takes longest. Nothing is wrong',
    dice => {
      const times = dice.between(1.3, 2);
      return {
        ...quiet(dice),
        slowness: (at, update) => (update % 20 === 0 ? times * (at === 0 ? 1.2 : 1) : 1),
      };
    },
  ],
  'early-end': [
    'one rank ends as it should, before the others; nothing is wrong',
    (dice, { ranks, updates }) => {
      const rank = anyRank(dice, ranks);
      const after = dice.whole(updates / 8, updates - 10);
      return { ...quiet(dice), endsAfter: at => (at === rank ? after : null) };
    },
  ],
  unmeasured: [
    'some ranks report nothing of their memory, others nothing of the device; nothing is wrong',
    dice => {
      const reports = Array.from({ length: 64 }, () =>
        dice.pick(['all', 'all', 'nothing', 'no device figures'] as const),
      );
      return { ...quiet(dice), reports: rank => reports[rank % 64]! };
    },
  ],
  'unmeasured-and-creep': [
    'some ranks report nothing of their memory, and one that does holds a little more after every update',
    (dice, { ranks }) => {
      const rank = anyRank(dice, ranks);
      const reports = Array.from({ length: 64 }, () => dice.pick(['all', 'all', 'all', 'nothing'] as const));
      return {
        ...quiet(dice),
        truths: [{ kind: 'creep', ranks: [rank] }],
        script: creeping(dice, rank)!,
        reports: at => (at === rank || at % 2 === 0 ? 'all' : reports[at % 64]!),
      };
    },
  ],
};

/** Harder ones than the plain. */
export const oddFleets: readonly FleetScenario[] = Object.entries(plans).map(([name, [about, plan]]) => ({
  name: `fleet-${name}`,
  about,
  ranks: 64,
  nodes: 8,
  updates: 300,
  plan,
}));
