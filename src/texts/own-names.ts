/** Names that `watch` gives to figures of a trainer's own, and by which reports know them. */

export const SKIPPED = 'skipped steps';
export const SKIPPED_SCALE = 'loss scale';
/** Behind the name of a loss that is an epoch's mean. */
export const OF_EPOCH = ' of an epoch';
