/** What a training of many ranks is: its ranks and nodes, what each does beside their common job, and what is true of it. */
import type { EventType, Payload, TrainingFailed } from '../../../contract/index.ts';
import type { Dice } from './random.ts';
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
  /** Its times are so many times as long in this update. */
  slowness?: (rank: number, update: number) => number;
  /** Nothing more is heard of the rank after this update. */
  silentAfter?: (rank: number) => number | null;
  /** The rank ends as it should after this update, before the others. */
  endsAfter?: (rank: number) => number | null;
  /** After this update the rank goes on as a new process, some of its updates earlier. */
  restart?: (rank: number) => { after: number; back: number; delayMs: number } | null;
  /** Updates of the others before the rank begins; whether it counts them as its own, as where the trainer's state is shared. */
  joins?: (rank: number) => { after: number; countsThem: boolean } | null;
  /** The rank writes one of so many updates. */
  logsEvery?: (rank: number) => number;
  /** How far the clock of the rank's node is from the true time. */
  clockMs?: (node: number) => number;
  /** What the rank reports of its memory; all of it where it is not given. */
  reports?: (rank: number) => 'nothing' | 'no device figures' | 'all';
  /** The failure of a rank, and after which update. */
  failure?: (rank: number) => { after: number; delayMs: number; failure: TrainingFailed } | null;
  /** Ranks whose processes hold a context on the device of this rank as well, beside its own. */
  guests?: (rank: number) => number[];
}

/** What to emit, and when: milliseconds since the fleet began. */
export type FleetStep = {
  [T in EventType]: { rank: number; type: T; data: Payload<T>; atMs: number };
}[EventType];
