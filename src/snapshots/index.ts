/** Memory snapshots of PyTorch: a safe reader of the files, what was allocated at any moment, and which lines held it. */

export {
  accountOf,
  type DeviceAccount,
  type DeviceDifference,
  differenceOf,
  type Moment,
  type SnapshotAccount,
} from './account.ts';
export type { Attribution, Changed, Holder, StackHolder } from './attribution.ts';
export type { Dump } from './dump.ts';
export type { Layout } from './layout.ts';
export { isGzip, type SnapshotReader, snapshotReader, TELLING_BYTES } from './open.ts';
export type { Refusal } from './refusal.ts';
export { UnreadableSnapshot } from './tables.ts';
export type { TimelinePoint } from './timeline.ts';
