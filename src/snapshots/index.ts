/** Memory snapshots of PyTorch: a safe reader of the files, what was allocated at any moment, and which lines held it. */

export {
  accountOf,
  changesBetween,
  type DeviceAccount,
  type DeviceDifference,
  type SnapshotAccount,
  type SnapshotMoment,
} from './account.ts';
export type { Holder, LineHolder } from './attribution.ts';
export type { Dump } from './dump.ts';

export { type SnapshotReader, snapshotReader, TELLING_BYTES } from './open.ts';
export type { Refusal } from './refusal.ts';
export { UnreadableSnapshot } from './tables.ts';
