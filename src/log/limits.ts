/** A longer line is neither written nor read: it bounds the memory of a reader of a file of garbage. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;
