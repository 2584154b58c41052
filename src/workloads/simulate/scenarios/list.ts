/** The scenarios, each with its label. A seed varies the job, the noise, and when and how hard it happens. */
import type { Block } from '../../allocator/index.ts';
import { BACKWARD_PEAK, type Job } from './job.ts';
import type { Dice } from './random.ts';
import type { Scenario, Script } from './script.ts';

const MIB = 2 ** 20;
const MICROBATCHES = 4;

/** A script whose lengths have this scatter. */
export type Ordinary = Script & { spread: number };

/** A job that fits with room to spare, its lengths scattered a little. */
export function ordinary(dice: Dice, over: Partial<Script['job']> = {}): Ordinary {
  const spread = dice.between(0.005, 0.05);
  return {
    job: {
      modelShare: dice.between(0.3, 0.5),
      rolloutShare: dice.between(0.01, 0.04),
      activationShare: dice.between(0.05, 0.14),
      givesCacheBack: dice.chance(0.5),
      resetsPeaks: dice.chance(0.5),
      ...over,
    },
    updates: 300,
    spread,
    lengths: () => scattered(dice, spread),
    timeSpread: dice.between(0.02, 0.06),
    slowdown: dice.between(0, 0.3),
  };
}

export const scattered = (dice: Dice, spread: number, around = 1): number[] =>
  Array.from({ length: MICROBATCHES }, () => around * dice.factor(spread));

const steady: Scenario = {
  name: 'steady',
  about: 'the same work, update after update',
  kind: 'steady',
  vary: dice => ordinary(dice),
};

const noise: Scenario = {
  name: 'noise',
  about: 'lengths wander and scatter widely, and nothing comes of it',
  kind: 'steady',
  vary: dice => {
    const inertia = dice.between(0, 0.95);
    const wander = dice.between(0.03, 0.1);
    const spread = dice.between(0.03, 0.1);
    let level = 0;
    return {
      ...ordinary(dice, { activationShare: dice.between(0.05, 0.1), modelShare: dice.between(0.3, 0.45) }),
      timeSpread: dice.between(0.05, 0.15),
      lengths: () => {
        level = inertia * level + Math.sqrt(1 - inertia ** 2) * wander * dice.normal();
        return scattered(dice, spread, Math.exp(level)).map(length => Math.min(1.5, length));
      },
    };
  },
};

const step: Scenario = {
  name: 'batch-size-step',
  about: 'the batch grows once, and fits',
  kind: 'steady',
  vary: dice => {
    const script = ordinary(dice, {
      activationShare: dice.between(0.05, 0.1),
      modelShare: dice.between(0.3, 0.45),
    });
    const at = dice.whole(40, 240);
    const factor = dice.between(1.25, 2);
    return { ...script, lengths: update => script.lengths(update).map(l => (update < at ? l : l * factor)) };
  },
};

/** What eats all that the job leaves within about so many updates, from this one on. */
export function leaking(dice: Dice, { job }: Script, within: number, from: number): Script['during'] & {} {
  const { modelShare, rolloutShare, activationShare } = job;
  const room = 0.94 - modelShare - rolloutShare - activationShare;
  const burst = dice.chance(0.3) ? dice.between(0.15, 0.6) : 1;
  const tensors = dice.whole(1, 3);
  return (update, { options, allocator }) => {
    if (update < from || !dice.chance(burst)) return;
    const bytes = (room * options.totalBytes) / within / burst / tensors;
    for (let i = 0; i < tensors; i++) allocator.malloc(Math.ceil(bytes * dice.factor(0.2)));
  };
}

/** A leak that eats what is left within about so many updates. */
function leakingRun(dice: Dice, within: number): Script {
  const script = ordinary(dice);
  const from = dice.chance(0.5) ? 1 : dice.whole(10, 60);
  return { ...script, updates: from + 3 * within, during: leaking(dice, script, within, from) };
}

const slowLeak: Scenario = {
  name: 'slow-leak',
  about: 'a tensor or two of every update is kept for nothing',
  kind: 'leak',
  vary: dice => leakingRun(dice, dice.whole(200, 700)),
};

const fastLeak: Scenario = {
  name: 'fast-leak',
  about: 'whole activations are kept, and memory is gone within some dozen updates',
  kind: 'leak',
  vary: dice => leakingRun(dice, dice.whole(25, 100)),
};

const growth: Scenario = {
  name: 'growing-sequences',
  about: 'sequences grow as the policy learns; nothing is kept',
  kind: 'growth',
  vary: dice => {
    const script = ordinary(dice, { activationShare: dice.between(0.08, 0.14) });
    const { modelShare, rolloutShare, activationShare } = script.job;
    const most = (0.94 - modelShare - rolloutShare) / activationShare;
    const within = dice.whole(150, 500);
    return {
      ...script,
      updates: 3 * within,
      lengths: update => script.lengths(update).map(l => l * (1 + ((most - 1) * update) / within)),
    };
  },
};

const spike: Scenario = {
  name: 'spike',
  about: 'a few updates meet one very long sequence',
  kind: 'spike',
  vary: dice => {
    const script = ordinary(dice, { activationShare: dice.between(0.08, 0.14) });
    const { modelShare, rolloutShare, activationShare } = script.job;
    const room = 0.94 - modelShare - rolloutShare;
    const spikes = new Set(Array.from({ length: dice.whole(1, 5) }, () => dice.whole(30, 290)));
    const isFatal = dice.chance(0.5);
    const last = Math.max(...spikes);
    const height = (update: number) =>
      ((isFatal && update === last ? dice.between(1.1, 1.4) : dice.between(0.82, 0.93) / BACKWARD_PEAK) *
        room) /
      activationShare;
    return {
      ...script,
      lengths: update => {
        const lengths = script.lengths(update);
        if (spikes.has(update)) lengths[dice.whole(0, MICROBATCHES - 1)] = height(update);
        return lengths;
      },
    };
  },
};

/**
 * A store of long-lived tensors of all sizes, some of them replaced in every update: what one leaves does not fit the
 * next, and the pieces between cannot be given back. The store itself does not grow.
 */
const fragmentation: Scenario = {
  name: 'fragmentation',
  about: 'long-lived tensors of changing sizes leave holes that no large request fits, until one fails',
  kind: 'fragmentation',
  vary: dice => {
    const storeShare = dice.between(0.36, 0.43);
    const pieces = 60;
    const script = ordinary(dice, {
      modelShare: dice.between(0.22, 0.26),
      activationShare: dice.between(0.14, 0.18),
      givesCacheBack: true,
    });
    const replaced = dice.between(0.1, 0.3);
    const from = dice.whole(20, 60);
    const store: Block[] = [];
    return {
      ...script,
      before: (update, job) => {
        const mean = (storeShare * job.options.totalBytes) / pieces;
        const fresh = (size: number) => job.allocator.malloc(Math.ceil(mean * size));
        if (store.length === 0) while (store.length < pieces) store.push(fresh(1));
        if (update < from) return;
        // Replaced in pairs, whose sizes sum up to the same.
        for (let i = 0; i + 1 < pieces; i += 2) {
          if (!dice.chance(replaced)) continue;
          const size = dice.between(0.3, 1.7);
          for (const [at, part] of [
            [i, size],
            [i + 1, 2 - size],
          ] as const) {
            job.allocator.free(store[at]!);
            store[at] = fresh(part);
          }
        }
      },
    };
  },
};

const neighbour: Scenario = {
  name: 'neighbour',
  about: 'another process takes the device’s memory',
  kind: 'neighbour',
  vary: dice => {
    const script = ordinary(dice);
    const from = dice.whole(30, 150);
    const ramp = dice.chance(0.5) ? 1 : dice.whole(10, 120);
    const { modelShare, rolloutShare, activationShare } = script.job;
    const needed = modelShare + rolloutShare + activationShare;
    // Half of them leave just enough, half do not.
    const share = 0.94 - needed + (dice.chance(0.5) ? dice.between(-0.07, -0.03) : dice.between(0.03, 0.15));
    return {
      ...script,
      before: (update, job) => {
        if (update < from) return;
        const grown = Math.min(1, (update - from + 1) / ramp);
        // It asks when the cache was given back, or takes what the cache leaves.
        job.allocator.device.setNeighbourBytes(Math.floor(grown * share * job.options.totalBytes));
      },
    };
  },
};

/** The message of a library that asks the driver itself. */
const NCCL_FAILURE =
  "NCCL error in: ProcessGroupNCCL.cpp:2125, unhandled cuda error. Last error: Cuda failure 2 'out of memory'";

const cacheStarvation: Scenario = {
  name: 'cache-starvation',
  about: 'torch’s idle cache fills the device, and others that need memory get none',
  kind: 'cache starvation',
  vary: dice => {
    const script = ordinary(dice, { givesCacheBack: false, modelShare: dice.between(0.25, 0.35) });
    const evaluation = dice.whole(10, 40);
    const wanted = dice.between(0.15, 0.35);
    const dies = dice.chance(0.5) ? dice.whole(120, 280) : null;
    return {
      ...script,
      before: (update, job) => {
        const { allocator, options } = job;
        if (update === evaluation) cacheAllBut(job, dice.between(0.005, 0.03));
        // An inference engine in the same process wants to grow whenever a rollout begins.
        const got = allocator.device.setNeighbourBytes(
          Math.floor(dice.between(0.5, 1) * wanted * options.totalBytes),
        );
        if (update < evaluation) allocator.device.setNeighbourBytes(Math.min(got, 0.1 * options.totalBytes));
      },
      failure: update =>
        update === dies ? { errorType: 'DistBackendError', message: NCCL_FAILURE, outOfMemory: null } : null,
    };
  },
};

/** Allocates what is free but a share of the device, and frees it into the cache. */
function cacheAllBut({ allocator, options: { totalBytes } }: Job, share: number): void {
  const blocks: Block[] = [];
  for (let free = allocator.memGetInfo().freeBytes - share * totalBytes; free > 20 * MIB; ) {
    const bytes = Math.min(free, totalBytes / 40);
    blocks.push(allocator.malloc(Math.floor(bytes)));
    const left = allocator.memGetInfo().freeBytes - share * totalBytes;
    if (left >= free) continue;
    free = left;
  }
  for (const block of blocks) allocator.free(block);
}

/** A job that needs all of `share` of the device but a few hundredths, with lengths that no two updates have alike. */
function tight(dice: Dice, share: number): Script {
  const spread = dice.between(0.01, 0.04);
  const longest = 1 + 2 * spread;
  const rolloutShare = dice.between(0.01, 0.03);
  const activationShare = share * dice.between(0.12, 0.2);
  const margin = dice.between(0.06, 0.14);
  return {
    ...ordinary(dice),
    job: {
      modelShare: share / (1 + margin) - rolloutShare - longest * activationShare,
      rolloutShare,
      activationShare,
      givesCacheBack: true,
      resetsPeaks: dice.chance(0.5),
      isResumed: true,
    },
    lengths: () => scattered(dice, spread).map(length => Math.min(longest, length)),
  };
}

/** What a device of 8 GiB has left beside the context. */
const WHOLE = 0.945;

const processLimit: Scenario = {
  name: 'process-limit',
  about: 'the process may have a part of the device only, and the rest of it lies free',
  kind: 'allocator configuration',
  vary: dice => {
    const fraction = dice.between(0.4, 0.7);
    const script = tight(dice, fraction);
    const growsAt = dice.chance(0.5) ? dice.whole(60, 250) : null;
    return {
      ...script,
      lengths: update =>
        script.lengths(update).map(l => (growsAt === null || update < growsAt ? l : 1.4 * l)),
      before: (update, job) => {
        if (update === 1) job.allocator.setProcessFraction(fraction);
      },
    };
  },
};

export const scenarios: readonly Scenario[] = [
  steady,
  noise,
  step,
  slowLeak,
  fastLeak,
  growth,
  spike,
  fragmentation,
  neighbour,
  cacheStarvation,
  processLimit,
  {
    name: 'at-the-wall',
    about: 'the job just fits; changing lengths make the allocator flush its cache, at no cost',
    kind: 'steady',
    vary: dice => ({ ...tight(dice, WHOLE), slowdown: 0 }),
  },
  {
    name: 'at-the-wall-slow',
    about: 'the same, and each flush costs a part of the update',
    kind: 'steady',
    vary: dice => ({ ...tight(dice, WHOLE), slowdown: dice.pick([0.05, 0.1, 0.3]) }),
  },
  {
    name: 'unmeasured',
    about: 'a training on the CPU: no memory is reported',
    kind: 'unmeasured',
    vary: dice => ({ ...ordinary(dice), isUnmeasured: true }),
  },
];
