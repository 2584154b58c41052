/** How far the device with most in use is beyond the others of its machine: it runs out before they do. */

/** Share of its own memory that a device holds beyond its neighbours' where that is somebody's doing. */
const BEYOND = 0.03;
/** Share of the fullest device's use below which its neighbours are idle: nothing of theirs is on this one. */
const IDLE = 0.1;

/** Share of a device below which nobody uses it. */
const UNUSED = 0.02;

/** Of one device that is full beside others that nobody uses. */
export const USE_OTHERS =
  'The other devices are nearly unused: where several processes were started, give each its own one before anything touches it (CUDA_VISIBLE_DEVICES for each, or by local rank); where one was, it may take another device, or be spread over several.';

export const isUnused = (used: number, total: number): boolean => used < UNUSED * total;

/** In the unit of what is given; null where it is not uneven, or has no neighbour. @param others what is in use on each of the others */
export function beyondNeighbours(fullest: number, others: readonly number[], total: number): number | null {
  const usual = [...others].sort((a, b) => a - b)[others.length >> 1];
  if (usual === undefined) return null;
  const beyond = fullest - usual;
  return beyond > BEYOND * total && usual > IDLE * fullest ? beyond : null;
}
