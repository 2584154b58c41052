/** All mutations, by what they break. A rule that is new brings its own; a rule that moved keeps its entry, with the new text. */
import { allocator } from './allocator.ts';
import { analysis } from './analysis.ts';
import { figures } from './figures.ts';
import { fleet } from './fleet.ts';
import { following } from './following.ts';
import type { Mutation } from './mutation.ts';
import { reading } from './reading.ts';
import { rehearsing } from './rehearsing.ts';
import { running } from './running.ts';
import { serving } from './serving.ts';
import { snapshots } from './snapshots.ts';
import { tables } from './tables.ts';
import { training } from './training.ts';

export type { Mutation };
export const mutations: readonly Mutation[] = [
  ...figures,
  ...analysis,
  ...reading,
  ...following,
  ...fleet,
  ...running,
  ...rehearsing,
  ...serving,
  ...snapshots,
  ...tables,
  ...allocator,
  ...training,
];
