/** Trainings of many ranks whose truth is known: one kind of fault each, one with several, and one with none. */
import type { FleetKind, FleetPlan, FleetScenario } from './fleet-plan.ts';
import { leaking } from './list.ts';
import type { Dice } from './random.ts';
import type { Script } from './script.ts';

/** Any rank but the first ones, which are special in no scenario but could be. */
export const anyRank = (dice: Dice, ranks: number): number => dice.whole(Math.min(1, ranks - 1), ranks - 1);

const quiet = (dice: Dice): FleetPlan => ({ truths: [], isSynchronous: dice.chance(0.5) });

/** A leak of so many updates from the first byte to the last, and its own updates. */
export const leakOf = (dice: Dice, script: Script, within: number): Script => ({
  ...script,
  during: leaking(dice, script, within, dice.whole(10, 40)),
});

const PEER_FAILURE =
  'NCCL communicator was aborted on rank {rank}. Original reason for failure was: NCCL error: remote process exited or there was a network error';

const single: Record<Exclude<FleetKind, 'leak'>, FleetScenario['plan']> = {
  creep: (dice, { ranks }) => {
    const rank = anyRank(dice, ranks);
    const within = dice.whole(1500, 4000);
    return {
      ...quiet(dice),
      truths: [{ kind: 'creep', ranks: [rank] }],
      script: (script, at, own) => (at === rank ? leakOf(own, script, within) : script),
    };
  },
  slow: (dice, { ranks }) => {
    const rank = anyRank(dice, ranks);
    const slowness = dice.between(1.15, 1.8);
    return {
      ...quiet(dice),
      truths: [{ kind: 'slow', ranks: [rank] }],
      slowness: at => (at === rank ? slowness : 1),
    };
  },
  silent: (dice, { ranks, updates }) => {
    const rank = anyRank(dice, ranks);
    // Thirty updates of the others are enough to miss it.
    const after = dice.whole(updates / 8, updates - 30);
    return {
      ...quiet(dice),
      isSynchronous: false,
      truths: [{ kind: 'silent', ranks: [rank] }],
      silentAfter: at => (at === rank ? after : null),
    };
  },
  skew: (dice, { ranks, updates }) => {
    const rank = anyRank(dice, ranks);
    const share = dice.between(0.06, 0.2);
    const from = dice.chance(0.5) ? 1 : dice.whole(30, updates / 2);
    return {
      ...quiet(dice),
      truths: [{ kind: 'skew', ranks: [rank] }],
      script: (script, at) =>
        at !== rank
          ? script
          : {
              ...script,
              before: (update, job) => {
                if (update === from) job.allocator.malloc(Math.ceil(share * job.options.totalBytes));
              },
            },
    };
  },
  'first failure': (dice, { ranks, updates }) => {
    const rank = anyRank(dice, ranks);
    const after = dice.whole(40, updates - 20);
    const delays = Array.from({ length: ranks }, () => dice.between(200, 30_000));
    return {
      ...quiet(dice),
      isSynchronous: true,
      truths: [{ kind: 'first failure', ranks: [rank] }],
      failure: at => ({
        after,
        // Clocks of nodes are apart: the first to fail need not have the first line.
        delayMs: at === rank ? dice.between(0, 100) : delays[at]!,
        failure:
          at === rank
            ? { errorType: 'ValueError', message: 'batch 17 holds a sample of length 0', outOfMemory: null }
            : {
                errorType: 'DistBackendError',
                message: PEER_FAILURE.replace('{rank}', String(at)),
                outOfMemory: null,
                ending: { kind: 'peer', by: 'nccl' },
              },
      }),
    };
  },
  contexts: (dice, { ranks, perNode }) => {
    return {
      ...quiet(dice),
      truths: [{ kind: 'contexts', ranks: [0] }],
      guests: at =>
        at % perNode !== 0
          ? []
          : Array.from({ length: perNode - 1 }, (_, i) => at + i + 1).filter(r => r < ranks),
    };
  },
  stages: (dice, { ranks }) => {
    const stages = dice.pick([2, 4, 8].filter(n => n <= ranks));
    const shares = Array.from({ length: stages }, () => dice.between(0.25, 0.5));
    // Stages that happen to be alike are none.
    shares[0] = 0.5;
    shares[stages - 1] = 0.25;
    return {
      ...quiet(dice),
      truths: [{ kind: 'stages', ranks: [] }],
      script: (script, at) => {
        const stage = Math.floor((at * stages) / ranks);
        return { ...script, job: { ...script.job, modelShare: shares[stage]! } };
      },
    };
  },
};

const about: Record<keyof typeof single, string> = {
  creep: 'one of 64 ranks holds a little more after every update',
  slow: 'one of 64 ranks takes longer than the others',
  silent: 'nothing more is heard of one of 64 ranks',
  skew: 'one of 64 ranks holds more than the others',
  'first failure': 'one of 64 ranks fails, and the others fall with it',
  contexts: 'every process of a node holds a context on its first device',
  stages: '64 ranks are the stages of a pipeline, which hold different amounts',
};

const JOB = { ranks: 64, nodes: 8, updates: 300 } as const;

/** Trainings of many ranks. */
export const fleetScenarios: readonly FleetScenario[] = [
  {
    name: 'fleet',
    about: '64 ranks on 8 nodes: rank 37 leaks, rank 12 is slow, rank 50 falls silent',
    ...JOB,
    updates: 600,
    plan: (_, { ranks }) => {
      const [leaky, slow, silent] = [37 % ranks, 12 % ranks, 50 % ranks];
      return {
        truths: [
          { kind: 'leak', ranks: [leaky] },
          { kind: 'slow', ranks: [slow] },
          { kind: 'silent', ranks: [silent] },
        ],
        isSynchronous: false,
        script: (script, rank, dice) => (rank === leaky ? leakOf(dice, script, 900) : script),
        slowness: rank => (rank === slow ? 1.4 : 1),
        silentAfter: rank => (rank === silent ? 60 : null),
      };
    },
  },
  {
    name: 'fleet-steady',
    about: '64 ranks on 8 nodes, and nothing is wrong',
    ...JOB,
    plan: quiet,
  },
  {
    name: 'fleet-leak',
    about: 'one of 64 ranks leaks',
    ...JOB,
    plan: (dice, { ranks }) => {
      const rank = anyRank(dice, ranks);
      const within = dice.whole(350, 700);
      return {
        ...quiet(dice),
        truths: [{ kind: 'leak', ranks: [rank] }],
        script: (script, at, own) => (at === rank ? leakOf(own, script, within) : script),
      };
    },
  },
  ...(Object.keys(single) as (keyof typeof single)[]).map(
    (kind): FleetScenario => ({
      name: `fleet-${kind.replace(' ', '-')}`,
      about: about[kind],
      ...JOB,
      plan: single[kind],
    }),
  ),
];
